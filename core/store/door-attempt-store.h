/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorAttempt:
 *
 * The record of one sign-in, found by the code a person reads out; @fault is empty when it succeeded.
 */
typedef struct
{
  char *code;
  int64_t at;
  char *request_id;
  char *connection;
  char *team;
  char *fault;
  char *detail;
  char *checks;
  char *person_id;
} DoorAttempt;

void door_attempt_free (DoorAttempt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorAttempt, door_attempt_free)

bool door_attempt_store_add (DoorTxn *txn, const DoorAttempt *attempt, GError **error);
bool door_attempt_store_lookup (DoorTxn *txn, const char *code, DoorAttempt **out, GError **error);
bool door_attempt_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                    GError **error);

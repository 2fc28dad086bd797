/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"
#include "door-team-scope.h"

/**
 * DoorAttempt:
 *
 * The record of one sign-in, found by the code a person reads out; @fault is empty when it succeeded.
 * @received has lines of the form "what: value" about the provider's answer; @role_claims is what the roles
 * of an administrator were decided by, as JSON, "" where none were.
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
  char *purpose;
  char *received;
  char *role_claims;
} DoorAttempt;

void door_attempt_free (DoorAttempt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorAttempt, door_attempt_free)

/**
 * DoorAttemptFilter:
 * @since_ms: not older than this; milliseconds since 1970, UTC
 * @failed_only: whether those that succeeded are left out
 * @connection: name of the identity provider, "" for any
 *
 * Which records are wanted.
 */
typedef struct
{
  int64_t since_ms;
  bool failed_only;
  const char *connection;
} DoorAttemptFilter;

bool door_attempt_store_add (DoorTxn *txn, const DoorAttempt *attempt, GError **error);
bool door_attempt_store_lookup (DoorTxn *txn, const char *code, DoorAttempt **out, GError **error);
bool door_attempt_store_lookup_last (DoorTxn *txn, const char *person_id, const char *connection,
                                     DoorAttempt **out, GError **error);
GPtrArray *door_attempt_store_list (DoorTxn *txn, const DoorAttemptFilter *filter, int64_t limit,
                                    GError **error);
GPtrArray *door_attempt_store_list_before (DoorTxn *txn, const DoorTeamScope *scope, const DoorAttempt *last,
                                           int64_t limit, GError **error);
bool door_attempt_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                    GError **error);

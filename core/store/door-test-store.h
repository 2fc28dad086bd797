/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorTestRow:
 *
 * A test of a connection by a real sign-in: the token of its start address (hashed), the flow of the browser
 * that has opened it, "" before, and what came of it, "" before.
 */
typedef struct
{
  char *token_hash;
  char *connection;
  int64_t created_at;
  int64_t expires_at;
  char *flow_hash;
  char *result;
} DoorTestRow;

void door_test_row_free (DoorTestRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorTestRow, door_test_row_free)

bool door_test_store_add (DoorTxn *txn, const DoorTestRow *row, GError **error);
bool door_test_store_lookup (DoorTxn *txn, const char *token_hash, DoorTestRow **out, GError **error);
bool door_test_store_open (DoorTxn *txn, const char *token_hash, const char *flow_hash, int64_t now_ms,
                           bool *changed, GError **error);
bool door_test_store_set_result (DoorTxn *txn, const DoorTestRow *row, int64_t now_ms, bool *changed,
                                 GError **error);
bool door_test_store_remove (DoorTxn *txn, const char *token_hash, GError **error);
bool door_test_store_remove_expired (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                     GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorLivenessRow:
 *
 * A session of an administrator whose provider can be asked whether it is still good. @sealed_refresh is the
 * provider's refresh token, sealed for @liveness_id; @check_at is when it is to be asked.
 */
typedef struct
{
  char *token_hash;
  char *id;
  char *administrator_id;
  char *issuer;
  char *subject;
  char *liveness_id;
  char *sealed_refresh;
  int64_t created_at;
  int64_t seen_at;
  int64_t expires_at;
  int64_t checked_at;
  int64_t check_at;
  int64_t check_failures;
} DoorLivenessRow;

void door_liveness_row_free (DoorLivenessRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorLivenessRow, door_liveness_row_free)

/**
 * DoorLivenessState:
 * @sealed_refresh: the refresh token to ask with the next time, sealed
 * @checked_at: when the provider last said that the session is good; milliseconds since 1970, UTC
 * @check_at: when it is to be asked again
 * @check_failures: how often in a row it could not be asked
 *
 * What is known after the provider was asked.
 */
typedef struct
{
  const char *sealed_refresh;
  int64_t checked_at;
  int64_t check_at;
  int64_t check_failures;
} DoorLivenessState;

bool door_liveness_store_begin (DoorTxn *txn, const char *token_hash, const char *liveness_id,
                                const DoorLivenessState *state, GError **error);
GPtrArray *door_liveness_store_list_due (DoorTxn *txn, const char *connection, int64_t now_ms, int64_t limit,
                                         GError **error);
bool door_liveness_store_claim (DoorTxn *txn, const DoorLivenessRow *row, int64_t until_ms, bool *changed,
                                GError **error);
bool door_liveness_store_park (DoorTxn *txn, const DoorLivenessRow *row, int64_t until_ms, GError **error);
bool door_liveness_store_forget (DoorTxn *txn, const DoorLivenessRow *row, GError **error);
bool door_liveness_store_save (DoorTxn *txn, const DoorLivenessRow *row, const DoorLivenessState *state,
                               GError **error);
bool door_liveness_store_forget_expired (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                         GError **error);

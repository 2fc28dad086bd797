/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorPersonalToken:
 *
 * A token that an administrator made for a program; only its hash is known. @id is what it is called where it
 * must not be seen; @used_at is 0 until it is used.
 */
typedef struct
{
  char *token_hash;
  char *id;
  char *administrator_id;
  char *name;
  int64_t created_at;
  int64_t expires_at;
  int64_t used_at;
} DoorPersonalToken;

void door_personal_token_free (DoorPersonalToken *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPersonalToken, door_personal_token_free)

bool door_personal_token_store_add (DoorTxn *txn, const DoorPersonalToken *token, GError **error);
bool door_personal_token_store_lookup (DoorTxn *txn, const char *token_hash, DoorPersonalToken **out,
                                       GError **error);
bool door_personal_token_store_count (DoorTxn *txn, const char *administrator_id, int64_t now_ms,
                                      int64_t *n_tokens, GError **error);
GPtrArray *door_personal_token_store_list (DoorTxn *txn, const char *administrator_id, const char *after,
                                           int64_t limit, GError **error);
bool door_personal_token_store_touch (DoorTxn *txn, const char *token_hash, int64_t now_ms, GError **error);
bool door_personal_token_store_remove (DoorTxn *txn, const char *administrator_id, const char *id,
                                       bool *changed, GError **error);
bool door_personal_token_store_remove_all (DoorTxn *txn, const char *administrator_id, GError **error);
bool door_personal_token_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                               GError **error);

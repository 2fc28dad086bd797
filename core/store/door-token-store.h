/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorAccessToken:
 *
 * The outcome of a sign-in that a device carries; only its hash is known.
 */
typedef struct
{
  char *hash;
  char *person_id;
  char *team;
  char *managed_account;
  int64_t created_at;
  int64_t expires_at;
  char *certificate_sha256;
  int64_t revoked_at;
} DoorAccessToken;

void door_access_token_free (DoorAccessToken *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorAccessToken, door_access_token_free)

bool door_token_store_add (DoorTxn *txn, const DoorAccessToken *token, GError **error);
bool door_token_store_lookup (DoorTxn *txn, const char *hash, DoorAccessToken **out, GError **error);
bool door_token_store_bind (DoorTxn *txn, const char *hash, const char *certificate_sha256, GError **error);
bool door_token_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                      GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorStoredSigningKey:
 *
 * A key that signs tokens of sessions, from @signs_from until the next one does.
 */
typedef struct
{
  char *kid;
  char *public_key;
  char *sealed;
  int64_t created_at;
  int64_t signs_from;
} DoorStoredSigningKey;

void door_stored_signing_key_free (DoorStoredSigningKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorStoredSigningKey, door_stored_signing_key_free)

bool door_signing_key_store_add (DoorTxn *txn, const DoorStoredSigningKey *key, GError **error);
GPtrArray *door_signing_key_store_list (DoorTxn *txn, GError **error);
bool door_signing_key_store_remove (DoorTxn *txn, const char *kid, GError **error);

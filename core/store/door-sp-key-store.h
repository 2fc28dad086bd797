/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

#define DOOR_SP_KEY_CURRENT "current"
#define DOOR_SP_KEY_NEXT "next"
#define DOOR_SP_KEY_PREVIOUS "previous"

/**
 * DoorStoredSpKey:
 *
 * A key of ours towards an identity provider: the private one sealed, the certificate as PEM.
 */
typedef struct
{
  char *connection;
  char *use;
  char *state;
  char *sealed_key;
  char *certificate;
  int64_t created_at;
} DoorStoredSpKey;

void door_stored_sp_key_free (DoorStoredSpKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorStoredSpKey, door_stored_sp_key_free)

bool door_sp_key_store_add (DoorTxn *txn, const DoorStoredSpKey *key, bool *changed, GError **error);
GPtrArray *door_sp_key_store_list (DoorTxn *txn, const char *connection, const char *use, GError **error);
bool door_sp_key_store_set_state (DoorTxn *txn, const DoorStoredSpKey *key, const char *state, bool *changed,
                                  GError **error);
bool door_sp_key_store_remove (DoorTxn *txn, const char *connection, const char *use, const char *state,
                               GError **error);

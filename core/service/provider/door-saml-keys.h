/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-saml-sp-key.h"
#include "door-sp-key-store.h"

#define DOOR_SAML_USE_SIGNING "signing"
#define DOOR_SAML_USE_ENCRYPTION "encryption"

/**
 * DoorSamlKeySource:
 * @state_key: seals private keys
 * @random: randomness
 * @connection: name of the identity provider
 * @sp_entity_id: what this server is called there
 * @now_ms: milliseconds since 1970, UTC
 *
 * Whose keys, and what it takes to make one.
 */
typedef struct
{
  const DoorSecret *state_key;
  DoorRandom *random;
  const char *connection;
  const char *sp_entity_id;
  int64_t now_ms;
} DoorSamlKeySource;

DoorStoredSpKey *door_saml_keys_make (const DoorSamlKeySource *source, const char *use, const char *state,
                                      GError **error);
GPtrArray *door_saml_keys_ensure (const DoorContext *context, const DoorConnection *connection,
                                  const char *use, bool with_previous, GCancellable *cancellable,
                                  GError **error);
bool door_saml_keys_prepare (DoorTxn *txn, const DoorStoredSpKey *next, GError **error);
bool door_saml_keys_finish (DoorTxn *txn, const char *connection, const char *use, GError **error);

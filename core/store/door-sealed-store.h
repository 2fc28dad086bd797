/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/* With this begins what is sealed in a column that also has property lists; none of those does. */
#define DOOR_SEALED_COMMAND "sealed:"

/**
 * DoorSealedKind:
 * @DOOR_SEALED_SP_KEY: key towards an identity provider, of "CONNECTION/USE"
 * @DOOR_SEALED_SIGNING_KEY: key that signs tokens of sessions, of its kid
 * @DOOR_SEALED_PUSH_KEY: key of a push certificate or of a request for one, of its SHA-256
 * @DOOR_SEALED_DEP_KEY: key to which Apple encrypts a server token, of the name of the server
 * @DOOR_SEALED_DEP_TOKEN: the server token, of the name of the server
 * @DOOR_SEALED_UNLOCK_TOKEN: of an enrollment
 * @DOOR_SEALED_BOOTSTRAP_TOKEN: of an enrollment
 * @DOOR_SEALED_ADMIN_PASSWORD: of the managed administrator of an enrollment
 * @DOOR_SEALED_COMMAND_MESSAGE: a command that carries a secret, of its CommandUUID
 * @DOOR_SEALED_COMMAND_RESULT: an answer that is one, of "CHANNEL/CommandUUID"
 * @DOOR_SEALED_DEVICE_REFRESH: a provider's refresh token, of the grant of a device
 * @DOOR_SEALED_ADMIN_REFRESH: the same, of the sign-in of an administrator
 *
 * All that lies in the database sealed, and of what it is.
 */
typedef enum
{
  DOOR_SEALED_SP_KEY,
  DOOR_SEALED_SIGNING_KEY,
  DOOR_SEALED_PUSH_KEY,
  DOOR_SEALED_DEP_KEY,
  DOOR_SEALED_DEP_TOKEN,
  DOOR_SEALED_UNLOCK_TOKEN,
  DOOR_SEALED_BOOTSTRAP_TOKEN,
  DOOR_SEALED_ADMIN_PASSWORD,
  DOOR_SEALED_COMMAND_MESSAGE,
  DOOR_SEALED_COMMAND_RESULT,
  DOOR_SEALED_DEVICE_REFRESH,
  DOOR_SEALED_ADMIN_REFRESH,
} DoorSealedKind;

/**
 * DoorSealed:
 * @kind: what it is
 * @id: of what
 * @text: the sealed secret
 *
 * Something that is sealed.
 */
typedef struct
{
  DoorSealedKind kind;
  char *id;
  char *text;
} DoorSealed;

void door_sealed_free (DoorSealed *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSealed, door_sealed_free)

GPtrArray *door_sealed_store_list_samples (DoorTxn *txn, GError **error);
GPtrArray *door_sealed_store_list_own (DoorTxn *txn, GError **error);
bool door_sealed_store_remove_own (DoorTxn *txn, const DoorSealed *own, GError **error);

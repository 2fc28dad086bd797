/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-login-store.h"

/**
 * DoorSamlHandle:
 * @connection: the identity provider that was asked
 * @request: the request; it is alive, and of the browser that brought the artifact
 * @artifact: the parameter SAMLart
 * @cancellable: (nullable): cancelled when nobody waits for it any more
 *
 * An answer by the HTTP-Artifact binding.
 */
typedef struct
{
  DoorConnection *connection;
  const DoorSignInRequest *request;
  const char *artifact;
  GCancellable *cancellable;
} DoorSamlHandle;

bool door_saml_artifact_check (const DoorContext *context, const DoorSamlHandle *handle, GError **error);
char *door_saml_artifact_resolve (const DoorContext *context, const DoorSamlHandle *handle, GError **error);

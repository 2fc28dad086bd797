/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-login-store.h"
#include "door-saml-response.h"

/**
 * DoorSignIn:
 * @connection: the identity provider that answered
 * @response: its verified answer
 * @request: the request it answers
 * @code: code of the record
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A sign-in whose proof holds; what is left is to decide about the person.
 */
typedef struct
{
  DoorConnection *connection;
  const DoorSamlResponse *response;
  const DoorSignInRequest *request;
  const char *code;
  const char *request_id;
  GCancellable *cancellable;
} DoorSignIn;

char *door_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GError **error);

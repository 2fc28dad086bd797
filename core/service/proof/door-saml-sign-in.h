/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-login-store.h"
#include "door-proof.h"
#include "door-saml-message.h"

/**
 * DoorQuestion:
 * @connection: the identity provider that is asked
 * @request: the request, as it will be stored
 * @state: what comes back with the answer and finds the request
 * @user_identifier: account typed, "" when none was
 * @force_authn: the person is to be authenticated anew
 * @cancellable: (nullable): cancelled when nobody waits for it any more
 * @purpose: what the sign-in leads to, such as %DOOR_PURPOSE_ADMINISTRATION
 * @way: how the device came, such as %DOOR_WAY_OAUTH2
 *
 * What is asked of an identity provider, whatever the protocol.
 */
typedef struct
{
  DoorConnection *connection;
  const DoorSignInRequest *request;
  const char *state;
  const char *user_identifier;
  bool force_authn;
  GCancellable *cancellable;
  const char *purpose;
  const char *way;
} DoorQuestion;

/**
 * DoorSamlAnswer:
 * @connection: the identity provider that was asked
 * @request: (nullable): the request; it is alive, and of the browser that brought the answer. %NULL: nobody
 *   asked, and that is allowed
 * @acs_url: where the answer came to
 * @saml_response: form value, base64
 * @cancellable: (nullable): cancelled when nobody waits for it any more
 *
 * An answer by the HTTP-POST binding.
 */
typedef struct
{
  DoorConnection *connection;
  const DoorSignInRequest *request;
  const char *acs_url;
  const char *saml_response;
  GCancellable *cancellable;
} DoorSamlAnswer;

bool door_saml_sign_in_ask (const DoorContext *context, const DoorQuestion *question, char **url,
                            DoorSamlForm *form, GError **error);
bool door_saml_sign_in_verify (const DoorContext *context, const DoorSamlAnswer *answer, DoorProof *out,
                               GError **error);

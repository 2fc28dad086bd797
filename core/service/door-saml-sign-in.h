/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-login-store.h"
#include "door-proof.h"

/**
 * DoorQuestion:
 * @connection: the identity provider that is asked
 * @request: the request, as it will be stored
 * @state: what comes back with the answer and finds the request
 * @user_identifier: account typed, "" when none was
 * @force_authn: the person is to be authenticated anew
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
} DoorQuestion;

char *door_saml_sign_in_build_url (const DoorQuestion *question, GError **error);
bool door_saml_sign_in_verify (const DoorContext *context, DoorConnection *connection, const char *acs_url,
                               const char *saml_response, DoorProof *out, GError **error);

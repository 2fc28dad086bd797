/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "door-oidc-discovery.h"
#include "door-secret.h"

/**
 * DoorOidcRequest:
 * @endpoint: the provider's authorization endpoint
 * @client_id: us
 * @redirect_uri: where the answer is to come, exactly as registered
 * @scope: words with a space between them
 * @state: opaque handle that comes back with the answer
 * @nonce: comes back inside the ID token
 * @code_verifier: what only we know (RFC 7636, 4.1)
 * @force_authn: whether a session at the provider must not be enough
 * @extra_params: (nullable) (element-type utf8 utf8): further query parameters, such as `login_hint`
 * @offline_params: (nullable) (element-type utf8 utf8): the same, for a refresh token; the words of `prompt`
 * are joined
 *
 * An authorization request (OpenID Connect Core 3.1.2.1).
 */
typedef struct
{
  const char *endpoint;
  const char *client_id;
  const char *redirect_uri;
  const char *scope;
  const char *state;
  const char *nonce;
  const char *code_verifier;
  bool force_authn;
  GHashTable *extra_params;
  GHashTable *offline_params;
} DoorOidcRequest;

char *door_oidc_request_build_url (const DoorOidcRequest *request, GError **error);

/**
 * DoorOidcTokenRequest:
 * @client_id: us
 * @client_auth: how we say that it is us
 * @client_secret: (nullable): our secret, where @client_auth wants one
 * @client_assertion: (nullable): the same for door_client_key_build_assertion()
 * @code: (nullable): the code of the answer
 * @redirect_uri: (nullable): that of the request
 * @code_verifier: (nullable): that of the request, where it had a challenge
 * @refresh_token: (nullable): instead of the three above
 * @access_token: (nullable): instead of all four: a token that is asked about
 *
 * A request for tokens (RFC 6749, 4.1.3 and 6; RFC 7636, 4.5), or about one (RFC 7662, 2.1).
 */
typedef struct
{
  const char *client_id;
  DoorOidcClientAuth client_auth;
  const char *client_secret;
  const char *client_assertion;
  const char *code;
  const char *redirect_uri;
  const char *code_verifier;
  const char *refresh_token;
  const char *access_token;
} DoorOidcTokenRequest;

DoorSecret *door_oidc_token_request_build_body (const DoorOidcTokenRequest *request);
DoorSecret *door_oidc_token_request_dup_authorization (const DoorOidcTokenRequest *request);

/**
 * DoorOidcLogout:
 * @endpoint: the provider's end-session endpoint
 * @client_id: us
 * @return_uri: (nullable): where the browser comes back, exactly as registered
 * @state: (nullable): comes back with it
 *
 * A request to sign out at the provider too (OpenID Connect RP-Initiated Logout 1.0, 2).
 */
typedef struct
{
  const char *endpoint;
  const char *client_id;
  const char *return_uri;
  const char *state;
} DoorOidcLogout;

char *door_oidc_logout_build_url (const DoorOidcLogout *logout, GError **error);

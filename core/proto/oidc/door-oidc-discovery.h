/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "door-jws-algorithm.h"

typedef struct _DoorOidcDiscovery DoorOidcDiscovery;

/**
 * DoorOidcClientAuth:
 * @DOOR_OIDC_CLIENT_BASIC: a secret in the Authorization header
 * @DOOR_OIDC_CLIENT_POST: a secret in the body
 * @DOOR_OIDC_CLIENT_KEY: an assertion that our key has signed
 * @DOOR_OIDC_CLIENT_NONE: nothing but the client id: a public client
 *
 * How we say to the token endpoint that it is us (RFC 6749, 2.3.1; RFC 7523, 2.2; OpenID Connect Core 9).
 */
typedef enum
{
  DOOR_OIDC_CLIENT_BASIC,
  DOOR_OIDC_CLIENT_POST,
  DOOR_OIDC_CLIENT_KEY,
  DOOR_OIDC_CLIENT_NONE,
} DoorOidcClientAuth;

char *door_oidc_discovery_dup_url (const char *issuer);
DoorOidcDiscovery *door_oidc_discovery_parse (GBytes *document, const char *issuer, GError **error);
DoorOidcDiscovery *door_oidc_discovery_ref (DoorOidcDiscovery *self);
void door_oidc_discovery_unref (DoorOidcDiscovery *self);

const char *door_oidc_discovery_get_authorization_endpoint (const DoorOidcDiscovery *self);
const char *door_oidc_discovery_get_token_endpoint (const DoorOidcDiscovery *self);
const char *door_oidc_discovery_get_jwks_uri (const DoorOidcDiscovery *self);
const char *door_oidc_discovery_get_userinfo_endpoint (const DoorOidcDiscovery *self);
const char *door_oidc_discovery_get_end_session_endpoint (const DoorOidcDiscovery *self);
const char *door_oidc_discovery_get_introspection_endpoint (const DoorOidcDiscovery *self);
DoorJwsAlgorithms door_oidc_discovery_get_algorithms (const DoorOidcDiscovery *self);
bool door_oidc_discovery_choose_client_auth (const DoorOidcDiscovery *self, const char *wanted,
                                             DoorOidcClientAuth *out, GError **error);
DoorJwsAlgorithms door_oidc_discovery_get_assertion_algorithm (const DoorOidcDiscovery *self);
bool door_oidc_discovery_knows_scope (const DoorOidcDiscovery *self, const char *scope);
bool door_oidc_discovery_sends_issuer (const DoorOidcDiscovery *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorOidcDiscovery, door_oidc_discovery_unref)

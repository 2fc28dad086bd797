/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "door-jws-algorithm.h"

typedef struct _DoorOidcDiscovery DoorOidcDiscovery;

/**
 * DoorOidcClientAuth:
 * @DOOR_OIDC_CLIENT_BASIC: in the Authorization header
 * @DOOR_OIDC_CLIENT_POST: in the body
 *
 * How the client's secret goes to the token endpoint (RFC 6749, 2.3.1).
 */
typedef enum
{
  DOOR_OIDC_CLIENT_BASIC,
  DOOR_OIDC_CLIENT_POST,
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
DoorJwsAlgorithms door_oidc_discovery_get_algorithms (const DoorOidcDiscovery *self);
DoorOidcClientAuth door_oidc_discovery_get_client_auth (const DoorOidcDiscovery *self);
bool door_oidc_discovery_sends_issuer (const DoorOidcDiscovery *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorOidcDiscovery, door_oidc_discovery_unref)

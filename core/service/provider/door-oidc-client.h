/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-oidc-answer.h"
#include "door-oidc-request.h"

/* What our key towards a provider of OpenID Connect is kept as, beside those for SAML. */
#define DOOR_OIDC_USE_CLIENT "client"

/**
 * DoorOidcAsk:
 * @context: what every service needs
 * @connection: the provider
 * @discovery: what it says of itself
 * @cancellable: (nullable): cancelled when nobody waits for it any more
 *
 * Who is asked, and by whom.
 */
typedef struct
{
  const DoorContext *context;
  DoorConnection *connection;
  const DoorOidcDiscovery *discovery;
  GCancellable *cancellable;
} DoorOidcAsk;

bool door_oidc_client_uses_key (const DoorConnection *connection);
GBytes *door_oidc_client_describe (const DoorContext *context, DoorConnection *connection,
                                   GCancellable *cancellable, GError **error);
bool door_oidc_client_check (const DoorConnection *connection, const DoorOidcDiscovery *discovery,
                             GError **error);
char *door_oidc_client_dup_offline_scope (const DoorConnection *connection,
                                          const DoorOidcDiscovery *discovery);
DoorOidcTokens *door_oidc_client_ask_tokens (const DoorOidcAsk *ask, DoorOidcTokenRequest *request,
                                             GError **error);
bool door_oidc_client_check_introspection (const DoorConnection *connection,
                                           const DoorOidcDiscovery *discovery, GError **error);
bool door_oidc_client_introspect (const DoorOidcAsk *ask, const char *access_token, DoorFetchAnswer *answer,
                                  GError **error);
bool door_oidc_client_ask_userinfo (const DoorOidcAsk *ask, const char *access_token, const char *subject,
                                    GVariant **out, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-connections.h"
#include "door-error.h"
#include "door-oidc-client.h"
#include "door-own-jwt.h"
#include "door-session-key.h"

/* A new key is published long before it signs. */
#define CACHE "public, max-age=900"
/* Here the administrator says when: whoever has begun a change of keys does not want to wait. */
#define CLIENT_CACHE "public, max-age=60"

static DoorResponse *
respond (GBytes *keys, const char *cache)
{
  DoorResponse *response = door_response_new (200);

  door_response_take_body (response, keys, "application/jwk-set+json");
  door_response_set_header (response, "Cache-Control", cache);
  return response;
}

/**
 * door_handle_jwks:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * The keys that sign the tokens of sessions, for whoever verifies one (RFC 7517).
 *
 * Returns: (transfer full): the JWK set, or %NULL with an error
 */
DoorResponse *
door_handle_jwks (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (GPtrArray) keys = door_session_key_list (web->service, error);

  return keys != NULL ? respond (door_own_jwk_set_build (keys), CACHE) : NULL;
}

/**
 * door_handle_oidc_keys:
 * @context: a #DoorWeb
 * @request: GET, by an identity provider
 * @error: return location for an error
 *
 * The keys that prove to one provider who asks it for tokens (RFC 7517; OpenID Connect Core 9).
 *
 * Returns: (transfer full): the JWK set, or %NULL with an error, %DOOR_FAULT_IDP_UNKNOWN for an unknown name
 * or a provider that knows us otherwise
 */
DoorResponse *
door_handle_oidc_keys (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  DoorConnection *connection =
      door_connections_lookup (web->service->connections, door_request_get_path_param (request, "name"));
  GBytes *keys;

  if (connection == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN, "no such identity provider");
      return NULL;
    }
  keys = door_oidc_client_describe (web->service, connection, door_request_get_cancellable (request), error);
  return keys != NULL ? respond (keys, CLIENT_CACHE) : NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-own-jwt.h"
#include "door-session-key.h"

/* A new key is published long before it signs. */
#define CACHE "public, max-age=900"

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
  DoorResponse *response;

  if (keys == NULL)
    return NULL;
  response = door_response_new (200);
  door_response_take_body (response, door_own_jwk_set_build (keys), "application/jwk-set+json");
  door_response_set_header (response, "Cache-Control", CACHE);
  return response;
}

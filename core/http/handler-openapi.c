/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-api-resource.h"
#include "door-handlers.h"

#define PATH "/doorward/openapi.json"
/* It changes with the program only. */
#define CACHE "public, max-age=300"

/**
 * door_handle_openapi:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * The description of the API (OpenAPI 3.1), which is no secret.
 *
 * Returns: (transfer full): the document, or %NULL with an error
 */
DoorResponse *
door_handle_openapi (gpointer context, DoorRequest *request, GError **error)
{
  GBytes *body = g_resource_lookup_data (door_api_get_resource (), PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  DoorResponse *response;

  if (body == NULL)
    return NULL;
  response = door_response_new (200);
  door_response_take_body (response, body, "application/json");
  door_response_set_header (response, "Cache-Control", CACHE);
  return response;
}

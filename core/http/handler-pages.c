/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-handlers.h"

/**
 * door_handle_home:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * For a person who opens the server's address: says what it is for.
 *
 * Returns: (transfer full): a page, or %NULL with an error
 */
DoorResponse *
door_handle_home (gpointer context, DoorRequest *request, GError **error)
{
  return door_web_render (context, request, "desktop", g_variant_new ("a{sv}", NULL), error);
}

/* Only an address with the hash of the content in it names that content for ever. */
static const char *
caching (DoorRequest *request, const char *hash)
{
  g_autofree char *version = NULL;

  /* a parameter given twice is no reason to fail: the file is the same */
  if (!door_request_lookup_query (request, "v", &version, NULL) || g_strcmp0 (version, hash) != 0)
    return "no-cache";
  return "public, max-age=31536000, immutable";
}

/**
 * door_handle_asset:
 * @context: a #DoorWeb
 * @request: GET of what the pages refer to
 * @error: return location for an error
 *
 * Returns: (transfer full): the file, or %NULL with %DOOR_ERROR_NOT_FOUND
 */
DoorResponse *
door_handle_asset (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const char *content_type = NULL, *hash = NULL;
  GBytes *body =
      door_pages_get_asset (web->pages, door_request_get_path_param (request, "name"), &content_type, &hash);
  DoorResponse *response;

  if (body == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND, "no such file");
      return NULL;
    }
  response = door_response_new (200);
  door_response_take_body (response, g_bytes_ref (body), content_type);
  door_response_set_header (response, "Cache-Control", caching (request, hash));
  return response;
}

/**
 * door_handle_health:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Says that the process serves requests; looks at nothing else.
 *
 * Returns: (transfer full): 200
 */
DoorResponse *
door_handle_health (gpointer context, DoorRequest *request, GError **error)
{
  return door_response_new_text (200, "text/plain; charset=utf-8", "ok\n");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-api-list.h"
#include "door-connection-object.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-json-member.h"

#define COLLECTION "/api/v1/connections"

/* A change by the session's cookie must come from a page of this server. */
static DoorSession *
require (const DoorWeb *web, DoorRequest *request, DoorAction action, GError **error)
{
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);

  if (session == NULL ||
      (action == DOOR_ACTION_WRITE_CONNECTIONS && !door_admin_web_check_origin (web, request, error)) ||
      !door_session_allow (session, action, DOOR_REACH_ALL, error))
    return NULL;
  return g_steal_pointer (&session);
}

static JsonObject *
info_object (gconstpointer row)
{
  const DoorConnectionInfo *info = row;
  JsonObject *object = json_object_new ();
  const struct
  {
    const char *name;
    const char *text;
  } texts[] = {
    { "id", *info->id != '\0' ? info->id : NULL },
    { "name", info->name },
    { "type", info->type },
    { "display_name", info->title },
    { "file", info->file },
    { "entity_id", info->addresses.entity_id },
    { "acs_url", info->addresses.acs_url },
    { "start_url", info->addresses.start_url },
    { "sp_metadata_url", info->addresses.metadata_url },
    { "metadata", info->metadata_source != NULL ? "present" : "missing" },
    { "metadata_source", info->metadata_source },
    { "idp_entity_id", info->idp_entity_id },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    door_json_member_set_text (object, texts[i].name, texts[i].text);
  door_json_member_set_time (object, "created_at", info->created_at);
  door_json_member_set_time (object, "updated_at", info->updated_at);
  return object;
}

static bool
take_list (JsonObject *body, const char *member, const char *key, GPtrArray *keys, GError **error)
{
  g_auto (GStrv) items = NULL;

  if (!door_json_member_read_strings (body, member, &items, error))
    return false;
  if (items == NULL)
    return true;
  for (char **item = items; *item != NULL; item++)
    if (strchr (*item, ';') != NULL)
      return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                             "%s: an item has no ;", member);
  g_ptr_array_add (keys, g_strdup (key));
  g_ptr_array_add (keys, g_strjoinv (";", items));
  return true;
}

static bool
take_settings (JsonObject *body, GPtrArray *keys, GError **error)
{
  JsonObject *settings = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!door_json_member_read_object (body, "settings", &settings, error))
    return false;
  if (settings == NULL)
    return true;
  json_object_iter_init (&iter, settings);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const char *text = NULL;

      if (!door_json_member_read_string (settings, name, &text, error))
        return false;
      g_ptr_array_add (keys, g_strdup (name));
      g_ptr_array_add (keys, g_strdup (text));
    }
  return true;
}

static bool
read_keys (JsonObject *body, GPtrArray *keys, GError **error)
{
  const char *type = NULL, *title = NULL;

  if (!door_json_member_read_string (body, "type", &type, error) ||
      !door_json_member_read_string (body, "display_name", &title, error))
    return false;
  g_ptr_array_add (keys, g_strdup ("Type"));
  g_ptr_array_add (keys, g_strdup (type != NULL ? type : "saml"));
  if (title != NULL)
    {
      g_ptr_array_add (keys, g_strdup ("DisplayName"));
      g_ptr_array_add (keys, g_strdup (title));
    }
  if (!take_list (body, "use", "Use", keys, error) ||
      !take_list (body, "email_domains", "EmailDomains", keys, error) || !take_settings (body, keys, error))
    return false;
  g_ptr_array_add (keys, NULL);
  return true;
}

static DoorConnectionInfo *
create (const DoorWeb *web, const DoorConnectionWish *given, JsonObject *body, GError **error)
{
  static const char *const known[] = { "name",     "type",     "display_name", "use", "email_domains",
                                       "settings", "metadata", "metadata_url", NULL };
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) xml = NULL;
  DoorConnectionWish wish = *given;
  const char *metadata = NULL;

  if (!door_json_member_check_names (body, known, error) || !read_keys (body, keys, error) ||
      !door_json_member_read_string (body, "name", &wish.name, error) ||
      !door_json_member_read_string (body, "metadata", &metadata, error) ||
      !door_json_member_read_string (body, "metadata_url", &wish.metadata.url, error))
    return NULL;
  if (wish.name == NULL || (metadata != NULL && wish.metadata.url != NULL))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "%s",
                      wish.name == NULL ? "a name is needed" : "metadata or metadata_url, not both");
      return NULL;
    }
  if (metadata != NULL)
    xml = g_bytes_new (metadata, strlen (metadata));
  wish.metadata.xml = xml;
  wish.keys = (const char *const *) keys->pdata;
  return door_connection_object_create (web->service, &wish, error);
}

/**
 * door_handle_connections_create:
 * @context: a #DoorWeb
 * @request: POST of a JSON object: name, and optionally type, display_name, use, email_domains, settings, and
 *   metadata or metadata_url
 * @error: return location for an error
 *
 * Makes a connection, which has its addresses at once.
 *
 * Returns: (transfer full): 201 with the connection, or %NULL with an error
 */
DoorResponse *
door_handle_connections_create (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = require (web, request, DOOR_ACTION_WRITE_CONNECTIONS, error);
  g_autoptr (JsonObject) body = session != NULL ? door_api_answer_parse_body (request, error) : NULL;
  g_autoptr (DoorConnectionInfo) info = NULL;
  g_autofree char *location = NULL;
  DoorConnectionWish wish;
  DoorResponse *response;

  if (body == NULL)
    return NULL;
  wish = (DoorConnectionWish){ .actor = session->administrator->id,
                               .cancellable = door_request_get_cancellable (request) };
  info = create (web, &wish, body, error);
  if (info == NULL)
    return NULL;
  response = door_api_answer_new (201, info_object (info));
  location = g_strconcat (COLLECTION "/", info->name, NULL);
  door_response_set_header (response, "Location", location);
  return response;
}

static const char *
get_info_name (gconstpointer row)
{
  return ((const DoorConnectionInfo *) row)->name;
}

/**
 * door_handle_connections_list:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters after and limit
 * @error: return location for an error
 *
 * Lists connections by name.
 *
 * Returns: (transfer full): 200, or %NULL with an error
 */
DoorResponse *
door_handle_connections_list (gpointer context, DoorRequest *request, GError **error)
{
  static const DoorApiList list = { "connections", info_object, get_info_name };
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = require (web, request, DOOR_ACTION_READ_CONNECTIONS, error);
  g_autoptr (GPtrArray) infos = NULL;
  g_auto (DoorApiPage) page = { NULL };

  if (session == NULL || !door_api_page_read (request, &page, error))
    return NULL;
  infos = door_connection_object_list (web->service, page.after, (unsigned int) page.limit, error);
  return infos != NULL ? door_api_list_answer (&list, infos, &page) : NULL;
}

/**
 * door_handle_connections_show:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): 200 with the connection, or %NULL with an error
 */
DoorResponse *
door_handle_connections_show (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = require (web, request, DOOR_ACTION_READ_CONNECTIONS, error);
  g_autoptr (DoorConnectionInfo) info = NULL;

  if (session != NULL)
    info = door_connection_object_lookup (web->service, door_request_get_path_param (request, "name"), error);
  return info != NULL ? door_api_answer_new (200, info_object (info)) : NULL;
}

/**
 * door_handle_connections_remove:
 * @context: a #DoorWeb
 * @request: DELETE
 * @error: return location for an error
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_connections_remove (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = require (web, request, DOOR_ACTION_WRITE_CONNECTIONS, error);
  DoorConnectionWish wish;

  if (session == NULL)
    return NULL;
  wish = (DoorConnectionWish){ .name = door_request_get_path_param (request, "name"),
                               .actor = session->administrator->id,
                               .cancellable = door_request_get_cancellable (request) };
  return door_connection_object_remove (web->service, &wish, error) ? door_response_new (204) : NULL;
}

static bool
is_xml (DoorRequest *request)
{
  return door_request_has_content_type (request, "application/samlmetadata+xml") ||
         door_request_has_content_type (request, "application/xml") ||
         door_request_has_content_type (request, "text/xml");
}

static DoorConnectionInfo *
set_metadata (const DoorWeb *web, DoorRequest *request, const DoorConnectionWish *given, GError **error)
{
  static const char *const known[] = { "metadata_url", NULL };
  g_autoptr (JsonObject) body = NULL;
  DoorConnectionWish wish = *given;

  if (is_xml (request))
    {
      wish.metadata.xml = door_request_get_body (request);
      return door_connection_object_set_metadata (web->service, &wish, error);
    }
  body = door_api_answer_parse_body (request, error);
  if (body == NULL || !door_json_member_check_names (body, known, error) ||
      !door_json_member_read_string (body, "metadata_url", &wish.metadata.url, error))
    return NULL;
  if (wish.metadata.url != NULL)
    return door_connection_object_set_metadata (web->service, &wish, error);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "metadata_url is needed");
  return NULL;
}

/**
 * door_handle_connections_set_metadata:
 * @context: a #DoorWeb
 * @request: PUT of SAML metadata, or of a JSON object with metadata_url
 * @error: return location for an error
 *
 * Replaces all that is known of the provider.
 *
 * Returns: (transfer full): 200 with the connection, or %NULL with an error
 */
DoorResponse *
door_handle_connections_set_metadata (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = require (web, request, DOOR_ACTION_WRITE_CONNECTIONS, error);
  g_autoptr (DoorConnectionInfo) info = NULL;
  DoorConnectionWish wish;

  if (session == NULL)
    return NULL;
  wish = (DoorConnectionWish){ .name = door_request_get_path_param (request, "name"),
                               .actor = session->administrator->id,
                               .cancellable = door_request_get_cancellable (request) };
  info = set_metadata (web, request, &wish, error);
  return info != NULL ? door_api_answer_new (200, info_object (info)) : NULL;
}

/**
 * door_handle_connections_show_metadata:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): 200 with the metadata as it was uploaded or fetched, or %NULL with an error
 */
DoorResponse *
door_handle_connections_show_metadata (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = require (web, request, DOOR_ACTION_READ_CONNECTIONS, error);
  const char *name = door_request_get_path_param (request, "name");
  char *xml = session != NULL ? door_connection_object_dup_metadata (web->service, name, error) : NULL;
  DoorResponse *response;

  if (xml == NULL)
    return NULL;
  response = door_response_new (200);
  door_response_take_body (response, g_bytes_new_take (xml, strlen (xml)), "application/samlmetadata+xml");
  return response;
}

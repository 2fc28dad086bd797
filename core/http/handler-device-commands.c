/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-api-list.h"
#include "door-command-desk.h"
#include "door-command.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-json-member.h"

#define COLLECTION "/api/v1/devices"

static JsonObject *
view_row (gconstpointer row)
{
  return door_device_order_view (row);
}

static const char *
get_name (gconstpointer row)
{
  return ((const DoorStoredCommand *) row)->uuid;
}

/**
 * door_handle_device_commands_list:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters after and limit
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"commands": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_device_commands_list (gpointer context, DoorRequest *request, GError **error)
{
  static const DoorApiList shown = { "commands", view_row, get_name };
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_auto (DoorApiPage) page = { NULL };
  g_autoptr (GPtrArray) rows = NULL;
  DoorDeskPage wanted = { .session = session, .cancellable = door_request_get_cancellable (request) };

  if (session == NULL || !door_api_page_read (request, &page, error))
    return NULL;
  wanted.after = page.after;
  wanted.limit = page.limit;
  rows = door_command_desk_list (web->service, &wanted, door_request_get_path_param (request, "id"), error);
  return rows != NULL ? door_api_list_answer (&shown, rows, &page) : NULL;
}

/**
 * door_handle_device_commands_show:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): the command with what the device answered, or %NULL with an error
 */
DoorResponse *
door_handle_device_commands_show (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (DoorStoredCommand) row = NULL;

  if (session != NULL)
    row = door_command_desk_show (web->service, session, door_request_get_path_param (request, "id"),
                                  door_request_get_path_param (request, "uuid"), error);
  return row != NULL ? door_api_answer_new (200, door_device_order_view_whole (row, NULL)) : NULL;
}

/* Either a RequestType with its keys, or a property list. */
static GVariant *
read_command (const char *type, JsonObject *parameters, const char *plist, GError **error)
{
  g_autoptr (DoorCommandSchema) schema = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if ((type == NULL) == (plist == NULL) || (parameters != NULL && type == NULL))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "either request_type with parameters or plist");
      return NULL;
    }
  if (plist != NULL)
    {
      bytes = g_bytes_new (plist, strlen (plist));
      return door_command_parse (bytes, error);
    }
  schema = door_command_schema_new (error);
  return schema != NULL ? door_command_schema_read_object (schema, type, parameters, error) : NULL;
}

static bool
read_wish (JsonObject *object, DoorCommandWish *wish, GError **error)
{
  static const char *const known[] = { "request_type", "parameters", "plist", "uuid", "user", "force", NULL };
  const char *type = NULL, *plist = NULL;
  JsonObject *parameters = NULL;

  if (!door_json_member_check_names (object, known, error) ||
      !door_json_member_read_string (object, "request_type", &type, error) ||
      !door_json_member_read_object (object, "parameters", &parameters, error) ||
      !door_json_member_read_string (object, "plist", &plist, error) ||
      !door_json_member_read_string (object, "uuid", &wish->uuid, error) ||
      !door_json_member_read_string (object, "user", &wish->user_key, error) ||
      !door_json_member_read_boolean (object, "force", &wish->force, error))
    return false;
  wish->command = read_command (type, parameters, plist, error);
  return wish->command != NULL;
}

/**
 * door_handle_device_commands_add:
 * @context: a #DoorWeb
 * @request: POST of `{"request_type", "parameters"}` or `{"plist"}` with any of `uuid`, `user` and `force`,
 * from a page of this server or with a token
 * @error: return location for an error
 *
 * Queues a command for a device.
 *
 * Returns: (transfer full): 201 with the command and, where the device may refuse it, `warning`, or %NULL
 * with an error
 */
DoorResponse *
door_handle_device_commands_add (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (DoorStoredCommand) row = NULL;
  g_autoptr (GVariant) command = NULL;
  g_autofree char *location = NULL, *doubt = NULL;
  JsonObject *answer;
  DoorCommandWish wish = { .device = door_request_get_path_param (request, "id") };
  DoorResponse *response;

  if (session == NULL || !door_admin_web_check_origin (web, request, error))
    return NULL;
  object = door_api_answer_parse_body (request, error);
  if (object == NULL || !read_wish (object, &wish, error))
    return NULL;
  command = wish.command;
  row = door_command_desk_add (web->service, session, &wish, &doubt, error);
  if (row == NULL)
    return NULL;
  answer = door_device_order_view_whole (row, NULL);
  if (doubt != NULL)
    json_object_set_string_member (answer, "warning", doubt);
  response = door_api_answer_new (201, answer);
  location = g_strconcat (COLLECTION "/", row->device_id, "/commands/", row->uuid, NULL);
  door_response_set_header (response, "Location", location);
  return response;
}

/**
 * door_handle_device_commands_cancel:
 * @context: a #DoorWeb
 * @request: DELETE, from a page of this server or with a token
 * @error: return location for an error
 *
 * Takes a command back that the device does not have.
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_device_commands_cancel (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);

  if (session == NULL || !door_admin_web_check_origin (web, request, error) ||
      !door_command_desk_cancel (web->service, session, door_request_get_path_param (request, "id"),
                                 door_request_get_path_param (request, "uuid"), error))
    return NULL;
  return door_response_new (204);
}

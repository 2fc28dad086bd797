/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-desk.h"
#include "door-admin-roles.h"
#include "door-admin-web.h"
#include "door-administrator-json.h"
#include "door-api-answer.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-json-member.h"

#define USUAL_LIMIT 100
#define MAX_LIMIT 500

typedef GPtrArray *(*ListFunc) (const DoorContext *context, const DoorDeskPage *page, GError **error);
typedef JsonObject *(*ViewFunc) (gconstpointer row);
typedef const char *(*NameFunc) (gconstpointer row);

/* One list of the API. */
typedef struct
{
  const char *member;
  ListFunc list;
  ViewFunc view;
  NameFunc get_name;
} List;

static bool
read_limit (DoorRequest *request, int64_t *limit, GError **error)
{
  g_autofree char *text = NULL;
  guint64 number = USUAL_LIMIT;

  if (!door_request_lookup_query (request, "limit", &text, error))
    return false;
  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, MAX_LIMIT, &number, NULL)) /* said here */
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "limit must be a number from 1 to %d", MAX_LIMIT);
  *limit = (int64_t) number;
  return true;
}

static DoorResponse *
answer_list (const DoorWeb *web, DoorRequest *request, const List *list, GError **error)
{
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autofree char *after = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  DoorDeskPage page = { .session = session, .cancellable = door_request_get_cancellable (request) };
  JsonObject *object;
  JsonArray *array;

  if (session == NULL || !read_limit (request, &page.limit, error) ||
      !door_request_lookup_query (request, "after", &after, error))
    return NULL;
  page.after = after != NULL ? after : "";
  rows = list->list (web->service, &page, error);
  if (rows == NULL)
    return NULL;
  array = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    json_array_add_object_element (array, list->view (g_ptr_array_index (rows, i)));
  object = json_object_new ();
  json_object_set_array_member (object, list->member, array);
  if (rows->len == page.limit)
    json_object_set_string_member (object, "next", list->get_name (g_ptr_array_index (rows, rows->len - 1)));
  else
    json_object_set_null_member (object, "next");
  return door_api_answer_new (200, object);
}

static JsonObject *
view_device (gconstpointer row)
{
  const DoorDeviceOverview *device = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "enrollment_id", device->apple_id);
  json_object_set_string_member (object, "product", device->product);
  json_object_set_string_member (object, "os_version", device->os_version);
  json_object_set_string_member (object, "team", device->team);
  json_object_set_string_member (object, "state", device->state);
  json_object_set_string_member (object, "person", device->person_id);
  json_object_set_string_member (object, "email", device->email);
  door_api_answer_set_time (object, "seen_at", device->seen_at);
  return object;
}

static const char *
get_device_name (gconstpointer row)
{
  return ((const DoorDeviceOverview *) row)->id;
}

static JsonObject *
view_person (gconstpointer row)
{
  const DoorPerson *person = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", person->id);
  json_object_set_string_member (object, "state", person->state);
  json_object_set_string_member (object, "user_name", person->user_name);
  json_object_set_string_member (object, "email", person->email);
  json_object_set_string_member (object, "name", person->full_name);
  json_object_set_string_member (object, "managed_account", person->managed_account);
  door_api_answer_set_time (object, "signed_in_at", person->signed_in_at);
  return object;
}

static const char *
get_person_name (gconstpointer row)
{
  return ((const DoorPerson *) row)->id;
}

static JsonObject *
view_attempt (gconstpointer row)
{
  const DoorAttempt *attempt = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "code", attempt->code);
  door_api_answer_set_time (object, "at", attempt->at);
  json_object_set_string_member (object, "idp", attempt->connection);
  json_object_set_string_member (object, "team", attempt->team);
  json_object_set_string_member (object, "purpose", attempt->purpose);
  json_object_set_string_member (object, "outcome", *attempt->fault == '\0' ? "accepted" : "refused");
  json_object_set_string_member (object, "fault", attempt->fault);
  json_object_set_string_member (object, "detail", attempt->detail);
  json_object_set_string_member (object, "person", attempt->person_id);
  return object;
}

static const char *
get_attempt_name (gconstpointer row)
{
  return ((const DoorAttempt *) row)->code;
}

static JsonObject *
view_administrator (gconstpointer row)
{
  const DoorDeskAdministrator *administrator = row;

  return door_administrator_json_build (administrator->row, administrator->roles);
}

static const char *
get_administrator_name (gconstpointer row)
{
  return ((const DoorDeskAdministrator *) row)->row->id;
}

/**
 * door_handle_api_devices:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters after and limit; so are the other lists
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"devices": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_devices (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { "devices", door_admin_desk_list_devices, view_device, get_device_name };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_people:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"people": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_people (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { "people", door_admin_desk_list_people, view_person, get_person_name };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_sign_ins:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"sign_ins": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_sign_ins (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { "sign_ins", door_admin_desk_list_sign_ins, view_attempt, get_attempt_name };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_administrators:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"administrators": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_administrators (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { "administrators", door_admin_desk_list_administrators, view_administrator,
                             get_administrator_name };

  return answer_list (context, request, &list, error);
}

static bool
read_role (JsonNode *node, GPtrArray *roles, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *role = NULL, *team = NULL;
  DoorRoleGrant *grant;

  /* null is a role everywhere, as the lists show it */
  if (object != NULL && json_object_has_member (object, "team") &&
      json_object_get_null_member (object, "team"))
    json_object_remove_member (object, "team");
  if (object == NULL || !door_json_member_read_string (object, "role", &role, NULL) || role == NULL ||
      !door_json_member_read_string (object, "team", &team, NULL))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "each of roles must be {\"role\": …, \"team\": …}");
  grant = g_new0 (DoorRoleGrant, 1);
  grant->role = g_strdup (role);
  grant->team = g_strdup (team != NULL ? team : "");
  g_ptr_array_add (roles, grant);
  return true;
}

static bool
read_roles (JsonObject *object, GPtrArray **out, GError **error)
{
  g_autoptr (GPtrArray) roles = g_ptr_array_new_with_free_func ((GDestroyNotify) door_role_grant_free);
  JsonArray *array = NULL;

  if (!door_json_member_read_array (object, "roles", &array, error))
    return false;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (!read_role (json_array_get_element (array, i), roles, error))
      return false;
  if (array != NULL)
    *out = g_steal_pointer (&roles);
  return true;
}

/* A misspelt member must not be taken for "nothing to change". */
static bool
check_members (JsonObject *object, GError **error)
{
  static const char *const known[] = { "roles", "sso_enabled", "state", NULL };
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *at = names; at != NULL; at = at->next)
    if (!g_strv_contains (known, at->data))
      return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                             "%.100s cannot be changed", (const char *) at->data);
  return true;
}

static bool
read_edit (JsonObject *object, DoorAdministratorEdit *edit, GPtrArray **roles, GError **error)
{
  bool sso = false;

  if (!check_members (object, error) || !read_roles (object, roles, error) ||
      !door_json_member_read_string (object, "state", &edit->state, error) ||
      !door_json_member_read_boolean (object, "sso_enabled", &sso, error))
    return false;
  if (edit->state != NULL && !g_str_equal (edit->state, "active") &&
      !g_str_equal (edit->state, "deactivated"))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "state must be active or deactivated");
  if (json_object_has_member (object, "sso_enabled"))
    edit->sso = sso ? "on" : "off";
  edit->roles = *roles;
  return true;
}

/**
 * door_handle_api_edit_administrator:
 * @context: a #DoorWeb
 * @request: PATCH of any of `{"roles": [{"role", "team"}], "sso_enabled", "state"}`, from a page of this
 * server
 * @error: return location for an error
 *
 * Changes an administrator.
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_api_edit_administrator (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GPtrArray) roles = NULL;
  DoorAdministratorEdit edit = { .id = door_request_get_path_param (request, "id") };

  if (session == NULL || !door_admin_web_check_origin (web, request, error))
    return NULL;
  object = door_api_answer_parse_body (request, error);
  if (object == NULL || !read_edit (object, &edit, &roles, error) ||
      !door_admin_desk_edit (web->service, session, &edit, error))
    return NULL;
  return door_response_new (204);
}

/**
 * door_handle_api_end_sessions:
 * @context: a #DoorWeb
 * @request: DELETE, from a page of this server
 * @error: return location for an error
 *
 * Signs an administrator out everywhere.
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_api_end_sessions (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);

  if (session == NULL || !door_admin_web_check_origin (web, request, error) ||
      !door_admin_desk_end_sessions (web->service, session, door_request_get_path_param (request, "id"),
                                     error))
    return NULL;
  return door_response_new (204);
}

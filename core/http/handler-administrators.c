/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-desk.h"
#include "door-admin-roles.h"
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-administrator-json.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-json-member.h"

#define COLLECTION "/api/v1/administrators"

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

/* What a change is made of; the texts are those of the document. */
typedef struct
{
  DoorAdministratorEdit edit;
  const char *password;
  GPtrArray *roles;
} Change;

static void
change_clear (Change *self)
{
  g_clear_pointer (&self->roles, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static bool
read_password (JsonObject *object, Change *change, GError **error)
{
  if (!json_object_has_member (object, "password") || !json_object_get_null_member (object, "password"))
    return door_json_member_read_string (object, "password", &change->password, error);
  change->edit.password_hash = "";
  return true;
}

static bool
read_change (JsonObject *object, Change *change, GError **error)
{
  static const char *const known[] = { "name", "password", "roles", "sso_enabled", "state", NULL };
  DoorAdministratorEdit *edit = &change->edit;
  bool sso = false;

  if (!door_json_member_check_names (object, known, error) || !read_roles (object, &change->roles, error) ||
      !door_json_member_read_string (object, "state", &edit->state, error) ||
      !door_json_member_read_string (object, "name", &edit->full_name, error) ||
      !door_json_member_read_boolean (object, "sso_enabled", &sso, error) ||
      !read_password (object, change, error))
    return false;
  if (edit->state != NULL && !g_str_equal (edit->state, "active") &&
      !g_str_equal (edit->state, "deactivated"))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "state must be active or deactivated");
  if (json_object_has_member (object, "sso_enabled"))
    edit->sso = sso ? "on" : "off";
  edit->roles = change->roles;
  return true;
}

static bool
read_wish (JsonObject *object, DoorAdministratorWish *wish, GPtrArray **roles, GError **error)
{
  static const char *const known[] = {
    "api_only", "email", "name", "password", "roles", "sso_enabled", NULL
  };

  if (!door_json_member_check_names (object, known, error) || !read_roles (object, roles, error) ||
      !door_json_member_read_string (object, "email", &wish->email, error) ||
      !door_json_member_read_string (object, "name", &wish->full_name, error) ||
      !door_json_member_read_string (object, "password", &wish->password, error) ||
      !door_json_member_read_boolean (object, "api_only", &wish->api_only, error))
    return false;
  wish->sso = wish->password == NULL;
  wish->roles = *roles;
  if (wish->full_name == NULL)
    wish->full_name = "";
  if (wish->email == NULL || wish->roles == NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "email and roles are needed");
  return door_json_member_read_boolean (object, "sso_enabled", &wish->sso, error);
}

/**
 * door_handle_api_add_administrator:
 * @context: a #DoorWeb
 * @request: POST of `{"email", "roles": [{"role", "team"}]}` with any of `name`, `password`, `api_only` and
 * `sso_enabled`, from a page of this server or with a token
 * @error: return location for an error
 *
 * Adds an administrator.
 *
 * Returns: (transfer full): 201 with the administrator, or %NULL with an error
 */
DoorResponse *
door_handle_api_add_administrator (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GPtrArray) roles = NULL;
  g_autoptr (DoorDeskAdministrator) added = NULL;
  g_autofree char *location = NULL;
  DoorAdministratorWish wish = { NULL };
  DoorResponse *response;

  if (session == NULL || !door_admin_web_check_origin (web, request, error))
    return NULL;
  object = door_api_answer_parse_body (request, error);
  if (object == NULL || !read_wish (object, &wish, &roles, error))
    return NULL;
  added = door_admin_desk_add (web->service, session, &wish, error);
  if (added == NULL)
    return NULL;
  response = door_api_answer_new (201, door_administrator_json_build (added->row, added->roles));
  location = g_strconcat (COLLECTION "/", added->row->id, NULL);
  door_response_set_header (response, "Location", location);
  return response;
}

/**
 * door_handle_api_administrator:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): 200 with the administrator, or %NULL with an error
 */
DoorResponse *
door_handle_api_administrator (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (DoorDeskAdministrator) found = NULL;

  if (session != NULL)
    found = door_admin_desk_show (web->service, session, door_request_get_path_param (request, "id"), error);
  return found != NULL ? door_api_answer_new (200, door_administrator_json_build (found->row, found->roles))
                       : NULL;
}

/**
 * door_handle_api_remove_administrator:
 * @context: a #DoorWeb
 * @request: DELETE, from a page of this server or with a token
 * @error: return location for an error
 *
 * Removes an administrator.
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_api_remove_administrator (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);

  if (session == NULL || !door_admin_web_check_origin (web, request, error) ||
      !door_admin_desk_remove (web->service, session, door_request_get_path_param (request, "id"), error))
    return NULL;
  return door_response_new (204);
}

/**
 * door_handle_api_edit_administrator:
 * @context: a #DoorWeb
 * @request: PATCH of any of `{"roles": [{"role", "team"}], "sso_enabled", "state", "name", "password"}`, from
 * a page of this server or with a token; a password that is null is taken away
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
  g_auto (Change) change = { .edit = { .id = door_request_get_path_param (request, "id") } };

  if (session == NULL || !door_admin_web_check_origin (web, request, error))
    return NULL;
  object = door_api_answer_parse_body (request, error);
  if (object == NULL || !read_change (object, &change, error) ||
      !door_admin_desk_edit (web->service, session, &change.edit, change.password, error))
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-json-member.h"
#include "door-login.h"
#include "door-sign-in-link.h"
#include "door-sign-in-path.h"

static GPtrArray *
list_connections (const DoorWeb *web)
{
  return door_connections_choose (web->service->connections, DOOR_USE_ADMIN, NULL, NULL);
}

/**
 * door_handle_fleet_sso:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * What a sign-in page needs to know. With several providers the name is that of the first: the page to choose
 * has all.
 *
 * Returns: (transfer full): `{"settings": {"idp_name", "idp_image_url", "sso_enabled"}}`
 */
DoorResponse *
door_handle_fleet_sso (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (GPtrArray) connections = list_connections (web);
  JsonObject *object = json_object_new (), *settings = json_object_new ();
  const char *name = connections->len > 0 ? door_connection_get_title (g_ptr_array_index (connections, 0),
                                                                       door_web_get_language (web, request))
                                          : "";

  json_object_set_string_member (settings, "idp_name", name);
  json_object_set_string_member (settings, "idp_image_url", "");
  json_object_set_boolean_member (settings, "sso_enabled", connections->len > 0);
  json_object_set_object_member (object, "settings", settings);
  return door_api_answer_new (200, object);
}

/* Where to go on afterwards: a path of this server, /admin when none is named. */
static bool
read_return_path (DoorRequest *request, char **return_path, GError **error)
{
  g_autoptr (JsonObject) object = door_api_answer_parse_body (request, error);
  const char *relay_url = NULL;

  if (object == NULL || !door_json_member_read_string (object, "relay_url", &relay_url, error))
    return false;
  if (relay_url != NULL && *relay_url == '\0')
    relay_url = NULL;
  *return_path = g_strdup (door_admin_web_check_return_path (relay_url, "relay_url", error));
  return *return_path != NULL;
}

static DoorResponse *
answer_with_link (const DoorWeb *web, const DoorLoginStep *step, const char *return_path)
{
  /* a form cannot be told by its address alone: the page with it can */
  const char *idp = step->connection != NULL ? door_connection_get_name (step->connection) : NULL;
  g_autofree char *path = door_admin_login_path_build (idp, return_path, false);
  g_autofree char *page = g_strconcat (door_policy_get_external_url (web->service->policy), path, NULL);
  DoorResponse *response = door_response_new (200);

  door_response_take_body (response, door_sign_in_link_build (step->url != NULL ? step->url : page),
                           "application/json");
  if (step->cookie != NULL)
    door_web_set_flow_cookie (web, response, step->cookie);
  return response;
}

/**
 * door_handle_fleet_sso_start:
 * @context: a #DoorWeb
 * @request: POST of `{"relay_url": "/dashboard"}`
 * @error: return location for an error
 *
 * Begins an administrator's sign-in for a page that works with scripts. With several providers the address is
 * that of the page to choose.
 *
 * Returns: (transfer full): `{"url": …}` and the flow's cookie; %NULL with an error, which is 400 when there
 *   is no provider for administrators, or when relay_url leads away
 */
DoorResponse *
door_handle_fleet_sso_start (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (GPtrArray) connections = list_connections (web);
  g_autofree char *return_path = NULL, *cookie = NULL;
  g_autoptr (DoorLoginStep) step = NULL;
  DoorLoginStart start;

  if (connections->len == 0)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "the organization is not configured to use single sign-on");
      return NULL;
    }
  if (!read_return_path (request, &return_path, error) ||
      !door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  start = (DoorLoginStart){
    .cookie = cookie,
    .purpose = DOOR_PURPOSE_ADMINISTRATION,
    .return_path = return_path,
    .address = door_request_get_peer (request),
    .shared_acs = true,
    .take_only_idp = true,
    .cancellable = door_request_get_cancellable (request),
  };
  step = door_login_begin (web->service, &start, error);
  return step != NULL ? answer_with_link (web, step, return_path) : NULL;
}

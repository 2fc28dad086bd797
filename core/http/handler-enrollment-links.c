/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-api-list.h"
#include "door-enrollment-link-json.h"
#include "door-enrollment-link.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-json-member.h"

#define COLLECTION "/api/v1/enrollment-links"

static JsonObject *
view (gconstpointer row)
{
  return door_enrollment_link_json_build (row);
}

static bool
read_wish (JsonObject *body, DoorEnrollmentLinkWish *wish, GError **error)
{
  static const char *const known[] = { "team", "expires_in", "max_uses", NULL };

  return door_json_member_check_names (body, known, error) &&
         door_json_member_read_string (body, "team", &wish->team, error) &&
         door_json_member_read_integer (body, "expires_in", &wish->lifetime_s, error) &&
         door_json_member_read_integer (body, "max_uses", &wish->max_uses, error);
}

/**
 * door_handle_enrollment_links_create:
 * @context: a #DoorWeb
 * @request: POST of `{"team", "expires_in", "max_uses"}`, each of which may be left out; the second in
 * seconds
 * @error: return location for an error
 *
 * Makes an enrollment link; this is the only time it is shown.
 *
 * Returns: (transfer full): 201 with the link in `url`, or %NULL with an error
 */
DoorResponse *
door_handle_enrollment_links_create (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (DoorEnrollmentLink) link = NULL;
  g_autofree char *url = NULL, *location = NULL;
  DoorEnrollmentLinkWish wish = { .lifetime_s = DOOR_ENROLLMENT_LINK_USUAL_S };
  DoorResponse *response;
  JsonObject *object;

  if (session == NULL || !door_admin_web_check_origin (web, request, error))
    return NULL;
  body = door_api_answer_parse_body (request, error);
  if (body == NULL || !read_wish (body, &wish, error))
    return NULL;
  wish.team = wish.team != NULL ? wish.team : "";
  link = door_enrollment_link_issue (web->service, session, &wish, &url, error);
  if (link == NULL)
    return NULL;
  object = door_enrollment_link_json_build (link);
  json_object_set_string_member (object, "url", url);
  response = door_api_answer_new (201, object);
  location = g_strconcat (COLLECTION "/", link->id, NULL);
  door_response_set_header (response, "Location", location);
  return response;
}

static const char *
get_name (gconstpointer row)
{
  return ((const DoorEnrollmentLink *) row)->id;
}

/**
 * door_handle_enrollment_links_list:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters after and limit
 * @error: return location for an error
 *
 * Lists the enrollment links that who asks may revoke, without their secrets.
 *
 * Returns: (transfer full): 200, or %NULL with an error
 */
DoorResponse *
door_handle_enrollment_links_list (gpointer context, DoorRequest *request, GError **error)
{
  static const DoorApiList list = { "enrollment_links", view, get_name };
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (GPtrArray) links = NULL;
  g_auto (DoorApiPage) page = { NULL };

  if (session == NULL || !door_api_page_read (request, &page, error))
    return NULL;
  links = door_enrollment_link_list (web->service, session, page.after, page.limit, error);
  return links != NULL ? door_api_list_answer (&list, links, &page) : NULL;
}

/**
 * door_handle_enrollment_links_revoke:
 * @context: a #DoorWeb
 * @request: DELETE, from a page of this server or with a token
 * @error: return location for an error
 *
 * Ends an enrollment link.
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_enrollment_links_revoke (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  const char *id = door_request_get_path_param (request, "id");

  if (session == NULL || !door_admin_web_check_origin (web, request, error) ||
      !door_enrollment_link_revoke (web->service, session, id, error))
    return NULL;
  return door_response_new (204);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-cookie.h"
#include "door-handlers.h"
#include "door-logout.h"
#include "door-web-form.h"

#define MAX_FIELDS 4
/* A provider may ask the person before it answers. */
#define COOKIE_LIFETIME_S 600

/* Nothing that goes wrong with the provider keeps anybody signed in here, or says that they are. */
static DoorResponse *
leave (const DoorWeb *web, DoorRequest *request, const DoorSession *session, GError **error)
{
  g_auto (DoorLogoutStep) step = { NULL };
  g_autoptr (GError) failure = NULL;
  g_autofree char *cookie = NULL;
  DoorResponse *response = NULL;

  if (session != NULL &&
      !door_logout_begin (web->service, session, door_request_get_cancellable (request), &step, &failure))
    door_router_log_failure (request, "logout", failure);
  if (step.connection == NULL)
    return door_admin_web_end_logout (false, error);
  if (step.url != NULL)
    response = door_response_new_redirect (303, step.url, error);
  else
    response = door_web_render_form_page (
        web, request, &(DoorWebForm){ "logout-post", &step.form, step.connection, NULL }, error);
  if (response == NULL)
    return NULL;
  /* the provider's answer may be a POST from another site */
  cookie = door_cookie_build (DOOR_LOGOUT_COOKIE, step.cookie, DOOR_SAME_SITE_NONE, COOKIE_LIFETIME_S);
  door_response_add_header (response, "Set-Cookie", cookie);
  return response;
}

/**
 * door_handle_admin_logout:
 * @context: a #DoorWeb
 * @request: POST of a form, from a page of this server
 * @error: return location for an error
 *
 * Ends the session, or with the field everywhere all of the administrator's, and then tells the identity
 * provider where SingleLogout= says so.
 *
 * Returns: (transfer full): a redirect or a page, or %NULL with an error
 */
DoorResponse *
door_handle_admin_logout (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorForm) form = NULL;
  g_autoptr (DoorSession) session = NULL;
  const char *everywhere = NULL;
  DoorResponse *response;

  if (!door_admin_web_check_same_origin (web, request, error))
    return NULL;
  form = door_request_parse_form (request, MAX_FIELDS, error);
  if (form == NULL || !door_form_lookup (form, "everywhere", &everywhere, error) ||
      !door_admin_web_lookup_session (web, request, &session, error))
    return NULL;
  if (session != NULL && !door_session_close (web->service, session, everywhere != NULL, error))
    return NULL;
  response = leave (web, request, session, error);
  if (response != NULL)
    door_admin_web_set_cookie (response, "", DOOR_COOKIE_DELETE);
  return response;
}

/**
 * door_handle_oidc_logout_return:
 * @context: a #DoorWeb
 * @request: GET, by a browser that comes back from a provider
 * @error: return location for an error
 *
 * Where a logout ends that began here (OpenID Connect RP-Initiated Logout 1.0, 3).
 *
 * Returns: (transfer full): a redirect, or %NULL with an error
 */
DoorResponse *
door_handle_oidc_logout_return (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const char *name = door_request_get_path_param (request, "name");
  g_autofree char *state = NULL, *cookie = NULL;

  if (!door_request_lookup_query (request, "state", &state, error) ||
      !door_request_lookup_cookie (request, DOOR_LOGOUT_COOKIE, &cookie, error) ||
      !door_logout_check_return (web->service, name, cookie, state, error))
    return NULL;
  return door_admin_web_end_logout (true, error);
}

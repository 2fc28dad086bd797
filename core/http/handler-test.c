/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-error.h"
#include "door-login.h"
#include "door-web-form.h"

static DoorResponse *
fail (const DoorWeb *web, DoorRequest *request, const GError *failure)
{
  const DoorErrorPage page = { .code = door_request_get_id (request), .administration = true };

  door_router_log_failure (request, "test", failure);
  return door_web_render_failure (web, request, &page, failure);
}

/**
 * door_handle_test:
 * @context: a #DoorWeb
 * @request: GET of the start address of a test
 * @error: return location for an error
 *
 * Begins a sign-in of which nothing comes but a look at it. The address counts once, and may wait for the
 * provider.
 *
 * Returns: (transfer full): a redirect, or a page that says why not
 */
DoorResponse *
door_handle_test (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autofree char *cookie = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (DoorLoginStep) step = NULL;
  DoorLoginStart start = {
    .purpose = DOOR_PURPOSE_TEST,
    .test_token = door_request_get_path_param (request, "token"),
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
    .may_wait = true,
    .take_only_idp = true,
  };
  DoorResponse *response;

  if (!door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  start.cookie = cookie;
  step = door_login_begin (web->service, &start, &failure);
  if (step == NULL)
    return fail (web, request, failure);
  response = step->kind == DOOR_LOGIN_POST ? door_web_render_form (web, request, "admin-post", step, error)
                                           : door_response_new_redirect (303, step->url, error);
  if (response != NULL && step->cookie != NULL)
    door_web_set_flow_cookie (web, response, step->cookie);
  return response;
}

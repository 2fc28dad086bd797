/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-admin-web.h"
#include "door-error.h"
#include "door-login.h"
#include "door-web-test.h"

#define MAX_FIELDS 8
#define RESULT_URL "apple-remotemanagement-user-login://authentication-results?access-token="

/**
 * door_finish_sign_in:
 * @web: what every handler gets
 * @request: the request that carries the answer
 * @answer: the identity provider's answer
 * @error: return location for an error
 *
 * Judges an answer and says to the browser what comes of it, whatever the protocol.
 *
 * Returns: (transfer full): the answer to the browser
 */
DoorResponse *
door_finish_sign_in (const DoorWeb *web, DoorRequest *request, const DoorLoginAnswer *answer, GError **error)
{
  g_auto (DoorLoginOutcome) outcome = { NULL };
  g_autoptr (GError) failure = NULL;
  g_autofree char *location = NULL;
  DoorResponse *response;
  DoorErrorPage page;
  bool accepted = door_login_finish (web->service, answer, &outcome, &failure);

  if (outcome.test_result != NULL)
    return door_web_render_test (web, request, outcome.test_result, error);
  if (!accepted)
    {
      if (outcome.must_wait)
        return door_request_ask_to_wait (request);
      page = (DoorErrorPage){ .code = outcome.code, .retry_path = outcome.retry_path };
      return outcome.administration ? door_admin_web_render_failure (web, request, &page, failure)
                                    : door_web_render_failure (web, request, &page, failure);
    }
  if (outcome.next_path != NULL)
    {
      response = door_response_new_redirect (303, outcome.next_path, error);
      if (response != NULL && outcome.cookie != NULL)
        door_web_set_flow_cookie (web, response, outcome.cookie);
      return response;
    }
  location = g_strconcat (RESULT_URL, outcome.access_token, NULL);
  response = door_response_new_redirect (308, location, error);
  if (response != NULL)
    door_response_set_header (response, "Content-Type", "application/json; charset=utf-8");
  return response;
}

static DoorResponse *
handle (const DoorWeb *web, DoorRequest *request, const char *connection, const char *purpose, GError **error)
{
  g_autoptr (DoorForm) form = NULL;
  g_autofree char *cookie = NULL;
  const char *saml_response = NULL, *relay_state = NULL;
  g_autoptr (GError) failure = NULL;
  DoorLoginAnswer answer;

  /* the cookie first: the page of a form that cannot be read needs it too */
  if (door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, &failure))
    form = door_request_parse_form (request, MAX_FIELDS, &failure);
  if (form == NULL || !door_form_lookup (form, "SAMLResponse", &saml_response, &failure) ||
      !door_form_lookup (form, "RelayState", &relay_state, &failure))
    {
      g_autofree char *retry_path =
          door_login_dup_retry_path (web->service, cookie, door_request_get_cancellable (request));
      DoorErrorPage page = { .code = door_request_get_id (request), .retry_path = retry_path };
      g_autoptr (GError) form_error = NULL;

      door_error_set (&form_error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_FORM, "%s", failure->message);
      g_info ("%s acs: answer not read: %s", page.code, failure->message);
      return purpose != NULL && g_str_equal (purpose, DOOR_PURPOSE_ADMINISTRATION)
                 ? door_admin_web_render_failure (web, request, &page, form_error)
                 : door_web_render_failure (web, request, &page, form_error);
    }
  answer = (DoorLoginAnswer){
    .connection = connection,
    .purpose = purpose,
    .cookie = cookie,
    .state = relay_state,
    .saml_response = saml_response != NULL ? saml_response : "",
    .address = door_request_get_peer (request),
    .request_id = door_request_get_id (request),
    .may_wait = door_request_is_waiting (request),
    .again = door_request_is_waiting (request),
    .cancellable = door_request_get_cancellable (request),
  };
  return door_finish_sign_in (web, request, &answer, error);
}

/**
 * door_handle_saml_acs:
 * @context: a #DoorWeb
 * @request: POST of a form, by a browser that comes from an identity provider
 * @error: return location for an error
 *
 * Assertion consumer service of one connection (SAML bindings 3.5; profiles 4.1).
 *
 * Returns: (transfer full): 308 with the access token, or a page that says why not
 */
DoorResponse *
door_handle_saml_acs (gpointer context, DoorRequest *request, GError **error)
{
  return handle (context, request, door_request_get_path_param (request, "name"), NULL, error);
}

/**
 * door_handle_shared_acs:
 * @context: a #DoorWeb
 * @request: POST of a form, by a browser that comes from an identity provider
 * @error: return location for an error
 *
 * Assertion consumer service at the address that all connections share; the pending request tells which.
 *
 * Returns: (transfer full): 308 with the access token, or a page that says why not
 */
DoorResponse *
door_handle_shared_acs (gpointer context, DoorRequest *request, GError **error)
{
  return handle (context, request, NULL, DOOR_PURPOSE_ENROLLMENT, error);
}

/**
 * door_handle_admin_acs:
 * @context: a #DoorWeb
 * @request: POST of a form, by a browser that comes from an identity provider
 * @error: return location for an error
 *
 * The same for administrators.
 *
 * Returns: (transfer full): 303 to the last hop, or a page that says why not
 */
DoorResponse *
door_handle_admin_acs (gpointer context, DoorRequest *request, GError **error)
{
  return handle (context, request, NULL, DOOR_PURPOSE_ADMINISTRATION, error);
}

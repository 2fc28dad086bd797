/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-admin-web.h"
#include "door-error.h"
#include "door-login.h"
#include "door-web-test.h"

#define MAX_FIELDS 8

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
  return door_web_send_onward (web, request, outcome.access_token, error);
}

/* What a browser brings: an answer in a form, or an artifact, in a form or in a query. */
typedef struct
{
  DoorForm *form; /* (nullable): what the texts belong to */
  char *query_artifact;
  char *query_relay_state;
  const char *saml_response;
  const char *artifact;
  const char *relay_state;
} Carried;

static void
carried_clear (Carried *self)
{
  g_clear_pointer (&self->form, door_form_free);
  g_free (self->query_artifact);
  g_free (self->query_relay_state);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Carried, carried_clear)

static bool
read_form (DoorRequest *request, Carried *carried, GError **error)
{
  carried->form = door_request_parse_form (request, MAX_FIELDS, error);
  return carried->form != NULL &&
         door_form_lookup (carried->form, "SAMLResponse", &carried->saml_response, error) &&
         door_form_lookup (carried->form, "SAMLart", &carried->artifact, error) &&
         door_form_lookup (carried->form, "RelayState", &carried->relay_state, error);
}

/* An answer itself never comes that way (profiles 4.1.2). */
static bool
read_query (DoorRequest *request, Carried *carried, GError **error)
{
  if (!door_request_lookup_query (request, "SAMLart", &carried->query_artifact, error) ||
      !door_request_lookup_query (request, "RelayState", &carried->query_relay_state, error))
    return false;
  carried->artifact = carried->query_artifact;
  carried->relay_state = carried->query_relay_state;
  return carried->artifact != NULL || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_FORM,
                                                      "there is no SAMLart in the query");
}

static bool
read_answer (DoorRequest *request, Carried *carried, GError **error)
{
  if (g_str_equal (door_request_get_method (request), "GET"))
    return read_query (request, carried, error);
  if (!read_form (request, carried, error))
    return false;
  return carried->artifact == NULL || carried->saml_response == NULL ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_FORM,
                         "the form has both SAMLResponse and SAMLart");
}

static DoorResponse *
refuse_unread (const DoorWeb *web, DoorRequest *request, const char *cookie, const char *purpose,
               const GError *failure)
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

static DoorResponse *
handle (const DoorWeb *web, DoorRequest *request, const char *connection, const char *purpose, GError **error)
{
  g_auto (Carried) carried = { NULL };
  g_autofree char *cookie = NULL;
  g_autoptr (GError) failure = NULL;
  DoorLoginAnswer answer;

  /* the cookie first: the page of a form that cannot be read needs it too */
  if (!door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, &failure) ||
      !read_answer (request, &carried, &failure))
    return refuse_unread (web, request, cookie, purpose, failure);
  answer = (DoorLoginAnswer){
    .connection = connection,
    .purpose = purpose,
    .cookie = cookie,
    .state = carried.relay_state,
    .saml_response = carried.saml_response != NULL ? carried.saml_response : "",
    .artifact = carried.artifact,
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
 * @request: POST of a form, or GET with an artifact, by a browser that comes from an identity provider
 * @error: return location for an error
 *
 * Assertion consumer service of one connection (SAML bindings 3.5 and 3.6; profiles 4.1).
 *
 * Returns: (transfer full): 308 with the access token, 303 with a ticket, or a page that says why not
 */
DoorResponse *
door_handle_saml_acs (gpointer context, DoorRequest *request, GError **error)
{
  return handle (context, request, door_request_get_path_param (request, "name"), NULL, error);
}

/**
 * door_handle_shared_acs:
 * @context: a #DoorWeb
 * @request: POST of a form, or GET with an artifact, by a browser that comes from an identity provider
 * @error: return location for an error
 *
 * Assertion consumer service at the address that all connections share; the pending request tells which.
 *
 * Returns: (transfer full): 308 with the access token, 303 with a ticket, or a page that says why not
 */
DoorResponse *
door_handle_shared_acs (gpointer context, DoorRequest *request, GError **error)
{
  return handle (context, request, NULL, DOOR_PURPOSE_ENROLLMENT, error);
}

/**
 * door_handle_admin_acs:
 * @context: a #DoorWeb
 * @request: POST of a form, or GET with an artifact, by a browser that comes from an identity provider
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

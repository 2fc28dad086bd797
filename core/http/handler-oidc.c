/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-error.h"
#include "door-login.h"
#include "door-oidc-logout.h"

#define MAX_FIELDS 8

/* What an answer by the query says (OpenID Connect Core 3.1.2.5 and 3.1.2.6; RFC 9207, 2). */
typedef struct
{
  char *state;
  char *code;
  char *issuer;
  char *error;
  char *error_description;
} Query;

static void
query_clear (Query *self)
{
  g_free (self->state);
  g_free (self->code);
  g_free (self->issuer);
  g_free (self->error);
  g_free (self->error_description);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Query, query_clear)

/* A parameter that stands there twice means nothing. */
static bool
read_query (DoorRequest *request, Query *query, GError **error)
{
  return door_request_lookup_query (request, "state", &query->state, error) &&
         door_request_lookup_query (request, "code", &query->code, error) &&
         door_request_lookup_query (request, "iss", &query->issuer, error) &&
         door_request_lookup_query (request, "error", &query->error, error) &&
         door_request_lookup_query (request, "error_description", &query->error_description, error);
}

static DoorResponse *
refuse_query (const DoorWeb *web, DoorRequest *request, const char *cookie, const GError *failure)
{
  g_autofree char *retry_path =
      door_login_dup_retry_path (web->service, cookie, door_request_get_cancellable (request));
  DoorErrorPage page = { .code = door_request_get_id (request), .retry_path = retry_path };
  g_autoptr (GError) error = NULL;

  door_error_set (&error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_ANSWER, "%s", failure->message);
  g_info ("%s callback: answer not read: %s", page.code, failure->message);
  return door_web_render_failure (web, request, &page, error);
}

/**
 * door_handle_oidc_callback:
 * @context: a #DoorWeb
 * @request: GET, by a browser that comes from an identity provider
 * @error: return location for an error
 *
 * Redirection endpoint of one connection (OpenID Connect Core 3.1.2.5). Waits for the provider.
 *
 * Returns: (transfer full): as for an answer by SAML
 */
DoorResponse *
door_handle_oidc_callback (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (Query) query = { NULL };
  g_autofree char *cookie = NULL;
  g_autoptr (GError) failure = NULL;
  DoorOidcAnswer oidc;
  DoorLoginAnswer answer;

  if (!door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, &failure) ||
      !read_query (request, &query, &failure))
    return refuse_query (web, request, cookie, failure);
  oidc = (DoorOidcAnswer){ .code = query.code,
                           .issuer = query.issuer,
                           .error = query.error,
                           .error_description = query.error_description };
  answer = (DoorLoginAnswer){
    .connection = door_request_get_path_param (request, "name"),
    .cookie = cookie,
    .state = query.state,
    .oidc = &oidc,
    .address = door_request_get_peer (request),
    .request_id = door_request_get_id (request),
    .may_wait = true,
    .cancellable = door_request_get_cancellable (request),
  };
  return door_finish_sign_in (web, request, &answer, error);
}

/**
 * door_handle_oidc_start:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters team, user-identifier and again
 * @error: return location for an error
 *
 * Goes to one identity provider, and asks it before what it publishes. Without parameters the flow of the
 * cookie goes on.
 *
 * Returns: (transfer full): a redirect, or a page that says why not
 */
DoorResponse *
door_handle_oidc_start (gpointer context, DoorRequest *request, GError **error)
{
  g_autofree char *team = NULL, *account = NULL, *again = NULL, *cookie = NULL, *flow = NULL;
  DoorLoginStart start = {
    .idp = door_request_get_path_param (request, "name"),
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
    .may_wait = true,
  };

  if (!door_request_lookup_query (request, "team", &team, error) ||
      !door_request_lookup_query (request, "user-identifier", &account, error) ||
      !door_request_lookup_query (request, "again", &again, error) ||
      !door_request_lookup_query (request, "flow", &flow, error) ||
      !door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  start.cookie = cookie;
  start.team = team == NULL && account != NULL ? "" : team;
  start.user_identifier = account;
  start.flow = flow;
  start.force_authn = again != NULL;
  return door_begin_sign_in (context, request, &start, error);
}

/**
 * door_handle_oidc_logout:
 * @context: a #DoorWeb
 * @request: POST of a form, by an identity provider
 * @error: return location for an error
 *
 * Back-channel logout of one connection (OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8).
 *
 * Returns: (transfer full): 200, or %NULL with an error
 */
DoorResponse *
door_handle_oidc_logout (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorForm) form = door_request_parse_form (request, MAX_FIELDS, error);
  DoorOidcLogoutMessage message = {
    .connection = door_request_get_path_param (request, "name"),
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };

  if (form == NULL || !door_form_lookup (form, "logout_token", &message.logout_token, error) ||
      !door_oidc_logout_received (web->service, &message, error))
    return NULL;
  return door_response_new (200);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-basic.h"
#include "door-connections.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-password-sign-in.h"
#include "door-session-token.h"

#define MAX_FIELDS 4
#define CHALLENGE "Basic realm=\"doorward\", charset=\"UTF-8\""

static DoorPasswordStart
make_start (DoorRequest *request, const char *email, const DoorSecret *password)
{
  return (DoorPasswordStart){
    .email = email,
    .password = password,
    .address = door_request_get_peer (request),
    .user_agent_family = door_admin_web_get_browser (request),
    .request_id = door_request_get_id (request),
    .cancellable = door_request_get_cancellable (request),
  };
}

static bool
read_basic (DoorRequest *request, char **user, DoorSecret **password, GError **error)
{
  const char *header = door_request_get_header (request, "Authorization");

  if (header == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_ADM_PASSWORD,
                           "no header Authorization");
  return door_basic_parse (header, user, password, error);
}

static char *
sign_in_for_token (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autofree char *user = NULL;
  g_autoptr (DoorSecret) password = NULL;
  g_auto (DoorPasswordSession) session = { NULL };
  DoorPasswordStart start;

  if (!read_basic (request, &user, &password, error))
    return NULL;
  start = make_start (request, user, password);
  if (!door_password_sign_in (web->service, &start, &session, error))
    return NULL;
  return door_session_token_issue (
      web->service, session.row->administrator_id, session.row->id,
      door_session_token_choose_lifetime_s (web->service, session.row->expires_at), error);
}

/**
 * door_handle_auth_login:
 * @context: a #DoorWeb
 * @request: POST with the header Authorization of the scheme Basic
 * @error: return location for an error
 *
 * Signs a program in and gives it a token of the new session, as the whole body. No cookie is set, so a page
 * of another site gains nothing by calling it.
 *
 * Returns: (transfer full): 200 with the token, or an answer that says why not; %NULL with an error
 */
DoorResponse *
door_handle_auth_login (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (GError) failure = NULL;
  g_autofree char *token = sign_in_for_token (web, request, &failure);
  DoorResponse *response;

  if (token != NULL)
    return door_response_new_text (200, "application/jwt", token);
  if (door_error_get_fault (failure) != DOOR_FAULT_ADM_PASSWORD)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  door_router_log_failure (request, "auth-login", failure);
  response = door_api_answer_new_problem (failure, door_request_get_id (request));
  door_response_set_header (response, "WWW-Authenticate", CHALLENGE);
  return response;
}

/* What the form carries; the texts are the form's. */
typedef struct
{
  DoorForm *form;
  const char *email;
  const char *password;
  const char *return_path;
} Fields;

static void
fields_clear (Fields *self)
{
  g_clear_pointer (&self->form, door_form_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fields, fields_clear)

static bool
read_fields (DoorRequest *request, Fields *fields, GError **error)
{
  fields->form = door_request_parse_form (request, MAX_FIELDS, error);
  if (fields->form == NULL || !door_form_lookup (fields->form, "email", &fields->email, error) ||
      !door_form_lookup (fields->form, "password", &fields->password, error) ||
      !door_form_lookup (fields->form, "return_to", &fields->return_path, error))
    return false;
  fields->return_path = door_admin_web_check_return_path (fields->return_path, "return_to", error);
  if (fields->return_path == NULL)
    return false;
  return (fields->email != NULL && fields->password != NULL) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                         "email and password are needed");
}

static DoorResponse *
show_again (const DoorWeb *web, DoorRequest *request, const Fields *fields, const GError *failure,
            GError **error)
{
  g_autoptr (GPtrArray) providers =
      door_connections_choose (web->service->connections, DOOR_USE_ADMIN, NULL, NULL);
  const DoorAdminLoginPage page = { .providers = providers,
                                    .return_path = fields->return_path,
                                    .email = fields->email,
                                    .fault = door_error_get_fault (failure) };
  DoorResponse *response = door_render_admin_login (web, request, &page, error);

  if (response == NULL)
    return NULL;
  door_router_log_failure (request, "admin-password", failure);
  door_response_set_status (response, door_response_status_for_error (failure));
  door_response_set_retry_after (response, failure);
  return response;
}

static DoorResponse *
sign_in (const DoorWeb *web, DoorRequest *request, const Fields *fields, const char *before, GError **error)
{
  g_autoptr (DoorSecret) password = door_secret_new (fields->password, strlen (fields->password));
  g_auto (DoorPasswordSession) session = { NULL };
  DoorPasswordStart start = make_start (request, fields->email, password);
  DoorResponse *response;

  start.before = before;
  if (!door_password_sign_in (web->service, &start, &session, error))
    return NULL;
  response = door_response_new_redirect (303, fields->return_path, error);
  if (response != NULL)
    door_admin_web_set_cookie (response, session.token,
                               (session.row->expires_at - session.row->created_at) / 1000);
  return response;
}

/**
 * door_handle_admin_password:
 * @context: a #DoorWeb
 * @request: POST of the form of the sign-in page: email, password and return_to
 * @error: return location for an error
 *
 * Signs an administrator in with a password. A form of another site does not: or somebody would work in the
 * session of somebody else without knowing.
 *
 * Returns: (transfer full): a redirect, or the page once more; %NULL with an error
 */
DoorResponse *
door_handle_admin_password (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (Fields) fields = { NULL };
  g_autofree char *before = NULL;
  g_autoptr (GError) failure = NULL;
  DoorResponse *response;

  if (!door_admin_web_check_same_origin (web, request, error) || !read_fields (request, &fields, error) ||
      !door_request_lookup_cookie (request, DOOR_ADMIN_COOKIE, &before, error))
    return NULL;
  response = sign_in (web, request, &fields, before, &failure);
  if (response != NULL)
    return response;
  if (door_error_get_fault (failure) == DOOR_FAULT_ADM_PASSWORD ||
      door_error_get_fault (failure) == DOOR_FAULT_ADM_TRIES)
    return show_again (web, request, &fields, failure, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-clock.h"
#include "door-connections.h"
#include "door-cookie.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-login.h"
#include "door-logout.h"
#include "door-paths.h"
#include "door-sign-in-path.h"
#include "door-web-form.h"

#define MAX_SESSIONS 20

static char *
dup_choice_url (const DoorConnection *connection, gconstpointer return_path)
{
  return door_admin_login_path_build (door_connection_get_name (connection), return_path, false);
}

/* A browser without Sec-Fetch-Site says in Origin where a form comes from, if it may. */
static void
let_forms_name_us (DoorResponse *response)
{
  door_response_set_header (response, "Referrer-Policy", "same-origin");
}

static bool
takes_passwords (const DoorWeb *web)
{
  return door_policy_get_admin_rules (web->service->policy)->passwords;
}

/**
 * door_render_admin_login:
 * @web: what every handler gets
 * @request: the request
 * @page: what the page shows
 * @error: return location for an error
 *
 * The page on which administrators choose a provider, or type a password where that is allowed.
 *
 * Returns: (transfer full): the page, or %NULL with an error
 */
DoorResponse *
door_render_admin_login (const DoorWeb *web, DoorRequest *request, const DoorAdminLoginPage *page,
                         GError **error)
{
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);
  bool there = g_strcmp0 (page->out, DOOR_ADMIN_OUT_THERE) == 0;
  DoorResponse *response;

  g_variant_dict_insert_value (&data, "providers",
                               door_web_build_choices (page->providers, door_web_get_language (web, request),
                                                       dup_choice_url, page->return_path));
  g_variant_dict_insert (&data, "signed_out", "b", page->out != NULL && !there);
  g_variant_dict_insert (&data, "signed_out_there", "b", there);
  g_variant_dict_insert (&data, "passwords", "b", takes_passwords (web));
  g_variant_dict_insert (&data, "wrong", "b", page->fault == DOOR_FAULT_ADM_PASSWORD);
  g_variant_dict_insert (&data, "tries", "b", page->fault == DOOR_FAULT_ADM_TRIES);
  g_variant_dict_insert (&data, "action", "s", DOOR_PATH_ADMIN_LOGIN);
  g_variant_dict_insert (&data, "return_to", "s", page->return_path);
  g_variant_dict_insert (&data, "email", "s", page->email != NULL ? page->email : "");
  response = door_web_render (web, request, "admin-login", g_variant_dict_end (&data), error);
  if (response != NULL)
    let_forms_name_us (response);
  return response;
}

/* What the address asks for. */
typedef struct
{
  char *idp;
  char *return_path;
  char *again;
  char *out;
  char *cookie;
} LoginQuery;

static void
login_query_clear (LoginQuery *self)
{
  g_free (self->idp);
  g_free (self->return_path);
  g_free (self->again);
  g_free (self->out);
  g_free (self->cookie);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LoginQuery, login_query_clear)

static DoorResponse *
render_choices (const DoorWeb *web, DoorRequest *request, const GPtrArray *providers, const LoginQuery *query,
                GError **error)
{
  const DoorAdminLoginPage page = { .providers = providers,
                                    .return_path = query->return_path,
                                    .out = query->out };

  return door_render_admin_login (web, request, &page, error);
}

static bool
read_login_query (DoorRequest *request, LoginQuery *query, GError **error)
{
  if (!door_request_lookup_query (request, "idp", &query->idp, error) ||
      !door_request_lookup_query (request, "return_to", &query->return_path, error) ||
      !door_request_lookup_query (request, "again", &query->again, error) ||
      !door_request_lookup_query (request, "out", &query->out, error) ||
      !door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &query->cookie, error))
    return false;
  if (query->return_path == NULL)
    query->return_path = g_strdup (DOOR_PATH_ADMIN);
  return door_admin_web_check_return_path (query->return_path, "return_to", error) != NULL;
}

static DoorResponse *
begin (const DoorWeb *web, DoorRequest *request, const LoginQuery *query, GError **error)
{
  const DoorLoginStart start = {
    .cookie = query->cookie,
    .purpose = DOOR_PURPOSE_ADMINISTRATION,
    .return_path = query->return_path,
    .idp = query->idp,
    .address = door_request_get_peer (request),
    .force_authn = query->again != NULL,
    .cancellable = door_request_get_cancellable (request),
  };
  g_autoptr (DoorLoginStep) step = NULL;
  DoorResponse *response;

  /* whoever has a password must come to the page, also where there is one provider, or none */
  if (takes_passwords (web) && query->idp == NULL)
    {
      g_autoptr (GPtrArray) providers =
          door_connections_choose (web->service->connections, DOOR_USE_ADMIN, NULL, NULL);

      return render_choices (web, request, providers, query, error);
    }
  step = door_login_begin (web->service, &start, error);
  if (step == NULL)
    return NULL;
  /* who has just logged out is not signed in again by the provider without a word */
  if (query->out != NULL || step->kind == DOOR_LOGIN_CHOOSE)
    response = render_choices (web, request, step->choices, query, error);
  else if (step->kind == DOOR_LOGIN_POST)
    response = door_web_render_form (web, request, "admin-post", step, error);
  else
    response = door_response_new_redirect (303, step->url, error);
  if (response != NULL && step->cookie != NULL)
    door_web_set_flow_cookie (web, response, step->cookie);
  return response;
}

static DoorResponse *
fail (const DoorWeb *web, DoorRequest *request, const char *retry_path, const GError *failure)
{
  const DoorErrorPage page = { .code = door_request_get_id (request), .retry_path = retry_path };

  door_router_log_failure (request, "admin", failure);
  return door_admin_web_render_failure (web, request, &page, failure);
}

/**
 * door_handle_admin_login:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters idp, return_to (a path of this server), again and out
 * @error: return location for an error
 *
 * Where administrators sign in: straight on to the only identity provider, else a page to choose.
 *
 * Returns: (transfer full): a redirect or a page
 */
DoorResponse *
door_handle_admin_login (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (LoginQuery) query = { NULL };
  g_autofree char *retry_path = NULL;
  g_autoptr (GError) failure = NULL;
  DoorResponse *response = NULL;

  if (read_login_query (request, &query, &failure))
    response = begin (web, request, &query, &failure);
  if (response != NULL)
    return response;
  if (door_error_get_fault (failure) != DOOR_FAULT_ADM_PATH)
    retry_path = door_admin_login_path_build (NULL, query.return_path, false);
  return fail (web, request, retry_path != NULL ? retry_path : DOOR_PATH_ADMIN_LOGIN, failure);
}

/* A page that is loaded again after the last hop finds the session that it made. */
static DoorResponse *
go_on_if_signed_in (const DoorWeb *web, DoorRequest *request)
{
  g_autoptr (DoorSession) session = NULL;

  /* whatever is wrong: there is a failure to tell already */
  if (!door_admin_web_lookup_session (web, request, &session, NULL) || session == NULL)
    return NULL;
  return door_response_new_redirect (303, DOOR_PATH_ADMIN, NULL);
}

/**
 * door_handle_admin_enter:
 * @context: a #DoorWeb
 * @request: GET with the parameter code, by a browser that was sent here by the assertion consumer service
 * @error: return location for an error
 *
 * The last hop of a sign-in: a request that begins on this site and gives the session.
 *
 * Returns: (transfer full): a redirect, or a page that says why not
 */
DoorResponse *
door_handle_admin_enter (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autofree char *code = NULL, *flow_cookie = NULL, *before = NULL;
  g_auto (DoorSessionOpened) opened = { NULL };
  g_autoptr (GError) failure = NULL;
  DoorSessionStart start;
  DoorResponse *response;

  if (!door_request_lookup_query (request, "code", &code, error) ||
      !door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &flow_cookie, error) ||
      !door_request_lookup_cookie (request, DOOR_ADMIN_COOKIE, &before, error))
    return NULL;
  start = (DoorSessionStart){
    .handover = code,
    .flow_cookie = flow_cookie,
    .before = before,
    .address = door_request_get_peer (request),
    .user_agent_family = door_admin_web_get_browser (request),
    .request_id = door_request_get_id (request),
    .cancellable = door_request_get_cancellable (request),
  };
  if (!door_session_open (web->service, &start, &opened, &failure))
    {
      response = go_on_if_signed_in (web, request);
      return response != NULL ? response : fail (web, request, DOOR_PATH_ADMIN_LOGIN, failure);
    }
  response = door_response_new_redirect (303, opened.return_path, error);
  if (response != NULL)
    door_admin_web_set_cookie (response, opened.token, opened.lifetime_s);
  return response;
}

static GVariant *
build_roles (const DoorWeb *web, const DoorSession *session, const char *language)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < session->roles->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (session->roles, i);
      const DoorTeam *team = door_policy_lookup_team (web->service->policy, grant->team);
      const char *title = team != NULL ? door_team_get_title (team, language) : NULL;

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "role", g_variant_new_string (grant->role));
      if (*grant->team != '\0')
        g_variant_builder_add (&list, "{sv}", "team",
                               g_variant_new_string (title != NULL ? title : grant->team));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

static GVariant *
build_sessions (const DoorSession *own, const GPtrArray *sessions, int64_t now_ms)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < sessions->len; i++)
    {
      const DoorSessionRow *row = g_ptr_array_index (sessions, i);
      g_autofree char *since = door_clock_format_iso8601 (row->created_at);

      if (row->ended_at != 0 || row->expires_at <= now_ms)
        continue;
      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "browser", g_variant_new_string (row->user_agent_family));
      if (*row->connection != '\0')
        g_variant_builder_add (&list, "{sv}", "provider", g_variant_new_string (row->connection));
      else
        g_variant_builder_add (&list, "{sv}", "by_password", g_variant_new_boolean (TRUE));
      g_variant_builder_add (&list, "{sv}", "since", g_variant_new_string (since));
      g_variant_builder_add (&list, "{sv}", "current",
                             g_variant_new_boolean (g_str_equal (row->id, own->row->id)));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

static DoorResponse *
render_home (const DoorWeb *web, DoorRequest *request, const DoorSession *session, GError **error)
{
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);
  const char *language = door_web_get_language (web, request);
  g_autoptr (GPtrArray) sessions = door_session_list (web->service, session->administrator->id, MAX_SESSIONS,
                                                      door_request_get_cancellable (request), error);
  DoorResponse *response;

  if (sessions == NULL)
    return NULL;
  g_variant_dict_insert (&data, "name", "s", session->administrator->full_name);
  g_variant_dict_insert (&data, "email", "s", session->administrator->email);
  g_variant_dict_insert (&data, "logout_url", "s", DOOR_PATH_ADMIN_LOGOUT);
  g_variant_dict_insert_value (&data, "roles", build_roles (web, session, language));
  g_variant_dict_insert_value (&data, "sessions",
                               build_sessions (session, sessions, door_clock_now_ms (web->service->clock)));
  response = door_web_render (web, request, "admin", g_variant_dict_end (&data), error);
  if (response != NULL)
    let_forms_name_us (response);
  if (response != NULL && door_logout_leads_away (web->service, session))
    door_response_allow_form_redirects (response);
  return response;
}

/**
 * door_handle_admin_home:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Who is signed in, as what and where else. Whoever is not signed in goes to the sign-in.
 *
 * Returns: (transfer full): a page or a redirect, or %NULL with an error
 */
DoorResponse *
door_handle_admin_home (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = NULL;

  if (!door_admin_web_lookup_session (web, request, &session, error))
    return NULL;
  if (session == NULL)
    return door_response_new_redirect (303, DOOR_PATH_ADMIN_LOGIN, error);
  if (!door_session_allow (session, DOOR_ACTION_PAGES, DOOR_REACH_TEAMS, error))
    return NULL;
  return render_home (web, request, session, error);
}

/**
 * door_handle_dashboard:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * The address that programs written for the spec's sign-in go to afterwards.
 *
 * Returns: (transfer full): a redirect
 */
DoorResponse *
door_handle_dashboard (gpointer context, DoorRequest *request, GError **error)
{
  return door_response_new_redirect (303, DOOR_PATH_ADMIN, error);
}

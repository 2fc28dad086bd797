/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include <string.h>

#include "door-error.h"
#include "door-json.h"
#include "door-login.h"
#include "door-oauth2-forward.h"
#include "door-oauth2-grant.h"

#define MAX_FIELDS 16
#define STATE "state="

/* What stands in the query; what is decoded is kept here. */
typedef struct
{
  DoorForm *form;
  char *state;
  DoorOauth2Ask ask;
} Query;

static void
query_clear (Query *self)
{
  g_clear_pointer (&self->form, door_form_free);
  g_free (self->state);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Query, query_clear)

/* As it stands there, since whoever decodes and encodes it again may come to other characters. */
static char *
dup_raw_state (const char *query)
{
  g_auto (GStrv) pairs = g_strsplit (query != NULL ? query : "", "&", -1);

  for (size_t i = 0; pairs[i] != NULL; i++)
    if (g_str_has_prefix (pairs[i], STATE))
      return g_strdup (pairs[i] + strlen (STATE));
  return NULL;
}

/* A parameter that stands there twice means nothing (RFC 6749, 3.1). */
static bool
read_query (DoorRequest *request, Query *query, GError **error)
{
  const char *state = NULL;

  query->form = door_request_parse_query (request, error);
  if (query->form == NULL || !door_form_lookup (query->form, "state", &state, error) ||
      !door_form_lookup (query->form, "response_type", &query->ask.response_type, error) ||
      !door_form_lookup (query->form, "client_id", &query->ask.client_id, error) ||
      !door_form_lookup (query->form, "redirect_uri", &query->ask.redirect_uri, error) ||
      !door_form_lookup (query->form, "login_hint", &query->ask.login_hint, error) ||
      !door_form_lookup (query->form, "scope", &query->ask.scope, error) ||
      !door_form_lookup (query->form, "code_challenge", &query->ask.code_challenge, error) ||
      !door_form_lookup (query->form, "code_challenge_method", &query->ask.code_challenge_method, error))
    return false;
  query->state = dup_raw_state (door_request_get_query (request));
  query->ask.state = query->state;
  return true;
}

static DoorResponse *
send_back (DoorRequest *request, const DoorOauth2Ask *ask, const char *word, GError **error)
{
  g_autofree char *location = door_oauth2_build_redirect (ask->redirect_uri, "error", word, ask->state);

  g_info ("%s oauth2: %s", door_request_get_id (request), word);
  return door_response_new_redirect (308, location, error);
}

/**
 * door_handle_oauth2_authorize:
 * @context: a #DoorWeb
 * @request: GET, by the browser of a device
 * @error: return location for an error
 *
 * Authorization endpoint (RFC 6749, 4.1.1). What is wrong with client or redirection address is said on a
 * page; the rest at that address, which is always the device's own. Then the person signs in as on any other
 * device, and what goes wrong there is said on a page with a way on.
 *
 * Returns: (transfer full): a redirect or a page, or %NULL with an error
 */
DoorResponse *
door_handle_oauth2_authorize (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (Query) query = { NULL };
  const DoorTeam *team;
  const char *word;
  DoorLoginStart start;

  if (!read_query (request, &query, error))
    return NULL;
  team = door_oauth2_check_client (web->service, &query.ask, error);
  if (team == NULL)
    return NULL;
  word = door_oauth2_judge (team, &query.ask);
  if (word != NULL)
    return send_back (request, &query.ask, word, error);
  start = (DoorLoginStart){
    .purpose = DOOR_PURPOSE_ENROLLMENT,
    .team = team->name,
    .user_identifier = query.ask.login_hint,
    .oauth2 = &query.ask,
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };
  return door_begin_sign_in (web, request, &start, error);
}

static DoorResponse *
answer_json (unsigned int status, JsonObject *object)
{
  DoorResponse *response = door_response_new (status);

  door_response_take_body (response, door_json_build_object (object), "application/json; charset=utf-8");
  door_response_set_header (response, "Cache-Control", "no-store");
  json_object_unref (object);
  return response;
}

static DoorResponse *
refuse_word (unsigned int status, const char *word)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "error", word);
  return answer_json (status, object);
}

/* The words of RFC 6749, 5.2. Which check failed is in the log. */
static DoorResponse *
refuse (DoorRequest *request, const GError *failure)
{
  DoorFault fault = door_error_get_fault (failure);
  unsigned int status = door_response_status_for_error (failure);
  DoorResponse *response;

  door_router_log_failure (request, "oauth2", failure);
  if (fault == DOOR_FAULT_OAUTH_CLIENT)
    return refuse_word (400, "invalid_client");
  if (fault == DOOR_FAULT_OAUTH_GRANT)
    return refuse_word (400, "invalid_grant");
  if (status < 500)
    return refuse_word (400, "invalid_request");
  response = refuse_word (status, status == 503 ? "temporarily_unavailable" : "server_error");
  door_response_set_retry_after (response, failure);
  return response;
}

static bool
exchange (const DoorWeb *web, DoorRequest *request, const DoorForm *form, DoorTokenGrant *grant,
          GError **error)
{
  DoorOauth2Code code = { .cancellable = door_request_get_cancellable (request) };

  return door_form_lookup (form, "code", &code.code, error) &&
         door_form_lookup (form, "redirect_uri", &code.redirect_uri, error) &&
         door_form_lookup (form, "client_id", &code.client_id, error) &&
         door_form_lookup (form, "code_verifier", &code.verifier, error) &&
         door_oauth2_grant_exchange (web->service, &code, grant, error);
}

static bool
refresh (const DoorWeb *web, DoorRequest *request, const DoorForm *form, DoorTokenGrant *grant,
         GError **error)
{
  DoorOauth2Refresh with = { .cancellable = door_request_get_cancellable (request) };

  return door_form_lookup (form, "refresh_token", &with.refresh_token, error) &&
         door_form_lookup (form, "client_id", &with.client_id, error) &&
         door_oauth2_grant_refresh (web->service, &with, grant, error);
}

/* (RFC 6749, 5.1) */
static DoorResponse *
answer_grant (const DoorTokenGrant *grant)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "token_type", "Bearer");
  json_object_set_string_member (object, "access_token", grant->access_token);
  json_object_set_int_member (object, "expires_in", grant->lifetime_s);
  json_object_set_string_member (object, "refresh_token", grant->refresh_token);
  json_object_set_string_member (object, "scope", DOOR_OAUTH2_SCOPE);
  return answer_json (200, object);
}

/**
 * door_handle_oauth2_token:
 * @context: a #DoorWeb
 * @request: POST of a form, by a device
 * @error: return location for an error
 *
 * Token endpoint (RFC 6749, 3.2) for a public client, which shows no secret of its own: a code or a refresh
 * token for the next tokens.
 *
 * Returns: (transfer full): 200 with the tokens, or what is wrong; both JSON
 */
DoorResponse *
door_handle_oauth2_token (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (DoorTokenGrant) grant = { NULL };
  g_autoptr (GError) failure = NULL;
  g_autoptr (DoorForm) form = door_request_parse_form (request, MAX_FIELDS, &failure);
  const char *type = NULL;
  bool given;

  if (form == NULL || !door_form_lookup (form, "grant_type", &type, &failure))
    return refuse (request, failure);
  if (type == NULL)
    return refuse_word (400, "invalid_request");
  if (g_str_equal (type, "authorization_code"))
    given = exchange (web, request, form, &grant, &failure);
  else if (g_str_equal (type, "refresh_token"))
    given = refresh (web, request, form, &grant, &failure);
  else
    return refuse_word (400, "unsupported_grant_type");
  return given ? answer_grant (&grant) : refuse (request, failure);
}

/* What came of it at the provider. Its own words stay here. */
static DoorResponse *
refuse_forwarded (DoorRequest *request, const GError *failure)
{
  DoorFault fault = door_error_get_fault (failure);
  DoorResponse *response;

  if (fault == DOOR_FAULT_OIDC_CODE || fault == DOOR_FAULT_OIDC_DENIED)
    {
      door_router_log_failure (request, "oauth2", failure);
      return refuse_word (400, "invalid_grant");
    }
  if (failure->code != DOOR_ERROR_UNAVAILABLE)
    return refuse (request, failure);
  door_router_log_failure (request, "oauth2", failure);
  response = refuse_word (fault == DOOR_FAULT_FLOW_RATE ? 429 : 503, "temporarily_unavailable");
  door_response_set_retry_after (response, failure);
  return response;
}

static bool
read_forward (const DoorForm *form, const char *type, DoorForwardAsk *ask, GError **error)
{
  if (!door_form_lookup (form, "client_id", &ask->client_id, error))
    return false;
  if (g_str_equal (type, "refresh_token"))
    return door_form_lookup (form, "refresh_token", &ask->refresh_token, error) &&
           (ask->refresh_token != NULL ||
            door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                            "there is no refresh_token"));
  return door_form_lookup (form, "code", &ask->code, error) &&
         door_form_lookup (form, "redirect_uri", &ask->redirect_uri, error) &&
         door_form_lookup (form, "code_verifier", &ask->verifier, error);
}

/* (RFC 6749, 5.1); what else the provider gave is not for the device. */
static DoorResponse *
answer_tokens (const DoorOidcTokens *tokens)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "token_type", "Bearer");
  json_object_set_string_member (object, "access_token", tokens->access_token);
  if (tokens->lifetime_s >= 0)
    json_object_set_int_member (object, "expires_in", tokens->lifetime_s);
  if (tokens->refresh_token != NULL)
    json_object_set_string_member (object, "refresh_token", tokens->refresh_token);
  return answer_json (200, object);
}

/**
 * door_handle_oauth2_forward:
 * @context: a #DoorWeb
 * @request: POST of a form, by a device
 * @error: return location for an error
 *
 * Token endpoint (RFC 6749, 3.2) of AccountSignIn=oauth2-forward: what a device asks is handed on to its
 * identity provider, as from the client that we are there.
 *
 * Returns: (transfer full): 200 with the provider's tokens, or what is wrong; both JSON
 */
DoorResponse *
door_handle_oauth2_forward (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  DoorForwardAsk ask = { .connection = door_request_get_path_param (request, "name"),
                         .address = door_request_get_peer (request),
                         .cancellable = door_request_get_cancellable (request) };
  g_autoptr (DoorOidcTokens) tokens = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (DoorForm) form = door_request_parse_form (request, MAX_FIELDS, &failure);
  const char *type = NULL;

  if (form == NULL || !door_form_lookup (form, "grant_type", &type, &failure))
    return refuse (request, failure);
  if (type == NULL)
    return refuse_word (400, "invalid_request");
  if (!g_str_equal (type, "authorization_code") && !g_str_equal (type, "refresh_token"))
    return refuse_word (400, "unsupported_grant_type");
  if (read_forward (form, type, &ask, &failure))
    tokens = door_oauth2_forward_ask (web->service, &ask, &failure);
  return tokens != NULL ? answer_tokens (tokens) : refuse_forwarded (request, failure);
}

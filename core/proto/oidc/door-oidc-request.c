/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-request.h"

#include <string.h>

#include "door-base64.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-https-url.h"

#define MAX_URL 8192
/* of the names in a request for tokens, and what stands between them */
#define NAMES_BYTES 512
/* RFC 7636, 4.1 */
#define MIN_VERIFIER 43
#define MAX_VERIFIER 128
#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

/* What the protocol decides and neither an endpoint's own query nor the configuration may. */
static const char *const reserved_params[] = {
  "client_id",
  "code_challenge",
  "code_challenge_method",
  "id_token_hint",
  "max_age",
  "nonce",
  "redirect_uri",
  "registration",
  "request",
  "request_uri",
  "response_mode",
  "response_type",
  "scope",
  "state",
  "post_logout_redirect_uri",
  NULL,
};

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "authorization request: %s", reason);
}

static void
append_param (GString *out, const char *name, const char *value)
{
  if (out->len > 0)
    g_string_append_c (out, '&');
  g_string_append_uri_escaped (out, name, NULL, FALSE);
  g_string_append_c (out, '=');
  g_string_append_uri_escaped (out, value, NULL, FALSE);
}

/* An endpoint keeps its own query (RFC 6749, 3.1), which must not say what we say. */
static bool
check_endpoint (const char *endpoint, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GHashTable) params = NULL;
  GHashTableIter iter;
  gpointer name;

  if (!door_https_url_is_valid (endpoint, DOOR_HTTPS_URL_QUERY_ALLOWED))
    return refuse (error, "the endpoint is not an https address");
  uri = g_uri_parse (endpoint, G_URI_FLAGS_ENCODED, error);
  if (uri == NULL)
    return false;
  if (g_uri_get_query (uri) == NULL)
    return true;
  params = g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, NULL);
  if (params == NULL)
    return refuse (error, "the query of the endpoint cannot be read");
  g_hash_table_iter_init (&iter, params);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (g_strv_contains (reserved_params, name))
      return refuse (error, "the query of the endpoint has a parameter of the protocol");
  return true;
}

static bool
check_extra_params (GHashTable *params, GError **error)
{
  GHashTableIter iter;
  gpointer name, value;

  if (params == NULL)
    return true;
  g_hash_table_iter_init (&iter, params);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (*(const char *) name == '\0' || g_strv_contains (reserved_params, name))
      return refuse (error, "a further parameter has no name or the name of one of the protocol");
  return true;
}

static bool
check_request (const DoorOidcRequest *request, GError **error)
{
  g_auto (GStrv) scopes = g_strsplit (request->scope, " ", -1);
  size_t length = strlen (request->code_verifier);

  if (length < MIN_VERIFIER || length > MAX_VERIFIER || strspn (request->code_verifier, UNRESERVED) != length)
    return refuse (error, "the code verifier is none");
  if (!g_strv_contains ((const char *const *) scopes, "openid"))
    return refuse (error, "openid is not among the scopes");
  if (*request->client_id == '\0' || *request->state == '\0' || *request->nonce == '\0')
    return refuse (error, "client id, state and nonce must not be empty");
  return check_endpoint (request->endpoint, error) && check_extra_params (request->extra_params, error) &&
         check_extra_params (request->offline_params, error);
}

/* One prompt only; whoever is to sign in anew and to consent is told to do both. */
static void
append_prompt (GString *out, const DoorOidcRequest *request)
{
  const char *own =
      request->extra_params != NULL ? g_hash_table_lookup (request->extra_params, "prompt") : NULL;
  const char *offline =
      request->offline_params != NULL ? g_hash_table_lookup (request->offline_params, "prompt") : NULL;
  g_autofree char *both = NULL;

  if (own == NULL && request->force_authn)
    own = "login";
  both = own != NULL && offline != NULL ? g_strjoin (" ", own, offline, NULL) : NULL;
  if (own != NULL || offline != NULL)
    append_param (out, "prompt", both != NULL ? both : own != NULL ? own : offline);
}

static void
append_extra_params (GString *out, GHashTable *params)
{
  g_autoptr (GList) names = params != NULL ? g_hash_table_get_keys (params) : NULL;

  names = g_list_sort (g_steal_pointer (&names), (GCompareFunc) strcmp);
  for (const GList *at = names; at != NULL; at = at->next)
    if (strcmp (at->data, "prompt") != 0)
      append_param (out, at->data, g_hash_table_lookup (params, at->data));
}

static char *
join (const char *endpoint, const GString *query, GError **error)
{
  g_autofree char *url = g_strconcat (endpoint, strchr (endpoint, '?') != NULL ? "&" : "?", query->str, NULL);

  if (strlen (url) > MAX_URL)
    {
      refuse (error, "the address is too long");
      return NULL;
    }
  return g_steal_pointer (&url);
}

/**
 * door_oidc_request_build_url:
 * @request: what to ask for
 * @error: return location for an error
 *
 * Builds the address of an authorization request: code flow with PKCE (S256), state and nonce. Pure.
 *
 * Returns: (transfer full): the address, or %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_oidc_request_build_url (const DoorOidcRequest *request, GError **error)
{
  g_autoptr (GString) query = g_string_new (NULL);
  g_autofree char *challenge = NULL;

  if (!check_request (request, error))
    return NULL;
  challenge = door_digest_sha256_url (request->code_verifier, strlen (request->code_verifier));
  append_param (query, "response_type", "code");
  append_param (query, "client_id", request->client_id);
  append_param (query, "redirect_uri", request->redirect_uri);
  append_param (query, "scope", request->scope);
  append_param (query, "state", request->state);
  append_param (query, "nonce", request->nonce);
  append_param (query, "code_challenge", challenge);
  append_param (query, "code_challenge_method", "S256");
  if (request->force_authn)
    append_param (query, "max_age", "0");
  append_prompt (query, request);
  append_extra_params (query, request->extra_params);
  append_extra_params (query, request->offline_params);
  return join (request->endpoint, query, error);
}

/* A buffer that never moves, so that nothing of it is left behind: a byte that is escaped becomes three. */
static GString *
new_buffer (const DoorOidcTokenRequest *request)
{
  const char *const values[] = { request->client_id,     request->client_secret, request->client_assertion,
                                 request->code,          request->redirect_uri,  request->code_verifier,
                                 request->refresh_token, request->access_token };
  size_t size = NAMES_BYTES;

  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    size += values[i] != NULL ? 3 * strlen (values[i]) : 0;
  return g_string_sized_new (size);
}

static void
append_grant (GString *body, const DoorOidcTokenRequest *request)
{
  if (request->access_token != NULL)
    {
      append_param (body, "token", request->access_token);
      append_param (body, "token_type_hint", "access_token");
      return;
    }
  if (request->refresh_token != NULL)
    {
      append_param (body, "grant_type", "refresh_token");
      append_param (body, "refresh_token", request->refresh_token);
      return;
    }
  append_param (body, "grant_type", "authorization_code");
  append_param (body, "code", request->code);
  append_param (body, "redirect_uri", request->redirect_uri);
  if (request->code_verifier != NULL)
    append_param (body, "code_verifier", request->code_verifier);
}

/**
 * door_oidc_token_request_build_body:
 * @request: what to ask for
 *
 * Builds the form that asks for tokens or about one, with who asks where that goes along in it (RFC
 * 6749, 2.3.1; RFC 7521, 4.2; OpenID Connect Core 9). Pure.
 *
 * Returns: (transfer full): the body, application/x-www-form-urlencoded
 */
DoorSecret *
door_oidc_token_request_build_body (const DoorOidcTokenRequest *request)
{
  GString *body = new_buffer (request);

  append_grant (body, request);
  if (request->client_auth != DOOR_OIDC_CLIENT_BASIC)
    append_param (body, "client_id", request->client_id);
  if (request->client_auth == DOOR_OIDC_CLIENT_POST)
    append_param (body, "client_secret", request->client_secret);
  if (request->client_auth == DOOR_OIDC_CLIENT_KEY)
    {
      append_param (body, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      append_param (body, "client_assertion", request->client_assertion);
    }
  return door_secret_new_take (body);
}

/**
 * door_oidc_token_request_dup_authorization:
 * @request: what to ask for
 *
 * Builds the Authorization header. Id and secret are escaped as in a form before they are joined (RFC 6749,
 * 2.3.1). Pure.
 *
 * Returns: (transfer full) (nullable): its value, %NULL when who asks is said elsewhere
 */
DoorSecret *
door_oidc_token_request_dup_authorization (const DoorOidcTokenRequest *request)
{
  static const char scheme[] = "Basic ";
  g_autoptr (DoorSecret) secret = NULL;
  GString *pair, *value;
  int state = 0, save = 0;
  const uint8_t *data;
  gsize length;
  size_t size;

  if (request->client_auth != DOOR_OIDC_CLIENT_BASIC)
    return NULL;
  pair = new_buffer (request);
  g_string_append_uri_escaped (pair, request->client_id, NULL, FALSE);
  g_string_append_c (pair, ':');
  g_string_append_uri_escaped (pair, request->client_secret, NULL, FALSE);
  secret = door_secret_new_take (pair);
  data = door_secret_get_data (secret, &size);
  value = g_string_sized_new (sizeof scheme + (size / 3 + 2) * 4);
  g_string_append (value, scheme);
  length = g_base64_encode_step (data, size, FALSE, value->str + value->len, &state, &save);
  length += g_base64_encode_close (FALSE, value->str + value->len + length, &state, &save);
  g_string_set_size (value, value->len + length);
  return door_secret_new_take (value);
}

/**
 * door_oidc_logout_build_url:
 * @logout: what to ask for
 * @error: return location for an error
 *
 * Builds the address that signs a person out at the provider. The ID token is not kept, so none is sent: a
 * provider may ask the person. Pure.
 *
 * Returns: (transfer full): the address, or %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_oidc_logout_build_url (const DoorOidcLogout *logout, GError **error)
{
  g_autoptr (GString) query = g_string_new (NULL);

  if (!check_endpoint (logout->endpoint, error))
    return NULL;
  append_param (query, "client_id", logout->client_id);
  if (logout->return_uri != NULL)
    append_param (query, "post_logout_redirect_uri", logout->return_uri);
  if (logout->state != NULL)
    append_param (query, "state", logout->state);
  return join (logout->endpoint, query, error);
}

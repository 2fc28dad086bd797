/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-request.h"

#include <string.h>

#include "door-base64.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-https-url.h"

#define MAX_URL 8192
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

static char *
escape (const char *text)
{
  return g_uri_escape_string (text, NULL, FALSE);
}

static void
append_param (GString *out, const char *name, const char *value)
{
  g_autofree char *escaped_name = escape (name), *escaped_value = escape (value);

  if (out->len > 0)
    g_string_append_c (out, '&');
  g_string_append_printf (out, "%s=%s", escaped_name, escaped_value);
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
  return check_endpoint (request->endpoint, error) && check_extra_params (request->extra_params, error);
}

static char *
hash_verifier (const char *verifier)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  uint8_t digest[DOOR_SHA256_SIZE];
  gsize size = sizeof digest;

  g_checksum_update (checksum, (const guchar *) verifier, (gssize) strlen (verifier));
  g_checksum_get_digest (checksum, digest, &size);
  g_checksum_free (checksum);
  return door_base64_encode_url (digest, size);
}

static void
append_extra_params (GString *out, GHashTable *params)
{
  g_autoptr (GList) names = params != NULL ? g_hash_table_get_keys (params) : NULL;

  names = g_list_sort (g_steal_pointer (&names), (GCompareFunc) strcmp);
  for (const GList *at = names; at != NULL; at = at->next)
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
  challenge = hash_verifier (request->code_verifier);
  append_param (query, "response_type", "code");
  append_param (query, "client_id", request->client_id);
  append_param (query, "redirect_uri", request->redirect_uri);
  append_param (query, "scope", request->scope);
  append_param (query, "state", request->state);
  append_param (query, "nonce", request->nonce);
  append_param (query, "code_challenge", challenge);
  append_param (query, "code_challenge_method", "S256");
  if (request->force_authn)
    {
      append_param (query, "max_age", "0");
      if (request->extra_params == NULL || !g_hash_table_contains (request->extra_params, "prompt"))
        append_param (query, "prompt", "login");
    }
  append_extra_params (query, request->extra_params);
  return join (request->endpoint, query, error);
}

/**
 * door_oidc_token_request_build_body:
 * @request: what to ask for
 *
 * Builds the form that asks for tokens. Pure.
 *
 * Returns: (transfer full): the body, application/x-www-form-urlencoded; it holds secrets
 */
char *
door_oidc_token_request_build_body (const DoorOidcTokenRequest *request)
{
  GString *body = g_string_new (NULL);
  bool in_body = request->client_secret == NULL || request->client_auth == DOOR_OIDC_CLIENT_POST;

  if (request->refresh_token != NULL)
    {
      append_param (body, "grant_type", "refresh_token");
      append_param (body, "refresh_token", request->refresh_token);
    }
  else
    {
      append_param (body, "grant_type", "authorization_code");
      append_param (body, "code", request->code);
      append_param (body, "redirect_uri", request->redirect_uri);
      append_param (body, "code_verifier", request->code_verifier);
    }
  if (in_body)
    append_param (body, "client_id", request->client_id);
  if (in_body && request->client_secret != NULL)
    append_param (body, "client_secret", request->client_secret);
  return g_string_free (body, FALSE);
}

/**
 * door_oidc_token_request_dup_authorization:
 * @request: what to ask for
 *
 * Builds the Authorization header. Id and secret are escaped as in a form before they are joined (RFC 6749,
 * 2.3.1). Pure.
 *
 * Returns: (transfer full) (nullable): its value, %NULL when the secret goes elsewhere or there is none
 */
char *
door_oidc_token_request_dup_authorization (const DoorOidcTokenRequest *request)
{
  g_autofree char *id = NULL, *secret = NULL, *pair = NULL, *encoded = NULL;

  if (request->client_secret == NULL || request->client_auth != DOOR_OIDC_CLIENT_BASIC)
    return NULL;
  id = escape (request->client_id);
  secret = escape (request->client_secret);
  pair = g_strconcat (id, ":", secret, NULL);
  encoded = g_base64_encode ((const guchar *) pair, strlen (pair));
  return g_strconcat ("Basic ", encoded, NULL);
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

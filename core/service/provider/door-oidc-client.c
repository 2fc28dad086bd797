/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-client.h"

#include <string.h>

#include "door-client-key.h"
#include "door-error.h"
#include "door-saml-keys.h"

#define MAX_ANSWER_BYTES (256 * 1024)
#define TIMEOUT_S 8
#define FORM "application/x-www-form-urlencoded"
#define OFFLINE "offline_access"

/* How we say that it is us, while it is said. */
typedef struct
{
  DoorSecret *secret;
  char *assertion;
  DoorSecret *authorization;
  GBytes *body;
} Credentials;

static void
credentials_clear (Credentials *self)
{
  g_clear_pointer (&self->secret, door_secret_unref);
  g_clear_pointer (&self->assertion, g_free);
  g_clear_pointer (&self->authorization, door_secret_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Credentials, credentials_clear)

/**
 * door_oidc_client_uses_key:
 * @connection: a connection
 *
 * Returns: whether its provider knows us by a key
 */
bool
door_oidc_client_uses_key (const DoorConnection *connection)
{
  const char *auth = door_idp_profile_get_client_auth (door_connection_get_profile (connection));

  return door_connection_speaks_oidc (connection) && g_strcmp0 (auth, "private_key_jwt") == 0;
}

/* The current key first, then the next. */
static GPtrArray *
list_keys (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) stored =
      door_saml_keys_ensure (context, connection, DOOR_OIDC_USE_CLIENT, false, cancellable, error);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_client_key_free);

  for (guint i = 0; stored != NULL && i < stored->len; i++)
    {
      const DoorSamlSpKey *from = g_ptr_array_index (stored, i);
      g_autoptr (DoorSecret) secret = door_saml_sp_key_dup_private_key (from, error);
      DoorClientKey *key = secret != NULL
                               ? door_client_key_new (secret, door_saml_sp_key_get_certificate (from), error)
                               : NULL;

      if (key == NULL)
        return NULL;
      g_ptr_array_add (keys, key);
    }
  return stored != NULL ? g_steal_pointer (&keys) : NULL;
}

/**
 * door_oidc_client_describe:
 * @context: what every service needs
 * @connection: a connection
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Builds what the provider verifies our assertions with: the public half of the key in use and, during a
 * change of keys, that of the next. The first key is made when there is none yet. Blocks for a read, and for
 * a commit where one is made, which is CPU-bound too.
 *
 * Returns: (transfer full): a JWK set, or %NULL with an error, %DOOR_FAULT_IDP_UNKNOWN when the provider
 * knows us otherwise
 */
GBytes *
door_oidc_client_describe (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (GPtrArray) keys = NULL;

  if (!door_oidc_client_uses_key (connection))
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                      "no identity provider knows us by a key here");
      return NULL;
    }
  keys = list_keys (context, connection, cancellable, error);
  return keys != NULL ? door_client_key_build_set (keys) : NULL;
}

static bool
choose (const DoorConnection *connection, const DoorOidcDiscovery *discovery, DoorOidcClientAuth *out,
        GError **error)
{
  const char *wanted = door_idp_profile_get_client_auth (door_connection_get_profile (connection));
  g_autoptr (GError) local = NULL;

  return door_oidc_discovery_choose_client_auth (discovery, wanted, out, &local) ||
         door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_CLIENT, "idp/%s: %s",
                         door_connection_get_name (connection), local->message);
}

/**
 * door_oidc_client_check:
 * @connection: a connection of OpenID Connect
 * @discovery: what its provider says of itself
 * @error: return location for an error
 *
 * Says before anybody is sent to the provider whether it lets us prove who we are as ClientAuth= wants. Pure.
 *
 * Returns: false with %DOOR_FAULT_OIDC_CLIENT
 */
bool
door_oidc_client_check (const DoorConnection *connection, const DoorOidcDiscovery *discovery, GError **error)
{
  DoorOidcClientAuth auth;

  return choose (connection, discovery, &auth, error);
}

/**
 * door_oidc_client_dup_offline_scope:
 * @connection: a connection of OpenID Connect
 * @discovery: what its provider says of itself
 *
 * Adds what asks for a refresh token to the scope (OpenID Connect Core 11). A provider that lists its scopes
 * and not this one gives refresh tokens by a parameter of its own; another one would refuse the whole request
 * for it. Pure.
 *
 * Returns: (transfer full): the scope that is asked for
 */
char *
door_oidc_client_dup_offline_scope (const DoorConnection *connection, const DoorOidcDiscovery *discovery)
{
  const char *scope = door_idp_profile_get_scope (door_connection_get_profile (connection));
  g_auto (GStrv) words = g_strsplit (scope, " ", -1);

  return g_strv_contains ((const char *const *) words, OFFLINE) ||
                 !door_oidc_discovery_knows_scope (discovery, OFFLINE)
             ? g_strdup (scope)
             : g_strconcat (scope, " " OFFLINE, NULL);
}

/* Asks one endpoint of the provider; the limits are set here. */
static bool
fetch_answer (const DoorOidcAsk *ask, DoorFetchRequest *request, DoorFetchAnswer *answer, GError **error)
{
  g_autoptr (GError) local = NULL;

  request->max_bytes = MAX_ANSWER_BYTES;
  request->timeout_s = TIMEOUT_S;
  request->allow_private = door_connection_may_be_private (ask->connection, ask->context->development);
  return ask->context->fetch (request, answer, ask->cancellable, &local) ||
         door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER, "%s", local->message);
}

static char *
sign_assertion (const DoorOidcAsk *ask, GError **error)
{
  const DoorIdpProfile *profile = door_connection_get_profile (ask->connection);
  g_autofree char *id = door_random_dup_token (ask->context->random);
  g_autoptr (GPtrArray) keys = list_keys (ask->context, ask->connection, ask->cancellable, error);
  const DoorClientAssertion assertion = {
    .client_id = door_idp_profile_get_client_id (profile),
    .audience = door_idp_profile_get_asserts_to_endpoint (profile)
                    ? door_oidc_discovery_get_token_endpoint (ask->discovery)
                    : door_idp_profile_get_issuers (profile)[0],
    .id = id,
    .algorithm = door_oidc_discovery_get_assertion_algorithm (ask->discovery),
    .now_ms = door_clock_now_ms (ask->context->clock),
  };

  return keys != NULL ? door_client_key_build_assertion (g_ptr_array_index (keys, 0), &assertion, error)
                      : NULL;
}

static bool
add_credentials (const DoorOidcAsk *ask, DoorOidcTokenRequest *request, Credentials *out, GError **error)
{
  request->client_id = door_idp_profile_get_client_id (door_connection_get_profile (ask->connection));
  if (!choose (ask->connection, ask->discovery, &request->client_auth, error))
    return false;
  if (request->client_auth == DOOR_OIDC_CLIENT_KEY)
    {
      out->assertion = sign_assertion (ask, error);
      if (out->assertion == NULL)
        return false;
    }
  else if (request->client_auth != DOOR_OIDC_CLIENT_NONE)
    {
      out->secret = door_connection_dup_client_secret (ask->connection, error);
      if (out->secret == NULL)
        return false;
    }
  request->client_assertion = out->assertion;
  request->client_secret = out->secret != NULL ? door_secret_get_text (out->secret) : NULL;
  return true;
}

/* The answer of an endpoint to which we prove who we are. What proves it is wiped here when it was sent; the
 * HTTP library keeps copies of headers that are beyond us. */
static bool
post (const DoorOidcAsk *ask, const char *url, DoorOidcTokenRequest *request, DoorFetchAnswer *answer,
      GError **error)
{
  const char *headers[] = { "Accept", "application/json", NULL, NULL, NULL };
  g_auto (Credentials) credentials = { NULL };
  g_autoptr (DoorSecret) form = NULL;
  DoorFetchRequest fetch;

  if (!add_credentials (ask, request, &credentials, error))
    return false;
  form = door_oidc_token_request_build_body (request);
  credentials.body = door_secret_dup_bytes (form);
  credentials.authorization = door_oidc_token_request_dup_authorization (request);
  if (credentials.authorization != NULL)
    {
      headers[2] = "Authorization";
      headers[3] = door_secret_get_text (credentials.authorization);
    }
  fetch = (DoorFetchRequest){
    .method = "POST",
    .url = url,
    .headers = headers,
    .content_type = FORM,
    .body = credentials.body,
  };
  return fetch_answer (ask, &fetch, answer, error);
}

/**
 * door_oidc_client_ask_tokens:
 * @ask: who is asked
 * @request: what for; how we prove who we are is added here
 * @error: return location for an error
 *
 * Asks the token endpoint. Blocks on the network and, where a key proves it, for a read: for
 * %DOOR_POOL_WAITING.
 *
 * Returns: (transfer full): the tokens, or %NULL with an error
 */
DoorOidcTokens *
door_oidc_client_ask_tokens (const DoorOidcAsk *ask, DoorOidcTokenRequest *request, GError **error)
{
  g_auto (DoorFetchAnswer) answer = { 0 };

  return post (ask, door_oidc_discovery_get_token_endpoint (ask->discovery), request, &answer, error)
             ? door_oidc_tokens_parse (answer.status, answer.body, error)
             : NULL;
}

/**
 * door_oidc_client_check_introspection:
 * @connection: a connection of OpenID Connect
 * @discovery: what its provider says of itself
 * @error: return location for an error
 *
 * Says before anybody is sent to the provider whether it can be asked what an access token is. Pure.
 *
 * Returns: false with %DOOR_FAULT_OAUTH_BEARER
 */
bool
door_oidc_client_check_introspection (const DoorConnection *connection, const DoorOidcDiscovery *discovery,
                                      GError **error)
{
  return door_oidc_discovery_get_introspection_endpoint (discovery) != NULL ||
         door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OAUTH_BEARER,
                         "idp/%s: the provider names no introspection_endpoint: set AccessTokens=jwt if its "
                         "access tokens are JWTs of RFC 9068, else AccountSignIn=oauth2",
                         door_connection_get_name (connection));
}

/**
 * door_oidc_client_introspect:
 * @ask: who is asked
 * @access_token: what about
 * @answer: (out caller-allocates): what the provider says of it; clear it
 * @error: return location for an error
 *
 * Asks the introspection endpoint (RFC 7662, 2.1), with the same proof of who we are as the token endpoint
 * gets. Blocks as door_oidc_client_ask_tokens().
 *
 * Returns: false with %DOOR_FAULT_OAUTH_BEARER when the provider has none, or another error
 */
bool
door_oidc_client_introspect (const DoorOidcAsk *ask, const char *access_token, DoorFetchAnswer *answer,
                             GError **error)
{
  const char *url = door_oidc_discovery_get_introspection_endpoint (ask->discovery);
  DoorOidcTokenRequest request = { .access_token = access_token };

  return door_oidc_client_check_introspection (ask->connection, ask->discovery, error) &&
         post (ask, url, &request, answer, error);
}

static DoorSecret *
dup_bearer (const char *access_token)
{
  static const char scheme[] = "Bearer ";
  GString *value = g_string_sized_new (sizeof scheme + strlen (access_token));

  g_string_append (value, scheme);
  g_string_append (value, access_token);
  return door_secret_new_take (value);
}

/**
 * door_oidc_client_ask_userinfo:
 * @ask: who is asked
 * @access_token: with which right
 * @subject: who the access token was found to be about
 * @out: (out) (nullable): what is said of that person, `a{sas}`; %NULL when UserInfo= asks for nothing
 * @error: return location for an error
 *
 * Asks the userinfo endpoint. What it says proves nothing about the token. Blocks on the network: for
 * %DOOR_POOL_WAITING.
 *
 * Returns: false with an error
 */
bool
door_oidc_client_ask_userinfo (const DoorOidcAsk *ask, const char *access_token, const char *subject,
                               GVariant **out, GError **error)
{
  const char *url = door_oidc_discovery_get_userinfo_endpoint (ask->discovery);
  g_autoptr (DoorSecret) authorization = NULL;
  const char *headers[] = { "Accept", "application/json", "Authorization", NULL, NULL };
  g_auto (DoorFetchAnswer) answer = { 0 };
  DoorFetchRequest request = { .url = url, .headers = headers };
  GVariant *values;

  if (!door_idp_profile_get_use_userinfo (door_connection_get_profile (ask->connection)))
    return true;
  if (url == NULL)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_DISCOVERY,
                           "UserInfo is set, and the provider has no userinfo endpoint");
  authorization = dup_bearer (access_token);
  headers[3] = door_secret_get_text (authorization);
  if (!fetch_answer (ask, &request, &answer, error))
    return false;
  values = door_oidc_userinfo_parse (answer.status, answer.body, subject, error);
  if (values == NULL)
    return false;
  *out = g_variant_ref_sink (values);
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-discovery.h"

#include <string.h>

#include "door-error.h"
#include "door-https-url.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-text.h"

#define MAX_BYTES (256 * 1024)
#define MAX_DEPTH 8
#define MAX_SHOWN_BYTES 200

struct _DoorOidcDiscovery
{
  char *authorization_endpoint;
  char *token_endpoint;
  char *jwks_uri;
  char *userinfo_endpoint;
  char *end_session_endpoint;
  char *introspection_endpoint;
  DoorJwsAlgorithms algorithms;
  char **client_auths; /* (nullable): nothing is said, as are the next two */
  char **assertion_algorithms;
  char **scopes;
  bool sends_issuer;
};

static bool
refuse (GError **error, const char *name, const char *problem)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_DISCOVERY,
                         "discovery document: %s %s", name, problem);
}

/**
 * door_oidc_discovery_dup_url:
 * @issuer: an issuer
 *
 * Returns: (transfer full): where its discovery document is (OpenID Connect Discovery 4)
 */
char *
door_oidc_discovery_dup_url (const char *issuer)
{
  size_t length = strlen (issuer);

  if (length > 0 && issuer[length - 1] == '/')
    length--;
  return g_strdup_printf ("%.*s/.well-known/openid-configuration", (int) length, issuer);
}

static bool
read_endpoint (JsonObject *object, const char *name, bool required, char **out, GError **error)
{
  const char *url = NULL;

  if (!door_json_member_read_string (object, name, &url, NULL))
    return refuse (error, name, "is not a string");
  if (url == NULL)
    return !required || refuse (error, name, "is missing");
  if (!door_https_url_is_valid (url, DOOR_HTTPS_URL_QUERY_ALLOWED))
    return refuse (error, name, "is not an https address");
  *out = g_strdup (url);
  return true;
}

static bool
read_names (JsonObject *object, const char *name, GStrv *out, GError **error)
{
  return door_json_member_read_strings (object, name, out, NULL) ||
         refuse (error, name, "is not a list of strings");
}

static bool
lists (char **names, const char *name)
{
  return g_strv_contains ((const char *const *) names, name);
}

static bool
check_issuer (JsonObject *object, const char *issuer, GError **error)
{
  const char *found = NULL;
  g_autofree char *problem = NULL;

  if (!door_json_member_read_string (object, "issuer", &found, NULL) || found == NULL)
    return refuse (error, "issuer", "is missing");
  if (strcmp (found, issuer) == 0)
    return true;
  if (strlen (found) > MAX_SHOWN_BYTES || !door_text_is_plain (found))
    return refuse (error, "issuer", "is not the one of the configuration");
  problem = g_strdup_printf ("is not the one of the configuration but %s", found);
  return refuse (error, "issuer", problem);
}

/* What the provider signs with and can do; without a word the defaults of the specification. */
static bool
read_abilities (DoorOidcDiscovery *self, JsonObject *object, GError **error)
{
  g_auto (GStrv) algorithms = NULL, types = NULL, challenges = NULL;

  if (!read_names (object, "id_token_signing_alg_values_supported", &algorithms, error) ||
      !read_names (object, "token_endpoint_auth_methods_supported", &self->client_auths, error) ||
      !read_names (object, "token_endpoint_auth_signing_alg_values_supported", &self->assertion_algorithms,
                   error) ||
      !read_names (object, "scopes_supported", &self->scopes, error) ||
      !read_names (object, "response_types_supported", &types, error) ||
      !read_names (object, "code_challenge_methods_supported", &challenges, error))
    return false;
  if (algorithms == NULL)
    return refuse (error, "id_token_signing_alg_values_supported", "is missing");
  self->algorithms = door_jws_algorithms_from_names ((const char *const *) algorithms);
  if (self->algorithms == DOOR_JWS_NONE)
    return refuse (error, "id_token_signing_alg_values_supported", "lists no algorithm that is safe");
  if (types != NULL && !lists (types, "code"))
    return refuse (error, "response_types_supported", "does not list code");
  if (challenges != NULL && !lists (challenges, "S256"))
    return refuse (error, "code_challenge_methods_supported", "does not list S256");
  return true;
}

static bool
read_document (DoorOidcDiscovery *self, JsonObject *object, GError **error)
{
  return read_endpoint (object, "authorization_endpoint", true, &self->authorization_endpoint, error) &&
         read_endpoint (object, "token_endpoint", true, &self->token_endpoint, error) &&
         read_endpoint (object, "jwks_uri", true, &self->jwks_uri, error) &&
         read_endpoint (object, "userinfo_endpoint", false, &self->userinfo_endpoint, error) &&
         read_endpoint (object, "end_session_endpoint", false, &self->end_session_endpoint, error) &&
         read_endpoint (object, "introspection_endpoint", false, &self->introspection_endpoint, error) &&
         read_abilities (self, object, error) &&
         (door_json_member_read_boolean (object, "authorization_response_iss_parameter_supported",
                                         &self->sends_issuer, NULL) ||
          refuse (error, "authorization_response_iss_parameter_supported", "is not true or false"));
}

static void
clear (gpointer box)
{
  DoorOidcDiscovery *self = box;

  g_free (self->authorization_endpoint);
  g_free (self->token_endpoint);
  g_free (self->jwks_uri);
  g_free (self->userinfo_endpoint);
  g_free (self->end_session_endpoint);
  g_free (self->introspection_endpoint);
  g_strfreev (self->client_auths);
  g_strfreev (self->assertion_algorithms);
  g_strfreev (self->scopes);
}

/**
 * door_oidc_discovery_parse:
 * @document: a discovery document as received
 * @issuer: the issuer that was asked for
 * @error: return location for an error
 *
 * Reads what a provider says of itself (OpenID Connect Discovery 3 and 4.3; RFC 8414, 2; RFC 9207, 3). Its
 * issuer must be the one that was asked for, byte by byte, and every endpoint https. Pure.
 *
 * Returns: (transfer full): the document, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorOidcDiscovery *
door_oidc_discovery_parse (GBytes *document, const char *issuer, GError **error)
{
  g_autoptr (DoorOidcDiscovery) self = g_atomic_rc_box_new0 (DoorOidcDiscovery);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) problem = NULL;
  JsonObject *object;

  if (g_bytes_get_size (document) > MAX_BYTES)
    {
      refuse (error, "it", "is too large");
      return NULL;
    }
  root = door_json_parse (document, MAX_DEPTH, &problem);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      refuse (error, "it", problem != NULL ? problem->message : "is no object");
      return NULL;
    }
  object = json_node_get_object (root);
  if (!check_issuer (object, issuer, error) || !read_document (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_oidc_discovery_ref:
 * @self: a document
 *
 * Takes a reference. Any thread.
 *
 * Returns: (transfer full): @self
 */
DoorOidcDiscovery *
door_oidc_discovery_ref (DoorOidcDiscovery *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_oidc_discovery_unref:
 * @self: (transfer full): a document
 *
 * Drops a reference. Any thread.
 */
void
door_oidc_discovery_unref (DoorOidcDiscovery *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/**
 * door_oidc_discovery_get_authorization_endpoint:
 * @self: a document
 *
 * Returns: (transfer none): where a browser is sent
 */
const char *
door_oidc_discovery_get_authorization_endpoint (const DoorOidcDiscovery *self)
{
  return self->authorization_endpoint;
}

/**
 * door_oidc_discovery_get_token_endpoint:
 * @self: a document
 *
 * Returns: (transfer none): where a code is exchanged
 */
const char *
door_oidc_discovery_get_token_endpoint (const DoorOidcDiscovery *self)
{
  return self->token_endpoint;
}

/**
 * door_oidc_discovery_get_jwks_uri:
 * @self: a document
 *
 * Returns: (transfer none): where the keys are
 */
const char *
door_oidc_discovery_get_jwks_uri (const DoorOidcDiscovery *self)
{
  return self->jwks_uri;
}

/**
 * door_oidc_discovery_get_userinfo_endpoint:
 * @self: a document
 *
 * Returns: (transfer none) (nullable): where more is said of a person
 */
const char *
door_oidc_discovery_get_userinfo_endpoint (const DoorOidcDiscovery *self)
{
  return self->userinfo_endpoint;
}

/**
 * door_oidc_discovery_get_end_session_endpoint:
 * @self: a document
 *
 * Returns: (transfer none) (nullable): where a browser is sent to sign out there
 */
const char *
door_oidc_discovery_get_end_session_endpoint (const DoorOidcDiscovery *self)
{
  return self->end_session_endpoint;
}

/**
 * door_oidc_discovery_get_introspection_endpoint:
 * @self: a document
 *
 * Returns: (transfer none) (nullable): where a client asks what an access token is (RFC 8414, 2; RFC 7662)
 */
const char *
door_oidc_discovery_get_introspection_endpoint (const DoorOidcDiscovery *self)
{
  return self->introspection_endpoint;
}

/**
 * door_oidc_discovery_get_algorithms:
 * @self: a document
 *
 * Returns: what it signs ID tokens with, of those that are known here; at least one
 */
DoorJwsAlgorithms
door_oidc_discovery_get_algorithms (const DoorOidcDiscovery *self)
{
  return self->algorithms;
}

/* Without a word a provider has a secret in the header (OpenID Connect Discovery 3). */
static bool
offers (const DoorOidcDiscovery *self, const char *method)
{
  return self->client_auths != NULL ? lists (self->client_auths, method)
                                    : strcmp (method, "client_secret_basic") == 0;
}

/* A secret goes where the provider wants it. That it has other ways too is no reason to take one of them. */
static bool
choose_for_secret (const DoorOidcDiscovery *self, DoorOidcClientAuth *out, GError **error)
{
  if (offers (self, "client_secret_basic"))
    *out = DOOR_OIDC_CLIENT_BASIC;
  else if (offers (self, "client_secret_post") || offers (self, "none"))
    *out = DOOR_OIDC_CLIENT_POST;
  else
    return refuse (error, "token_endpoint_auth_methods_supported",
                   "lists no method with a client secret; ClientAuth= can choose another");
  return true;
}

/* The words of the configuration, and those of the specification. */
static const struct
{
  const char *word;
  const char *method;
  DoorOidcClientAuth auth;
} client_auths[] = {
  { "secret_basic", "client_secret_basic", DOOR_OIDC_CLIENT_BASIC },
  { "secret_post", "client_secret_post", DOOR_OIDC_CLIENT_POST },
  { "private_key_jwt", "private_key_jwt", DOOR_OIDC_CLIENT_KEY },
  { "none", "none", DOOR_OIDC_CLIENT_NONE },
};

/**
 * door_oidc_discovery_choose_client_auth:
 * @self: a document
 * @wanted: (nullable): what the administrator wants: `secret_basic`, `secret_post`, `private_key_jwt` or
 * `none`; %NULL: a secret, where the provider wants it
 * @out: (out): how we say that it is us
 * @error: return location for an error
 *
 * Chooses how we prove to the token endpoint that it is us. What is wanted is never replaced by something
 * else. Pure.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA when the provider does not offer it
 */
bool
door_oidc_discovery_choose_client_auth (const DoorOidcDiscovery *self, const char *wanted,
                                        DoorOidcClientAuth *out, GError **error)
{
  if (wanted == NULL)
    return choose_for_secret (self, out, error);
  for (size_t i = 0; i < G_N_ELEMENTS (client_auths); i++)
    if (strcmp (wanted, client_auths[i].word) == 0 && offers (self, client_auths[i].method))
      {
        *out = client_auths[i].auth;
        return *out != DOOR_OIDC_CLIENT_KEY ||
               door_oidc_discovery_get_assertion_algorithm (self) != DOOR_JWS_NONE ||
               refuse (error, "token_endpoint_auth_signing_alg_values_supported",
                       "lists neither RS256 nor PS256");
      }
  return refuse (error, "token_endpoint_auth_methods_supported", "does not list what ClientAuth= wants");
}

/**
 * door_oidc_discovery_get_assertion_algorithm:
 * @self: a document
 *
 * Returns: what an assertion of ours is signed by, %DOOR_JWS_NONE when the provider knows nothing that our
 * keys can do
 */
DoorJwsAlgorithms
door_oidc_discovery_get_assertion_algorithm (const DoorOidcDiscovery *self)
{
  if (self->assertion_algorithms == NULL || lists (self->assertion_algorithms, "RS256"))
    return DOOR_JWS_RS256;
  return lists (self->assertion_algorithms, "PS256") ? DOOR_JWS_PS256 : DOOR_JWS_NONE;
}

/**
 * door_oidc_discovery_knows_scope:
 * @self: a document
 * @scope: a scope
 *
 * Returns: whether the provider lists the scope, or does not say which it knows
 */
bool
door_oidc_discovery_knows_scope (const DoorOidcDiscovery *self, const char *scope)
{
  return self->scopes == NULL || lists (self->scopes, scope);
}

/**
 * door_oidc_discovery_sends_issuer:
 * @self: a document
 *
 * Returns: whether its answers always name it (RFC 9207)
 */
bool
door_oidc_discovery_sends_issuer (const DoorOidcDiscovery *self)
{
  return self->sends_issuer;
}

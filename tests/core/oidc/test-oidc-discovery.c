/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-oidc-discovery.h"
#include "oidc-fixture.h"
#include "test-data.h"

#define ISS "\"issuer\":\"" OIDC_ISSUER "\""
#define AUTH "\"authorization_endpoint\":\"https://idp.example.com/auth\""
#define TOK "\"token_endpoint\":\"https://idp.example.com/token\""
#define KEYS "\"jwks_uri\":\"https://keys.example.com/keys\""
#define ALG "\"id_token_signing_alg_values_supported\":[\"RS256\",\"HS256\",\"none\"]"
#define ALL ISS "," AUTH "," TOK "," KEYS "," ALG

static DoorOidcDiscovery *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) document = g_bytes_new (text, strlen (text));

  return door_oidc_discovery_parse (document, OIDC_ISSUER, error);
}

static DoorOidcDiscovery *
parse_good (const char *text)
{
  g_autoptr (GError) error = NULL;
  DoorOidcDiscovery *discovery = parse (text, &error);

  g_assert_no_error (error);
  return discovery;
}

static void
assert_auth (const DoorOidcDiscovery *discovery, const char *wanted, DoorOidcClientAuth expected)
{
  g_autoptr (GError) error = NULL;
  DoorOidcClientAuth auth;

  door_oidc_discovery_choose_client_auth (discovery, wanted, &auth, &error);
  g_assert_no_error (error);
  g_assert_cmpint (auth, ==, expected);
}

static void
test_least (void)
{
  g_autoptr (DoorOidcDiscovery) discovery = parse_good ("{" ALL "}");

  g_assert_cmpstr (door_oidc_discovery_get_authorization_endpoint (discovery), ==,
                   "https://idp.example.com/auth");
  g_assert_cmpstr (door_oidc_discovery_get_token_endpoint (discovery), ==, "https://idp.example.com/token");
  g_assert_cmpstr (door_oidc_discovery_get_jwks_uri (discovery), ==, "https://keys.example.com/keys");
  g_assert_null (door_oidc_discovery_get_userinfo_endpoint (discovery));
  g_assert_null (door_oidc_discovery_get_end_session_endpoint (discovery));
  g_assert_cmpint (door_oidc_discovery_get_algorithms (discovery), ==, DOOR_JWS_RS256);
  assert_auth (discovery, NULL, DOOR_OIDC_CLIENT_BASIC);
  g_assert_false (door_oidc_discovery_sends_issuer (discovery));
}

static void
test_file (void)
{
  g_autoptr (GBytes) document = test_data_load ("oidc/document", "discovery.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorOidcDiscovery) discovery = door_oidc_discovery_parse (document, OIDC_ISSUER, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_oidc_discovery_get_userinfo_endpoint (discovery), ==,
                   "https://idp.example.com/tenant/me");
  g_assert_cmpstr (door_oidc_discovery_get_end_session_endpoint (discovery), ==,
                   "https://idp.example.com/tenant/session/end");
  g_assert_cmpint (door_oidc_discovery_get_algorithms (discovery), ==,
                   DOOR_JWS_PS256 | DOOR_JWS_RS256 | DOOR_JWS_ES256 | DOOR_JWS_EDDSA);
  assert_auth (discovery, NULL, DOOR_OIDC_CLIENT_POST);
  g_assert_true (door_oidc_discovery_sends_issuer (discovery));
}

static const struct
{
  const char *text;
  const char *reason;
} rows[] = {
  { "", "JSON" },
  { "[]", "no object" },
  { "{" AUTH "," TOK "," KEYS "," ALG "}", "issuer is missing" },
  { "{\"issuer\":1," AUTH "," TOK "," KEYS "," ALG "}", "issuer is missing" },
  { "{\"issuer\":\"" OIDC_ISSUER "/\"," AUTH "," TOK "," KEYS "," ALG "}",
    "issuer is not the one of the configuration but " OIDC_ISSUER "/" },
  { "{\"issuer\":\"https://idp.example.com\"," AUTH "," TOK "," KEYS "," ALG "}", "issuer is not the one" },
  { "{\"issuer\":\"https://IDP.example.com/tenant\"," AUTH "," TOK "," KEYS "," ALG "}",
    "issuer is not the one" },
  { "{" ISS "," TOK "," KEYS "," ALG "}", "authorization_endpoint is missing" },
  { "{" ISS "," AUTH "," KEYS "," ALG "}", "token_endpoint is missing" },
  { "{" ISS "," AUTH "," TOK "," ALG "}", "jwks_uri is missing" },
  { "{" ISS "," AUTH "," TOK "," KEYS "}", "alg_values_supported is missing" },
  { "{" ISS ",\"authorization_endpoint\":\"http://idp.example.com/a\"," TOK "," KEYS "," ALG "}",
    "authorization_endpoint is not an https" },
  { "{" ISS ",\"authorization_endpoint\":\"javascript:alert(1)\"," TOK "," KEYS "," ALG "}",
    "authorization_endpoint is not an https" },
  { "{" ISS ",\"authorization_endpoint\":\"https://a@idp.example.com/\"," TOK "," KEYS "," ALG "}",
    "authorization_endpoint is not an https" },
  { "{" ISS ",\"authorization_endpoint\":\"https://idp.example.com/#a\"," TOK "," KEYS "," ALG "}",
    "authorization_endpoint is not an https" },
  { "{" ISS "," AUTH ",\"token_endpoint\":\"http://idp.example.com/t\"," KEYS "," ALG "}",
    "token_endpoint is not an https" },
  { "{" ISS "," AUTH ",\"token_endpoint\":\"file:///etc/passwd\"," KEYS "," ALG "}",
    "token_endpoint is not an https" },
  { "{" ISS "," AUTH "," TOK ",\"jwks_uri\":\"http://idp.example.com/k\"," ALG "}",
    "jwks_uri is not an https" },
  { "{" ALL ",\"userinfo_endpoint\":\"http://idp.example.com/u\"}", "userinfo_endpoint is not an https" },
  { "{" ALL ",\"userinfo_endpoint\":null}", "userinfo_endpoint is not a string" },
  { "{" ALL ",\"end_session_endpoint\":\"http://idp.example.com/e\"}", "end_session_endpoint is not an" },
  { "{" ISS "," AUTH "," TOK "," KEYS ",\"id_token_signing_alg_values_supported\":[\"HS256\",\"none\"]}",
    "no algorithm that is safe" },
  { "{" ISS "," AUTH "," TOK "," KEYS ",\"id_token_signing_alg_values_supported\":[]}",
    "no algorithm that is safe" },
  { "{" ISS "," AUTH "," TOK "," KEYS ",\"id_token_signing_alg_values_supported\":\"RS256\"}",
    "not a list of strings" },
  { "{" ALL ",\"response_types_supported\":[\"id_token\"]}", "does not list code" },
  { "{" ALL ",\"code_challenge_methods_supported\":[\"plain\"]}", "does not list S256" },
  { "{" ALL ",\"token_endpoint_auth_signing_alg_values_supported\":\"RS256\"}", "not a list of strings" },
  { "{" ALL ",\"scopes_supported\":\"openid\"}", "not a list of strings" },
  { "{" ALL ",\"authorization_response_iss_parameter_supported\":\"true\"}", "is not true or false" },
  { "{" ALL "," ISS "}", "same name" },
};

static void
test_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorOidcDiscovery) discovery = parse (rows[i].text, &error);

      if (discovery != NULL)
        g_error ("accepted: %s", rows[i].text);
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_OIDC_DISCOVERY);
      if (strstr (error->message, rows[i].reason) == NULL)
        g_error ("%s: %s", rows[i].text, error->message);
    }
}

/* What the administrator wants is taken or refused, and never becomes something else. */
static void
test_client_auth (void)
{
#define METHODS "\"token_endpoint_auth_methods_supported\":"
#define SIGNING ",\"token_endpoint_auth_signing_alg_values_supported\":"
  static const struct
  {
    const char *more;
    const char *wanted;
    int auth; /* -1: refused */
  } choices[] = {
    { METHODS "[\"private_key_jwt\"]", NULL, -1 },
    { METHODS "[\"private_key_jwt\"]", "private_key_jwt", DOOR_OIDC_CLIENT_KEY },
    { METHODS "[\"private_key_jwt\",\"client_secret_post\"]", NULL, DOOR_OIDC_CLIENT_POST },
    { METHODS "[\"client_secret_basic\",\"client_secret_post\"]", "secret_post", DOOR_OIDC_CLIENT_POST },
    { METHODS "[\"client_secret_basic\",\"client_secret_post\"]", "secret_basic", DOOR_OIDC_CLIENT_BASIC },
    { METHODS "[\"client_secret_basic\",\"client_secret_post\"]", "private_key_jwt", -1 },
    { METHODS "[\"client_secret_basic\",\"client_secret_post\"]", "none", -1 },
    { METHODS "[\"client_secret_post\"]", "secret_basic", -1 },
    { METHODS "[\"none\"]", "none", DOOR_OIDC_CLIENT_NONE },
    { METHODS "[\"none\"]", "secret_basic", -1 },
    { "\"a\":1", "private_key_jwt", -1 },
    { "\"a\":1", "secret_basic", DOOR_OIDC_CLIENT_BASIC },
    { METHODS "[\"private_key_jwt\"]" SIGNING "[\"ES256\",\"none\"]", "private_key_jwt", -1 },
    { METHODS "[\"private_key_jwt\"]" SIGNING "[\"PS256\"]", "private_key_jwt", DOOR_OIDC_CLIENT_KEY },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      g_autofree char *text = g_strdup_printf ("{" ALL ",%s}", choices[i].more);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorOidcDiscovery) discovery = parse (text, &error);
      DoorOidcClientAuth auth;

      g_assert_no_error (error);
      g_test_message ("%s %s", choices[i].more, choices[i].wanted);
      if (choices[i].auth >= 0)
        assert_auth (discovery, choices[i].wanted, (DoorOidcClientAuth) choices[i].auth);
      else
        {
          g_assert_false (
              door_oidc_discovery_choose_client_auth (discovery, choices[i].wanted, &auth, &error));
          g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
        }
    }
}

static void
test_size (void)
{
  g_autofree char *filler = g_strnfill (256 * 1024, 'a');
  g_autofree char *text = g_strdup_printf ("{" ALL ",\"a\":\"%s\"}", filler);
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (text, &error));
  g_assert_nonnull (strstr (error->message, "too large"));
}

static void
test_url (void)
{
  static const char *const urls[][2] = {
    { "https://idp.example.com", "https://idp.example.com/.well-known/openid-configuration" },
    { "https://idp.example.com/", "https://idp.example.com/.well-known/openid-configuration" },
    { "https://idp.example.com/a/b", "https://idp.example.com/a/b/.well-known/openid-configuration" },
    { "https://idp.example.com/a/b/", "https://idp.example.com/a/b/.well-known/openid-configuration" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *url = door_oidc_discovery_dup_url (urls[i][0]);

      g_assert_cmpstr (url, ==, urls[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oidc-discovery/least", test_least);
  g_test_add_func ("/oidc-discovery/file", test_file);
  g_test_add_func ("/oidc-discovery/refused", test_refused);
  g_test_add_func ("/oidc-discovery/client-auth", test_client_auth);
  g_test_add_func ("/oidc-discovery/size", test_size);
  g_test_add_func ("/oidc-discovery/url", test_url);
  return g_test_run ();
}

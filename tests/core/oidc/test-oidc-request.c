/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-oidc-request.h"

/* RFC 7636, appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static DoorOidcRequest
make_request (void)
{
  return (DoorOidcRequest){
    .endpoint = "https://idp.example.com/auth",
    .client_id = "client 1",
    .redirect_uri = "https://mdm.example.com/oidc/a/callback",
    .scope = "openid profile",
    .state = "st",
    .nonce = "no",
    .code_verifier = VERIFIER,
  };
}

static GHashTable *
make_params (const char *name, const char *value)
{
  GHashTable *params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_hash_table_insert (params, g_strdup (name), g_strdup (value));
  return params;
}

#define USUAL                                                                                                \
  "response_type=code&client_id=client%201&redirect_uri=https%3A%2F%2Fmdm.example.com%2Foidc%2Fa%2Fcallback" \
  "&scope=openid%20profile&state=st&nonce=no&code_challenge=" CHALLENGE "&code_challenge_method=S256"

static void
assert_url (const DoorOidcRequest *request, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = door_oidc_request_build_url (request, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, expected);
}

static void
test_url (void)
{
  g_autoptr (GHashTable) params = make_params ("login_hint", "anna&prompt=none@example.com#");
  g_autoptr (GHashTable) prompt = make_params ("prompt", "select_account");
  DoorOidcRequest request = make_request ();

  assert_url (&request, "https://idp.example.com/auth?" USUAL);
  request.endpoint = "https://idp.example.com/auth?realm=1";
  request.extra_params = params;
  assert_url (&request, "https://idp.example.com/auth?realm=1&" USUAL
                        "&login_hint=anna%26prompt%3Dnone%40example.com%23");
  request = make_request ();
  request.force_authn = true;
  assert_url (&request, "https://idp.example.com/auth?" USUAL "&max_age=0&prompt=login");
  request.extra_params = prompt;
  assert_url (&request, "https://idp.example.com/auth?" USUAL "&max_age=0&prompt=select_account");
}

static void
assert_refused (const DoorOidcRequest *request, const char *reason)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (door_oidc_request_build_url (request, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  if (strstr (error->message, reason) == NULL)
    g_error ("%s", error->message);
}

static void
test_refused (void)
{
  static const char *const names[] = {
    "state",   "nonce",       "redirect_uri", "response_type", "code_challenge",
    "request", "request_uri", "client_id",    "scope",         "response_mode",
    ""
  };
  static const char *const endpoints[] = { "http://idp.example.com/auth", "javascript:alert(1)",
                                           "https://idp.example.com/auth?client_id=x",
                                           "https://idp.example.com/auth?a=1&state=x" };
  g_autofree char *too_long = g_strnfill (9000, 'a'), *verifier = g_strnfill (129, 'a');
  DoorOidcRequest request = make_request ();

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GHashTable) params = make_params (names[i], "x");

      request.extra_params = params;
      assert_refused (&request, "a further parameter");
    }
  request = make_request ();
  for (size_t i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      request.endpoint = endpoints[i];
      assert_refused (&request, "endpoint");
    }
  request = make_request ();
  request.scope = "profile openid2";
  assert_refused (&request, "openid is not");
  request = make_request ();
  request.code_verifier = "short";
  assert_refused (&request, "verifier");
  request.code_verifier = verifier;
  assert_refused (&request, "verifier");
  request.code_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX&";
  assert_refused (&request, "verifier");
  request = make_request ();
  request.state = "";
  assert_refused (&request, "must not be empty");
  request = make_request ();
  request.nonce = "";
  assert_refused (&request, "must not be empty");
  request = make_request ();
  request.state = too_long;
  assert_refused (&request, "too long");
}

static void
assert_body (const DoorOidcTokenRequest *request, const char *expected)
{
  g_autoptr (DoorSecret) body = door_oidc_token_request_build_body (request);

  g_assert_cmpstr (door_secret_get_text (body), ==, expected);
}

static void
test_token_request (void)
{
  DoorOidcTokenRequest request = {
    .client_id = "a:b",
    .client_secret = "s &%+",
    .client_auth = DOOR_OIDC_CLIENT_BASIC,
    .code = "c&d",
    .redirect_uri = "https://mdm.example.com/",
    .code_verifier = VERIFIER,
  };
  gsize size = 0;
  g_autofree guchar *pair = NULL;
  g_autoptr (DoorSecret) header = door_oidc_token_request_dup_authorization (&request);

#define FORM                                                                                                 \
  "grant_type=authorization_code&code=c%26d&redirect_uri=https%3A%2F%2Fmdm.example.com%2F&code_verifier="
  assert_body (&request, FORM VERIFIER);
  g_assert_true (g_str_has_prefix (door_secret_get_text (header), "Basic "));
  pair = g_base64_decode (door_secret_get_text (header) + strlen ("Basic "), &size);
  g_assert_cmpmem (pair, size, "a%3Ab:s%20%26%25%2B", 19);
  request.client_auth = DOOR_OIDC_CLIENT_POST;
  assert_body (&request, FORM VERIFIER "&client_id=a%3Ab&client_secret=s%20%26%25%2B");
  g_assert_null (door_oidc_token_request_dup_authorization (&request));
  request.client_auth = DOOR_OIDC_CLIENT_NONE;
  assert_body (&request, FORM VERIFIER "&client_id=a%3Ab");
  g_assert_null (door_oidc_token_request_dup_authorization (&request));
  request.refresh_token = "r t";
  assert_body (&request, "grant_type=refresh_token&refresh_token=r%20t&client_id=a%3Ab");
  request.client_auth = DOOR_OIDC_CLIENT_KEY;
  request.client_assertion = "a.b.c";
  assert_body (&request,
               "grant_type=refresh_token&refresh_token=r%20t&client_id=a%3Ab&client_assertion_type="
               "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c");
  g_assert_null (door_oidc_token_request_dup_authorization (&request));
}

/* What is sent is the secret itself: no copy is left when it is wiped. */
static void
test_bytes (void)
{
  g_autoptr (DoorSecret) secret = door_secret_new_take (g_string_new ("client_secret=a"));
  const char *text = door_secret_get_text (secret);
  g_autoptr (GBytes) bytes = door_secret_dup_bytes (secret);
  size_t size;

  g_assert_true (g_bytes_get_data (bytes, &size) == text);
  g_clear_pointer (&secret, door_secret_unref);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), size, "client_secret=a", 15);
}

static void
test_logout (void)
{
  DoorOidcLogout logout = { .endpoint = "https://idp.example.com/end", .client_id = "client-1" };
  g_autoptr (GError) error = NULL;
  g_autofree char *bare = door_oidc_logout_build_url (&logout, &error), *full = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (bare, ==, "https://idp.example.com/end?client_id=client-1");
  logout.return_uri = "https://mdm.example.com/admin/";
  logout.state = "s";
  full = door_oidc_logout_build_url (&logout, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (full, ==,
                   "https://idp.example.com/end?client_id=client-1&post_logout_redirect_uri="
                   "https%3A%2F%2Fmdm.example.com%2Fadmin%2F&state=s");
  logout.endpoint = "http://idp.example.com/end";
  g_assert_null (door_oidc_logout_build_url (&logout, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oidc-request/url", test_url);
  g_test_add_func ("/oidc-request/refused", test_refused);
  g_test_add_func ("/oidc-request/token", test_token_request);
  g_test_add_func ("/oidc-request/bytes", test_bytes);
  g_test_add_func ("/oidc-request/logout", test_logout);
  return g_test_run ();
}

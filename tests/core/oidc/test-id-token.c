/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-id-token.h"
#include "oidc-fixture.h"

#define HEADER "{\"alg\":\"ES256\",\"kid\":\"p256\"}"
#define ACCESS_TOKEN "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
/* half of SHA-256 of it */
#define HASH_256 "77QmUPtjPfzWtF2AnpK9RQ"

#define ISS "\"iss\":\"" OIDC_ISSUER "\""
#define AUD "\"aud\":\"" OIDC_CLIENT "\""
#define NONCE "\"nonce\":\"" OIDC_NONCE "\""
#define EXP "\"exp\":1767269400"
#define IAT "\"iat\":1767268800"
#define SUB "\"sub\":\"u-1\""
#define GOOD "{" ISS "," AUD "," NONCE "," EXP "," IAT "," SUB "}"

static const DoorIdTokenRequest usual = { .nonce = OIDC_NONCE,
                                          .access_token = ACCESS_TOKEN,
                                          .max_age_s = -1 };

typedef struct
{
  const char *claims;
  DoorFault fault; /* 0: accepted */
} Row;

static DoorIdToken *
verify_with (const char *claims, const DoorOidcExpectation *expect, const DoorIdTokenRequest *request,
             GError **error)
{
  g_autofree char *token = oidc_fixture_token (KEY_P256, HEADER, claims);

  return door_id_token_verify (token, expect, request, error);
}

static void
run_rows (const Row *rows, size_t n_rows, const DoorOidcExpectation *expect,
          const DoorIdTokenRequest *request)
{
  for (size_t i = 0; i < n_rows; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdToken) token = verify_with (rows[i].claims, expect, request, &error);

      g_test_message ("%s", rows[i].claims);
      if (rows[i].fault == DOOR_FAULT_NONE)
        {
          g_assert_no_error (error);
          g_assert_nonnull (token);
          continue;
        }
      g_assert_null (token);
      g_assert_cmpstr (door_fault_get_info (door_error_get_fault (error))->id, ==,
                       door_fault_get_info (rows[i].fault)->id);
    }
}

static void
test_good (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdToken) token = NULL;
  g_autoptr (DoorClaims) claims = NULL;
  g_autofree char *printed = NULL;

  token = verify_with ("{" ISS "," AUD "," NONCE "," EXP "," IAT "," SUB ",\"sid\":\"s-1\",\"jti\":\"j-1\","
                       "\"groups\":[\"a\",\"b\",3,true,{\"c\":1},[\"d\"],null],\"email_verified\":true,"
                       "\"level\":7,\"ratio\":0.5,\"address\":{\"country\":\"DE\"},\"none\":null,"
                       "\"_claim_names\":{\"groups\":\"src1\"}}",
                       &expect, &usual, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_id_token_get_subject (token), ==, "u-1");
  g_assert_cmpstr (door_id_token_get_session_id (token), ==, "s-1");
  g_assert_cmpstr (door_id_token_get_replay_id (token), ==, "j-1");
  g_assert_cmpint (door_id_token_get_expires_at_ms (token), ==, INT64_C (1767269580000));
  claims = door_id_token_dup_claims (token, NULL);
  g_assert_cmpstr (door_claims_get_subject (claims)->issuer, ==, OIDC_ISSUER);
  g_assert_cmpstr (door_claims_get_subject (claims)->value, ==, "u-1");
  g_assert_null (door_claims_get_subject (claims)->format);
  printed = g_variant_print (door_claims_get_values (claims), FALSE);
  g_assert_cmpstr (printed, ==,
                   "{'iss': ['" OIDC_ISSUER "'], 'aud': ['client-1'], 'nonce': ['" OIDC_NONCE
                   "'], 'exp': ['1767269400'], 'iat': ['1767268800'], 'sub': ['u-1'], 'sid': ['s-1'], "
                   "'jti': ['j-1'], 'groups': ['a', 'b', '3', 'true'], 'email_verified': ['true'], "
                   "'level': ['7'], 'ratio': ['0.5'], '_claim_names': ['groups']}");
}

/* What the userinfo endpoint says is added, and never replaces what was signed. */
static void
test_further (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdToken) token =
      verify_with ("{" ISS "," AUD "," NONCE "," EXP "," IAT "," SUB ",\"email\":\"a@example.com\"}", &expect,
                   &usual, &error);
  g_autoptr (GVariant) further = NULL;
  g_autoptr (DoorClaims) claims = NULL;

  g_assert_no_error (error);
  further = g_variant_ref_sink (g_variant_new_parsed (
      "{'email': ['evil@example.com'], 'sub': ['u-2'], 'iss': ['https://evil.example'], 'name': ['Anna']}"));
  claims = door_id_token_dup_claims (token, further);
  g_assert_cmpstr (door_claims_get_string (claims, "email"), ==, "a@example.com");
  g_assert_cmpstr (door_claims_get_string (claims, "sub"), ==, "u-1");
  g_assert_cmpstr (door_claims_get_string (claims, "iss"), ==, OIDC_ISSUER);
  g_assert_cmpstr (door_claims_get_string (claims, "name"), ==, "Anna");
  g_assert_cmpstr (door_claims_get_subject (claims)->value, ==, "u-1");
}

/* Whoever may type any address there must not become its owner here. */
static void
test_unverified_email (void)
{
  static const struct
  {
    const char *claims;
    const char *further;
    const char *email;
  } rows[] = {
    { "", NULL, "a@example.com" },
    { ",\"email_verified\":true", NULL, "a@example.com" },
    { ",\"email_verified\":\"true\"", NULL, "a@example.com" },
    { ",\"email_verified\":false", NULL, NULL },
    { ",\"email_verified\":\"false\"", NULL, NULL },
    { "", "{'email_verified': ['false']}", NULL },
    { "", "{'email_verified': ['true']}", "a@example.com" },
    { ",\"email_verified\":true", "{'email_verified': ['false']}", "a@example.com" },
    { ",\"email_verified\":false", "{'email': ['b@example.com'], 'email_verified': ['true']}", NULL },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf ("{" ISS "," AUD "," NONCE "," EXP "," IAT "," SUB
                                               ",\"email\":\"a@example.com\"%s}",
                                               rows[i].claims);
      g_autoptr (DoorIdToken) token = verify_with (text, &expect, &usual, NULL);
      g_autoptr (GVariant) further =
          rows[i].further != NULL
              ? g_variant_parse (G_VARIANT_TYPE ("a{sas}"), rows[i].further, NULL, NULL, NULL)
              : NULL;
      g_autoptr (DoorClaims) claims = door_id_token_dup_claims (token, further);

      g_assert_cmpstr (door_claims_get_string (claims, "email"), ==, rows[i].email);
    }
}

static void
test_issuer (void)
{
  static const Row rows[] = {
    { GOOD, DOOR_FAULT_NONE },
    { "{" AUD "," NONCE "," EXP "," IAT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"iss\":1," AUD "," NONCE "," EXP "," IAT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"iss\":\"\"," AUD "," NONCE "," EXP "," IAT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"iss\":[\"" OIDC_ISSUER "\"]," AUD "," NONCE "," EXP "," IAT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"iss\":\"" OIDC_ISSUER "/\"," AUD "," NONCE "," EXP "," IAT "," SUB "}", DOOR_FAULT_OIDC_ISSUER },
    { "{\"iss\":\"https://idp.example.com\"," AUD "," NONCE "," EXP "," IAT "," SUB "}",
      DOOR_FAULT_OIDC_ISSUER },
    { "{\"iss\":\"HTTPS://idp.example.com/tenant\"," AUD "," NONCE "," EXP "," IAT "," SUB "}",
      DOOR_FAULT_OIDC_ISSUER },
    { "{\"iss\":\"https://evil.example\"," AUD "," NONCE "," EXP "," IAT "," SUB "}",
      DOOR_FAULT_OIDC_ISSUER },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  run_rows (rows, G_N_ELEMENTS (rows), &expect, &usual);
}

#define TENANT_TOKEN(iss, tid) "{\"iss\":\"" iss "\"," tid AUD "," NONCE "," EXP "," IAT "," SUB "}"

static void
test_tenants (void)
{
  static const char *const issuers[] = { "https://login.example/{tenantid}/v2.0", NULL };
  static const char *const tenants[] = { "t-1", "t-2", NULL };
  static const Row rows[] = {
    { TENANT_TOKEN ("https://login.example/t-1/v2.0", "\"tid\":\"t-1\","), DOOR_FAULT_NONE },
    { TENANT_TOKEN ("https://login.example/t-2/v2.0", "\"tid\":\"t-2\","), DOOR_FAULT_NONE },
    { TENANT_TOKEN ("https://login.example/t-3/v2.0", "\"tid\":\"t-3\","), DOOR_FAULT_OIDC_ISSUER },
    { TENANT_TOKEN ("https://login.example/t-3/v2.0", "\"tid\":\"t-1\","), DOOR_FAULT_OIDC_ISSUER },
    { TENANT_TOKEN ("https://login.example/t-1/v2.0", "\"tid\":\"t-2\","), DOOR_FAULT_OIDC_ISSUER },
    { TENANT_TOKEN ("https://login.example/t-1/v2.0", ""), DOOR_FAULT_OIDC_ISSUER },
    { TENANT_TOKEN ("https://login.example/t-1/v2.0", "\"tid\":[\"t-1\"],"), DOOR_FAULT_OIDC_ISSUER },
    { TENANT_TOKEN ("https://login.example/{tenantid}/v2.0", "\"tid\":\"t-1\","), DOOR_FAULT_OIDC_ISSUER },
    { TENANT_TOKEN ("https://login.example/{tenantid}/v2.0", "\"tid\":\"{tenantid}\","),
      DOOR_FAULT_OIDC_ISSUER },
    { TENANT_TOKEN ("https://login.example//v2.0", "\"tid\":\"\","), DOOR_FAULT_OIDC_ISSUER },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autoptr (GError) error = NULL;

  expect.issuers = issuers;
  expect.tenants = tenants;
  run_rows (rows, G_N_ELEMENTS (rows), &expect, &usual);
  expect.tenants = NULL;
  g_assert_null (verify_with (rows[0].claims, &expect, &usual, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_OIDC_ISSUER);
}

/* A token of a refresh may be of a tenant that is allowed, and still of another one than the sign-in. */
static void
test_refreshed (void)
{
  static const char *const issuers[] = { "https://login.example/{tenantid}/v2.0", NULL };
  static const char *const tenants[] = { "t-1", "t-2", NULL };
  static const struct
  {
    DoorIdTokenBefore before;
    DoorFault fault;
  } rows[] = {
    { { "https://login.example/t-1/v2.0", "u-1", OIDC_NONCE, ACCESS_TOKEN }, DOOR_FAULT_NONE },
    { { "https://login.example/t-2/v2.0", "u-1", OIDC_NONCE, ACCESS_TOKEN }, DOOR_FAULT_OIDC_ISSUER },
    { { "https://login.example/t-1/v2.0", "u-2", OIDC_NONCE, ACCESS_TOKEN }, DOOR_FAULT_OIDC_SUBJECT },
    { { "https://login.example/t-1/v2.0", "u-1", "other", ACCESS_TOKEN }, DOOR_FAULT_OIDC_NONCE },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autofree char *token = oidc_fixture_token (
      KEY_P256, HEADER, TENANT_TOKEN ("https://login.example/t-1/v2.0", "\"tid\":\"t-1\","));

  expect.issuers = issuers;
  expect.tenants = tenants;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      bool held = door_id_token_verify_refreshed (token, &expect, &rows[i].before, &error);

      g_assert_cmpint (held, ==, rows[i].fault == DOOR_FAULT_NONE);
      g_assert_cmpint (error != NULL ? door_error_get_fault (error) : DOOR_FAULT_NONE, ==, rows[i].fault);
    }
}

/* One issuer, two ways to write it: the person stays the same. */
static void
test_two_spellings (void)
{
  static const char *const issuers[] = { "https://accounts.example", "accounts.example", NULL };
  static const char *const claims[] = { TENANT_TOKEN ("https://accounts.example", ""),
                                        TENANT_TOKEN ("accounts.example", "") };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  expect.issuers = issuers;
  for (size_t i = 0; i < G_N_ELEMENTS (claims); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdToken) token = verify_with (claims[i], &expect, &usual, &error);
      g_autoptr (DoorClaims) known = token != NULL ? door_id_token_dup_claims (token, NULL) : NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (door_claims_get_subject (known)->issuer, ==, "https://accounts.example");
    }
}

#define FOR(aud) "{" ISS "," aud NONCE "," EXP "," IAT "," SUB "}"

static void
test_audience (void)
{
  static const Row rows[] = {
    { FOR ("\"aud\":[\"client-1\"],"), DOOR_FAULT_NONE },
    { FOR ("\"aud\":\"client-1\",\"azp\":\"client-1\","), DOOR_FAULT_NONE },
    { FOR ("\"aud\":[\"client-1\",\"api\"],\"azp\":\"client-1\","), DOOR_FAULT_NONE },
    { FOR (""), DOOR_FAULT_OIDC_TOKEN },
    { FOR ("\"aud\":1,"), DOOR_FAULT_OIDC_TOKEN },
    { FOR ("\"aud\":[1],"), DOOR_FAULT_OIDC_TOKEN },
    { FOR ("\"aud\":[],"), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":\"\","), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":\"client-2\","), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":\"Client-1\","), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":\"client-1 \","), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":[\"client-2\",\"client-3\"],\"azp\":\"client-1\","), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":[\"client-1\",\"client-2\"],"), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":[\"client-1\",\"client-2\"],\"azp\":\"client-2\","), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":\"client-1\",\"azp\":\"client-2\","), DOOR_FAULT_OIDC_AUDIENCE },
    { FOR ("\"aud\":\"client-1\",\"azp\":[\"client-1\"],"), DOOR_FAULT_OIDC_TOKEN },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  run_rows (rows, G_N_ELEMENTS (rows), &expect, &usual);
}

#define AT(times) "{" ISS "," AUD "," NONCE "," times SUB "}"

/* Now is 1767268860, and clocks may differ by 180 s. */
static void
test_times (void)
{
  static const Row rows[] = {
    { AT (EXP "," IAT ","), DOOR_FAULT_NONE },
    { AT (EXP ".5," IAT ".25,"), DOOR_FAULT_NONE },
    { AT (EXP "," IAT ",\"nbf\":1767268860,"), DOOR_FAULT_NONE },
    { AT (EXP "," IAT ",\"nbf\":1767269040,"), DOOR_FAULT_NONE },
    { AT (EXP "," IAT ",\"nbf\":1767269041,"), DOOR_FAULT_OIDC_EARLY },
    { AT (EXP ",\"iat\":1767269040,"), DOOR_FAULT_NONE },
    { AT (EXP ",\"iat\":1767269041,"), DOOR_FAULT_OIDC_EARLY },
    { AT ("\"exp\":1767268681," IAT ","), DOOR_FAULT_NONE },
    { AT ("\"exp\":1767268680," IAT ","), DOOR_FAULT_OIDC_LATE },
    { AT ("\"exp\":0," IAT ","), DOOR_FAULT_OIDC_LATE },
    { AT (IAT ","), DOOR_FAULT_OIDC_TOKEN },
    { AT (EXP ","), DOOR_FAULT_OIDC_TOKEN },
    { AT ("\"exp\":\"1767269400\"," IAT ","), DOOR_FAULT_OIDC_TOKEN },
    { AT ("\"exp\":null," IAT ","), DOOR_FAULT_OIDC_TOKEN },
    { AT ("\"exp\":true," IAT ","), DOOR_FAULT_OIDC_TOKEN },
    { AT ("\"exp\":-1," IAT ","), DOOR_FAULT_OIDC_TOKEN },
    { AT ("\"exp\":9223372036854775807," IAT ","), DOOR_FAULT_OIDC_TOKEN },
    { AT ("\"exp\":1e300," IAT ","), DOOR_FAULT_OIDC_TOKEN },
    { AT (EXP ",\"iat\":-9223372036854775808,"), DOOR_FAULT_OIDC_TOKEN },
    { AT (EXP "," IAT ",\"nbf\":\"0\","), DOOR_FAULT_OIDC_TOKEN },
    { AT (EXP "," IAT ",\"nbf\":1e300,"), DOOR_FAULT_OIDC_TOKEN },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  run_rows (rows, G_N_ELEMENTS (rows), &expect, &usual);
}

#define WITH(more) "{" ISS "," AUD "," EXP "," IAT "," more "}"

static void
test_nonce_and_hash (void)
{
  static const Row rows[] = {
    { WITH (SUB), DOOR_FAULT_OIDC_NONCE },
    { WITH (SUB ",\"nonce\":\"other\""), DOOR_FAULT_OIDC_NONCE },
    { WITH (SUB ",\"nonce\":\"n-0S6_WzA2MJ\""), DOOR_FAULT_OIDC_NONCE },
    { WITH (SUB ",\"nonce\":\"n-0S6_WzA2M\""), DOOR_FAULT_OIDC_NONCE },
    { WITH (SUB ",\"nonce\":\"\""), DOOR_FAULT_OIDC_TOKEN },
    { WITH (SUB ",\"nonce\":[\"" OIDC_NONCE "\"]"), DOOR_FAULT_OIDC_TOKEN },
    { WITH (SUB "," NONCE ",\"at_hash\":\"" HASH_256 "\""), DOOR_FAULT_NONE },
    { WITH (SUB "," NONCE ",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RA\""), DOOR_FAULT_OIDC_HASH },
    { WITH (SUB "," NONCE ",\"at_hash\":\"77QmUPtjPfzWtF2AnpK9\""), DOOR_FAULT_OIDC_HASH },
    { WITH (SUB "," NONCE ",\"at_hash\":1"), DOOR_FAULT_OIDC_TOKEN },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  run_rows (rows, G_N_ELEMENTS (rows), &expect, &usual);
}

/* The hash is the one of the algorithm. */
static void
test_hash_sizes (void)
{
  static const struct
  {
    Key key;
    const char *header;
    const char *hash;
  } rows[] = {
    { KEY_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", HASH_256 },
    { KEY_P384, "{\"alg\":\"ES384\",\"kid\":\"p384\"}", "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs" },
    { KEY_P521, "{\"alg\":\"ES512\",\"kid\":\"p521\"}", "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM" },
    { KEY_ED25519, "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM" },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *claims = g_strdup_printf (WITH (SUB "," NONCE ",\"at_hash\":\"%s\""), rows[i].hash);
      g_autofree char *token = oidc_fixture_token (rows[i].key, rows[i].header, claims);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdToken) good = door_id_token_verify (token, &expect, &usual, &error);

      g_assert_no_error (error);
      g_assert_nonnull (good);
    }
}

static void
test_auth_time (void)
{
  static const Row rows[] = {
    { WITH (SUB "," NONCE), DOOR_FAULT_OIDC_AUTHN },
    { WITH (SUB "," NONCE ",\"auth_time\":1767268800"), DOOR_FAULT_NONE },
    { WITH (SUB "," NONCE ",\"auth_time\":1767268680"), DOOR_FAULT_NONE },
    { WITH (SUB "," NONCE ",\"auth_time\":1767268679"), DOOR_FAULT_OIDC_AUTHN },
    { WITH (SUB "," NONCE ",\"auth_time\":\"1767268800\""), DOOR_FAULT_OIDC_TOKEN },
  };
  const DoorIdTokenRequest fresh = { .nonce = OIDC_NONCE, .max_age_s = 0 };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  run_rows (rows, G_N_ELEMENTS (rows), &expect, &fresh);
}

static void
test_subject (void)
{
  static const Row rows[] = {
    { WITH (NONCE), DOOR_FAULT_OIDC_SUBJECT },
    { WITH (NONCE ",\"sub\":\"\""), DOOR_FAULT_OIDC_SUBJECT },
    { WITH (NONCE ",\"sub\":1"), DOOR_FAULT_OIDC_SUBJECT },
    { WITH (NONCE ",\"sub\":null"), DOOR_FAULT_OIDC_SUBJECT },
    { WITH (NONCE ",\"sub\":\"a\\nb\""), DOOR_FAULT_OIDC_SUBJECT },
    { WITH (NONCE "," SUB ",\"sid\":1"), DOOR_FAULT_OIDC_TOKEN },
    { WITH (NONCE "," SUB ",\"jti\":\"\""), DOOR_FAULT_OIDC_TOKEN },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  run_rows (rows, G_N_ELEMENTS (rows), &expect, &usual);
  for (unsigned int length = 255; length <= 256; length++)
    {
      g_autofree char *subject = g_strnfill (length, 'a');
      g_autofree char *claims = g_strdup_printf (WITH (NONCE ",\"sub\":\"%s\""), subject);
      g_autoptr (DoorIdToken) token = verify_with (claims, &expect, &usual, NULL);

      g_assert_true ((token != NULL) == (length == 255));
    }
}

/* Without jti the nonce, which is of one request only, tells one token from another. */
static void
test_replay_id (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autoptr (DoorIdToken) token = verify_with (GOOD, &expect, &usual, NULL);

  g_assert_cmpstr (door_id_token_get_replay_id (token), ==, OIDC_NONCE);
}

/* A token of another kind, and one signed by a stranger. */
static void
test_other_tokens (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autofree char *logout =
      oidc_fixture_token (KEY_P256, "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"logout+jwt\"}", GOOD);
  g_autofree char *stranger = oidc_fixture_token (KEY_RSA_OTHER, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", GOOD);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_id_token_verify (logout, &expect, &usual, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_OIDC_TOKEN);
  g_clear_error (&error);
  g_assert_null (door_id_token_verify (stranger, &expect, &usual, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_OIDC_SIGNATURE);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/id-token/good", test_good);
  g_test_add_func ("/id-token/further", test_further);
  g_test_add_func ("/id-token/unverified-email", test_unverified_email);
  g_test_add_func ("/id-token/issuer", test_issuer);
  g_test_add_func ("/id-token/tenants", test_tenants);
  g_test_add_func ("/id-token/refreshed", test_refreshed);
  g_test_add_func ("/id-token/two-spellings", test_two_spellings);
  g_test_add_func ("/id-token/audience", test_audience);
  g_test_add_func ("/id-token/times", test_times);
  g_test_add_func ("/id-token/nonce-and-hash", test_nonce_and_hash);
  g_test_add_func ("/id-token/hash-sizes", test_hash_sizes);
  g_test_add_func ("/id-token/auth-time", test_auth_time);
  g_test_add_func ("/id-token/subject", test_subject);
  g_test_add_func ("/id-token/replay-id", test_replay_id);
  g_test_add_func ("/id-token/other-tokens", test_other_tokens);
  result = g_test_run ();
  oidc_fixture_free_keys ();
  return result;
}

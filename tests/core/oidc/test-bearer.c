/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-bearer.h"
#include "door-error.h"
#include "oidc-fixture.h"

#define AUDIENCE "https://mdm.example.com"
#define HEADER "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"at+jwt\"}"
#define HEADER_OF(type) "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"" type "\"}"
#define ISS "\"iss\":\"" OIDC_ISSUER "\""
#define AUD "\"aud\":\"" AUDIENCE "\""
#define TIMES "\"exp\":1767268920,\"iat\":1767268800"
#define CLIENT "\"client_id\":\"" OIDC_CLIENT "\""
#define SUB "\"sub\":\"u-1\""
#define EXPIRES_AT_MS INT64_C (1767268920000)

typedef struct
{
  const char *header; /* of a JWT */
  const char *claims;
  DoorFault fault;
} Row;

static DoorBearer *
verify (const char *header, const char *claims, GError **error)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  const DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autofree char *token = oidc_fixture_token (KEY_P256, header, claims);

  return door_bearer_verify (token, &expect, AUDIENCE, error);
}

static void
assert_ada (const DoorBearer *bearer)
{
  g_autoptr (GVariant) further = g_variant_ref_sink (g_variant_new_parsed ("{'email': ['u@example.com']}"));
  g_autoptr (DoorClaims) claims = door_bearer_dup_claims (bearer, further);

  g_assert_cmpstr (door_bearer_get_subject (bearer), ==, "u-1");
  g_assert_cmpint (door_bearer_get_expires_at_ms (bearer), ==, EXPIRES_AT_MS);
  g_assert_cmpstr (door_claims_get_subject (claims)->issuer, ==, OIDC_ISSUER);
  g_assert_cmpstr (door_claims_get_subject (claims)->value, ==, "u-1");
  g_assert_cmpstr (door_claims_get_string (claims, "email"), ==, "u@example.com");
}

/* Each row but the first ones lacks one thing only. */
static void
test_jwt (void)
{
  static const Row rows[] = {
    { HEADER, "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_NONE },
    { HEADER_OF ("application/at+jwt"), "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_NONE },
    { HEADER, "{" ISS ",\"aud\":[\"other\",\"" AUDIENCE "\"]," TIMES "," CLIENT "," SUB "}",
      DOOR_FAULT_NONE },
    { HEADER_OF ("JWT"), "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER_OF ("logout+jwt"), "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\"}", "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}",
      DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"none\",\"typ\":\"at+jwt\"}", "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}",
      DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"ES256\",\"kid\":\"other\",\"typ\":\"at+jwt\"}",
      "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_KEY },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"at+jwt\",\"crit\":[\"x\"],\"x\":1}",
      "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER, "{\"iss\":\"https://evil.example\"," AUD "," TIMES "," CLIENT "," SUB "}",
      DOOR_FAULT_OIDC_ISSUER },
    { HEADER, "{" AUD "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER, "{" ISS ",\"aud\":\"" OIDC_CLIENT "\"," TIMES "," CLIENT "," SUB "}",
      DOOR_FAULT_OIDC_AUDIENCE },
    { HEADER, "{" ISS ",\"aud\":[\"other\"]," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_AUDIENCE },
    { HEADER, "{" ISS ",\"aud\":[1]," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER, "{" ISS ",\"aud\":{}," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER, "{" ISS "," TIMES "," CLIENT "," SUB "}", DOOR_FAULT_OIDC_AUDIENCE },
    { HEADER, "{" ISS "," AUD "," TIMES ",\"client_id\":\"other\"," SUB "}", DOOR_FAULT_OIDC_AUDIENCE },
    { HEADER, "{" ISS "," AUD "," TIMES ",\"client_id\":7," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER, "{" ISS "," AUD "," TIMES "," SUB "}", DOOR_FAULT_OIDC_AUDIENCE },
    { HEADER, "{" ISS "," AUD "," TIMES ",\"azp\":\"" OIDC_CLIENT "\"," SUB "}", DOOR_FAULT_OIDC_AUDIENCE },
    { HEADER, "{" ISS "," AUD ",\"exp\":1767268600,\"iat\":1767268500," CLIENT "," SUB "}",
      DOOR_FAULT_OIDC_LATE },
    { HEADER, "{" ISS "," AUD ",\"exp\":1767269920,\"iat\":1767269800," CLIENT "," SUB "}",
      DOOR_FAULT_OIDC_EARLY },
    { HEADER, "{" ISS "," AUD ",\"iat\":1767268800," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER, "{" ISS "," AUD ",\"exp\":1767268920," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { HEADER, "{" ISS "," AUD "," TIMES "," CLIENT "}", DOOR_FAULT_OIDC_SUBJECT },
    { HEADER, "{" ISS "," AUD "," TIMES "," CLIENT ",\"sub\":\"\"}", DOOR_FAULT_OIDC_SUBJECT },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorBearer) bearer = verify (rows[i].header, rows[i].claims, &error);

      if (door_error_get_fault (error) != rows[i].fault)
        g_error ("row %zu: %s", i, error != NULL ? error->message : "accepted");
      g_assert_true ((bearer == NULL) == (error != NULL));
      if (bearer != NULL)
        assert_ada (bearer);
    }
}

static void
test_signature (void)
{
  static const char claims[] = "{" ISS "," AUD "," TIMES "," CLIENT "," SUB "}";
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autofree char *good = oidc_fixture_token (KEY_P256, HEADER, claims);
  g_autofree char *other = oidc_fixture_token (KEY_P256, HEADER, "{" SUB "}");
  g_autofree char *mixed = g_strndup (good, (gsize) (strrchr (good, '.') - good));
  g_autofree char *forged = g_strconcat (mixed, strrchr (other, '.'), NULL);
  g_autofree char *unsigned_one = g_strconcat (mixed, ".", NULL);
  g_autofree char *shared =
      oidc_fixture_hmac_token ("secret", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", claims);
  g_autoptr (GError) no_forged = NULL, no_unsigned = NULL, no_shared = NULL, not_allowed = NULL,
                     opaque = NULL;

  g_assert_null (door_bearer_verify (forged, &expect, AUDIENCE, &no_forged));
  g_assert_cmpint (door_error_get_fault (no_forged), ==, DOOR_FAULT_OIDC_SIGNATURE);
  g_assert_null (door_bearer_verify (unsigned_one, &expect, AUDIENCE, &no_unsigned));
  g_assert_null (door_bearer_verify (shared, &expect, AUDIENCE, &no_shared));
  g_assert_cmpint (door_error_get_fault (no_shared), ==, DOOR_FAULT_OIDC_ALGORITHM);
  g_assert_null (door_bearer_verify ("opaque-0123456789", &expect, AUDIENCE, &opaque));
  g_assert_cmpint (door_error_get_fault (opaque), ==, DOOR_FAULT_OIDC_TOKEN);
  expect.algorithms = DOOR_JWS_RS256;
  g_assert_null (door_bearer_verify (good, &expect, AUDIENCE, &not_allowed));
  g_assert_cmpint (door_error_get_fault (not_allowed), ==, DOOR_FAULT_OIDC_ALGORITHM);
}

static DoorBearer *
read_answer (unsigned int status, const char *text, GError **error)
{
  const DoorOidcExpectation expect = oidc_fixture_expectation (NULL);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  return door_bearer_parse_introspection (status, body, &expect, AUDIENCE, error);
}

static void
test_introspection (void)
{
  static const Row rows[] = {
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB "}", DOOR_FAULT_NONE },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB "," ISS ",\"token_type\":\"bearer\"}",
      DOOR_FAULT_NONE },
    { NULL, "{\"active\":true," AUD ",\"exp\":1767268920," SUB "}", DOOR_FAULT_NONE },
    { NULL, "{\"active\":false," CLIENT ",\"exp\":1767268920," SUB "}", DOOR_FAULT_OIDC_LATE },
    { NULL, "{\"active\":false}", DOOR_FAULT_OIDC_LATE },
    { NULL, "{\"active\":\"true\"," CLIENT ",\"exp\":1767268920," SUB "}", DOOR_FAULT_OIDC_PROVIDER },
    { NULL, "{" CLIENT ",\"exp\":1767268920," SUB "}", DOOR_FAULT_OIDC_PROVIDER },
    { NULL, "{\"active\":true,\"client_id\":\"other\",\"exp\":1767268920," SUB "}",
      DOOR_FAULT_OIDC_AUDIENCE },
    { NULL, "{\"active\":true,\"client_id\":\"other\"," AUD ",\"exp\":1767268920," SUB "}",
      DOOR_FAULT_OIDC_AUDIENCE },
    { NULL, "{\"active\":true,\"client_id\":null," AUD ",\"exp\":1767268920," SUB "}",
      DOOR_FAULT_OIDC_TOKEN },
    { NULL, "{\"active\":true,\"aud\":\"other\",\"exp\":1767268920," SUB "}", DOOR_FAULT_OIDC_AUDIENCE },
    { NULL, "{\"active\":true,\"exp\":1767268920," SUB "}", DOOR_FAULT_OIDC_AUDIENCE },
    { NULL, "{\"active\":true," CLIENT "," SUB "}", DOOR_FAULT_OIDC_TOKEN },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268860," SUB "}", DOOR_FAULT_OIDC_LATE },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767269920,\"nbf\":1767269800," SUB "}",
      DOOR_FAULT_OIDC_EARLY },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920}", DOOR_FAULT_OIDC_SUBJECT },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920,\"username\":\"u-1\"}", DOOR_FAULT_OIDC_SUBJECT },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB ",\"iss\":\"https://evil.example\"}",
      DOOR_FAULT_OIDC_ISSUER },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB ",\"token_type\":\"refresh_token\"}",
      DOOR_FAULT_OIDC_TOKEN },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB ",\"typ\":\"Bearer\"}", DOOR_FAULT_NONE },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB ",\"typ\":\"at+jwt\"}", DOOR_FAULT_NONE },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB ",\"typ\":\"Refresh\"}",
      DOOR_FAULT_OIDC_TOKEN },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB ",\"typ\":\"ID\"}", DOOR_FAULT_OIDC_TOKEN },
    { NULL, "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB ",\"typ\":7}", DOOR_FAULT_OIDC_TOKEN },
    { NULL, "[]", DOOR_FAULT_OIDC_PROVIDER },
    { NULL, "eyJhbGciOiJub25lIn0..", DOOR_FAULT_OIDC_PROVIDER },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorBearer) bearer = read_answer (200, rows[i].claims, &error);

      if (door_error_get_fault (error) != rows[i].fault)
        g_error ("row %zu: %s", i, error != NULL ? error->message : "accepted");
      g_assert_true ((bearer == NULL) == (error != NULL));
      if (bearer != NULL)
        assert_ada (bearer);
    }
}

/* The provider's own trouble is not the token's fault. */
static void
test_introspection_status (void)
{
  static const char good[] = "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB "}";
  static const struct
  {
    unsigned int status;
    DoorFault fault;
  } rows[] = { { 401, DOOR_FAULT_OIDC_CLIENT },
               { 403, DOOR_FAULT_OIDC_CLIENT },
               { 204, DOOR_FAULT_OIDC_PROVIDER },
               { 500, DOOR_FAULT_OIDC_PROVIDER } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_answer (rows[i].status, good, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
      g_assert_cmpint (door_error_get_fault (error), ==, rows[i].fault);
    }
}

/* Where the issuer has a place for the tenant, the answer must say which it is. */
static void
test_introspection_tenant (void)
{
  static const char *const issuers[] = { "https://idp.example.com/" DOOR_OIDC_TENANT, NULL };
  static const char *const tenants[] = { "red", NULL };
  static const char said[] = "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB
                             ",\"iss\":\"https://idp.example.com/red\",\"tid\":\"red\"}";
  static const char unsaid[] = "{\"active\":true," CLIENT ",\"exp\":1767268920," SUB "}";
  DoorOidcExpectation expect = oidc_fixture_expectation (NULL);
  g_autoptr (GBytes) one = g_bytes_new_static (said, strlen (said));
  g_autoptr (GBytes) other = g_bytes_new_static (unsaid, strlen (unsaid));
  g_autoptr (DoorBearer) bearer = NULL;
  g_autoptr (GError) error = NULL, none = NULL;

  expect.issuers = issuers;
  expect.tenants = tenants;
  bearer = door_bearer_parse_introspection (200, one, &expect, AUDIENCE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (bearer);
  g_assert_null (door_bearer_parse_introspection (200, other, &expect, AUDIENCE, &none));
  g_assert_cmpint (door_error_get_fault (none), ==, DOOR_FAULT_OIDC_TOKEN);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bearer/jwt", test_jwt);
  g_test_add_func ("/bearer/signature", test_signature);
  g_test_add_func ("/bearer/introspection", test_introspection);
  g_test_add_func ("/bearer/introspection-status", test_introspection_status);
  g_test_add_func ("/bearer/introspection-tenant", test_introspection_tenant);
  result = g_test_run ();
  oidc_fixture_free_keys ();
  return result;
}

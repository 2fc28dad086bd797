/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "door-base64.h"
#include "door-bearer.h"
#include "door-id-token.h"
#include "door-logout-token.h"

#define HEADER "eyJhbGciOiJFZERTQSJ9" /* {"alg":"EdDSA"} */

static gnutls_privkey_t
make_key (DoorJwkSet **keys)
{
  g_autofree char *text = NULL, *x_text = NULL;
  g_autoptr (GBytes) document = NULL;
  gnutls_datum_t x = { NULL, 0 };
  gnutls_ecc_curve_t curve;
  gnutls_privkey_t key;

  g_assert_cmpint (gnutls_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_privkey_generate (key, GNUTLS_PK_EDDSA_ED25519,
                                            GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_ED25519), 0),
                   ==, 0);
  g_assert_cmpint (gnutls_privkey_export_ecc_raw (key, &curve, &x, NULL, NULL), ==, 0);
  x_text = door_base64_encode_url (x.data, x.size);
  gnutls_free (x.data);
  text = g_strdup_printf ("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}]}", x_text);
  document = g_bytes_new (text, strlen (text));
  *keys = door_jwk_set_parse (document, NULL);
  g_assert_nonnull (*keys);
  return key;
}

static char *
sign (gnutls_privkey_t key, const uint8_t *data, size_t size)
{
  g_autofree char *payload = door_base64_encode_url (data, size);
  g_autofree char *input = g_strconcat (HEADER ".", payload, NULL), *encoded = NULL;
  gnutls_datum_t bytes = { (unsigned char *) input, (unsigned int) strlen (input) };
  gnutls_datum_t signature = { NULL, 0 };

  g_assert_cmpint (gnutls_privkey_sign_data2 (key, GNUTLS_SIGN_EDDSA_ED25519, 0, &bytes, &signature), ==, 0);
  encoded = door_base64_encode_url (signature.data, signature.size);
  gnutls_free (signature.data);
  return g_strconcat (input, ".", encoded, NULL);
}

/* What the introspection endpoint says, which is signed by nobody. */
static DoorBearer *
introspect (const uint8_t *data, size_t size, const DoorOidcExpectation *expect)
{
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  DoorBearer *bearer = door_bearer_parse_introspection (200, body, expect, "client-1", &error);
  g_autoptr (DoorClaims) claims = bearer != NULL ? door_bearer_dup_claims (bearer, NULL) : NULL;

  g_assert_true ((bearer == NULL) == (error != NULL));
  if (bearer != NULL)
    {
      g_assert_cmpstr (door_claims_get_subject (claims)->value, ==, door_bearer_get_subject (bearer));
      g_assert_cmpint (door_bearer_get_expires_at_ms (bearer), >, expect->now_ms);
    }
  return bearer;
}

/* Claims of any kind, under a signature that is good. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const issuers[] = { "https://idp.example.com/tenant", NULL };
  g_autoptr (DoorJwkSet) keys = NULL;
  gnutls_privkey_t key = make_key (&keys);
  g_autofree char *text = sign (key, data, size);
  DoorOidcExpectation expect = { .issuers = issuers,
                                 .client_id = "client-1",
                                 .keys = keys,
                                 .algorithms = DOOR_JWS_ALL,
                                 .now_ms = INT64_C (1767268860000),
                                 .clock_skew_s = 180 };
  const DoorIdTokenRequest request = { .nonce = "n-0S6_WzA2Mj", .access_token = "at", .max_age_s = -1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdToken) token = door_id_token_verify (text, &expect, &request, &error);
  g_autoptr (DoorLogoutToken) logout = door_logout_token_verify (text, &expect, NULL);
  g_autoptr (DoorBearer) bearer = door_bearer_verify (text, &expect, "client-1", NULL);
  g_autoptr (DoorBearer) introspected = introspect (data, size, &expect);
  g_autoptr (DoorClaims) claims = NULL;

  gnutls_privkey_deinit (key);
  /* the header names no type */
  g_assert_null (bearer);
  g_assert_true ((token == NULL) == (error != NULL));
  g_assert_false (token != NULL && logout != NULL);
  if (token == NULL)
    return 0;
  claims = door_id_token_dup_claims (token, NULL);
  g_assert_cmpstr (door_claims_get_string (claims, "iss"), ==, issuers[0]);
  g_assert_cmpstr (door_claims_get_subject (claims)->value, ==, door_claims_get_string (claims, "sub"));
  return 0;
}

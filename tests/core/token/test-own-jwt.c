/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-own-jwt.h"

#define US "https://mdm.example.com"
#define NOW_S INT64_C (1800014400)
#define HEADER "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"JWT\"}"
#define BODY                                                                                                 \
  "{\"iss\":\"" US "\",\"sub\":\"p1\",\"aud\":\"" US "\",\"exp\":1800015000,\"iat\":1800014400,"             \
  "\"jti\":\"j1\",\"sid\":\"s1\",\"roles\":\"" US "/api/v1/me\"}"

typedef struct
{
  GPtrArray *keys;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_own_key_free);
  for (int i = 0; i < 2; i++)
    {
      DoorOwnKey *key = g_new0 (DoorOwnKey, 1);

      key->kid = g_strdup (i == 0 ? "k1" : "k2");
      door_ed25519_generate (key->secret_key, key->public_key, &error);
      g_assert_no_error (error);
      g_ptr_array_add (fixture->keys, key);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->keys);
}

static DoorOwnKey *
key_of (const Fixture *fixture, guint i)
{
  return g_ptr_array_index (fixture->keys, i);
}

/* Any header and body, signed with a key of ours all the same. */
static char *
forge (const Fixture *fixture, guint key, const char *header, const char *body)
{
  g_autofree char *head = door_base64_encode_url ((const uint8_t *) header, strlen (header));
  g_autofree char *payload = door_base64_encode_url ((const uint8_t *) body, strlen (body));
  g_autofree char *input = g_strconcat (head, ".", payload, NULL), *end = NULL;
  uint8_t signature[DOOR_ED25519_SIGNATURE_BYTES];
  g_autoptr (GError) error = NULL;

  door_ed25519_sign (key_of (fixture, key)->secret_key, key_of (fixture, key)->public_key, input, signature,
                     &error);
  g_assert_no_error (error);
  end = door_base64_encode_url (signature, sizeof signature);
  return g_strconcat (input, ".", end, NULL);
}

static bool
verify (const Fixture *fixture, const char *token, int64_t now_s, DoorOwnClaims *out, GError **error)
{
  const DoorOwnExpect expect = { fixture->keys, US, US, now_s };

  return door_own_jwt_verify (token, &expect, out, error);
}

static void
assert_refused (const Fixture *fixture, const char *token, int64_t now_s)
{
  g_auto (DoorOwnClaims) claims = { NULL };
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", token);
  g_assert_false (verify (fixture, token, now_s, &claims, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_AUTHENTICATED);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SESSION_TOKEN);
  g_assert_null (claims.subject);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  char us[] = US, person[] = "p1", session[] = "s1", id[] = "j1", roles[] = US "/api/v1/me";
  const DoorOwnClaims claims = { us, us, person, session, id, roles, NOW_S, NOW_S + 600 };
  g_auto (DoorOwnClaims) read = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *token = door_own_jwt_build (key_of (fixture, 1), &claims, &error);

  g_assert_no_error (error);
  g_assert_true (verify (fixture, token, NOW_S + 599, &read, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (read.subject, ==, "p1");
  g_assert_cmpstr (read.session, ==, "s1");
  g_assert_cmpstr (read.id, ==, "j1");
  g_assert_cmpint (read.expires_s, ==, NOW_S + 600);
  assert_refused (fixture, token, NOW_S + 600);
}

/* The control of the table below: a token made by hand is as good as any. */
static void
test_by_hand (Fixture *fixture, gconstpointer data)
{
  g_autofree char *token = forge (fixture, 0, HEADER, BODY);
  g_auto (DoorOwnClaims) claims = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (verify (fixture, token, NOW_S, &claims, &error));
  g_assert_no_error (error);
}

static void
test_headers (Fixture *fixture, gconstpointer data)
{
  static const char *const headers[] = {
    "{\"alg\":\"none\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
    "{\"alg\":\"HS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
    "{\"alg\":\"eddsa\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
    "{\"kid\":\"k1\",\"typ\":\"JWT\"}",
    "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}",
    "{\"alg\":\"EdDSA\",\"kid\":\"k3\",\"typ\":\"JWT\"}",
    "{\"alg\":\"EdDSA\",\"kid\":\"../k1\",\"typ\":\"JWT\"}",
    "{\"alg\":\"EdDSA\",\"kid\":[\"k1\"],\"typ\":\"JWT\"}",
    "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}",
    "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"JWT\",\"crit\":[\"b64\"]}",
    "{\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"JWT\",\"jwk\":{\"kty\":\"OKP\"}}",
    "{\"alg\":\"none\",\"alg\":\"EdDSA\",\"kid\":\"k1\",\"typ\":\"JWT\"}",
    "[\"EdDSA\"]",
    "",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autofree char *token = forge (fixture, 0, headers[i], BODY);

      assert_refused (fixture, token, NOW_S);
    }
}

static void
test_claims (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *from;
    const char *to;
  } changes[] = {
    { "\"iss\":\"" US "\"", "\"iss\":\"https://evil.example\"" },
    { "\"aud\":\"" US "\"", "\"aud\":\"https://evil.example\"" },
    { "\"aud\":\"" US "\"", "\"aud\":[\"" US "\"]" },
    { "\"aud\":\"" US "\",", "" },
    { "\"iss\":\"" US "\",", "" },
    { "\"exp\":1800015000", "\"exp\":1800014400" },
    { "\"exp\":1800015000", "\"exp\":\"1800015000\"" },
    { "\"exp\":1800015000,", "" },
    { "\"iat\":1800014400,", "" },
    { "\"iat\":1800014400", "\"iat\":1800014701" }, /* longer ahead than clocks may differ */
    { "\"sub\":\"p1\"", "\"sub\":\"\"" },
    { "\"sub\":\"p1\"", "\"sub\":\"p1\",\"sub\":\"p2\"" },
    { "\"sid\":\"s1\",", "" },
    { "\"jti\":\"j1\",", "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) body = g_string_new (BODY);
      g_autofree char *token = NULL;

      g_assert_cmpuint (g_string_replace (body, changes[i].from, changes[i].to, 1), ==, 1);
      token = forge (fixture, 0, HEADER, body->str);
      assert_refused (fixture, token, NOW_S);
    }
}

static void
test_signatures (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = forge (fixture, 1, HEADER, BODY); /* says k1 */
  g_autofree char *good = forge (fixture, 0, HEADER, BODY);
  g_autofree char *unsigned_one = g_strndup (good, (gsize) (strrchr (good, '.') - good + 1));
  g_autofree char *longer = g_strconcat (good, "A", NULL), *padded = g_strconcat (good, "==", NULL);
  g_autofree char *four = g_strconcat (good, ".x", NULL), *huge = g_strnfill (5000, 'a');
  g_autofree char *changed = g_strdup (good);
  char *body = strchr (changed, '.') + 30;

  *body = *body == 'A' ? 'B' : 'A';
  assert_refused (fixture, other, NOW_S);
  assert_refused (fixture, unsigned_one, NOW_S);
  assert_refused (fixture, longer, NOW_S);
  assert_refused (fixture, padded, NOW_S);
  assert_refused (fixture, four, NOW_S);
  assert_refused (fixture, huge, NOW_S);
  assert_refused (fixture, changed, NOW_S);
  assert_refused (fixture, "", NOW_S);
  assert_refused (fixture, "..", NOW_S);
}

static void
test_key_set (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) set = door_own_jwk_set_build (fixture->keys);
  g_autofree char *text = g_strndup (g_bytes_get_data (set, NULL), g_bytes_get_size (set));
  g_autofree char *x = door_base64_encode_url (key_of (fixture, 0)->public_key, DOOR_ED25519_KEY_BYTES);
  g_autofree char *begin =
      g_strdup_printf ("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"sig\",\"alg\":\"EdDSA\","
                       "\"kid\":\"k1\",\"x\":\"%s\"},",
                       x);

  g_assert_true (g_str_has_prefix (text, begin));
  g_assert_null (strstr (text, "\"d\""));
}

/* RFC 8032, 7.1, TEST 2 */
static void
test_vector (Fixture *fixture, gconstpointer data)
{
  static const char secret_hex[] = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  static const char public_hex[] = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
  static const char signature_hex[] = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
  uint8_t secret[32], open[32], expected[64], signature[64];
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < 64; i++)
    {
      if (i < 32)
        {
          secret[i] = (uint8_t) (g_ascii_xdigit_value (secret_hex[2 * i]) * 16 +
                                 g_ascii_xdigit_value (secret_hex[2 * i + 1]));
          open[i] = (uint8_t) (g_ascii_xdigit_value (public_hex[2 * i]) * 16 +
                               g_ascii_xdigit_value (public_hex[2 * i + 1]));
        }
      expected[i] = (uint8_t) (g_ascii_xdigit_value (signature_hex[2 * i]) * 16 +
                               g_ascii_xdigit_value (signature_hex[2 * i + 1]));
    }
  g_assert_true (door_ed25519_sign (secret, open, "r", signature, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (signature, 64, expected, 64);
  g_assert_true (door_ed25519_verify (open, "r", 1, signature));
  g_assert_false (door_ed25519_verify (open, "s", 1, signature));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/own-jwt/round-trip", test_round_trip }, { "/own-jwt/by-hand", test_by_hand },
    { "/own-jwt/headers", test_headers },       { "/own-jwt/claims", test_claims },
    { "/own-jwt/signatures", test_signatures }, { "/own-jwt/key-set", test_key_set },
    { "/own-jwt/vector", test_vector },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}

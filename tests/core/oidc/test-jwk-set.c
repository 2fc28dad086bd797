/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-jwk-set.h"
#include "oidc-fixture.h"

static DoorJwkSet *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) document = g_bytes_new (text, strlen (text));

  return door_jwk_set_parse (document, error);
}

static void
assert_refused (const char *text, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorJwkSet) keys = parse (text, &error);

  if (keys != NULL)
    g_error ("accepted: %.200s", text);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_OIDC_DISCOVERY);
  if (strstr (error->message, reason) == NULL)
    g_error ("%.100s: %s", text, error->message);
}

/* A set of this key alone has none that can be used; beside a good one it is left out. */
static void
assert_left_out (const char *jwk)
{
  g_autofree char *alone = g_strdup_printf ("{\"keys\":[%s]}", jwk);
  g_autofree char *good = oidc_fixture_jwk (KEY_P256, ",\"kid\":\"good\"");
  g_autofree char *beside = g_strdup_printf ("{\"keys\":[%s,%s]}", jwk, good);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorJwkSet) keys = parse (beside, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (door_jwk_set_get_n_keys (keys), ==, 1);
  assert_refused (alone, "no key that can be used");
}

static void
test_good (void)
{
  static const char *const more[] = {
    "",
    ",\"use\":\"sig\"",
    ",\"key_ops\":[\"verify\"]",
    ",\"key_ops\":[\"sign\",\"verify\"]",
    ",\"x5c\":[\"MIIB\"],\"x5t\":\"a\",\"unknown\":{\"a\":1}",
    ",\"kid\":\"a b\"",
  };

  for (int key = 0; key < N_KEYS; key++)
    for (size_t i = 0; i < G_N_ELEMENTS (more) && key != KEY_RSA_SHORT; i++)
      {
        g_autoptr (DoorJwkSet) keys = oidc_fixture_keys (oidc_fixture_jwk ((Key) key, more[i]), NULL);

        g_assert_cmpuint (door_jwk_set_get_n_keys (keys), ==, 1);
      }
}

static void
test_purposes (void)
{
  static const char *const more[] = {
    ",\"use\":\"enc\"",
    ",\"use\":\"SIG\"",
    ",\"use\":1",
    ",\"key_ops\":[]",
    ",\"key_ops\":[\"encrypt\"]",
    ",\"key_ops\":\"verify\"",
    ",\"alg\":\"RSA-OAEP\"",
    ",\"alg\":\"HS256\"",
    ",\"alg\":\"none\"",
    ",\"alg\":1",
    ",\"kid\":1",
    ",\"d\":\"AQAB\"",
    ",\"k\":\"AQAB\"",
    ",\"p\":\"AQAB\"",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (more); i++)
    for (int key = KEY_P256; key < N_KEYS; key++)
      {
        g_autofree char *jwk = oidc_fixture_jwk ((Key) key, more[i]);

        g_test_message ("%s", more[i]);
        assert_left_out (jwk);
      }
}

/* A modulus of these bytes; those between are all ones. */
static char *
rsa_jwk (size_t bytes, uint8_t first, uint8_t last, const char *exponent)
{
  g_autofree uint8_t *n = g_malloc (bytes);
  g_autofree char *encoded = NULL;

  memset (n, 0xff, bytes);
  n[0] = first;
  n[bytes - 1] = last;
  encoded = door_base64_encode_url (n, bytes);
  return g_strdup_printf ("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", encoded, exponent);
}

static void
test_rsa (void)
{
  static const struct
  {
    size_t bytes;
    uint8_t first;
    uint8_t last;
    const char *exponent;
    bool good;
  } rows[] = {
    { 256, 0xff, 0xff, "AQAB", true },     { 256, 0x80, 0xff, "Aw", true },
    { 256, 0xff, 0xff, "AAEAAQ", true },   { 257, 0x00, 0xff, "AQAB", true },
    { 1024, 0xff, 0xff, "AQAB", true },    { 1025, 0xff, 0xff, "AQAB", false },
    { 256, 0x7f, 0xff, "AQAB", false },    { 255, 0xff, 0xff, "AQAB", false },
    { 128, 0xff, 0xff, "AQAB", false },    { 256, 0xff, 0xfe, "AQAB", false },
    { 256, 0xff, 0xff, "AQ", false },      { 256, 0xff, 0xff, "Ag", false },
    { 256, 0xff, 0xff, "AQAAAAE", false }, { 256, 0xff, 0xff, "AA", false },
    { 256, 0xff, 0xff, "", false },        { 256, 0xff, 0xff, "AQAB=", false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *jwk = rsa_jwk (rows[i].bytes, rows[i].first, rows[i].last, rows[i].exponent);
      g_autoptr (DoorJwkSet) keys = NULL;

      g_test_message ("%zu %02x %02x %s", rows[i].bytes, rows[i].first, rows[i].last, rows[i].exponent);
      if (!rows[i].good)
        {
          assert_left_out (jwk);
          continue;
        }
      keys = oidc_fixture_keys (g_steal_pointer (&jwk), NULL);
      g_assert_cmpuint (door_jwk_set_get_n_keys (keys), ==, 1);
    }
}

static void
test_bad_keys (void)
{
  g_autofree char *small = oidc_fixture_jwk (KEY_RSA_SHORT, "");
  g_autofree char *point = oidc_fixture_jwk (KEY_P384, "");
  g_autofree char *off = g_strdup (point), *other = NULL;
  char *x = strstr (off, "\"x\":\"") + strlen ("\"x\":\"");
  g_auto (GStrv) parts = g_strsplit (point, "P-384", 2);

  x[5] = x[5] == 'A' ? 'B' : 'A'; /* another x: the point is off the curve */
  other = g_strjoinv ("P-256", parts);
  assert_left_out (small);
  assert_left_out (off);
  assert_left_out (other); /* coordinates of another curve's length */
}

static void
test_other_kinds (void)
{
  static const char *const rows[] = {
    "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}",
    "{\"kty\":\"oct\"}",
    "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AQ\",\"y\":\"AQ\"}",
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}",
    "{\"kty\":\"EC\",\"crv\":\"P-256\"}",
    "{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
    "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQ\"}",
    "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"AQ\"}",
    "{\"kty\":\"RSA\"}",
    "{\"kty\":\"rsa\"}",
    "{\"kty\":1}",
    "{}",
    "\"RSA\"",
    "null",
    "[]",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_left_out (rows[i]);
}

static void
test_documents (void)
{
  g_autofree char *key = oidc_fixture_jwk (KEY_P256, "");
  g_autofree char *twice = g_strdup_printf ("{\"keys\":[%s,%s],\"other\":1}", key, key);
  g_autoptr (GString) many = g_string_new ("{\"keys\":["), large = g_string_new ("{\"a\":\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorJwkSet) keys = parse (twice, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (door_jwk_set_get_n_keys (keys), ==, 1);
  for (int i = 0; i < 65; i++)
    g_string_append_printf (many, "%s{}", i > 0 ? "," : "");
  g_string_append (many, "]}");
  for (int i = 0; i < 256 * 1024; i++)
    g_string_append_c (large, 'a');
  g_string_append (large, "\"}");
  assert_refused (many->str, "too many keys");
  assert_refused (large->str, "too large");
  assert_refused ("", "JSON");
  assert_refused ("[]", "no list");
  assert_refused ("{}", "no list");
  assert_refused ("{\"keys\":{}}", "no list");
  assert_refused ("{\"keys\":[]}", "no key");
  assert_refused ("{\"keys\":[],\"keys\":[]}", "same name");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jwk-set/good", test_good);
  g_test_add_func ("/jwk-set/purposes", test_purposes);
  g_test_add_func ("/jwk-set/rsa", test_rsa);
  g_test_add_func ("/jwk-set/bad-keys", test_bad_keys);
  g_test_add_func ("/jwk-set/other-kinds", test_other_kinds);
  g_test_add_func ("/jwk-set/documents", test_documents);
  result = g_test_run ();
  oidc_fixture_free_keys ();
  return result;
}

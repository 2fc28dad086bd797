/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-jwt.h"
#include "oidc-fixture.h"
#include "test-data.h"

#define CLAIMS "{\"a\":1}"
#define RSA_HEADER "{\"alg\":\"RS256\",\"kid\":\"rsa\"}"

static const char *const types[] = { "JWT", NULL };

static DoorJwt *
verify (const char *token, const DoorJwkSet *keys, DoorJwsAlgorithms allowed, GError **error)
{
  return door_jwt_verify (token, keys, allowed, types, error);
}

static void
assert_refused (const char *token, const DoorJwkSet *keys, DoorJwsAlgorithms allowed, DoorFault fault)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorJwt) jwt = verify (token, keys, allowed, &error);

  if (jwt != NULL)
    g_error ("accepted: %s", token);
  g_assert_cmpstr (door_fault_get_info (door_error_get_fault (error))->id, ==,
                   door_fault_get_info (fault)->id);
}

static void
assert_accepted (const char *token, const DoorJwkSet *keys, DoorJwsAlgorithms algorithm)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorJwt) jwt = verify (token, keys, algorithm, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_jwt_get_algorithm (jwt), ==, algorithm);
  g_assert_cmpint (json_object_get_int_member (door_jwt_get_claims (jwt), "a"), ==, 1);
}

static const struct
{
  const char *name;
  DoorJwsAlgorithms algorithm;
  Key key;
  const char *id;
} rows[] = {
  { "RS256", DOOR_JWS_RS256, KEY_RSA, "rsa" },   { "RS384", DOOR_JWS_RS384, KEY_RSA, "rsa" },
  { "RS512", DOOR_JWS_RS512, KEY_RSA, "rsa" },   { "PS256", DOOR_JWS_PS256, KEY_RSA, "rsa" },
  { "PS384", DOOR_JWS_PS384, KEY_RSA, "rsa" },   { "PS512", DOOR_JWS_PS512, KEY_RSA, "rsa" },
  { "ES256", DOOR_JWS_ES256, KEY_P256, "p256" }, { "ES384", DOOR_JWS_ES384, KEY_P384, "p384" },
  { "ES512", DOOR_JWS_ES512, KEY_P521, "p521" }, { "EdDSA", DOOR_JWS_EDDSA, KEY_ED25519, "ed" },
};

/* Each algorithm with its key, alone allowed; and refused when it is the one that is not. */
static void
test_algorithms (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();

  g_assert_cmpuint (door_jwk_set_get_n_keys (keys), ==, 5);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *header =
          g_strdup_printf ("{\"alg\":\"%s\",\"kid\":\"%s\",\"typ\":\"JWT\"}", rows[i].name, rows[i].id);
      g_autofree char *token = oidc_fixture_sign_as (rows[i].key, rows[i].name, header, CLAIMS);

      assert_accepted (token, keys, rows[i].algorithm);
      assert_refused (token, keys, DOOR_JWS_ALL & ~rows[i].algorithm, DOOR_FAULT_OIDC_ALGORITHM);
    }
}

/* A signature by one algorithm is none by another of the same key. */
static void
test_other_algorithm (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (rows); k++)
      {
        g_autofree char *header = NULL, *token = NULL;

        if (i == k)
          continue;
        header = g_strdup_printf ("{\"alg\":\"%s\",\"kid\":\"%s\"}", rows[k].name, rows[i].id);
        token = oidc_fixture_sign_as (rows[i].key, rows[i].name, header, CLAIMS);
        assert_refused (token, keys, DOOR_JWS_ALL,
                        rows[i].key == rows[k].key ? DOOR_FAULT_OIDC_SIGNATURE : DOOR_FAULT_OIDC_KEY);
      }
}

/* Shorter or longer P-256 signatures occur one time in 128. */
static void
test_short_numbers (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  unsigned int short_ones = 0;

  for (int i = 0; i < 2000 && short_ones < 3; i++)
    {
      g_autofree char *claims = g_strdup_printf ("{\"a\":1,\"i\":%d}", i);
      g_autofree char *token = oidc_fixture_token (KEY_P256, "{\"alg\":\"ES256\",\"kid\":\"p256\"}", claims);
      const char *signature = strrchr (token, '.') + 1;
      g_autoptr (GBytes) bytes = door_base64_decode_url (signature, strlen (signature), 64);
      const uint8_t *data = g_bytes_get_data (bytes, NULL);

      if (data[0] != 0 && data[32] != 0)
        continue;
      short_ones++;
      assert_accepted (token, keys, DOOR_JWS_ES256);
    }
  g_assert_cmpuint (short_ones, ==, 3);
}

/* Another library made these keys and signatures. */
static void
test_foreign (void)
{
  static const char *const files[] = { "rs256", "ps256", "ps512", "es256", "es384", "es512", "eddsa" };
  g_autoptr (GBytes) document = test_data_load ("oidc/document", "keys.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorJwkSet) keys = door_jwk_set_parse (document, &error);

  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_strconcat (files[i], ".jwt", NULL);
      g_autoptr (GBytes) bytes = test_data_load ("oidc/token", name);
      g_autofree char *token = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      g_autoptr (DoorJwt) jwt = verify (token, keys, DOOR_JWS_ALL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (door_jwt_get_claims (jwt), "sub"), ==, "u-1");
    }
}

static void
test_headers (void)
{
  static const struct
  {
    const char *header;
    DoorFault fault;
  } bad[] = {
    { "{\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":5,\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":[\"RS256\"],\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"none\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"None\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"rs256\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"RS1\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"ES256K\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_ALGORITHM },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"exp\"]}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[]}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"b64\":false}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"zip\":\"DEF\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"enc\":\"A128GCM\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"cty\":\"JWT\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"at+jwt\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"logout+jwt\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":1}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"other\"}", DOOR_FAULT_OIDC_KEY },
    { "{\"alg\":\"RS256\",\"kid\":\"RSA\"}", DOOR_FAULT_OIDC_KEY },
    { "{\"alg\":\"RS256\",\"kid\":\"p256\"}", DOOR_FAULT_OIDC_KEY },
    { "{\"alg\":\"RS256\",\"kid\":\"\"}", DOOR_FAULT_OIDC_KEY },
    { "{\"alg\":\"RS256\",\"kid\":1}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"rsa\"}", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\"} ", DOOR_FAULT_NONE },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\"}}", DOOR_FAULT_OIDC_TOKEN },
    { "[\"RS256\"]", DOOR_FAULT_OIDC_TOKEN },
    { "", DOOR_FAULT_OIDC_TOKEN },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"jwt\"}", DOOR_FAULT_NONE },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"application/JWT\"}", DOOR_FAULT_NONE },
    { "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x5t\":\"a\",\"other\":{\"b\":1}}", DOOR_FAULT_NONE },
    { "{\"alg\":\"RS256\"}", DOOR_FAULT_NONE },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *token = oidc_fixture_token (KEY_RSA, bad[i].header, CLAIMS);

      g_test_message ("%s", bad[i].header);
      if (bad[i].fault == DOOR_FAULT_NONE)
        assert_accepted (token, keys, DOOR_JWS_RS256);
      else
        assert_refused (token, keys, DOOR_JWS_ALL, bad[i].fault);
    }
}

/* Keys inside the token or behind an address in it are those of whoever made the token. */
static void
test_own_key (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  g_autofree char *jwk = oidc_fixture_jwk (KEY_RSA_OTHER, "");
  g_autofree char *inside = g_strdup_printf ("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jwk\":%s}", jwk);
  g_autofree char *bare = g_strdup_printf ("{\"alg\":\"RS256\",\"jwk\":%s}", jwk);
  const char *const headers[] = {
    inside,
    bare,
    RSA_HEADER,
    "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jku\":\"https://evil.example/keys\"}",
    "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x5u\":\"https://evil.example/cert\"}",
    "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"x5c\":[\"MIIB\"]}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autofree char *token = oidc_fixture_token (KEY_RSA_OTHER, headers[i], CLAIMS);

      assert_refused (token, keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_SIGNATURE);
    }
}

/* The public key as the shared secret (CVE-2015-9235 and many since). */
static void
test_key_confusion (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  g_autofree char *jwk = oidc_fixture_jwk (KEY_RSA, "");
  g_autofree char *hmac = oidc_fixture_hmac_token (jwk, "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", CLAIMS);
  g_autofree char *posing = oidc_fixture_hmac_token (jwk, RSA_HEADER, CLAIMS);

  assert_refused (hmac, keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_ALGORITHM);
  assert_refused (posing, keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_SIGNATURE);
}

static char *
with_signature (const char *token, const char *signature)
{
  return g_strdup_printf ("%.*s.%s", (int) (strrchr (token, '.') - token), token, signature);
}

static void
test_signatures (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  g_autofree char *zeros = g_strnfill (86, 'A'); /* r and s are 0: CVE-2022-21449 */
  const char *const signatures[] = { "", "AAAA", zeros };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *header = g_strdup_printf ("{\"alg\":\"%s\",\"kid\":\"%s\"}", rows[i].name, rows[i].id);
      g_autofree char *token = oidc_fixture_sign_as (rows[i].key, rows[i].name, header, CLAIMS);
      const char *signature = strrchr (token, '.') + 1;
      g_autoptr (GBytes) bytes = door_base64_decode_url (signature, strlen (signature), 512);
      g_autofree char *cut =
          door_base64_encode_url (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes) - 1);
      g_autofree char *shorter = with_signature (token, cut);
      g_autofree char *longer = g_strconcat (token, "AAAA", NULL);

      for (size_t k = 0; k < G_N_ELEMENTS (signatures); k++)
        {
          g_autofree char *bad = with_signature (token, signatures[k]);

          assert_refused (bad, keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_SIGNATURE);
        }
      assert_refused (longer, keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_SIGNATURE);
      assert_refused (shorter, keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_SIGNATURE);
    }
}

static char *
replace_payload (const char *token, const char *claims)
{
  g_auto (GStrv) parts = g_strsplit (token, ".", 3);

  g_free (parts[1]);
  parts[1] = oidc_fixture_encode (claims);
  return g_strjoinv (".", parts);
}

static void
test_forms (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  g_autofree char *good = oidc_fixture_token (KEY_RSA, RSA_HEADER, CLAIMS);
  g_autofree char *changed = replace_payload (good, "{\"a\":2}");
  g_autofree char *padded = g_strconcat (good, "==", NULL);
  g_autofree char *spaced = g_strconcat (good, "\n", NULL);
  g_autofree char *four = g_strconcat (good, ".", NULL);
  g_autofree char *five = g_strconcat (good, ".a.b", NULL);
  g_autofree char *list = oidc_fixture_token (KEY_RSA, RSA_HEADER, "[1]");
  g_autofree char *doubled = oidc_fixture_token (KEY_RSA, RSA_HEADER, "{\"a\":1,\"a\":2}");
  g_autofree char *no_json = oidc_fixture_token (KEY_RSA, RSA_HEADER, "a=1");
  g_autofree char *filler = g_strnfill (50000, 'a');
  g_autofree char *large_claims = g_strdup_printf ("{\"a\":1,\"b\":\"%s\"}", filler);
  g_autofree char *large = oidc_fixture_token (KEY_RSA, RSA_HEADER, large_claims);
  const char *const malformed[] = { "",     ".",  "..", "a.b", "a.b.c", "{}.{}.", padded,
                                    spaced, four, five, list,  doubled, no_json,  large };

  assert_accepted (good, keys, DOOR_JWS_RS256);
  assert_refused (changed, keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_SIGNATURE);
  for (size_t i = 0; i < G_N_ELEMENTS (malformed); i++)
    assert_refused (malformed[i], keys, DOOR_JWS_ALL, DOOR_FAULT_OIDC_TOKEN);
}

/* The last character of a part may have bits that mean nothing; they must be 0, or one token has many forms.
 */
static void
test_base64_bits (void)
{
  static const char *const good[] = { "", "AA", "AAA", "AAAA", "AQ", "_-8" };
  static const char *const bad[] = {
    "A", "AB", "AAB", "AAAAA", "A=", "AA==", "A A", "+/8", "\xc3\xa4", "AA\n"
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) bytes = door_base64_decode_url (good[i], strlen (good[i]), 3);
      gsize size = 0;
      const uint8_t *data = g_bytes_get_data (bytes, &size);
      g_autofree char *back = door_base64_encode_url (data, size);

      g_assert_cmpstr (back, ==, good[i]);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (door_base64_decode_url (bad[i], strlen (bad[i]), 64));
  g_assert_null (door_base64_decode_url ("AAAAAA", 6, 3));
}

/* Without a key id there must be one key only that fits; the same id may stand at two keys for some time. */
static void
test_key_ids (void)
{
  g_autoptr (DoorJwkSet) two = oidc_fixture_keys (oidc_fixture_jwk (KEY_RSA, ",\"kid\":\"1\""),
                                                  oidc_fixture_jwk (KEY_RSA_OTHER, ",\"kid\":\"2\""), NULL);
  g_autoptr (DoorJwkSet) same = oidc_fixture_keys (oidc_fixture_jwk (KEY_RSA_OTHER, ",\"kid\":\"1\""),
                                                   oidc_fixture_jwk (KEY_RSA, ",\"kid\":\"1\""), NULL);
  g_autoptr (DoorJwkSet) unnamed = oidc_fixture_keys (oidc_fixture_jwk (KEY_RSA, ""), NULL);
  g_autofree char *bare = oidc_fixture_token (KEY_RSA, "{\"alg\":\"RS256\"}", CLAIMS);
  g_autofree char *first = oidc_fixture_token (KEY_RSA, "{\"alg\":\"RS256\",\"kid\":\"1\"}", CLAIMS);
  g_autofree char *second = oidc_fixture_token (KEY_RSA, "{\"alg\":\"RS256\",\"kid\":\"2\"}", CLAIMS);

  assert_refused (bare, two, DOOR_JWS_ALL, DOOR_FAULT_OIDC_KEY);
  assert_accepted (first, two, DOOR_JWS_RS256);
  assert_refused (second, two, DOOR_JWS_ALL, DOOR_FAULT_OIDC_SIGNATURE);
  assert_accepted (first, same, DOOR_JWS_RS256);
  assert_accepted (bare, unnamed, DOOR_JWS_RS256);
  assert_refused (first, unnamed, DOOR_JWS_ALL, DOOR_FAULT_OIDC_KEY);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jwt/algorithms", test_algorithms);
  g_test_add_func ("/jwt/other-algorithm", test_other_algorithm);
  g_test_add_func ("/jwt/short-numbers", test_short_numbers);
  g_test_add_func ("/jwt/foreign", test_foreign);
  g_test_add_func ("/jwt/headers", test_headers);
  g_test_add_func ("/jwt/own-key", test_own_key);
  g_test_add_func ("/jwt/key-confusion", test_key_confusion);
  g_test_add_func ("/jwt/signatures", test_signatures);
  g_test_add_func ("/jwt/forms", test_forms);
  g_test_add_func ("/jwt/base64-bits", test_base64_bits);
  g_test_add_func ("/jwt/key-ids", test_key_ids);
  result = g_test_run ();
  oidc_fixture_free_keys ();
  return result;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys made here and tokens signed with them. */
#include "oidc-fixture.h"

#include <stdarg.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "door-base64.h"

static gnutls_privkey_t made[N_KEYS];

static const struct
{
  gnutls_pk_algorithm_t algorithm;
  unsigned int bits;
  const char *curve;
  size_t bytes;
  const char *usual; /* alg of its tokens */
} kinds[N_KEYS] = {
  [KEY_RSA] = { GNUTLS_PK_RSA, 2048, NULL, 0, "RS256" },
  [KEY_RSA_OTHER] = { GNUTLS_PK_RSA, 2048, NULL, 0, "RS256" },
  [KEY_RSA_SHORT] = { GNUTLS_PK_RSA, 2040, NULL, 0, "RS256" },
  [KEY_P256] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), "P-256", 32, "ES256" },
  [KEY_P384] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP384R1), "P-384", 48, "ES384" },
  [KEY_P521] = { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP521R1), "P-521", 66, "ES512" },
  [KEY_ED25519] = { GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_ED25519), "Ed25519", 32,
                    "EdDSA" },
};

static const struct
{
  const char *name;
  gnutls_sign_algorithm_t gnutls;
} algorithms[] = {
  { "RS256", GNUTLS_SIGN_RSA_SHA256 },     { "RS384", GNUTLS_SIGN_RSA_SHA384 },
  { "RS512", GNUTLS_SIGN_RSA_SHA512 },     { "PS256", GNUTLS_SIGN_RSA_PSS_SHA256 },
  { "PS384", GNUTLS_SIGN_RSA_PSS_SHA384 }, { "PS512", GNUTLS_SIGN_RSA_PSS_SHA512 },
  { "ES256", GNUTLS_SIGN_ECDSA_SHA256 },   { "ES384", GNUTLS_SIGN_ECDSA_SHA384 },
  { "ES512", GNUTLS_SIGN_ECDSA_SHA512 },   { "EdDSA", GNUTLS_SIGN_EDDSA_ED25519 },
};

static gnutls_privkey_t
get_key (Key key)
{
  if (made[key] != NULL)
    return made[key];
  g_assert_cmpint (gnutls_privkey_init (&made[key]), ==, 0);
  g_assert_cmpint (gnutls_privkey_generate (made[key], kinds[key].algorithm, kinds[key].bits, 0), ==, 0);
  return made[key];
}

void
oidc_fixture_free_keys (void)
{
  for (int i = 0; i < N_KEYS; i++)
    g_clear_pointer (&made[i], gnutls_privkey_deinit);
}

/* A number of some length, whatever zeros GnuTLS puts in front or leaves out. */
static char *
encode_number (const gnutls_datum_t *number, size_t bytes)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const uint8_t zero = 0;
  size_t skip = 0;

  while (skip < number->size && number->data[skip] == 0)
    skip++;
  while (out->len + number->size - skip < bytes)
    g_byte_array_append (out, &zero, 1);
  g_byte_array_append (out, number->data + skip, (guint) (number->size - skip));
  return door_base64_encode_url (out->data, out->len);
}

static char *
encode_exact (const gnutls_datum_t *bytes)
{
  return door_base64_encode_url (bytes->data, bytes->size);
}

/* The public key; more is further members, with a comma in front. */
char *
oidc_fixture_jwk (Key key, const char *more)
{
  gnutls_datum_t a = { NULL, 0 }, b = { NULL, 0 };
  g_autofree char *first = NULL, *second = NULL;
  gnutls_ecc_curve_t curve;
  char *jwk;

  if (kinds[key].algorithm == GNUTLS_PK_RSA)
    {
      g_assert_cmpint (
          gnutls_privkey_export_rsa_raw (get_key (key), &a, &b, NULL, NULL, NULL, NULL, NULL, NULL), ==, 0);
      first = encode_number (&a, 0);
      second = encode_number (&b, 0);
      jwk = g_strdup_printf ("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}", first, second, more);
    }
  else
    {
      g_assert_cmpint (gnutls_privkey_export_ecc_raw (get_key (key), &curve, &a, &b, NULL), ==, 0);
      first = b.data != NULL ? encode_number (&a, kinds[key].bytes) : encode_exact (&a);
      second = b.data != NULL ? encode_number (&b, kinds[key].bytes) : NULL;
      jwk = second != NULL ? g_strdup_printf ("{\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"%s}",
                                              kinds[key].curve, first, second, more)
                           : g_strdup_printf ("{\"kty\":\"OKP\",\"crv\":\"%s\",\"x\":\"%s\"%s}",
                                              kinds[key].curve, first, more);
    }
  gnutls_free (a.data);
  gnutls_free (b.data);
  return jwk;
}

/* A set of the keys given as texts, which it frees. */
DoorJwkSet *
oidc_fixture_keys (const char *first, ...)
{
  g_autoptr (GString) text = g_string_new ("{\"keys\":[");
  g_autoptr (GBytes) document = NULL;
  g_autoptr (GError) error = NULL;
  DoorJwkSet *keys;
  va_list rest;

  va_start (rest, first);
  for (const char *key = first; key != NULL; key = va_arg (rest, const char *))
    {
      g_string_append_printf (text, "%s%s", key != first ? "," : "", key);
      g_free ((char *) key);
    }
  va_end (rest);
  g_string_append (text, "]}");
  document = g_bytes_new (text->str, text->len);
  keys = door_jwk_set_parse (document, &error);
  g_assert_no_error (error);
  return keys;
}

/* All good ones, each with the id of its number in Key. */
DoorJwkSet *
oidc_fixture_all_keys (void)
{
  return oidc_fixture_keys (oidc_fixture_jwk (KEY_RSA, ",\"kid\":\"rsa\",\"use\":\"sig\""),
                            oidc_fixture_jwk (KEY_P256, ",\"kid\":\"p256\",\"alg\":\"ES256\""),
                            oidc_fixture_jwk (KEY_P384, ",\"kid\":\"p384\",\"key_ops\":[\"verify\"]"),
                            oidc_fixture_jwk (KEY_P521, ",\"kid\":\"p521\""),
                            oidc_fixture_jwk (KEY_ED25519, ",\"kid\":\"ed\""), NULL);
}

char *
oidc_fixture_encode (const char *text)
{
  return door_base64_encode_url ((const uint8_t *) text, strlen (text));
}

static char *
make_input (const char *header, const char *claims)
{
  g_autofree char *first = oidc_fixture_encode (header), *second = oidc_fixture_encode (claims);

  return g_strconcat (first, ".", second, NULL);
}

static char *
encode_signature (Key key, const gnutls_datum_t *signature)
{
  gnutls_datum_t r = { NULL, 0 }, s = { NULL, 0 };
  g_autoptr (GByteArray) both = g_byte_array_new ();
  const uint8_t zero = 0;

  if (kinds[key].algorithm != GNUTLS_PK_ECDSA)
    return encode_exact (signature);
  g_assert_cmpint (gnutls_decode_rs_value (signature, &r, &s), ==, 0);
  for (int i = 0; i < 2; i++)
    {
      const gnutls_datum_t *number = i == 0 ? &r : &s;
      size_t skip = 0;

      while (skip < number->size && number->data[skip] == 0)
        skip++;
      for (size_t n = number->size - skip; n < kinds[key].bytes; n++)
        g_byte_array_append (both, &zero, 1);
      g_byte_array_append (both, number->data + skip, (guint) (number->size - skip));
    }
  gnutls_free (r.data);
  gnutls_free (s.data);
  return door_base64_encode_url (both->data, both->len);
}

/* A token signed with an algorithm, whatever its header says. */
char *
oidc_fixture_sign_as (Key key, const char *algorithm, const char *header, const char *claims)
{
  g_autofree char *input = make_input (header, claims), *encoded = NULL;
  gnutls_datum_t data = { (unsigned char *) input, (unsigned int) strlen (input) };
  gnutls_datum_t signature = { NULL, 0 };
  size_t i = 0;

  while (strcmp (algorithms[i].name, algorithm) != 0)
    i++;
  g_assert_cmpint (gnutls_privkey_sign_data2 (get_key (key), algorithms[i].gnutls, 0, &data, &signature), ==,
                   0);
  encoded = encode_signature (key, &signature);
  gnutls_free (signature.data);
  return g_strconcat (input, ".", encoded, NULL);
}

/* A token signed as is usual for the key. */
char *
oidc_fixture_token (Key key, const char *header, const char *claims)
{
  return oidc_fixture_sign_as (key, kinds[key].usual, header, claims);
}

char *
oidc_fixture_hmac_token (const char *secret, const char *header, const char *claims)
{
  g_autofree char *input = make_input (header, claims), *encoded = NULL;
  uint8_t digest[32];

  g_assert_cmpint (
      gnutls_hmac_fast (GNUTLS_MAC_SHA256, secret, strlen (secret), input, strlen (input), digest), ==, 0);
  encoded = door_base64_encode_url (digest, sizeof digest);
  return g_strconcat (input, ".", encoded, NULL);
}

DoorOidcExpectation
oidc_fixture_expectation (const DoorJwkSet *keys)
{
  static const char *const issuers[] = { OIDC_ISSUER, NULL };

  return (DoorOidcExpectation){
    .issuers = issuers,
    .client_id = OIDC_CLIENT,
    .keys = keys,
    .algorithms = DOOR_JWS_ALL,
    .now_ms = OIDC_NOW_S * 1000,
    .clock_skew_s = 180,
  };
}

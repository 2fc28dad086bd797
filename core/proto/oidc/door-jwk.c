/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jwk.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "door-base64.h"
#include "door-json-member.h"

#define MAX_ID_BYTES 512
#define MIN_MODULUS_BYTES (2048 / 8)
#define MAX_MODULUS_BYTES (8192 / 8)
#define MAX_EXPONENT_BYTES 4
#define MAX_COORDINATE_BYTES 66

#define RSA_ALGORITHMS                                                                                       \
  (DOOR_JWS_RS256 | DOOR_JWS_RS384 | DOOR_JWS_RS512 | DOOR_JWS_PS256 | DOOR_JWS_PS384 | DOOR_JWS_PS512)

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)

/* RFC 7518, 6.2.1.1 and RFC 8037, 2. */
static const struct
{
  const char *type;
  const char *name;
  int curve;
  size_t coordinate_bytes;
  bool has_y;
  DoorJwsAlgorithms algorithm;
} curves[] = {
  { "EC", "P-256", GNUTLS_ECC_CURVE_SECP256R1, 32, true, DOOR_JWS_ES256 },
  { "EC", "P-384", GNUTLS_ECC_CURVE_SECP384R1, 48, true, DOOR_JWS_ES384 },
  { "EC", "P-521", GNUTLS_ECC_CURVE_SECP521R1, 66, true, DOOR_JWS_ES512 },
  { "OKP", "Ed25519", GNUTLS_ECC_CURVE_ED25519, 32, false, DOOR_JWS_EDDSA },
};

static const struct
{
  DoorJwsAlgorithms algorithm;
  gnutls_sign_algorithm_t gnutls;
} signatures[] = {
  { DOOR_JWS_RS256, GNUTLS_SIGN_RSA_SHA256 },     { DOOR_JWS_RS384, GNUTLS_SIGN_RSA_SHA384 },
  { DOOR_JWS_RS512, GNUTLS_SIGN_RSA_SHA512 },     { DOOR_JWS_PS256, GNUTLS_SIGN_RSA_PSS_SHA256 },
  { DOOR_JWS_PS384, GNUTLS_SIGN_RSA_PSS_SHA384 }, { DOOR_JWS_PS512, GNUTLS_SIGN_RSA_PSS_SHA512 },
  { DOOR_JWS_ES256, GNUTLS_SIGN_ECDSA_SHA256 },   { DOOR_JWS_ES384, GNUTLS_SIGN_ECDSA_SHA384 },
  { DOOR_JWS_ES512, GNUTLS_SIGN_ECDSA_SHA512 },   { DOOR_JWS_EDDSA, GNUTLS_SIGN_EDDSA_ED25519 },
};

void
door_jwk_free (DoorJwk *self)
{
  g_free (self->id);
  g_clear_pointer (&self->first, g_bytes_unref);
  g_clear_pointer (&self->second, g_bytes_unref);
  g_free (self);
}

bool
door_jwk_equal (const DoorJwk *a, const DoorJwk *b)
{
  return g_strcmp0 (a->id, b->id) == 0 && a->curve == b->curve && a->algorithms == b->algorithms &&
         g_bytes_equal (a->first, b->first) && (a->second == NULL) == (b->second == NULL) &&
         (a->second == NULL || g_bytes_equal (a->second, b->second));
}

static gnutls_datum_t
datum_of (GBytes *bytes)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);

  return (gnutls_datum_t){ .data = (unsigned char *) data, .size = (unsigned int) size };
}

static gnutls_pubkey_t
import (const DoorJwk *self)
{
  g_auto (gnutls_pubkey_t) key = NULL;
  gnutls_datum_t first = datum_of (self->first), second = { NULL, 0 };
  int result;

  if (self->second != NULL)
    second = datum_of (self->second);
  if (gnutls_pubkey_init (&key) < 0)
    return NULL;
  result = self->curve == GNUTLS_ECC_CURVE_INVALID
               ? gnutls_pubkey_import_rsa_raw (key, &first, &second)
               : gnutls_pubkey_import_ecc_raw (key, (gnutls_ecc_curve_t) self->curve, &first,
                                               self->second != NULL ? &second : NULL);
  return result < 0 ? NULL : g_steal_pointer (&key);
}

static GBytes *
read_number (JsonObject *object, const char *name, size_t max_bytes)
{
  const char *text = NULL;

  if (!door_json_member_read_string (object, name, &text, NULL) || text == NULL)
    return NULL;
  return door_base64_decode_url (text, strlen (text), max_bytes);
}

/* Some writers leave a zero byte in front, to keep the sign (RFC 7518, 2 forbids it). */
static GBytes *
strip_zeros (GBytes *number)
{
  gsize size = 0;
  const uint8_t *data = g_bytes_get_data (number, &size);
  size_t zeros = 0;

  while (zeros < size && data[zeros] == 0)
    zeros++;
  return g_bytes_new_from_bytes (number, zeros, size - zeros);
}

static bool
is_odd (GBytes *number)
{
  gsize size = 0;
  const uint8_t *data = g_bytes_get_data (number, &size);

  return size > 0 && (data[size - 1] & 1) == 1;
}

static bool
is_one (GBytes *number)
{
  return g_bytes_get_size (number) == 1 && *(const uint8_t *) g_bytes_get_data (number, NULL) == 1;
}

static bool
read_rsa (DoorJwk *self, JsonObject *object)
{
  g_autoptr (GBytes) n = read_number (object, "n", MAX_MODULUS_BYTES + 1);
  g_autoptr (GBytes) e = read_number (object, "e", MAX_EXPONENT_BYTES + 1);
  const uint8_t *top;

  if (n == NULL || e == NULL)
    return false;
  self->first = strip_zeros (n);
  self->second = strip_zeros (e);
  self->curve = GNUTLS_ECC_CURVE_INVALID;
  self->algorithms = RSA_ALGORITHMS;
  if (g_bytes_get_size (self->first) < MIN_MODULUS_BYTES ||
      g_bytes_get_size (self->first) > MAX_MODULUS_BYTES ||
      g_bytes_get_size (self->second) > MAX_EXPONENT_BYTES || !is_odd (self->first) ||
      !is_odd (self->second) || is_one (self->second))
    return false;
  top = g_bytes_get_data (self->first, NULL);
  /* 2048 bits, not 2041 */
  return g_bytes_get_size (self->first) > MIN_MODULUS_BYTES || (top[0] & 0x80) != 0;
}

static bool
read_curve (DoorJwk *self, JsonObject *object, const char *type)
{
  const char *name = NULL;

  if (!door_json_member_read_string (object, "crv", &name, NULL))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (curves); i++)
    {
      if (strcmp (type, curves[i].type) != 0 || g_strcmp0 (name, curves[i].name) != 0)
        continue;
      self->curve = curves[i].curve;
      self->algorithms = curves[i].algorithm;
      self->first = read_number (object, "x", MAX_COORDINATE_BYTES);
      self->second = curves[i].has_y ? read_number (object, "y", MAX_COORDINATE_BYTES) : NULL;
      return self->first != NULL && g_bytes_get_size (self->first) == curves[i].coordinate_bytes &&
             (!curves[i].has_y ||
              (self->second != NULL && g_bytes_get_size (self->second) == curves[i].coordinate_bytes));
    }
  return false;
}

static bool
contains (char **list, const char *word)
{
  return g_strv_contains ((const char *const *) list, word);
}

/* What the provider says the key is for (RFC 7517, 4.2 to 4.4). */
static bool
read_purpose (DoorJwk *self, JsonObject *object)
{
  const char *use = NULL, *algorithm = NULL, *id = NULL;
  g_auto (GStrv) operations = NULL;

  if (!door_json_member_read_string (object, "use", &use, NULL) ||
      !door_json_member_read_string (object, "alg", &algorithm, NULL) ||
      !door_json_member_read_string (object, "kid", &id, NULL) ||
      !door_json_member_read_strings (object, "key_ops", &operations, NULL))
    return false;
  if (use != NULL && strcmp (use, "sig") != 0)
    return false;
  if (operations != NULL && !contains (operations, "verify"))
    return false;
  if (id != NULL && strlen (id) > MAX_ID_BYTES)
    return false;
  if (algorithm != NULL)
    self->algorithms &= door_jws_algorithm_from_name (algorithm);
  self->id = g_strdup (id);
  return self->algorithms != DOOR_JWS_NONE;
}

/* A private key that is published is anybody's. */
static bool
has_private_part (JsonObject *object)
{
  static const char *const names[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_has_member (object, names[i]))
      return true;
  return false;
}

/* The key, NULL when it is none that may verify a signature: of another kind, too short, not on its curve. */
DoorJwk *
door_jwk_parse (JsonObject *object)
{
  g_autoptr (DoorJwk) self = g_new0 (DoorJwk, 1);
  g_auto (gnutls_pubkey_t) key = NULL;
  const char *type = NULL;

  if (!door_json_member_read_string (object, "kty", &type, NULL) || type == NULL || has_private_part (object))
    return NULL;
  if (!(strcmp (type, "RSA") == 0 ? read_rsa (self, object) : read_curve (self, object, type)) ||
      !read_purpose (self, object))
    return NULL;
  key = import (self);
  if (key == NULL || gnutls_pubkey_verify_params (key) < 0)
    return NULL;
  return g_steal_pointer (&self);
}

/* r and s, one behind the other (RFC 7518, 3.4), as GnuTLS reads them. */
static bool
encode_rs (GBytes *signature, size_t coordinate_bytes, gnutls_datum_t *out)
{
  g_autoptr (GBytes) left = NULL, right = NULL, r = NULL, s = NULL;
  gnutls_datum_t r_datum, s_datum;

  if (g_bytes_get_size (signature) != 2 * coordinate_bytes)
    return false;
  left = g_bytes_new_from_bytes (signature, 0, coordinate_bytes);
  right = g_bytes_new_from_bytes (signature, coordinate_bytes, coordinate_bytes);
  r = strip_zeros (left);
  s = strip_zeros (right);
  if (g_bytes_get_size (r) == 0 || g_bytes_get_size (s) == 0)
    return false;
  r_datum = datum_of (r);
  s_datum = datum_of (s);
  return gnutls_encode_rs_value (out, &r_datum, &s_datum) == 0;
}

static bool
verify_with (gnutls_pubkey_t key, DoorJwsAlgorithms algorithm, GBytes *data, const gnutls_datum_t *signature)
{
  gnutls_datum_t signed_data = datum_of (data);

  for (size_t i = 0; i < G_N_ELEMENTS (signatures); i++)
    if (signatures[i].algorithm == algorithm)
      return gnutls_pubkey_verify_data2 (key, signatures[i].gnutls, 0, &signed_data, signature) >= 0;
  return false;
}

/* Whether the key may be used with the algorithm and made this signature. */
bool
door_jwk_verify (const DoorJwk *self, DoorJwsAlgorithms algorithm, GBytes *data, GBytes *signature)
{
  g_auto (gnutls_pubkey_t) key = NULL;
  gnutls_datum_t datum = datum_of (signature), encoded = { NULL, 0 };
  bool good;

  if ((self->algorithms & algorithm) == 0)
    return false;
  key = import (self);
  if (key == NULL)
    return false;
  if (algorithm != DOOR_JWS_ES256 && algorithm != DOOR_JWS_ES384 && algorithm != DOOR_JWS_ES512)
    return verify_with (key, algorithm, data, &datum);
  if (!encode_rs (signature, g_bytes_get_size (self->first), &encoded))
    return false;
  good = verify_with (key, algorithm, data, &encoded);
  gnutls_free (encoded.data);
  return good;
}

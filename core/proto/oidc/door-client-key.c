/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-client-key.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <json-glib/json-glib.h>

#include "door-base64.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-json.h"

/* From here to the provider, with a clock there that may be a little ahead. */
#define LIFE_S 120

struct _DoorClientKey
{
  gnutls_privkey_t key;
  char *modulus; /* base64url, as are the next two */
  char *exponent;
  char *id;          /* RFC 7638 */
  char *certificate; /* base64 */
  char *thumbprint;  /* of the certificate, SHA-256 */
};

static char *
encode_integer (const gnutls_datum_t *integer)
{
  const uint8_t *data = integer->data;
  size_t size = integer->size;

  for (; size > 1 && *data == 0; size--) /* the sign that DER has */
    data++;
  return door_base64_encode_url (data, size);
}

/* The members that are needed, in the order of their names and without a space (RFC 7638, 3). */
static char *
name_key (const DoorClientKey *self)
{
  g_autofree char *text =
      g_strdup_printf ("{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", self->exponent, self->modulus);

  return door_digest_sha256_url (text, strlen (text));
}

static bool
load (DoorClientKey *self, const DoorSecret *private_key)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (private_key, &size);
  const gnutls_datum_t datum = { (unsigned char *) data, (unsigned int) size };
  gnutls_datum_t modulus = { NULL, 0 }, exponent = { NULL, 0 };

  if (gnutls_privkey_init (&self->key) < 0 ||
      gnutls_privkey_import_x509_raw (self->key, &datum, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN) < 0 ||
      gnutls_privkey_export_rsa_raw (self->key, &modulus, &exponent, NULL, NULL, NULL, NULL, NULL, NULL) < 0)
    return false;
  self->modulus = encode_integer (&modulus);
  self->exponent = encode_integer (&exponent);
  gnutls_free (modulus.data);
  gnutls_free (exponent.data);
  return true;
}

/**
 * door_client_key_new:
 * @private_key: an RSA key, PKCS #8 in DER
 * @certificate: its certificate, DER
 * @error: return location for an error
 *
 * Takes a key that proves to a provider who we are. Pure; any thread.
 *
 * Returns: (transfer full): the key, or %NULL with %DOOR_ERROR_FAILED
 */
DoorClientKey *
door_client_key_new (const DoorSecret *private_key, GBytes *certificate, GError **error)
{
  g_autoptr (DoorClientKey) self = g_new0 (DoorClientKey, 1);
  size_t size;
  const void *data = g_bytes_get_data (certificate, &size);

  if (!load (self, private_key))
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the key of the client cannot be read");
      return NULL;
    }
  self->id = name_key (self);
  self->certificate = g_base64_encode (data, size);
  self->thumbprint = door_digest_sha256_url (data, size);
  return g_steal_pointer (&self);
}

/**
 * door_client_key_free:
 * @self: (transfer full): a key
 */
void
door_client_key_free (DoorClientKey *self)
{
  g_clear_pointer (&self->key, gnutls_privkey_deinit);
  g_free (self->modulus);
  g_free (self->exponent);
  g_free (self->id);
  g_free (self->certificate);
  g_free (self->thumbprint);
  g_free (self);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *name, int64_t value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static char *
encode (JsonBuilder *builder)
{
  g_autoptr (JsonNode) node = json_builder_get_root (builder);
  g_autoptr (GBytes) text = door_json_build (node);
  size_t size;
  const uint8_t *data = g_bytes_get_data (text, &size);

  return door_base64_encode_url (data, size);
}

/* Some providers look for the key by the thumbprint of its certificate. */
static char *
build_header (const DoorClientKey *self, DoorJwsAlgorithms algorithm)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_text (builder, "alg", algorithm == DOOR_JWS_PS256 ? "PS256" : "RS256");
  add_text (builder, "typ", "JWT");
  add_text (builder, "kid", self->id);
  add_text (builder, "x5t#S256", self->thumbprint);
  json_builder_end_object (builder);
  return encode (builder);
}

static char *
build_claims (const DoorClientAssertion *assertion)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_text (builder, "iss", assertion->client_id);
  add_text (builder, "sub", assertion->client_id);
  add_text (builder, "aud", assertion->audience);
  add_text (builder, "jti", assertion->id);
  add_number (builder, "iat", assertion->now_ms / 1000);
  add_number (builder, "exp", assertion->now_ms / 1000 + LIFE_S);
  json_builder_end_object (builder);
  return encode (builder);
}

/**
 * door_client_key_build_assertion:
 * @self: a key
 * @assertion: what it says
 * @error: return location for an error
 *
 * Builds a JWT that proves once to one provider, for two minutes, that it is us who asks (RFC 7523, 2.2 and
 * 3; OpenID Connect Core 9). CPU-bound; any thread.
 *
 * Returns: (transfer full): the assertion, or %NULL with %DOOR_ERROR_FAILED
 */
char *
door_client_key_build_assertion (const DoorClientKey *self, const DoorClientAssertion *assertion,
                                 GError **error)
{
  bool pss = assertion->algorithm == DOOR_JWS_PS256;
  g_autofree char *header = build_header (self, assertion->algorithm), *claims = build_claims (assertion);
  g_autofree char *input = g_strconcat (header, ".", claims, NULL), *encoded = NULL;
  const gnutls_datum_t data = { (unsigned char *) input, (unsigned int) strlen (input) };
  gnutls_datum_t signature = { NULL, 0 };

  if (gnutls_privkey_sign_data2 (self->key, pss ? GNUTLS_SIGN_RSA_PSS_SHA256 : GNUTLS_SIGN_RSA_SHA256, 0,
                                 &data, &signature) < 0)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the assertion cannot be signed");
      return NULL;
    }
  encoded = door_base64_encode_url (signature.data, signature.size);
  gnutls_free (signature.data);
  return g_strconcat (input, ".", encoded, NULL);
}

static void
add_key (JsonBuilder *builder, const DoorClientKey *key)
{
  json_builder_begin_object (builder);
  add_text (builder, "kty", "RSA");
  add_text (builder, "use", "sig");
  add_text (builder, "kid", key->id);
  add_text (builder, "n", key->modulus);
  add_text (builder, "e", key->exponent);
  add_text (builder, "x5t#S256", key->thumbprint);
  json_builder_set_member_name (builder, "x5c");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, key->certificate);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/**
 * door_client_key_build_set:
 * @keys: (element-type DoorClientKey): keys
 *
 * Describes their public halves, for the provider (RFC 7517, 5). Pure.
 *
 * Returns: (transfer full): a JWK set
 */
GBytes *
door_client_key_build_set (const GPtrArray *keys)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "keys");
  json_builder_begin_array (builder);
  for (guint i = 0; i < keys->len; i++)
    add_key (builder, g_ptr_array_index (keys, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return door_json_build (root);
}

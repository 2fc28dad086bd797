/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-sp-key.h"

#include <string.h>
#include <time.h>

#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-saml-libcrypto.h"
#include "door-saml-sp-key-private.h"

#define NEW_RSA_BITS 3072
#define MIN_RSA_BITS 2048
#define MAX_RSA_BITS 8192
#define MAX_FILE_BYTES (64 * 1024)
#define MAX_COMMON_NAME 64 /* RFC 5280, ub-common-name */
#define DAY_S INT64_C (86400)
/* Nobody looks at the dates of a key in metadata, but some providers refuse to import what has ended. */
#define LIFE_S (10 * 365 * DAY_S)

struct _DoorSamlSpKey
{
  EVP_PKEY *pkey;
  GBytes *certificate;
  DoorSamlKeyInfo info;
};

static void
sp_key_clear (gpointer box)
{
  DoorSamlSpKey *self = box;

  EVP_PKEY_free (self->pkey);
  g_clear_pointer (&self->certificate, g_bytes_unref);
  g_free ((char *) self->info.sha256);
}

static DoorSamlSpKey *
fail (GError **error, const char *reason)
{
  ERR_clear_error ();
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "SAML key: %s", reason);
  return NULL;
}

static DoorSamlSpKey *
refuse (GError **error, const char *reason)
{
  ERR_clear_error ();
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "SAML key: %s", reason);
  return NULL;
}

static GBytes *
encode_certificate (X509 *certificate)
{
  unsigned char *der = NULL;
  int length = i2d_X509 (certificate, &der);
  GBytes *bytes;

  if (length <= 0)
    return NULL;
  bytes = g_bytes_new (der, (gsize) length);
  OPENSSL_free (der);
  return bytes;
}

/* Takes the parts together; both are known to belong to each other. */
static DoorSamlSpKey *
sp_key_make (EVP_PKEY *pkey, X509 *certificate, GError **error)
{
  g_autoptr (GBytes) der = encode_certificate (certificate);
  struct tm end = { 0 };
  DoorSamlSpKey *self;

  if (der == NULL || ASN1_TIME_to_tm (X509_get0_notAfter (certificate), &end) != 1 ||
      EVP_PKEY_up_ref (pkey) != 1)
    return fail (error, "the certificate cannot be encoded");
  self = g_atomic_rc_box_new0 (DoorSamlSpKey);
  self->pkey = pkey;
  self->info.sha256 = door_digest_sha256_hex (g_bytes_get_data (der, NULL), g_bytes_get_size (der));
  self->info.not_after_ms = (int64_t) timegm (&end) * 1000;
  self->info.type = "RSA";
  self->info.bits = (unsigned int) EVP_PKEY_get_bits (pkey);
  self->certificate = g_steal_pointer (&der);
  return self;
}

static bool
set_serial (X509 *certificate)
{
  unsigned char bytes[8];
  uint64_t serial;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    return false;
  memcpy (&serial, bytes, sizeof serial);
  return ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate), (serial >> 1) | 1) == 1;
}

static X509 *
make_certificate (EVP_PKEY *pkey, const char *name, int64_t now_ms)
{
  g_autoptr (X509) certificate = X509_new ();
  g_autofree char *common_name = g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), MAX_COMMON_NAME));
  time_t now_s = (time_t) (now_ms / 1000);
  X509_NAME *subject;

  if (certificate == NULL || X509_set_version (certificate, X509_VERSION_3) != 1 || !set_serial (certificate))
    return NULL;
  subject = X509_get_subject_name (certificate);
  if (X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_UTF8, (const unsigned char *) common_name, -1, -1,
                                  0) != 1 ||
      X509_set_issuer_name (certificate, subject) != 1 ||
      ASN1_TIME_set (X509_getm_notBefore (certificate), now_s - (time_t) DAY_S) == NULL ||
      ASN1_TIME_set (X509_getm_notAfter (certificate), now_s + (time_t) LIFE_S) == NULL ||
      X509_set_pubkey (certificate, pkey) != 1 || X509_sign (certificate, pkey, EVP_sha256 ()) == 0)
    return NULL;
  return g_steal_pointer (&certificate);
}

/**
 * door_saml_sp_key_new:
 * @name: what the certificate is called, valid UTF-8 and not empty
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Makes a new key (RSA of 3072 bits) with a certificate that it signs itself. Providers take the certificate
 * for a wrapping of the key. CPU-bound, up to a second or so; any thread.
 *
 * Returns: (transfer full): the key, or %NULL with %DOOR_ERROR_FAILED
 */
DoorSamlSpKey *
door_saml_sp_key_new (const char *name, int64_t now_ms, GError **error)
{
  g_autoptr (EVP_PKEY) pkey = EVP_RSA_gen (NEW_RSA_BITS);
  g_autoptr (X509) certificate = pkey != NULL ? make_certificate (pkey, name, now_ms) : NULL;

  if (certificate == NULL)
    return fail (error, "no key could be made");
  return sp_key_make (pkey, certificate, error);
}

/* Never asks anybody for a passphrase. */
static int
no_passphrase_cb (char *buffer, int size, int writing, void *data)
{
  return -1;
}

static EVP_PKEY *
read_private_key (const uint8_t *data, size_t size)
{
  g_autoptr (BIO) bio = NULL;
  const unsigned char *at = data;

  if (size == 0 || size > MAX_FILE_BYTES)
    return NULL;
  if (data[0] == 0x30)
    return d2i_AutoPrivateKey (NULL, &at, (long) size);
  bio = BIO_new_mem_buf (data, (int) size);
  return bio != NULL ? PEM_read_bio_PrivateKey (bio, NULL, no_passphrase_cb, NULL) : NULL;
}

static X509 *
read_certificate (GBytes *file)
{
  g_autoptr (BIO) bio = NULL;
  gsize size;
  const unsigned char *data = g_bytes_get_data (file, &size), *at = data;

  if (size == 0 || size > MAX_FILE_BYTES)
    return NULL;
  if (data[0] == 0x30)
    return d2i_X509 (NULL, &at, (long) size);
  bio = BIO_new_mem_buf (data, (int) size);
  return bio != NULL ? PEM_read_bio_X509 (bio, NULL, no_passphrase_cb, NULL) : NULL;
}

static bool
is_usable (const EVP_PKEY *pkey)
{
  return EVP_PKEY_get_base_id (pkey) == EVP_PKEY_RSA && EVP_PKEY_get_bits (pkey) >= MIN_RSA_BITS &&
         EVP_PKEY_get_bits (pkey) <= MAX_RSA_BITS;
}

/**
 * door_saml_sp_key_parse_private:
 * @private_key: an RSA key of 2048 to 8192 bits, PEM or DER, without a passphrase
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Makes a key of its private part alone, for decrypting; its certificate is a new one that nobody knows.
 * Pure; any thread.
 *
 * Returns: (transfer full): the key, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSamlSpKey *
door_saml_sp_key_parse_private (DoorSecret *private_key, int64_t now_ms, GError **error)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (private_key, &size);
  g_autoptr (EVP_PKEY) pkey = read_private_key (data, size);
  g_autoptr (X509) certificate = NULL;

  if (pkey == NULL)
    return refuse (error, "the private key is not PEM or DER, or has a passphrase");
  if (!is_usable (pkey))
    return refuse (error, "the private key is not RSA of 2048 to 8192 bits");
  certificate = make_certificate (pkey, "decryption", now_ms);
  return certificate != NULL ? sp_key_make (pkey, certificate, error) : fail (error, "no certificate");
}

/**
 * door_saml_sp_key_parse:
 * @private_key: an RSA key of 2048 to 8192 bits, PEM or DER, without a passphrase
 * @certificate: its certificate, PEM or DER
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): the key, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSamlSpKey *
door_saml_sp_key_parse (DoorSecret *private_key, GBytes *certificate, GError **error)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (private_key, &size);
  g_autoptr (EVP_PKEY) pkey = read_private_key (data, size);
  g_autoptr (X509) x509 = read_certificate (certificate);

  if (pkey == NULL)
    return refuse (error, "the private key is not PEM or DER, or has a passphrase");
  if (!is_usable (pkey))
    return refuse (error, "the private key is not RSA of 2048 to 8192 bits");
  if (x509 == NULL)
    return refuse (error, "the certificate is not PEM or DER");
  if (X509_check_private_key (x509, pkey) != 1)
    return refuse (error, "the certificate is of another key");
  return sp_key_make (pkey, x509, error);
}

/**
 * door_saml_sp_key_unref:
 * @self: (transfer full): a key
 */
void
door_saml_sp_key_unref (DoorSamlSpKey *self)
{
  g_atomic_rc_box_release_full (self, sp_key_clear);
}

/**
 * door_saml_sp_key_dup_private_key:
 * @self: a key
 * @error: return location for an error
 *
 * Returns: (transfer full): the private key, PKCS #8 in DER, or %NULL with %DOOR_ERROR_FAILED
 */
DoorSecret *
door_saml_sp_key_dup_private_key (const DoorSamlSpKey *self, GError **error)
{
  PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8 (self->pkey);
  unsigned char *der = NULL;
  int length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO (info, &der) : -1;
  DoorSecret *secret;

  PKCS8_PRIV_KEY_INFO_free (info);
  if (length <= 0)
    {
      fail (error, "the private key cannot be encoded");
      return NULL;
    }
  secret = door_secret_new (der, (size_t) length);
  OPENSSL_clear_free (der, (size_t) length);
  return secret;
}

/**
 * door_saml_sp_key_get_certificate:
 * @self: a key
 *
 * Returns: (transfer none): the certificate, DER
 */
GBytes *
door_saml_sp_key_get_certificate (const DoorSamlSpKey *self)
{
  return self->certificate;
}

/**
 * door_saml_sp_key_dup_certificate_pem:
 * @self: a key
 *
 * Returns: (transfer full): the certificate, PEM
 */
char *
door_saml_sp_key_dup_certificate_pem (const DoorSamlSpKey *self)
{
  gsize size;
  const guchar *data = g_bytes_get_data (self->certificate, &size);
  g_autofree char *text = g_base64_encode (data, size);
  g_autoptr (GString) pem = g_string_new ("-----BEGIN CERTIFICATE-----\n");
  size_t length = strlen (text);

  for (size_t at = 0; at < length; at += 64)
    g_string_append_printf (pem, "%.64s\n", text + at);
  g_string_append (pem, "-----END CERTIFICATE-----\n");
  return g_string_free (g_steal_pointer (&pem), FALSE);
}

/**
 * door_saml_sp_key_get_info:
 * @self: a key
 *
 * Returns: (transfer none): what an administrator wants to know of it
 */
const DoorSamlKeyInfo *
door_saml_sp_key_get_info (const DoorSamlSpKey *self)
{
  return &self->info;
}

/**
 * door_saml_sp_key_get_pkey: (skip)
 * @self: a key
 *
 * Returns: (transfer none): the private key
 */
EVP_PKEY *
door_saml_sp_key_get_pkey (const DoorSamlSpKey *self)
{
  return self->pkey;
}

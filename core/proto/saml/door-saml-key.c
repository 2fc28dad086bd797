/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-key.h"

#include <string.h>
#include <time.h>

#include <openssl/core_names.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-saml-libcrypto.h"

#define MIN_RSA_BITS 2048
#define MAX_RSA_BITS 8192
#define MAX_KEYS 16

/**
 * door_saml_key_free: (skip)
 * @self: (transfer full): a key
 */
void
door_saml_key_free (DoorSamlKey *self)
{
  g_free ((char *) self->info.sha256);
  EVP_PKEY_free (self->pkey);
  g_free (self);
}

static bool
refuse (GError **error, const char *reason)
{
  ERR_clear_error ();
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_METADATA, "signing certificate: %s", reason);
  return false;
}

static bool
is_allowed_curve (const EVP_PKEY *pkey)
{
  static const char *const curves[] = { "prime256v1", "secp384r1", "secp521r1", NULL };
  char name[80] = "";

  return EVP_PKEY_get_utf8_string_param (pkey, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, NULL) == 1 &&
         g_strv_contains (curves, name);
}

/* Fills type and bits; a key that must not be used is an error (NIST SP 800-131A). */
static bool
classify (DoorSamlKey *key, GError **error)
{
  int bits = EVP_PKEY_get_bits (key->pkey);

  switch (EVP_PKEY_get_base_id (key->pkey))
    {
    case EVP_PKEY_RSA:
      if (bits < MIN_RSA_BITS)
        return refuse (error, "the RSA key is shorter than 2048 bits");
      if (bits > MAX_RSA_BITS)
        return refuse (error, "the RSA key is longer than 8192 bits");
      key->info.type = "RSA";
      break;
    case EVP_PKEY_EC:
      if (!is_allowed_curve (key->pkey))
        return refuse (error, "the elliptic curve is not P-256, P-384 or P-521");
      key->info.type = "EC";
      break;
    default:
      return refuse (error, "the key is neither RSA nor EC");
    }
  key->info.bits = (unsigned int) bits;
  return true;
}

static int64_t
get_not_after_ms (const X509 *certificate)
{
  struct tm tm = { 0 };

  if (ASN1_TIME_to_tm (X509_get0_notAfter (certificate), &tm) != 1)
    return 0;
  return (int64_t) timegm (&tm) * 1000;
}

static bool
has_key (const GPtrArray *keys, const char *sha256)
{
  for (unsigned int i = 0; i < keys->len; i++)
    if (g_str_equal (((const DoorSamlKey *) g_ptr_array_index (keys, i))->info.sha256, sha256))
      return true;
  return false;
}

/**
 * door_saml_keys_add_certificate: (skip)
 * @keys: (element-type DoorSamlKey): where to add the key
 * @der: (array length=size): an X.509 certificate, DER
 * @size: number of bytes
 * @error: return location for an error
 *
 * Takes the public key out of the certificate and forgets the rest: a certificate in metadata is only a
 * wrapping of the key, its dates and its issuer mean nothing. A key that is there already is not added again.
 *
 * Returns: true, or false with %DOOR_FAULT_IDP_METADATA
 */
bool
door_saml_keys_add_certificate (GPtrArray *keys, const void *der, size_t size, GError **error)
{
  g_autoptr (X509) certificate = NULL;
  g_autoptr (DoorSamlKey) key = g_new0 (DoorSamlKey, 1);
  const unsigned char *at = der;

  if (size <= G_MAXINT)
    certificate = d2i_X509 (NULL, &at, (long) size);
  if (certificate == NULL || at != (const unsigned char *) der + size)
    return refuse (error, "this is not one X.509 certificate");
  key->pkey = X509_get_pubkey (certificate);
  if (key->pkey == NULL)
    return refuse (error, "the public key cannot be read");
  if (!classify (key, error))
    return false;
  key->info.not_after_ms = get_not_after_ms (certificate);
  key->info.sha256 = door_digest_sha256_hex (der, size);
  if (has_key (keys, key->info.sha256))
    return true;
  if (keys->len == MAX_KEYS)
    return refuse (error, "there are more than 16 signing keys");
  g_ptr_array_add (keys, g_steal_pointer (&key));
  return true;
}

static bool
add_pem (GPtrArray *keys, const void *data, size_t size, GError **error)
{
  g_autoptr (BIO) bio = BIO_new_mem_buf (data, (int) size);
  bool any = false;

  for (;;)
    {
      char *name = NULL, *header = NULL;
      unsigned char *der = NULL;
      long length = 0;
      bool ok = true;

      if (bio == NULL || PEM_read_bio (bio, &name, &header, &der, &length) != 1)
        break;
      if (strcmp (name, PEM_STRING_X509) == 0)
        {
          ok = door_saml_keys_add_certificate (keys, der, (size_t) length, error);
          any = true;
        }
      OPENSSL_free (name);
      OPENSSL_free (header);
      OPENSSL_free (der);
      if (!ok)
        return false;
    }
  ERR_clear_error ();
  return any || refuse (error, "the file holds no certificate in PEM or DER");
}

/**
 * door_saml_keys_add_certificates: (skip)
 * @keys: (element-type DoorSamlKey): where to add the keys
 * @file: contents of a certificate file, PEM (one or several) or DER
 * @error: return location for an error
 *
 * Returns: true, or false with %DOOR_FAULT_IDP_METADATA
 */
bool
door_saml_keys_add_certificates (GPtrArray *keys, GBytes *file, GError **error)
{
  gsize size;
  const unsigned char *data = g_bytes_get_data (file, &size);

  if (size == 0 || size > G_MAXINT)
    return refuse (error, "the file is empty or too large");
  if (data[0] == 0x30)
    return door_saml_keys_add_certificate (keys, data, size, error);
  return add_pem (keys, data, size, error);
}

/* The key of the first PEM block, if that is a public key. */
static EVP_PKEY *
read_public_key (GBytes *file)
{
  gsize size;
  const void *data = g_bytes_get_data (file, &size);
  g_autoptr (BIO) bio = size > 0 && size <= G_MAXINT ? BIO_new_mem_buf (data, (int) size) : NULL;
  EVP_PKEY *pkey = bio != NULL ? PEM_read_bio_PUBKEY (bio, NULL, NULL, NULL) : NULL;

  ERR_clear_error ();
  return pkey;
}

/**
 * door_saml_keys_add_public_key: (skip)
 * @keys: (element-type DoorSamlKey): where to add the key
 * @file: contents of a file: one public key in PEM, or certificates as door_saml_keys_add_certificates()
 *   takes them
 * @error: return location for an error
 *
 * Returns: true, or false with %DOOR_FAULT_IDP_METADATA
 */
bool
door_saml_keys_add_public_key (GPtrArray *keys, GBytes *file, GError **error)
{
  g_autoptr (DoorSamlKey) key = g_new0 (DoorSamlKey, 1);
  unsigned char *der = NULL;
  int size;

  key->pkey = read_public_key (file);
  if (key->pkey == NULL)
    return door_saml_keys_add_certificates (keys, file, error);
  if (!classify (key, error))
    return false;
  size = i2d_PUBKEY (key->pkey, &der);
  if (size <= 0)
    return refuse (error, "the public key cannot be written");
  key->info.sha256 = door_digest_sha256_hex (der, (size_t) size);
  OPENSSL_free (der);
  g_ptr_array_add (keys, g_steal_pointer (&key));
  return true;
}

/**
 * door_saml_keys_keep: (skip)
 * @keys: (element-type DoorSamlKey): where to add the keys
 * @before: (element-type DoorSamlKey): keys from before
 *
 * Adds what is not there yet, as long as there is room.
 */
void
door_saml_keys_keep (GPtrArray *keys, const GPtrArray *before)
{
  for (unsigned int i = 0; i < before->len && keys->len < MAX_KEYS; i++)
    {
      const DoorSamlKey *old = g_ptr_array_index (before, i);
      DoorSamlKey *copy;

      if (has_key (keys, old->info.sha256) || EVP_PKEY_up_ref (old->pkey) != 1)
        continue;
      copy = g_memdup2 (old, sizeof *old);
      copy->info.sha256 = g_strdup (old->info.sha256);
      g_ptr_array_add (keys, copy);
    }
}

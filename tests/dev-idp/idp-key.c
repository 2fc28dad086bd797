/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-key.h"

#include <gio/gio.h>
#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#define CERTIFICATE_LIFETIME_S (10L * 365 * 24 * 3600)
#define RSA_BITS 2048
#define P256_FIELD_BYTES 32

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)

struct IdpKey
{
  IdpKeyType type;
  EVP_PKEY *pkey;
  char *private_pem;
  char *certificate_pem;
  GBytes *certificate_der;
};

static void
set_openssl_error (GError **error, const char *what)
{
  char text[256];

  ERR_error_string_n (ERR_get_error (), text, sizeof text);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", what, text);
}

/**
 * idp_random_hex:
 * @n_bytes: how many random bytes, at most 64
 *
 * Makes an unguessable text for ids and cookies. Does not block once the system's generator is seeded.
 *
 * Returns: (transfer full): twice @n_bytes hexadecimal digits
 */
char *
idp_random_hex (size_t n_bytes)
{
  uint8_t bytes[64];
  GString *text = NULL;

  g_return_val_if_fail (n_bytes <= sizeof bytes, NULL);
  if (RAND_bytes (bytes, (int) n_bytes) != 1)
    g_error ("the random generator of libcrypto failed");
  text = g_string_sized_new (2 * n_bytes);
  for (size_t i = 0; i < n_bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

/**
 * idp_key_free:
 * @key: (transfer full): a key
 *
 * Frees @key. Does not block.
 */
void
idp_key_free (IdpKey *key)
{
  EVP_PKEY_free (key->pkey);
  g_free (key->private_pem);
  g_free (key->certificate_pem);
  g_clear_pointer (&key->certificate_der, g_bytes_unref);
  g_free (key);
}

static char *
bio_to_string (BIO *bio)
{
  char *data = NULL;
  long size = BIO_get_mem_data (bio, &data);

  return g_strndup (data, (size_t) size);
}

static X509 *
certify (EVP_PKEY *pkey)
{
  static const unsigned char name[] = "Doorward development IdP";
  g_autoptr (X509) certificate = X509_new ();
  uint64_t serial = 0;
  X509_NAME *subject = NULL;

  if (certificate == NULL || RAND_bytes ((unsigned char *) &serial, sizeof serial) != 1)
    return NULL;
  subject = X509_get_subject_name (certificate);
  if (X509_set_version (certificate, X509_VERSION_3) != 1 ||
      ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate), serial >> 1) != 1 ||
      X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_ASC, name, -1, -1, 0) != 1 ||
      X509_set_issuer_name (certificate, subject) != 1 ||
      X509_gmtime_adj (X509_getm_notBefore (certificate), -3600) == NULL ||
      X509_gmtime_adj (X509_getm_notAfter (certificate), CERTIFICATE_LIFETIME_S) == NULL ||
      X509_set_pubkey (certificate, pkey) != 1 || X509_sign (certificate, pkey, EVP_sha256 ()) == 0)
    return NULL;
  return g_steal_pointer (&certificate);
}

static bool
encode (IdpKey *key, X509 *certificate)
{
  g_autoptr (BIO) key_bio = BIO_new (BIO_s_mem ());
  g_autoptr (BIO) certificate_bio = BIO_new (BIO_s_mem ());
  unsigned char *der = NULL;
  int der_size = i2d_X509 (certificate, &der);

  if (der_size <= 0)
    return false;
  key->certificate_der = g_bytes_new (der, (size_t) der_size);
  OPENSSL_free (der);
  if (PEM_write_bio_PKCS8PrivateKey (key_bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1 ||
      PEM_write_bio_X509 (certificate_bio, certificate) != 1)
    return false;
  key->private_pem = bio_to_string (key_bio);
  key->certificate_pem = bio_to_string (certificate_bio);
  return true;
}

/**
 * idp_key_new:
 * @type: the kind of key
 * @error: return location for an error
 *
 * Makes a signing key (RSA of 2048 bits or P-256) with a self-signed certificate. Blocks for the computation.
 *
 * Returns: (transfer full): the key, or %NULL with %G_IO_ERROR_FAILED
 */
IdpKey *
idp_key_new (IdpKeyType type, GError **error)
{
  g_autoptr (IdpKey) key = g_new0 (IdpKey, 1);
  g_autoptr (X509) certificate = NULL;

  key->type = type;
  key->pkey = type == IDP_KEY_RSA ? EVP_RSA_gen (RSA_BITS) : EVP_EC_gen ("P-256");
  if (key->pkey != NULL)
    certificate = certify (key->pkey);
  if (certificate == NULL || !encode (key, certificate))
    {
      set_openssl_error (error, "cannot make a signing key");
      return NULL;
    }
  return g_steal_pointer (&key);
}

static IdpKey *
load (const char *path, IdpKeyType type, GError **error)
{
  g_autoptr (IdpKey) key = g_new0 (IdpKey, 1);
  g_autofree char *pem = NULL;
  g_autoptr (BIO) bio = NULL;
  g_autoptr (X509) certificate = NULL;
  size_t size = 0;

  if (!g_file_get_contents (path, &pem, &size, error))
    return NULL;
  bio = BIO_new_mem_buf (pem, (int) size);
  key->type = type;
  key->pkey = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  if (key->pkey == NULL || certificate == NULL || X509_check_private_key (certificate, key->pkey) != 1 ||
      !encode (key, certificate))
    {
      set_openssl_error (error, path);
      return NULL;
    }
  return g_steal_pointer (&key);
}

/**
 * idp_key_load_or_create:
 * @state_dir: a folder, made when it does not exist
 * @type: the kind of key; each kind has its own file
 * @error: return location for an error
 *
 * Loads the signing key and certificate kept in @state_dir, or makes them on first use (mode 0600). Blocks on
 * the file system.
 *
 * Returns: (transfer full): the key, or %NULL with a file or GIO error
 */
IdpKey *
idp_key_load_or_create (const char *state_dir, IdpKeyType type, GError **error)
{
  g_autofree char *path =
      g_build_filename (state_dir, type == IDP_KEY_RSA ? "signing-rsa.pem" : "signing-ecdsa.pem", NULL);
  g_autoptr (IdpKey) key = NULL;
  g_autofree char *both = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return load (path, type, error);
  if (g_mkdir_with_parents (state_dir, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", state_dir, g_strerror (errno));
      return NULL;
    }
  key = idp_key_new (type, error);
  if (key == NULL)
    return NULL;
  both = g_strconcat (key->private_pem, key->certificate_pem, NULL);
  if (!g_file_set_contents_full (path, both, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
    return NULL;
  return g_steal_pointer (&key);
}

/**
 * idp_key_get_key_type:
 * @key: a key
 *
 * Returns: the kind of key
 */
IdpKeyType
idp_key_get_key_type (const IdpKey *key)
{
  return key->type;
}

/**
 * idp_key_get_private_pem:
 * @key: a key
 *
 * Returns: (transfer none): the private key, PKCS #8 in PEM
 */
const char *
idp_key_get_private_pem (const IdpKey *key)
{
  return key->private_pem;
}

/**
 * idp_key_get_certificate_pem:
 * @key: a key
 *
 * Returns: (transfer none): the certificate in PEM
 */
const char *
idp_key_get_certificate_pem (const IdpKey *key)
{
  return key->certificate_pem;
}

/**
 * idp_key_get_certificate_der:
 * @key: a key
 *
 * Returns: (transfer none): the certificate in DER
 */
GBytes *
idp_key_get_certificate_der (const IdpKey *key)
{
  return key->certificate_der;
}

/**
 * idp_key_dup_certificate_base64:
 * @key: a key
 *
 * Returns: (transfer full): the certificate as metadata carries it: base64 of the DER form, no line ends
 */
char *
idp_key_dup_certificate_base64 (const IdpKey *key)
{
  size_t size = 0;
  const void *der = g_bytes_get_data (key->certificate_der, &size);

  return g_base64_encode (der, size);
}

/* XML signatures carry r and s of equal length, one after the other (RFC 4050, 3.3), not the DER sequence. */
static GBytes *
ecdsa_to_xml (const unsigned char *der, size_t size)
{
  g_autoptr (ECDSA_SIG) signature = d2i_ECDSA_SIG (NULL, &der, (long) size);
  unsigned char raw[2 * P256_FIELD_BYTES];

  if (signature == NULL ||
      BN_bn2binpad (ECDSA_SIG_get0_r (signature), raw, P256_FIELD_BYTES) != P256_FIELD_BYTES ||
      BN_bn2binpad (ECDSA_SIG_get0_s (signature), raw + P256_FIELD_BYTES, P256_FIELD_BYTES) !=
          P256_FIELD_BYTES)
    return NULL;
  return g_bytes_new (raw, sizeof raw);
}

/**
 * idp_key_sign_sha256:
 * @key: a key
 * @data: (array length=size): what to sign
 * @size: bytes in @data
 * @error: return location for an error
 *
 * Signs with SHA-256 and gives the value in the form of XML signatures. Blocks for the computation.
 *
 * Returns: (transfer full): the signature value, or %NULL with %G_IO_ERROR_FAILED
 */
GBytes *
idp_key_sign_sha256 (const IdpKey *key, const void *data, size_t size, GError **error)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  unsigned char signature[RSA_BITS / 8];
  size_t signature_size = sizeof signature;
  GBytes *value = NULL;

  if (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key->pkey) == 1 &&
      EVP_DigestSign (context, signature, &signature_size, data, size) == 1)
    value = key->type == IDP_KEY_RSA ? g_bytes_new (signature, signature_size)
                                     : ecdsa_to_xml (signature, signature_size);
  if (value == NULL)
    set_openssl_error (error, "cannot sign");
  return value;
}

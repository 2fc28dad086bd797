/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys of push certificates that are still to come. */
#include "door-digest.h"
#include "door-libcrypto.h"
#include "door-push-certificate.h"

/* what Apple's portal takes */
#define KEY_BITS 2048

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_REQ, X509_REQ_free)

static void
fail (GError **error, const char *what)
{
  door_libcrypto_fail (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, what);
}

/**
 * door_push_key_make:
 * @error: return location for an error
 *
 * Makes a private key. CPU-bound, up to a second.
 *
 * Returns: (transfer full): the key, PEM, or %NULL with %DOOR_ERROR_FAILED
 */
DoorSecret *
door_push_key_make (GError **error)
{
  g_autoptr (EVP_PKEY) key = EVP_RSA_gen (KEY_BITS);
  g_autoptr (BIO) bio = BIO_new (BIO_s_secmem ());
  DoorSecret *secret;
  char *text = NULL;
  long size;

  if (key == NULL || bio == NULL || PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL) != 1)
    {
      fail (error, "no key could be made");
      return NULL;
    }
  size = BIO_get_mem_data (bio, &text);
  secret = door_secret_new (text, (size_t) size);
  OPENSSL_cleanse (text, (size_t) size);
  return secret;
}

static EVP_PKEY *
parse (const DoorSecret *key_pem, GError **error)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (key_pem, &size);
  g_autoptr (BIO) bio = BIO_new_mem_buf (data, (int) size);
  /* the empty pass phrase: nobody is asked for one */
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, (void *) "");

  if (key == NULL)
    door_libcrypto_fail (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET,
                         "the key is not an unencrypted private key in PEM form");
  return key;
}

/**
 * door_push_key_dup_sha256:
 * @key_pem: a private key
 * @error: return location for an error
 *
 * Returns: (transfer full): SHA-256 of the DER of its public key (SubjectPublicKeyInfo), hexadecimal, or
 * %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_push_key_dup_sha256 (const DoorSecret *key_pem, GError **error)
{
  g_autoptr (EVP_PKEY) key = parse (key_pem, error);
  unsigned char *der = NULL;
  char *digest = NULL;
  int size;

  if (key == NULL)
    return NULL;
  size = i2d_PUBKEY (key, &der);
  if (size > 0)
    digest = door_digest_sha256_hex (der, (size_t) size);
  else
    fail (error, "the key cannot be encoded");
  OPENSSL_free (der);
  return digest;
}

/**
 * door_push_key_dup_request:
 * @key_pem: a private key
 * @common_name: what the request is called; Apple replaces it
 * @error: return location for an error
 *
 * Builds a certificate request (PKCS #10, RFC 2986).
 *
 * Returns: (transfer full): the request, PEM, or %NULL with an error
 */
char *
door_push_key_dup_request (const DoorSecret *key_pem, const char *common_name, GError **error)
{
  g_autoptr (EVP_PKEY) key = parse (key_pem, error);
  g_autoptr (X509_REQ) request = X509_REQ_new ();
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *text = NULL;
  long size;

  if (key == NULL)
    return NULL;
  if (X509_NAME_add_entry_by_NID (X509_REQ_get_subject_name (request), NID_commonName, MBSTRING_UTF8,
                                  (const unsigned char *) common_name, -1, -1, 0) != 1 ||
      X509_REQ_set_pubkey (request, key) != 1 || X509_REQ_sign (request, key, EVP_sha256 ()) <= 0 ||
      PEM_write_bio_X509_REQ (bio, request) != 1)
    {
      fail (error, "the certificate request could not be made");
      return NULL;
    }
  size = BIO_get_mem_data (bio, &text);
  return g_strndup (text, (gsize) size);
}

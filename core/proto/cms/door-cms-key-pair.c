/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cms-key-pair.h"

#include <string.h>

#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "door-libcrypto.h"
#include "door-secret.h"

/* What those who make tokens for it are known to take. */
#define RSA_BITS 2048
#define DAY_S INT64_C (86400)
/* Nobody looks at the end of a certificate that only carries a key, but one that has ended is refused. */
#define LIFE_S (10 * 365 * DAY_S)

static bool
fill_certificate (X509 *certificate, EVP_PKEY *key, const char *name, int64_t now_ms)
{
  time_t now_s = (time_t) (now_ms / 1000);
  uint64_t serial = 0;
  X509_NAME *subject = X509_get_subject_name (certificate);

  return RAND_bytes ((unsigned char *) &serial, sizeof serial) == 1 &&
         ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate), (serial >> 1) | 1) == 1 &&
         X509_set_version (certificate, X509_VERSION_3) == 1 &&
         X509_NAME_add_entry_by_txt (subject, "CN", MBSTRING_UTF8, (const unsigned char *) name, -1, -1, 0) ==
             1 &&
         X509_set_issuer_name (certificate, subject) == 1 &&
         ASN1_TIME_set (X509_getm_notBefore (certificate), now_s - (time_t) DAY_S) != NULL &&
         ASN1_TIME_set (X509_getm_notAfter (certificate), now_s + (time_t) LIFE_S) != NULL &&
         X509_set_pubkey (certificate, key) == 1 && X509_sign (certificate, key, EVP_sha256 ()) != 0;
}

/* What was written to memory, wiped there. */
static DoorSecret *
take_pem (BIO *bio)
{
  char *data = NULL;
  long size = BIO_get_mem_data (bio, &data);
  DoorSecret *secret = door_secret_new (data, (size_t) size);

  explicit_bzero (data, (size_t) size);
  return secret;
}

/**
 * door_cms_key_pair_new:
 * @name: what the certificate is called: ASCII, at most 64 characters
 * @now_ms: milliseconds since 1970, UTC
 * @certificate_pem: (out) (transfer full): a certificate that the key has signed itself
 * @key_pem: (out) (transfer full): the private key, RSA of 2048 bits
 * @error: return location for an error
 *
 * Makes a key that others encrypt for; door_cms_signer_new() reads both. CPU-bound, up to a second or so; any
 * thread.
 *
 * Returns: false with %DOOR_ERROR_FAILED
 */
bool
door_cms_key_pair_new (const char *name, int64_t now_ms, char **certificate_pem, DoorSecret **key_pem,
                       GError **error)
{
  g_autoptr (EVP_PKEY) key = EVP_RSA_gen (RSA_BITS);
  g_autoptr (X509) certificate = X509_new ();
  g_autoptr (BIO) public_part = BIO_new (BIO_s_mem ());
  g_autoptr (BIO) private_part = BIO_new (BIO_s_mem ());
  char *text = NULL;
  long size;

  if (key == NULL || !fill_certificate (certificate, key, name, now_ms) ||
      PEM_write_bio_X509 (public_part, certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey (private_part, key, NULL, NULL, 0, NULL, NULL) != 1)
    {
      door_libcrypto_fail (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "no key could be made");
      return false;
    }
  size = BIO_get_mem_data (public_part, &text);
  *certificate_pem = g_strndup (text, (size_t) size);
  *key_pem = take_pem (private_part);
  return true;
}

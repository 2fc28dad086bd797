/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "sim-error.h"

#define DAY_S (24 * 60 * 60)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_STORE, X509_STORE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_STORE_CTX, X509_STORE_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_EXTENSION, X509_EXTENSION_free)

/**
 * sim_certificates_free:
 * @self: (transfer full) (nullable): a list and the certificates in it
 */
void
sim_certificates_free (SimCertificates *self)
{
  sk_X509_pop_free (self, X509_free);
}

/**
 * sim_set_crypto_error:
 * @error: return location for an error
 * @doing: what did not work
 *
 * Sets %SIM_ERROR_UNEXPECTED with what libcrypto has to say and empties its queue.
 */
void
sim_set_crypto_error (GError **error, const char *doing)
{
  unsigned long code = ERR_peek_last_error ();
  const char *reason = code != 0 ? ERR_reason_error_string (code) : NULL;

  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "%s%s%s", doing, reason != NULL ? ": " : "",
               reason != NULL ? reason : "");
  ERR_clear_error ();
}

/**
 * sim_bio_dup_bytes:
 * @bio: a memory BIO
 *
 * Returns: (transfer full): what was written to it
 */
GBytes *
sim_bio_dup_bytes (BIO *bio)
{
  char *data = NULL;
  long size = BIO_get_mem_data (bio, &data);

  return g_bytes_new (data, (gsize) size);
}

/**
 * sim_bio_new:
 * @bytes: data; must outlive the BIO
 *
 * Returns: (transfer full): a BIO to read it from
 */
BIO *
sim_bio_new (GBytes *bytes)
{
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);

  return BIO_new_mem_buf (data != NULL ? data : "", (int) size);
}

/**
 * sim_key_new:
 * @bits: size of the modulus
 * @error: return location for an error
 *
 * Returns: (transfer full): a new RSA key
 */
EVP_PKEY *
sim_key_new (int bits, GError **error)
{
  EVP_PKEY *key = EVP_RSA_gen ((unsigned int) bits);

  if (key == NULL)
    sim_set_crypto_error (error, "no RSA key");
  return key;
}

/**
 * sim_key_to_pem:
 * @key: a private key
 *
 * Returns: (transfer full): the key as PKCS#8, not encrypted
 */
GBytes *
sim_key_to_pem (EVP_PKEY *key)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());

  PEM_write_bio_PKCS8PrivateKey (out, key, NULL, NULL, 0, NULL, NULL);
  return sim_bio_dup_bytes (out);
}

static bool
set_serial (X509 *certificate)
{
  unsigned char bytes[8];
  uint64_t serial = 0;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    return false;
  for (size_t i = 0; i < sizeof bytes; i++)
    serial = serial << 8 | bytes[i];
  return ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate), serial >> 1) == 1;
}

static bool
add_extension (X509 *certificate, int nid, const char *value)
{
  g_autoptr (X509_EXTENSION) extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);

  return extension != NULL && X509_add_ext (certificate, extension, -1) == 1;
}

static bool
fill_and_sign (X509 *certificate, EVP_PKEY *subject_key, const SimIssuer *issuer)
{
  X509_NAME *issuer_name =
      X509_get_subject_name (issuer->certificate != NULL ? issuer->certificate : certificate);

  return X509_set_version (certificate, X509_VERSION_3) == 1 && set_serial (certificate) &&
         X509_set_issuer_name (certificate, issuer_name) == 1 &&
         X509_gmtime_adj (X509_getm_notBefore (certificate), -DAY_S) != NULL &&
         X509_gmtime_adj (X509_getm_notAfter (certificate), 365 * DAY_S) != NULL &&
         X509_set_pubkey (certificate, subject_key) == 1 &&
         X509_sign (certificate, issuer->key, EVP_sha256 ()) > 0;
}

/**
 * sim_certificate_new:
 * @common_name: common name of the subject
 * @subject_key: its key
 * @issuer: who signs
 * @authority: whether it may sign certificates itself
 * @error: return location for an error
 *
 * Returns: (transfer full): a certificate that is valid from a day ago, for a year
 */
X509 *
sim_certificate_new (const char *common_name, EVP_PKEY *subject_key, const SimIssuer *issuer, bool authority,
                     GError **error)
{
  g_autoptr (X509) certificate = X509_new ();

  if (X509_NAME_add_entry_by_txt (X509_get_subject_name (certificate), "CN", MBSTRING_UTF8,
                                  (const unsigned char *) common_name, -1, -1, 0) != 1 ||
      !add_extension (certificate, NID_basic_constraints,
                      authority ? "critical,CA:TRUE" : "critical,CA:FALSE") ||
      !add_extension (certificate, NID_key_usage,
                      authority ? "critical,keyCertSign,cRLSign" : "digitalSignature") ||
      !fill_and_sign (certificate, subject_key, issuer))
    {
      sim_set_crypto_error (error, "no certificate");
      return NULL;
    }
  return g_steal_pointer (&certificate);
}

/**
 * sim_certificate_new_for_scep:
 * @subject: the name that is asked for
 * @key: the new key
 * @error: return location for an error
 *
 * Makes the self-signed certificate that stands for a client which has none yet (RFC 8894, 2.3).
 *
 * Returns: (transfer full): the certificate
 */
X509 *
sim_certificate_new_for_scep (X509_NAME *subject, EVP_PKEY *key, GError **error)
{
  g_autoptr (X509) certificate = X509_new ();
  const SimIssuer self_signed = { NULL, key };

  if (X509_set_subject_name (certificate, subject) != 1 ||
      !add_extension (certificate, NID_key_usage, "critical,digitalSignature,keyEncipherment") ||
      !fill_and_sign (certificate, key, &self_signed))
    {
      sim_set_crypto_error (error, "no self-signed certificate");
      return NULL;
    }
  return g_steal_pointer (&certificate);
}

/**
 * sim_certificate_to_pem:
 * @certificate: a certificate
 *
 * Returns: (transfer full): it in PEM form
 */
GBytes *
sim_certificate_to_pem (X509 *certificate)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());

  PEM_write_bio_X509 (out, certificate);
  return sim_bio_dup_bytes (out);
}

/**
 * sim_certificate_is_authority:
 * @certificate: a certificate
 *
 * Returns: whether its basic constraints say that it may sign others
 */
bool
sim_certificate_is_authority (X509 *certificate)
{
  return (X509_get_extension_flags (certificate) & EXFLAG_CA) != 0;
}

/**
 * sim_certificate_verify_chain:
 * @certificate: the certificate in question
 * @others: (nullable): certificates that may stand in between
 * @anchors_file: (nullable): PEM file of anchors, %NULL for those of the system
 * @error: return location for an error
 *
 * Verifies a chain, times included, for any purpose.
 *
 * Returns: %FALSE with %SIM_ERROR_UNEXPECTED when it leads to no anchor
 */
gboolean
sim_certificate_verify_chain (X509 *certificate, SimCertificates *others, const char *anchors_file,
                              GError **error)
{
  g_autoptr (X509_STORE) store = X509_STORE_new ();
  g_autoptr (X509_STORE_CTX) context = X509_STORE_CTX_new ();
  int loaded = anchors_file != NULL ? X509_STORE_load_file (store, anchors_file)
                                    : X509_STORE_set_default_paths (store);

  if (loaded != 1 || X509_STORE_CTX_init (context, store, certificate, others) != 1)
    {
      sim_set_crypto_error (error, "no trust anchors");
      return FALSE;
    }
  if (X509_verify_cert (context) == 1)
    return TRUE;
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "certificate chain: %s",
               X509_verify_cert_error_string (X509_STORE_CTX_get_error (context)));
  ERR_clear_error ();
  return FALSE;
}

/**
 * sim_random_bytes:
 * @length: how many
 *
 * Returns: (transfer full): random bytes from libcrypto
 */
GBytes *
sim_random_bytes (size_t length)
{
  g_autofree unsigned char *data = g_malloc (length);

  g_assert (RAND_bytes (data, (int) length) == 1);
  return g_bytes_new (data, length);
}

/**
 * sim_random_uuid:
 *
 * Returns: (transfer full): a version 4 UUID in upper case, as Apple's devices write it
 */
char *
sim_random_uuid (void)
{
  g_autofree char *lower = g_uuid_string_random ();

  return g_ascii_strup (lower, -1);
}

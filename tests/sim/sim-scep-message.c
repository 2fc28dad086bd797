/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-scep-message.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "sim-error.h"

#define NONCE_BYTES 16

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_OBJECT, ASN1_OBJECT_free)

/**
 * sim_scep_caps_parse:
 * @body: answer to GetCACaps, one word a line
 *
 * Reads the capabilities (RFC 8894, 3.5.2). SCEPStandard stands for AES, POST and SHA-256.
 *
 * Returns: what the server can do; nothing for an empty answer
 */
SimScepCaps
sim_scep_caps_parse (GBytes *body)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (body, &size);
  g_autofree char *text = size > 0 ? g_strndup (data, size) : g_strdup ("");
  g_auto (GStrv) words = g_strsplit_set (text, "\r\n", -1);
  SimScepCaps caps = { false, false, false, false };

  for (size_t i = 0; words[i] != NULL; i++)
    {
      const char *word = g_strstrip (words[i]);
      bool standard = g_ascii_strcasecmp (word, "SCEPStandard") == 0;

      caps.aes |= standard || g_ascii_strcasecmp (word, "AES") == 0;
      caps.sha256 |= standard || g_ascii_strcasecmp (word, "SHA-256") == 0;
      caps.post |= standard || g_ascii_strcasecmp (word, "POSTPKIOperation") == 0;
      caps.renewal |= g_ascii_strcasecmp (word, "Renewal") == 0;
    }
  return caps;
}

/**
 * sim_scep_authorities_parse:
 * @body: answer to GetCACert
 * @several: whether it is a certificates-only message instead of a single certificate
 * @error: return location for an error
 *
 * Returns: (transfer full): the certificates, at least one, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimCertificates *
sim_scep_authorities_parse (GBytes *body, bool several, GError **error)
{
  gsize size = 0;
  const unsigned char *at = g_bytes_get_data (body, &size);
  const unsigned char *start = at;
  g_autoptr (SimCertificates) found = NULL;

  if (several)
    {
      g_autoptr (CMS_ContentInfo) cms = sim_cms_parse (body, error);

      if (cms == NULL)
        return NULL;
      found = CMS_get1_certs (cms);
    }
  else
    {
      X509 *single = size > 0 ? d2i_X509 (NULL, &at, (long) size) : NULL;

      found = sk_X509_new_null ();
      if (single != NULL && (gsize) (at - start) == size)
        sk_X509_push (found, single);
      else
        X509_free (single);
    }
  if (found != NULL && sk_X509_num (found) > 0)
    return g_steal_pointer (&found);
  sim_set_crypto_error (error, "GetCACert: no certificate in the answer");
  return NULL;
}

/**
 * sim_scep_authorities_get_recipient:
 * @authorities: answer to GetCACert
 *
 * Returns: (transfer none) (nullable): the certificate to encrypt to: a registration authority's before the
 *   authority's own, and none that may not encipher keys
 */
X509 *
sim_scep_authorities_get_recipient (SimCertificates *authorities)
{
  X509 *best = NULL;

  for (int i = 0; i < sk_X509_num (authorities); i++)
    {
      X509 *one = sk_X509_value (authorities, i);

      if ((X509_get_key_usage (one) & KU_KEY_ENCIPHERMENT) == 0)
        continue;
      if (best == NULL || (sim_certificate_is_authority (best) && !sim_certificate_is_authority (one)))
        best = one;
    }
  return best;
}

/**
 * sim_scep_authorities_get_issuer:
 * @authorities: answer to GetCACert
 * @certificate: a certificate
 *
 * Returns: (transfer none) (nullable): the authority that signed it
 */
X509 *
sim_scep_authorities_get_issuer (SimCertificates *authorities, X509 *certificate)
{
  for (int i = 0; i < sk_X509_num (authorities); i++)
    {
      X509 *one = sk_X509_value (authorities, i);

      if (sim_certificate_is_authority (one) && X509_check_issued (one, certificate) == X509_V_OK &&
          X509_verify (certificate, X509_get0_pubkey (one)) == 1)
        return one;
    }
  ERR_clear_error ();
  return NULL;
}

/**
 * sim_scep_authorities_check_fingerprint:
 * @authorities: answer to GetCACert
 * @fingerprint: CAFingerprint of the profile: MD5, SHA-1, SHA-256 or SHA-512, known by its length
 * @error: return location for an error
 *
 * Returns: %FALSE with %SIM_ERROR_UNEXPECTED when no authority has that fingerprint
 */
gboolean
sim_scep_authorities_check_fingerprint (SimCertificates *authorities, GBytes *fingerprint, GError **error)
{
  const EVP_MD *const digests[] = { EVP_md5 (), EVP_sha1 (), EVP_sha256 (), EVP_sha512 () };

  for (size_t i = 0; i < G_N_ELEMENTS (digests); i++)
    for (int j = 0; j < sk_X509_num (authorities); j++)
      {
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned int length = 0;
        g_autoptr (GBytes) found = NULL;

        if (X509_digest (sk_X509_value (authorities, j), digests[i], hash, &length) != 1)
          continue;
        found = g_bytes_new (hash, length);
        if (g_bytes_equal (found, fingerprint))
          return TRUE;
      }
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                       "CAFingerprint fits no certificate of GetCACert");
  return FALSE;
}

/**
 * sim_scep_subject_new:
 * @pairs: (element-type GStrv): type (short name or dotted number) and value of each attribute
 * @error: return location for an error
 *
 * Returns: (transfer full): the name, or %NULL with %SIM_ERROR_UNEXPECTED
 */
X509_NAME *
sim_scep_subject_new (GPtrArray *pairs, GError **error)
{
  g_autoptr (X509_NAME) name = X509_NAME_new ();

  for (guint i = 0; i < pairs->len; i++)
    {
      char **pair = g_ptr_array_index (pairs, i);

      if (X509_NAME_add_entry_by_txt (name, pair[0], MBSTRING_UTF8, (const unsigned char *) pair[1], -1, -1,
                                      0) != 1)
        {
          sim_set_crypto_error (error, "the profile's Subject cannot be used");
          return NULL;
        }
    }
  return g_steal_pointer (&name);
}

/**
 * sim_scep_csr_new:
 * @subject: the name
 * @key: the new key
 * @challenge: (nullable): challengePassword, left out in renewals
 * @error: return location for an error
 *
 * Returns: (transfer full): a PKCS#10 request in DER
 */
GBytes *
sim_scep_csr_new (X509_NAME *subject, EVP_PKEY *key, const char *challenge, GError **error)
{
  g_autoptr (X509_REQ) csr = X509_REQ_new ();
  unsigned char *der = NULL;
  int size = -1;
  GBytes *bytes = NULL;

  if (X509_REQ_set_version (csr, X509_REQ_VERSION_1) == 1 && X509_REQ_set_subject_name (csr, subject) == 1 &&
      X509_REQ_set_pubkey (csr, key) == 1 &&
      (challenge == NULL || X509_REQ_add1_attr_by_NID (csr, NID_pkcs9_challengePassword, MBSTRING_UTF8,
                                                       (const unsigned char *) challenge, -1) == 1) &&
      X509_REQ_sign (csr, key, EVP_sha256 ()) > 0)
    size = i2d_X509_REQ (csr, &der);
  if (size <= 0)
    {
      sim_set_crypto_error (error, "no certificate request");
      return NULL;
    }
  bytes = g_bytes_new (der, (gsize) size);
  OPENSSL_free (der);
  return bytes;
}

static bool
add_attribute (CMS_SignerInfo *signer, const char *oid, int type, const void *value, size_t length)
{
  g_autoptr (ASN1_OBJECT) object = OBJ_txt2obj (oid, 1);

  return CMS_signed_add1_attr_by_OBJ (signer, object, type, value, (int) length) == 1;
}

/* (transfer full) (nullable): SHA-256 of the request's public key in hexadecimal, as RFC 8894, 3.2.1.1
 * suggests */
static char *
build_transaction_id (GBytes *csr)
{
  gsize size = 0;
  const unsigned char *at = g_bytes_get_data (csr, &size);
  g_autoptr (X509_REQ) request = d2i_X509_REQ (NULL, &at, (long) size);
  X509_PUBKEY *public_key = request != NULL ? X509_REQ_get_X509_PUBKEY (request) : NULL;
  unsigned char *der = NULL;
  int length = public_key != NULL ? i2d_X509_PUBKEY (public_key, &der) : -1;
  char *id = length > 0 ? g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, (gsize) length) : NULL;

  OPENSSL_free (der);
  return id;
}

static GBytes *
encrypt (GBytes *content, X509 *recipient, SimScepCaps caps)
{
  g_autoptr (SimCertificates) recipients = sk_X509_new_null ();
  g_autoptr (BIO) in = sim_bio_new (content);
  g_autoptr (CMS_ContentInfo) cms = NULL;

  X509_up_ref (recipient);
  sk_X509_push (recipients, recipient);
  cms = CMS_encrypt (recipients, in, caps.aes ? EVP_aes_256_cbc () : EVP_des_ede3_cbc (), CMS_BINARY);
  return cms != NULL ? sim_cms_to_bytes (cms, false) : NULL;
}

/* The outer SignedData with the attributes that make it a pkiMessage. */
static GBytes *
build_pki_message (const SimScepRequest *self, const char *message_type, GBytes *envelope, SimScepCaps caps)
{
  const unsigned int flags = CMS_BINARY | CMS_NOSMIMECAP;
  g_autoptr (BIO) in = sim_bio_new (envelope);
  g_autoptr (CMS_ContentInfo) cms = CMS_sign (NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
  CMS_SignerInfo *signer = NULL;

  if (cms != NULL)
    signer = CMS_add1_signer (cms, self->signer, self->signer_key, caps.sha256 ? EVP_sha256 () : EVP_sha1 (),
                              flags | CMS_PARTIAL);
  if (signer == NULL ||
      !add_attribute (signer, SIM_SCEP_OID_MESSAGE_TYPE, V_ASN1_PRINTABLESTRING, message_type,
                      strlen (message_type)) ||
      !add_attribute (signer, SIM_SCEP_OID_TRANSACTION_ID, V_ASN1_PRINTABLESTRING, self->transaction_id,
                      strlen (self->transaction_id)) ||
      !add_attribute (signer, SIM_SCEP_OID_SENDER_NONCE, V_ASN1_OCTET_STRING,
                      g_bytes_get_data (self->sender_nonce, NULL), g_bytes_get_size (self->sender_nonce)) ||
      CMS_final (cms, in, NULL, flags) != 1)
    return NULL;
  return sim_cms_to_bytes (cms, false);
}

/**
 * sim_scep_request_new:
 * @message_type: %SIM_SCEP_PKCS_REQ or %SIM_SCEP_RENEWAL_REQ
 * @csr: the PKCS#10 request
 * @signer: the self-signed certificate of a first request, the old certificate of a renewal, with its key
 * @authorities: answer to GetCACert
 * @caps: what the server can do: AES-256 and SHA-256 are used when offered, else 3DES and SHA-1
 * @error: return location for an error
 *
 * Builds a pkiMessage (RFC 8894, 3).
 *
 * Returns: (transfer full): the request, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimScepRequest *
sim_scep_request_new (const char *message_type, GBytes *csr, SimIssuer signer, SimCertificates *authorities,
                      SimScepCaps caps, GError **error)
{
  g_autoptr (SimScepRequest) self = g_new0 (SimScepRequest, 1);
  X509 *recipient = sim_scep_authorities_get_recipient (authorities);
  g_autoptr (GBytes) envelope = NULL;

  if (recipient == NULL)
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                           "GetCACert: no certificate has the key usage keyEncipherment");
      return NULL;
    }
  X509_up_ref (signer.certificate);
  self->signer = signer.certificate;
  EVP_PKEY_up_ref (signer.key);
  self->signer_key = signer.key;
  self->transaction_id = build_transaction_id (csr);
  self->sender_nonce = sim_random_bytes (NONCE_BYTES);
  envelope = encrypt (csr, recipient, caps);
  if (envelope != NULL && self->transaction_id != NULL)
    self->message = build_pki_message (self, message_type, envelope, caps);
  if (self->message == NULL)
    {
      sim_set_crypto_error (error, "no SCEP message");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * sim_scep_request_free:
 * @self: (transfer full): a request
 */
void
sim_scep_request_free (SimScepRequest *self)
{
  g_free (self->transaction_id);
  g_clear_pointer (&self->sender_nonce, g_bytes_unref);
  g_clear_pointer (&self->message, g_bytes_unref);
  EVP_PKEY_free (self->signer_key);
  X509_free (self->signer);
  g_free (self);
}

/**
 * sim_scep_reply_free:
 * @self: (transfer full): an answer
 */
void
sim_scep_reply_free (SimScepReply *self)
{
  g_free (self->fail_info);
  X509_free (self->certificate);
  g_free (self);
}

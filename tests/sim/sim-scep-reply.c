/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/err.h>

#include "sim-error.h"
#include "sim-scep-message.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_OBJECT, ASN1_OBJECT_free)

static void
fail (GError **error, const char *text)
{
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "CertRep: %s", text);
}

/* (transfer full) (nullable): the one value of a signed attribute of that type */
static GBytes *
dup_attribute (CMS_SignerInfo *signer, const char *oid, int type)
{
  g_autoptr (ASN1_OBJECT) object = OBJ_txt2obj (oid, 1);
  int at = CMS_signed_get_attr_by_OBJ (signer, object, -1);
  X509_ATTRIBUTE *attribute = at >= 0 ? CMS_signed_get_attr (signer, at) : NULL;
  ASN1_STRING *value = NULL;

  if (attribute == NULL || X509_ATTRIBUTE_count (attribute) != 1)
    return NULL;
  value = X509_ATTRIBUTE_get0_data (attribute, 0, type, NULL);
  return value != NULL ? g_bytes_new (ASN1_STRING_get0_data (value), (gsize) ASN1_STRING_length (value))
                       : NULL;
}

static char *
dup_printable (CMS_SignerInfo *signer, const char *oid)
{
  g_autoptr (GBytes) value = dup_attribute (signer, oid, V_ASN1_PRINTABLESTRING);

  return value != NULL ? g_strndup (g_bytes_get_data (value, NULL), g_bytes_get_size (value)) : NULL;
}

/* The attributes that tie the answer to the request. */
static gboolean
check_transaction (CMS_SignerInfo *signer, const SimScepRequest *request, GError **error)
{
  g_autofree char *type = dup_printable (signer, SIM_SCEP_OID_MESSAGE_TYPE);
  g_autofree char *transaction = dup_printable (signer, SIM_SCEP_OID_TRANSACTION_ID);
  g_autoptr (GBytes) nonce = dup_attribute (signer, SIM_SCEP_OID_RECIPIENT_NONCE, V_ASN1_OCTET_STRING);

  if (g_strcmp0 (type, SIM_SCEP_CERT_REP) != 0)
    fail (error, "messageType is not 3");
  else if (g_strcmp0 (transaction, request->transaction_id) != 0)
    fail (error, "transactionID is not the one of the request");
  else if (nonce == NULL || !g_bytes_equal (nonce, request->sender_nonce))
    fail (error, "recipientNonce is not the senderNonce of the request");
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_status (SimScepReply *self, CMS_SignerInfo *signer, GError **error)
{
  static const char *const reasons[] = { "badAlg", "badMessageCheck", "badRequest", "badTime", "badCertId" };
  g_autofree char *status = dup_printable (signer, SIM_SCEP_OID_PKI_STATUS);
  g_autofree char *reason = dup_printable (signer, SIM_SCEP_OID_FAIL_INFO);
  guint64 number = 0;

  if (g_strcmp0 (status, "0") == 0)
    self->status = SIM_SCEP_SUCCESS;
  else if (g_strcmp0 (status, "2") == 0)
    self->status = SIM_SCEP_FAILURE;
  else if (g_strcmp0 (status, "3") == 0)
    self->status = SIM_SCEP_PENDING;
  else
    {
      fail (error, "pkiStatus is neither 0, 2 nor 3");
      return FALSE;
    }
  if (self->status != SIM_SCEP_FAILURE)
    return TRUE;
  if (reason == NULL ||
      !g_ascii_string_to_unsigned (reason, 10, 0, G_N_ELEMENTS (reasons) - 1, &number, NULL))
    {
      fail (error, "a failure without failInfo");
      return FALSE;
    }
  self->fail_info = g_strdup (reasons[number]);
  return TRUE;
}

/* Opens the envelope and takes the certificate for our key out of the certificates-only message in it. */
static X509 *
open_envelope (GBytes *envelope, const SimScepRequest *request, EVP_PKEY *key, GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = sim_cms_parse (envelope, error);
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  g_autoptr (GBytes) content = NULL;
  g_autoptr (SimCertificates) certificates = NULL;

  if (cms == NULL)
    return NULL;
  if (CMS_decrypt (cms, request->signer_key, request->signer, NULL, out, CMS_BINARY) != 1)
    {
      sim_set_crypto_error (error, "CertRep: the envelope cannot be opened");
      return NULL;
    }
  content = sim_bio_dup_bytes (out);
  certificates = sim_scep_authorities_parse (content, true, error);
  for (int i = 0; certificates != NULL && i < sk_X509_num (certificates); i++)
    {
      X509 *one = sk_X509_value (certificates, i);

      if (EVP_PKEY_eq (X509_get0_pubkey (one), key) == 1)
        {
          X509_up_ref (one);
          return one;
        }
    }
  ERR_clear_error ();
  if (certificates != NULL)
    fail (error, "no certificate in it is for the new key");
  return NULL;
}

static gboolean
check_certificate (X509 *certificate, SimCertificates *authorities, GError **error)
{
  if (sim_scep_authorities_get_issuer (authorities, certificate) == NULL)
    fail (error, "the certificate is not signed by an authority of GetCACert");
  else if (X509_cmp_current_time (X509_get0_notBefore (certificate)) > 0 ||
           X509_cmp_current_time (X509_get0_notAfter (certificate)) < 0)
    fail (error, "the certificate is not valid now");
  else if (sim_certificate_is_authority (certificate))
    fail (error, "the certificate may sign others");
  else
    return TRUE;
  return FALSE;
}

/**
 * sim_scep_reply_parse:
 * @message: body of the answer
 * @request: what it answers
 * @authorities: answer to GetCACert; only these may sign
 * @key: the new key
 * @error: return location for an error
 *
 * Verifies a CertRep (RFC 8894, 3.3.2): signature, type, transaction, nonce and status, and on success
 * that the certificate is for @key, from the authority and valid.
 *
 * Returns: (transfer full): the answer, which may be a failure, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimScepReply *
sim_scep_reply_parse (GBytes *message, const SimScepRequest *request, SimCertificates *authorities,
                      EVP_PKEY *key, GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = sim_cms_parse (message, error);
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  g_autoptr (BIO) nothing = NULL;
  g_autoptr (SimScepReply) self = NULL;
  g_autoptr (GBytes) envelope = NULL;
  STACK_OF (CMS_SignerInfo) *signers = NULL;
  const unsigned int flags = CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY;

  if (cms == NULL)
    return NULL;
  /* A failure has no content at all (RFC 8894, 3.3.2.2); its signature is over the attributes. */
  if (CMS_is_detached (cms) == 1)
    nothing = BIO_new_mem_buf ("", 0);
  signers = CMS_get0_SignerInfos (cms);
  if (signers == NULL || sk_CMS_SignerInfo_num (signers) != 1 ||
      CMS_verify (cms, authorities, NULL, nothing, out, flags) != 1)
    {
      sim_set_crypto_error (error, "CertRep: not signed by an authority of GetCACert");
      return NULL;
    }
  self = g_new0 (SimScepReply, 1);
  if (!check_transaction (sk_CMS_SignerInfo_value (signers, 0), request, error) ||
      !read_status (self, sk_CMS_SignerInfo_value (signers, 0), error))
    return NULL;
  if (self->status != SIM_SCEP_SUCCESS)
    return g_steal_pointer (&self);
  envelope = sim_bio_dup_bytes (out);
  self->certificate = open_envelope (envelope, request, key, error);
  if (self->certificate == NULL || !check_certificate (self->certificate, authorities, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-cms.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>

#include "sim-error.h"

static unsigned int
to_cms_flags (SimCmsFlags flags)
{
  return CMS_BINARY | CMS_NOSMIMECAP | (flags & SIM_CMS_DETACHED ? CMS_DETACHED : 0) |
         (flags & SIM_CMS_NO_ATTRIBUTES ? CMS_NOATTR : 0);
}

/**
 * sim_cms_sign:
 * @content: the exact bytes
 * @signer: who signs
 * @flags: which shape
 * @error: return location for an error
 *
 * Makes a SignedData (RFC 5652). %SIM_CMS_DETACHED, %SIM_CMS_NO_ATTRIBUTES and
 * %SIM_CMS_INDEFINITE_LENGTH with SHA-1 together are what Apple's devices put into Mdm-Signature.
 *
 * Returns: (transfer full): the message, or %NULL with an error
 */
GBytes *
sim_cms_sign (GBytes *content, const SimSigner *signer, SimCmsFlags flags, GError **error)
{
  unsigned int cms_flags = to_cms_flags (flags);
  g_autoptr (BIO) in = sim_bio_new (content);
  g_autoptr (CMS_ContentInfo) cms = CMS_sign (NULL, NULL, signer->chain, NULL, cms_flags | CMS_PARTIAL);

  if (cms == NULL ||
      CMS_add1_signer (cms, signer->certificate, signer->key, signer->digest, cms_flags | CMS_PARTIAL) ==
          NULL ||
      CMS_final (cms, in, NULL, cms_flags) != 1)
    {
      sim_set_crypto_error (error, "cannot sign");
      return NULL;
    }
  return sim_cms_to_bytes (cms, (flags & SIM_CMS_INDEFINITE_LENGTH) != 0);
}

/**
 * sim_cms_to_bytes:
 * @cms: a complete message
 * @indefinite_length: write the outer sequences as BER with indefinite length instead of DER
 *
 * Returns: (transfer full): the message
 */
GBytes *
sim_cms_to_bytes (CMS_ContentInfo *cms, bool indefinite_length)
{
  unsigned char *data = NULL;
  int size = indefinite_length
                 ? ASN1_item_ndef_i2d ((const ASN1_VALUE *) cms, &data, ASN1_ITEM_rptr (CMS_ContentInfo))
                 : i2d_CMS_ContentInfo (cms, &data);
  GBytes *bytes = g_bytes_new (data, (gsize) MAX (size, 0));

  OPENSSL_free (data);
  return bytes;
}

/**
 * sim_cms_parse:
 * @message: DER or BER
 * @error: return location for an error
 *
 * Returns: (transfer full): the message, or %NULL with %SIM_ERROR_UNEXPECTED
 */
CMS_ContentInfo *
sim_cms_parse (GBytes *message, GError **error)
{
  gsize size = 0;
  const unsigned char *at = g_bytes_get_data (message, &size);
  const unsigned char *start = at;
  g_autoptr (CMS_ContentInfo) cms = size > 0 ? d2i_CMS_ContentInfo (NULL, &at, (long) size) : NULL;

  if (cms == NULL || (gsize) (at - start) != size)
    {
      sim_set_crypto_error (error, "not a CMS message");
      return NULL;
    }
  return g_steal_pointer (&cms);
}

/**
 * sim_cms_verify_chain:
 * @message: a SignedData with its content
 * @anchors_file: (nullable): PEM file of anchors, %NULL for those of the system
 * @error: return location for an error
 *
 * Verifies the signature and that its one signer's certificate leads to an anchor.
 *
 * Returns: (transfer full): the content, or %NULL with %SIM_ERROR_UNEXPECTED
 */
GBytes *
sim_cms_verify_chain (GBytes *message, const char *anchors_file, GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = sim_cms_parse (message, error);
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  g_autoptr (SimCertificates) embedded = NULL;
  STACK_OF (X509) *signers = NULL;
  gboolean good = FALSE;

  if (cms == NULL)
    return NULL;
  if (CMS_verify (cms, NULL, NULL, NULL, out, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
    {
      sim_set_crypto_error (error, "the signature is wrong");
      return NULL;
    }
  embedded = CMS_get1_certs (cms);
  signers = CMS_get0_signers (cms);
  if (sk_X509_num (signers) == 1)
    good = sim_certificate_verify_chain (sk_X509_value (signers, 0), embedded, anchors_file, error);
  else
    g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "not exactly one signer");
  sk_X509_free (signers);
  return good ? sim_bio_dup_bytes (out) : NULL;
}

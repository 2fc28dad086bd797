/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-cms.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <string.h>

#include "sim-error.h"

static unsigned int
to_cms_flags (SimCmsFlags flags)
{
  return CMS_BINARY | CMS_NOSMIMECAP | (flags & SIM_CMS_DETACHED ? CMS_DETACHED : 0) |
         (flags & SIM_CMS_AS_DEVICE ? CMS_NOATTR : 0);
}

/* Names the algorithms of the signer as devices do; nothing of this is under the signature. */
static void
name_algorithms (CMS_SignerInfo *signer)
{
  X509_ALGOR *digest = NULL;
  X509_ALGOR *signature = NULL;

  CMS_SignerInfo_get0_algs (signer, NULL, NULL, &digest, &signature);
  X509_ALGOR_set0 (digest, OBJ_nid2obj (NID_sha1), V_ASN1_NULL, NULL);
  X509_ALGOR_set0 (signature, OBJ_nid2obj (NID_sha1WithRSAEncryption), V_ASN1_NULL, NULL);
}

/* Gives digestAlgorithms the NULL that libcrypto leaves out and offers no way to set. What is around it has
 * indefinite length, so that no other length changes. */
static GBytes *
insert_null (GBytes *message)
{
  static const unsigned char without[] = { 0x31, 0x09, 0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a };
  static const unsigned char with[] = { 0x31, 0x0b, 0x30, 0x09, 0x06, 0x05, 0x2b,
                                        0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00 };
  gsize size = 0;
  const unsigned char *data = g_bytes_get_data (message, &size);
  const unsigned char *at = memmem (data, size, without, sizeof without);
  g_autoptr (GByteArray) result = NULL;

  if (at == NULL)
    return g_bytes_ref (message);
  result = g_byte_array_sized_new ((guint) size + 2);
  g_byte_array_append (result, data, (guint) (at - data));
  g_byte_array_append (result, with, sizeof with);
  g_byte_array_append (result, at + sizeof without, (guint) (size - (gsize) (at - data) - sizeof without));
  return g_byte_array_free_to_bytes (g_steal_pointer (&result));
}

/**
 * sim_cms_sign:
 * @content: the exact bytes
 * @signer: who signs
 * @flags: which shape
 * @error: return location for an error
 *
 * Makes a SignedData (RFC 5652). %SIM_CMS_DETACHED and %SIM_CMS_AS_DEVICE with SHA-1 together are what
 * Apple's devices put into Mdm-Signature.
 *
 * Returns: (transfer full): the message, or %NULL with an error
 */
GBytes *
sim_cms_sign (GBytes *content, const SimSigner *signer, SimCmsFlags flags, GError **error)
{
  unsigned int cms_flags = to_cms_flags (flags);
  g_autoptr (BIO) in = sim_bio_new (content);
  g_autoptr (CMS_ContentInfo) cms = CMS_sign (NULL, NULL, signer->chain, NULL, cms_flags | CMS_PARTIAL);
  g_autoptr (GBytes) ber = NULL;
  CMS_SignerInfo *info = NULL;

  if (cms != NULL)
    info = CMS_add1_signer (cms, signer->certificate, signer->key, signer->digest, cms_flags | CMS_PARTIAL);
  if (info == NULL || CMS_final (cms, in, NULL, cms_flags) != 1)
    {
      sim_set_crypto_error (error, "cannot sign");
      return NULL;
    }
  if ((flags & SIM_CMS_AS_DEVICE) == 0)
    return sim_cms_to_bytes (cms, false);
  name_algorithms (info);
  ber = sim_cms_to_bytes (cms, true);
  return insert_null (ber);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-signer.h"

#include <gio/gio.h>
#include <libxml/c14n.h>
#include <string.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "idp-xml.h"

#define IDENTITY_STYLESHEET                                                                                  \
  "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">"                      \
  "<xsl:template match=\"@*|node()\"><xsl:copy><xsl:apply-templates select=\"@*|node()\"/></xsl:copy>"       \
  "</xsl:template></xsl:stylesheet>"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlSecDSigCtx, xmlSecDSigCtxDestroy)

struct IdpSigner
{
  const IdpKey *key;
  xmlSecKey *good;
  xmlSecKey *other;
  xmlSecKey *hmac;
};

static xmlSecKey *
load_key (const IdpKey *key)
{
  const char *private_pem = idp_key_get_private_pem (key);
  const char *certificate_pem = idp_key_get_certificate_pem (key);
  xmlSecKey *loaded =
      xmlSecCryptoAppKeyLoadMemory ((const xmlSecByte *) private_pem, (xmlSecSize) strlen (private_pem),
                                    xmlSecKeyDataFormatPem, NULL, NULL, NULL);

  if (loaded != NULL &&
      xmlSecCryptoAppKeyCertLoadMemory (loaded, (const xmlSecByte *) certificate_pem,
                                        (xmlSecSize) strlen (certificate_pem), xmlSecKeyDataFormatPem) != 0)
    g_clear_pointer (&loaded, xmlSecKeyDestroy);
  return loaded;
}

/**
 * idp_signer_new:
 * @key: the key whose certificate is in the metadata; has to outlive the signer
 * @other_key: a key nobody was told of
 * @error: return location for an error
 *
 * Prepares the keys for signing. xmlsec has to be initialised. Does not block.
 *
 * Returns: (transfer full): the signer, or %NULL with %G_IO_ERROR_FAILED
 */
IdpSigner *
idp_signer_new (const IdpKey *key, const IdpKey *other_key, GError **error)
{
  g_autoptr (IdpSigner) signer = g_new0 (IdpSigner, 1);
  size_t der_size = 0;
  const void *der = g_bytes_get_data (idp_key_get_certificate_der (key), &der_size);

  signer->key = key;
  signer->good = load_key (key);
  signer->other = load_key (other_key);
  signer->hmac = xmlSecKeyReadMemory (xmlSecKeyDataHmacId, der, (xmlSecSize) der_size);
  if (signer->good != NULL && signer->other != NULL && signer->hmac != NULL)
    return g_steal_pointer (&signer);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "xmlsec does not take the signing key");
  return NULL;
}

/**
 * idp_signer_free:
 * @signer: (transfer full): a signer
 *
 * Frees @signer. Does not block.
 */
void
idp_signer_free (IdpSigner *signer)
{
  g_clear_pointer (&signer->good, xmlSecKeyDestroy);
  g_clear_pointer (&signer->other, xmlSecKeyDestroy);
  g_clear_pointer (&signer->hmac, xmlSecKeyDestroy);
  g_free (signer);
}

static xmlSecTransformId
choose_method (const IdpSigner *signer, IdpSignatureKind kind)
{
  bool rsa = idp_key_get_key_type (signer->key) == IDP_KEY_RSA;

  if (kind == IDP_SIGNATURE_HMAC)
    return xmlSecTransformHmacSha256Id;
  if (kind == IDP_SIGNATURE_SHA1)
    return rsa ? xmlSecTransformRsaSha1Id : xmlSecTransformEcdsaSha1Id;
  return rsa ? xmlSecTransformRsaSha256Id : xmlSecTransformEcdsaSha256Id;
}

static bool
add_transforms (xmlNode *reference, IdpSignatureKind kind)
{
  xmlNode *xslt = NULL;

  if (xmlSecTmplReferenceAddTransform (reference, xmlSecTransformEnvelopedId) == NULL)
    return false;
  if (kind == IDP_SIGNATURE_FOREIGN_TRANSFORM)
    {
      xslt = xmlSecTmplReferenceAddTransform (reference, xmlSecTransformXsltId);
      if (xslt == NULL || xmlSecTmplTransformAddXsltStylesheet (xslt, BAD_CAST IDENTITY_STYLESHEET) != 0)
        return false;
    }
  return xmlSecTmplReferenceAddTransform (reference, xmlSecTransformExclC14NId) != NULL;
}

/* The schemas want the signature right after the Issuer. */
static xmlNode *
add_template (const IdpSigner *signer, xmlNode *element, IdpSignatureKind kind)
{
  xmlNode *issuer = idp_xml_lookup_child (element, IDP_NS_ASSERTION, "Issuer");
  xmlNode *signature = xmlSecTmplSignatureCreateNsPref (element->doc, xmlSecTransformExclC14NId,
                                                        choose_method (signer, kind), NULL, BAD_CAST "ds");
  xmlSecTransformId digest = kind == IDP_SIGNATURE_SHA1 ? xmlSecTransformSha1Id : xmlSecTransformSha256Id;
  g_autofree char *id = idp_xml_dup_attribute (element, "ID");
  g_autofree char *uri = g_strconcat ("#", id, NULL);
  xmlNode *reference = NULL;
  xmlNode *key_info = NULL;

  if (signature == NULL)
    return NULL;
  xmlAddNextSibling (issuer, signature);
  reference = xmlSecTmplSignatureAddReference (signature, digest, NULL, BAD_CAST uri, NULL);
  if (reference == NULL || !add_transforms (reference, kind))
    return NULL;
  if (kind == IDP_SIGNATURE_HMAC)
    return signature;
  key_info = xmlSecTmplSignatureEnsureKeyInfo (signature, NULL);
  return key_info != NULL && xmlSecTmplKeyInfoAddX509Data (key_info) != NULL ? signature : NULL;
}

static bool
run_xmlsec (const IdpSigner *signer, xmlNode *element, xmlNode *signature, IdpSignatureKind kind)
{
  g_autoptr (xmlSecDSigCtx) context = xmlSecDSigCtxCreate (NULL);
  xmlAttr *attribute = xmlHasProp (element, BAD_CAST "ID");
  g_autofree char *id = idp_xml_dup_attribute (element, "ID");
  const xmlSecKey *key = signer->good;
  bool done = false;

  if (kind == IDP_SIGNATURE_OTHER_KEY)
    key = signer->other;
  else if (kind == IDP_SIGNATURE_HMAC)
    key = signer->hmac;
  if (context == NULL)
    return false;
  context->signKey = xmlSecKeyDuplicate ((xmlSecKey *) key);
  /* Only this element is known by its ID while it is signed: another may have the same on purpose. */
  xmlAddID (NULL, element->doc, BAD_CAST id, attribute);
  done = context->signKey != NULL && xmlSecDSigCtxSign (context, signature) == 0;
  xmlRemoveID (element->doc, attribute);
  return done;
}

static GBytes *
canonicalise (xmlNode *element)
{
  g_autoptr (xmlDoc) alone = xmlNewDoc (BAD_CAST "1.0");
  xmlChar *text = NULL;
  int size = 0;

  xmlDocSetRootElement (alone, xmlDocCopyNode (element, alone, 1));
  size = xmlC14NDocDumpMemory (alone, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &text);
  return size < 0 ? NULL : g_bytes_new_with_free_func (text, (size_t) size, (GDestroyNotify) xmlFree, text);
}

static void
set_base64 (xmlNode *element, GBytes *value)
{
  size_t size = 0;
  const void *data = g_bytes_get_data (value, &size);
  g_autofree char *text = g_base64_encode (data, size);

  xmlNodeSetContent (element, BAD_CAST text);
}

static bool
sign_empty_digest (const IdpSigner *signer, xmlNode *signature, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  xmlNode *signed_info = idp_xml_lookup_child (signature, IDP_NS_DSIG, "SignedInfo");
  uint8_t digest[32];
  size_t digest_size = sizeof digest;
  g_autoptr (GBytes) digest_bytes = NULL;
  g_autoptr (GBytes) octets = NULL;
  g_autoptr (GBytes) value = NULL;

  g_checksum_get_digest (checksum, digest, &digest_size);
  digest_bytes = g_bytes_new (digest, digest_size);
  set_base64 (idp_xml_lookup_below (signed_info, IDP_NS_DSIG, "DigestValue"), digest_bytes);
  octets = canonicalise (signed_info);
  if (octets == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot canonicalise SignedInfo");
      return false;
    }
  value =
      idp_key_sign_sha256 (signer->key, g_bytes_get_data (octets, NULL), g_bytes_get_size (octets), error);
  if (value == NULL)
    return false;
  set_base64 (idp_xml_lookup_child (signature, IDP_NS_DSIG, "SignatureValue"), value);
  return true;
}

static void
flip (xmlNode *signature)
{
  xmlNode *element = idp_xml_lookup_child (signature, IDP_NS_DSIG, "SignatureValue");
  g_autofree char *text = idp_xml_dup_text (element);
  size_t size = 0;
  uint8_t *data = g_base64_decode (text, &size);
  g_autoptr (GBytes) value = NULL;

  data[size - 1] ^= 1;
  value = g_bytes_new_take (data, size);
  set_base64 (element, value);
}

/**
 * idp_signer_sign:
 * @signer: a signer
 * @element: a Response or an Assertion with an ID and an Issuer
 * @kind: what kind of signature
 * @error: return location for an error
 *
 * Puts an enveloped signature after the Issuer (SAML Core, 5.4). Blocks for the computation.
 *
 * Returns: whether it worked, else @error is %G_IO_ERROR_FAILED
 */
bool
idp_signer_sign (const IdpSigner *signer, xmlNode *element, IdpSignatureKind kind, GError **error)
{
  xmlNode *signature = add_template (signer, element, kind);

  if (signature == NULL || !run_xmlsec (signer, element, signature, kind))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "xmlsec cannot sign the answer");
      return false;
    }
  if (kind == IDP_SIGNATURE_EMPTY_DIGEST)
    return sign_empty_digest (signer, signature, error);
  if (kind == IDP_SIGNATURE_FLIPPED)
    flip (signature);
  return true;
}

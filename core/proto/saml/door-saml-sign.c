/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-sign.h"

#include <string.h>

#include <libxml/parser.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "door-error.h"
#include "door-saml-libcrypto.h"
#include "door-saml-signature.h"
#include "door-saml-sp-key-private.h"
#include "door-saml-xml.h"

#define EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ENVELOPED "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"

static bool
fail (GError **error)
{
  ERR_clear_error ();
  return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a SAML message cannot be signed");
}

/**
 * door_saml_sign_append_template: (skip)
 * @xml: a document in the making; the element to sign is open
 * @id: ID of that element
 * @key: what is going to sign
 *
 * Appends an empty signature (SAML core 5.4) with the certificate of the key, which door_saml_sign_document()
 * fills in.
 */
void
door_saml_sign_append_template (GString *xml, const char *id, const DoorSamlSpKey *key)
{
  gsize size;
  const guchar *der = g_bytes_get_data (door_saml_sp_key_get_certificate (key), &size);
  g_autofree char *certificate = g_base64_encode (der, size);

  g_string_append_printf (
      xml,
      "<ds:Signature xmlns:ds=\"" DOOR_SAML_NS_SIGNATURE "\"><ds:SignedInfo>"
      "<ds:CanonicalizationMethod Algorithm=\"" EXC_C14N "\"/>"
      "<ds:SignatureMethod Algorithm=\"" DOOR_SAML_RSA_SHA256 "\"/><ds:Reference URI=\"#%s\"><ds:Transforms>"
      "<ds:Transform Algorithm=\"" ENVELOPED "\"/><ds:Transform Algorithm=\"" EXC_C14N "\"/>"
      "</ds:Transforms><ds:DigestMethod Algorithm=\"" SHA256 "\"/><ds:DigestValue></ds:DigestValue>"
      "</ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
      "<ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
      id, certificate);
}

static xmlNode *
find_template (xmlNode *root)
{
  xmlNode *node = root;

  while (node != NULL && !door_saml_xml_is (node, DOOR_SAML_NS_SIGNATURE, "Signature"))
    node = door_saml_xml_next_in_tree (node, root);
  return node;
}

static bool
register_id (xmlDoc *doc, xmlNode *element)
{
  xmlAttr *id = xmlHasNsProp (element, (const xmlChar *) "ID", NULL);

  return id != NULL && id->children != NULL && xmlAddID (NULL, doc, id->children->content, id) != NULL;
}

static bool
fill_template (xmlDoc *doc, const DoorSamlSpKey *key)
{
  xmlNode *template = find_template (xmlDocGetRootElement (doc));
  xmlSecDSigCtx context;
  bool ok = false;

  if (template == NULL || !register_id (doc, template->parent) ||
      xmlSecDSigCtxInitialize (&context, NULL) < 0)
    return false;
  context.flags |= XMLSEC_DSIG_FLAGS_USE_VISA3D_HACK; /* look the ID up, without an XPath evaluator */
  context.signKey = door_saml_signature_make_key (door_saml_sp_key_get_pkey (key));
  if (context.signKey != NULL)
    ok = xmlSecDSigCtxSign (&context, template) == 0 && context.status == xmlSecDSigStatusSucceeded;
  xmlSecDSigCtxFinalize (&context);
  ERR_clear_error ();
  return ok;
}

/**
 * door_saml_sign_document: (skip)
 * @xml: a document of ours with one template by door_saml_sign_append_template()
 * @key: what signs
 * @error: return location for an error
 *
 * Signs with RSA and SHA-256. CPU-bound, some milliseconds; any thread.
 *
 * Returns: (transfer full): the document without XML declaration, or %NULL with %DOOR_ERROR_FAILED
 */
char *
door_saml_sign_document (const char *xml, const DoorSamlSpKey *key, GError **error)
{
  g_autoptr (xmlDoc) doc = door_saml_xml_load (xml, strlen (xml), DOOR_FAULT_INTERNAL, error);
  xmlBuffer *buffer;
  char *text = NULL;

  if (doc == NULL)
    return NULL;
  buffer = xmlBufferCreate ();
  if (buffer != NULL && fill_template (doc, key) &&
      xmlNodeDump (buffer, doc, xmlDocGetRootElement (doc), 0, 0) > 0)
    text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  if (text == NULL)
    fail (error);
  return text;
}

/**
 * door_saml_sign_octets: (skip)
 * @octets: what to sign
 * @key: what signs
 * @error: return location for an error
 *
 * Signs a query (SAML bindings 3.4.4.1) with RSA and SHA-256. CPU-bound; any thread.
 *
 * Returns: (transfer full): the signature in base64, or %NULL with %DOOR_ERROR_FAILED
 */
char *
door_saml_sign_octets (const char *octets, const DoorSamlSpKey *key, GError **error)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  EVP_PKEY *pkey = door_saml_sp_key_get_pkey (key);
  size_t size = (size_t) EVP_PKEY_get_size (pkey);
  g_autofree unsigned char *signature = g_malloc (size);

  if (context == NULL || EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, pkey) != 1 ||
      EVP_DigestSign (context, signature, &size, (const unsigned char *) octets, strlen (octets)) != 1)
    {
      fail (error);
      return NULL;
    }
  return g_base64_encode (signature, size);
}

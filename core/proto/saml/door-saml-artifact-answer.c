/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an artifact resolution service answers. */
#include <string.h>

#include <libxml/tree.h>

#include "door-error.h"
#include "door-saml-artifact.h"
#include "door-saml-document.h"
#include "door-saml-xml.h"

#define MAX_FAULT_CHARACTERS 200

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, fault, "artifact answer: %s", reason);
}

static bool
refuse_structure (GError **error, const char *reason)
{
  return refuse (error, DOOR_FAULT_SAML_STRUCTURE, reason);
}

/* The next child that is an element; text that says something is none, and stands nowhere. */
static bool
next_element (const xmlNode *parent, xmlNode **child, GError **error)
{
  xmlNode *at = *child != NULL ? (*child)->next : parent->children;

  while (at != NULL && (at->type == XML_COMMENT_NODE || door_saml_xml_is_blank (at)))
    at = at->next;
  if (at != NULL && at->type != XML_ELEMENT_NODE)
    return refuse_structure (error, "text stands where none may");
  *child = at;
  return true;
}

static bool
must_be_understood (const xmlNode *entry)
{
  for (const xmlAttr *at = entry->properties; at != NULL; at = at->next)
    if (strcmp ((const char *) at->name, "mustUnderstand") == 0 &&
        (at->children == NULL || g_strcmp0 ((const char *) at->children->content, "0") != 0))
      return true;
  return false;
}

/* Entries may stand there (bindings 3.2.2.1), but none that changes what the rest means. */
static bool
check_header (const xmlNode *header, GError **error)
{
  xmlNode *entry = NULL;

  while (next_element (header, &entry, error))
    {
      if (entry == NULL)
        return true;
      if (must_be_understood (entry))
        return refuse_structure (error, "the SOAP header has an entry that must be understood");
    }
  return false;
}

/* One Envelope with one Body with one element in it (SOAP 1.1, 4; bindings 3.2.2). */
static bool
find_content (const xmlNode *root, xmlNode **content, GError **error)
{
  xmlNode *at = NULL, *body, *further;

  if (!door_saml_xml_is (root, DOOR_SAML_NS_SOAP, "Envelope"))
    return refuse_structure (error, "the root is not a SOAP 1.1 envelope");
  if (!next_element (root, &at, error))
    return false;
  if (door_saml_xml_is (at, DOOR_SAML_NS_SOAP, "Header") &&
      (!check_header (at, error) || !next_element (root, &at, error)))
    return false;
  body = at;
  if (!door_saml_xml_is (body, DOOR_SAML_NS_SOAP, "Body"))
    return refuse_structure (error, "there is no SOAP body");
  if (!next_element (root, &at, error))
    return false;
  if (at != NULL)
    return refuse_structure (error, "something follows the SOAP body");
  if (!next_element (body, &at, error))
    return false;
  further = at;
  if (at != NULL && !next_element (body, &further, error))
    return false;
  if (at == NULL || further != NULL)
    return refuse_structure (error, "there is not exactly one element in the SOAP body");
  *content = at;
  return true;
}

/* The provider's own words; whoever writes them into a log makes them one line. */
static bool
refuse_fault (const xmlNode *fault, GError **error)
{
  g_autofree char *text = NULL;

  for (const xmlNode *at = fault->children; at != NULL && text == NULL; at = at->next)
    if (at->type == XML_ELEMENT_NODE && strcmp ((const char *) at->name, "faultstring") == 0)
      text = door_saml_xml_dup_text (at);
  if (text != NULL && g_utf8_strlen (text, -1) > MAX_FAULT_CHARACTERS)
    *g_utf8_offset_to_pointer (text, MAX_FAULT_CHARACTERS) = '\0';
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_STATUS,
                         "artifact answer: SOAP fault: %s", text != NULL ? text : "");
}

/* To our question, and from the one that was asked (core 3.2.2, profiles 5.4.2). */
static bool
check_sender (const xmlNode *answer, const DoorSamlArtifactExpectation *expect, GError **error)
{
  xmlNode *issuer = NULL;
  g_autofree char *text = NULL;

  if (g_strcmp0 (door_saml_xml_get_attribute (answer, "InResponseTo"), expect->request_id) != 0)
    return refuse (error, DOOR_FAULT_SAML_INRESPONSETO, "it is not to our ArtifactResolve");
  if (!door_saml_xml_get_only_child (answer, DOOR_SAML_NS_ASSERTION, "Issuer", &issuer, error))
    return false;
  text = issuer != NULL ? door_saml_xml_strip (door_saml_xml_dup_text (issuer)) : NULL;
  return g_strcmp0 (text, door_saml_metadata_get_entity_id (expect->metadata)) == 0 ||
         refuse (error, DOOR_FAULT_SAML_ISSUER, "the Issuer is missing or not the provider that was asked");
}

/* The message that was asked for stands behind the status; %NULL: the provider has none for this artifact
 * (core 3.5.3). */
static bool
find_response (const xmlNode *answer, xmlNode **response, GError **error)
{
  xmlNode *at = NULL;
  bool after_status = false;

  *response = NULL;
  while (next_element (answer, &at, error))
    {
      if (at == NULL)
        return true;
      if (*response != NULL || (after_status && !door_saml_xml_is (at, DOOR_SAML_NS_PROTOCOL, "Response")))
        return refuse_structure (error, "the message is not exactly one Response");
      if (after_status)
        *response = at;
      after_status = after_status || door_saml_xml_is (at, DOOR_SAML_NS_PROTOCOL, "Status");
    }
  return false;
}

/* The answer's own signature is none that the provider must make, and counts for nothing inside; but one that
 * is there must hold, and none may stand outside. */
static bool
verify_signature (const xmlNode *root, xmlNode *answer, const xmlNode *response,
                  const DoorSamlArtifactExpectation *expect, GError **error)
{
  g_auto (DoorSamlCensus) census = { 0 }, inside = { 0 };
  xmlNode *signature = NULL;

  if (!door_saml_census_take (&census, root, error) ||
      (response != NULL && !door_saml_census_take (&inside, response, error)) ||
      !door_saml_xml_get_only_child (answer, DOOR_SAML_NS_SIGNATURE, "Signature", &signature, error))
    return false;
  if (census.responses != inside.responses || census.assertions != inside.assertions ||
      census.encrypted != inside.encrypted ||
      census.signatures != inside.signatures + (signature != NULL ? 1u : 0u))
    return refuse_structure (error, "a message or a signature stands where none may");
  return signature == NULL ||
         door_saml_document_verify_signature (signature, answer, expect->metadata, expect->allow_sha1, error);
}

/* As a document of its own, with the prefixes that are declared around it. */
static char *
dup_document (xmlNode *response)
{
  xmlBuffer *buffer = xmlBufferCreate ();
  char *base64 = NULL;

  for (const xmlNode *at = response->parent; at != NULL && at->type == XML_ELEMENT_NODE; at = at->parent)
    for (const xmlNs *ns = at->nsDef; ns != NULL; ns = ns->next)
      (void) xmlNewNs (response, ns->href, ns->prefix); /* not where a nearer one has the prefix */
  if (buffer != NULL && xmlNodeDump (buffer, response->doc, response, 0, 0) > 0)
    base64 = g_base64_encode (xmlBufferContent (buffer), (gsize) xmlBufferLength (buffer));
  xmlBufferFree (buffer);
  return base64;
}

static char *
read_answer (xmlNode *root, const DoorSamlArtifactExpectation *expect, GError **error)
{
  xmlNode *answer = NULL, *response = NULL;
  char *document;

  if (!find_content (root, &answer, error))
    return NULL;
  if (door_saml_xml_is (answer, DOOR_SAML_NS_SOAP, "Fault"))
    {
      refuse_fault (answer, error);
      return NULL;
    }
  if (!door_saml_xml_is (answer, DOOR_SAML_NS_PROTOCOL, "ArtifactResponse"))
    {
      refuse_structure (error, "the SOAP body has no ArtifactResponse");
      return NULL;
    }
  if (!door_saml_document_check_head (answer, error) || !find_response (answer, &response, error) ||
      !verify_signature (root, answer, response, expect, error) || !check_sender (answer, expect, error) ||
      !door_saml_document_check_status (answer, error))
    return NULL;
  if (response == NULL)
    {
      refuse (error, DOOR_FAULT_SAML_ARTUNKNOWN, "the provider has no message for this artifact");
      return NULL;
    }
  document = dup_document (response);
  if (document == NULL)
    door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a Response cannot be written");
  return document;
}

/**
 * door_saml_artifact_read_answer:
 * @soap: what the artifact resolution service answered
 * @expect: what to measure it against
 * @error: return location for an error
 *
 * Reads an ArtifactResponse in a SOAP 1.1 envelope (SAML core 3.5.2, bindings 3.2, profiles 5) and takes the
 * Response out of it. That one is not verified here: it must pass door_saml_response_verify() like one that a
 * browser has brought, since it is not the connection that makes it true. CPU-bound; any thread.
 *
 * Returns: (transfer full): the Response in base64, or %NULL with %DOOR_FAULT_SAML_ARTUNKNOWN when there is
 *   none for the artifact, or the fault of the check that failed
 */
char *
door_saml_artifact_read_answer (GBytes *soap, const DoorSamlArtifactExpectation *expect, GError **error)
{
  static const DoorSamlLimits limits = { .max_bytes = DOOR_SAML_SOAP_MAX_BYTES,
                                         .max_work = DOOR_SAML_MAX_WORK,
                                         .fault = DOOR_FAULT_SAML_XML };
  gsize size;
  const char *data = g_bytes_get_data (soap, &size);
  g_autoptr (xmlDoc) doc = door_saml_xml_parse (data != NULL ? data : "", size, &limits, error);

  return doc != NULL ? read_answer (xmlDocGetRootElement (doc), expect, error) : NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-document.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-saml-key.h"
#include "door-saml-signature.h"
#include "door-saml-time.h"
#include "door-saml-xml.h"

#define MAX_ID_BYTES 512
/* In base64, with a sixteenth of it for the ends of lines. */
#define MAX_FORM_BYTES ((size_t) DOOR_SAML_MAX_XML_BYTES / 3 * 4 / 16 * 17 + 16)
/* Anybody can choose IDs that a table takes for one, so that each is compared with all before it. */
#define MAX_IDS 256
#define MAX_STATUS_BYTES 280 /* of 300, the rest is ours */
#define STATUS_SUCCESS "urn:oasis:names:tc:SAML:2.0:status:Success"

static bool
refuse (GError **error, DoorError code, DoorFault fault, const char *reason)
{
  return door_error_set (error, code, fault, "response: %s", reason);
}

static bool
refuse_structure (GError **error, const char *reason)
{
  return refuse (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_STRUCTURE, reason);
}

/**
 * door_saml_document_decode: (skip)
 * @value: (array length=length): a message in base64
 * @length: number of characters
 * @what: name of the field it came in
 * @error: return location for an error
 *
 * Returns: (transfer full): the XML, at most 256 KiB, or %NULL with %DOOR_FAULT_SAML_FORM
 */
GBytes *
door_saml_document_decode (const char *value, size_t length, const char *what, GError **error)
{
  /* what is too long is not looked at, so that it costs nothing */
  g_autoptr (GBytes) xml =
      length <= MAX_FORM_BYTES ? door_base64_decode_strict (value, length, DOOR_SAML_MAX_XML_BYTES) : NULL;

  if (xml == NULL || g_bytes_get_size (xml) == 0)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_FORM,
                      "%s is empty, too large or not base64", what);
      return NULL;
    }
  return g_steal_pointer (&xml);
}

/**
 * door_saml_document_parse: (skip)
 * @xml: a message
 * @error: return location for an error
 *
 * Returns: (transfer full): the document, or %NULL with %DOOR_FAULT_SAML_XML
 */
xmlDoc *
door_saml_document_parse (GBytes *xml, GError **error)
{
  static const DoorSamlLimits limits = { .max_bytes = DOOR_SAML_MAX_XML_BYTES,
                                         .max_work = DOOR_SAML_MAX_WORK,
                                         .fault = DOOR_FAULT_SAML_XML };

  return door_saml_xml_parse (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml), &limits, error);
}

/* Any attribute that some reader could take for an ID counts. */
static bool
note_ids (GHashTable *ids, const xmlNode *element, GError **error)
{
  for (const xmlAttr *attribute = element->properties; attribute != NULL; attribute = attribute->next)
    {
      const xmlNode *text = attribute->children;

      if (g_ascii_strcasecmp ((const char *) attribute->name, "id") != 0)
        continue;
      if (text == NULL || text->content == NULL || *text->content == '\0' ||
          !g_hash_table_add (ids, text->content))
        return refuse_structure (error, "an ID is empty or stands there twice");
      if (g_hash_table_size (ids) > MAX_IDS)
        return refuse_structure (error, "there are too many IDs");
    }
  return true;
}

/**
 * door_saml_census_take: (skip)
 * @self: a census, empty or with what stood in another document
 * @root: root of a document, which must stay as long as @self is used
 * @error: return location for an error
 *
 * Counts what must not stand somewhere unseen, and makes sure that no ID stands there twice, in this document
 * or in those before.
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_STRUCTURE
 */
bool
door_saml_census_take (DoorSamlCensus *self, const xmlNode *root, GError **error)
{
  if (self->ids == NULL)
    self->ids = g_hash_table_new (g_str_hash, g_str_equal);
  for (const xmlNode *node = root; node != NULL; node = door_saml_xml_next_in_tree (node, root))
    {
      if (node->type != XML_ELEMENT_NODE)
        continue;
      self->responses += door_saml_xml_is (node, DOOR_SAML_NS_PROTOCOL, "Response") ? 1 : 0;
      self->assertions += door_saml_xml_is (node, DOOR_SAML_NS_ASSERTION, "Assertion") ? 1 : 0;
      self->encrypted += door_saml_xml_is (node, DOOR_SAML_NS_ASSERTION, "EncryptedAssertion") ? 1 : 0;
      self->signatures += door_saml_xml_is (node, DOOR_SAML_NS_SIGNATURE, "Signature") ? 1 : 0;
      if (!note_ids (self->ids, node, error))
        return false;
    }
  return true;
}

/**
 * door_saml_census_clear: (skip)
 * @self: a census
 */
void
door_saml_census_clear (DoorSamlCensus *self)
{
  g_clear_pointer (&self->ids, g_hash_table_unref);
}

/**
 * door_saml_document_check_head: (skip)
 * @element: a message or an assertion
 * @error: return location for an error
 *
 * Version, ID and IssueInstant, which messages and assertions have alike (SAML core 2.3.3 and 3.2.2).
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_STRUCTURE
 */
bool
door_saml_document_check_head (const xmlNode *element, GError **error)
{
  const char *version = door_saml_xml_get_attribute (element, "Version");
  const char *id = door_saml_xml_get_attribute (element, "ID");
  const char *instant = door_saml_xml_get_attribute (element, "IssueInstant");
  int64_t ms;

  if (g_strcmp0 (version, "2.0") != 0)
    return refuse_structure (error, "the version is not 2.0");
  if (id == NULL || strlen (id) > MAX_ID_BYTES || xmlValidateNCName ((const xmlChar *) id, 0) != 0)
    return refuse_structure (error, "the ID is missing or not an NCName");
  if (instant == NULL || !door_saml_time_parse (instant, &ms))
    return refuse_structure (error, "IssueInstant is missing or not a time");
  return true;
}

/* A provider's words, made fit for one line of a log. */
static void
append_clean (GString *out, const char *text)
{
  for (const char *at = text; at != NULL && *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      size_t bytes = (size_t) (g_utf8_next_char (at) - at);

      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        continue;
      if (out->len + bytes > MAX_STATUS_BYTES)
        return;
      g_string_append_len (out, at, (gssize) bytes);
    }
}

static void
set_status_error (const xmlNode *status, const xmlNode *code, GError **error)
{
  const xmlNode *second = door_saml_xml_lookup_child (code, DOOR_SAML_NS_PROTOCOL, "StatusCode", NULL);
  const xmlNode *message = door_saml_xml_lookup_child (status, DOOR_SAML_NS_PROTOCOL, "StatusMessage", NULL);
  g_autofree char *text = message != NULL ? door_saml_xml_dup_text (message) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  append_clean (out, door_saml_xml_get_attribute (code, "Value"));
  if (second != NULL)
    {
      g_string_append (out, " / ");
      append_clean (out, door_saml_xml_get_attribute (second, "Value"));
    }
  if (text != NULL)
    {
      g_string_append (out, ": ");
      append_clean (out, text);
    }
  refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_STATUS, out->str);
}

/**
 * door_saml_document_check_status: (skip)
 * @root: a response of any kind
 * @error: return location for an error
 *
 * Returns: true for success, or false with %DOOR_FAULT_SAML_STATUS, which has the provider's words, or
 *   _STRUCTURE
 */
bool
door_saml_document_check_status (const xmlNode *root, GError **error)
{
  xmlNode *status = NULL, *code = NULL;

  if (!door_saml_xml_get_only_child (root, DOOR_SAML_NS_PROTOCOL, "Status", &status, error) ||
      (status != NULL &&
       !door_saml_xml_get_only_child (status, DOOR_SAML_NS_PROTOCOL, "StatusCode", &code, error)))
    return false;
  if (code == NULL)
    return refuse_structure (error, "there is no StatusCode");
  if (g_strcmp0 (door_saml_xml_get_attribute (code, "Value"), STATUS_SUCCESS) == 0)
    return true;
  set_status_error (status, code, error);
  return false;
}

/**
 * door_saml_document_verify_signature: (skip)
 * @node: a ds:Signature
 * @element: its parent, which it must cover
 * @metadata: what keys are trusted
 * @allow_sha1: whether SHA-1 is tolerated
 * @error: return location for an error
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_STRUCTURE, _ALGORITHM or _SIGNATURE
 */
bool
door_saml_document_verify_signature (xmlNode *node, xmlNode *element, const DoorSamlMetadata *metadata,
                                     bool allow_sha1, GError **error)
{
  DoorSamlSignature signature = { .node = node,
                                  .element = element,
                                  .id = door_saml_xml_get_attribute (element, "ID") };

  return door_saml_signature_check_form (&signature, allow_sha1, error) &&
         door_saml_signature_check_value (&signature, door_saml_metadata_get_keys (metadata), error);
}

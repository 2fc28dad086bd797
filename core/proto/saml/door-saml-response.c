/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-response.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-saml-assertion.h"
#include "door-saml-key.h"
#include "door-saml-signature.h"
#include "door-saml-time.h"
#include "door-saml-xml.h"

#define MAX_XML_BYTES (256 * 1024)
#define MAX_WORK 1000000 /* about 20 ms for each canonicalisation */
#define MAX_ID_BYTES 512
/* Anybody can choose IDs that a table takes for one, so that each is compared with all before it. */
#define MAX_IDS 256
#define MAX_STATUS_BYTES 280 /* of 300, the rest is ours */
#define STATUS_SUCCESS "urn:oasis:names:tc:SAML:2.0:status:Success"

/* The parts of a message, all of them direct children of what is above. */
typedef struct
{
  xmlNode *root;
  xmlNode *assertion;
  xmlNode *root_signature;
  xmlNode *assertion_signature;
} Message;

/* What stands in the whole document, wherever. */
typedef struct
{
  unsigned int responses;
  unsigned int assertions;
  unsigned int encrypted;
  unsigned int signatures;
} Census;

static bool
refuse (GError **error, DoorError code, DoorFault fault, const char *reason)
{
  door_error_set (error, code, fault, "response: %s", reason);
  return false;
}

static bool
refuse_structure (GError **error, const char *reason)
{
  return refuse (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_STRUCTURE, reason);
}

static GBytes *
decode_form (const char *form_value, size_t length, GError **error)
{
  /* a text much longer than that, of white space, is refused there as well */
  g_autoptr (GBytes) xml = door_base64_decode_strict (form_value, length, MAX_XML_BYTES);

  if (xml == NULL || g_bytes_get_size (xml) == 0)
    {
      refuse (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_FORM,
              "SAMLResponse is empty, too large or not base64");
      return NULL;
    }
  return g_steal_pointer (&xml);
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

static bool
take_census (const xmlNode *root, Census *census, GError **error)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  for (const xmlNode *node = root; node != NULL; node = door_saml_xml_next_in_tree (node, root))
    {
      if (node->type != XML_ELEMENT_NODE)
        continue;
      census->responses += door_saml_xml_is (node, DOOR_SAML_NS_PROTOCOL, "Response") ? 1 : 0;
      census->assertions += door_saml_xml_is (node, DOOR_SAML_NS_ASSERTION, "Assertion") ? 1 : 0;
      census->encrypted += door_saml_xml_is (node, DOOR_SAML_NS_ASSERTION, "EncryptedAssertion") ? 1 : 0;
      census->signatures += door_saml_xml_is (node, DOOR_SAML_NS_SIGNATURE, "Signature") ? 1 : 0;
      if (!note_ids (ids, node, error))
        return false;
    }
  return true;
}

/* Version, ID and IssueInstant, which messages and assertions have alike (SAML core 2.3.3 and 3.2.2). */
static bool
check_head (const xmlNode *element, GError **error)
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

static bool
check_root (const xmlNode *root, Census *census, GError **error)
{
  if (!door_saml_xml_is (root, DOOR_SAML_NS_PROTOCOL, "Response"))
    return refuse_structure (error, "the root is not a Response");
  if (!check_head (root, error) || !take_census (root, census, error))
    return false;
  return census->responses == 1 || refuse_structure (error, "there is a Response inside the Response");
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

static bool
check_status (const xmlNode *root, GError **error)
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

static bool
find_assertion (Message *message, const Census *census, GError **error)
{
  xmlNode *root = message->root;

  if (census->encrypted > 0 && census->assertions == 0 &&
      door_saml_xml_lookup_child (root, DOOR_SAML_NS_ASSERTION, "EncryptedAssertion", NULL) != NULL)
    return refuse (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SAML_ENCRYPTED, "the assertion is encrypted");
  message->assertion = door_saml_xml_lookup_child (root, DOOR_SAML_NS_ASSERTION, "Assertion", NULL);
  if (message->assertion == NULL || census->assertions != 1 || census->encrypted != 0)
    return refuse_structure (error, "there is not exactly one Assertion, directly in the Response");
  return check_head (message->assertion, error);
}

static bool
find_signatures (Message *message, const Census *census, GError **error)
{
  unsigned int found;

  if (!door_saml_xml_get_only_child (message->root, DOOR_SAML_NS_SIGNATURE, "Signature",
                                     &message->root_signature, error) ||
      !door_saml_xml_get_only_child (message->assertion, DOOR_SAML_NS_SIGNATURE, "Signature",
                                     &message->assertion_signature, error))
    return false;
  found = (message->root_signature != NULL ? 1u : 0u) + (message->assertion_signature != NULL ? 1u : 0u);
  return census->signatures == found || refuse_structure (error, "a signature stands where none may");
}

static bool
check_signed_part (const Message *message, DoorSignedPart part, GError **error)
{
  bool response = message->root_signature != NULL, assertion = message->assertion_signature != NULL;

  if (!response && !assertion)
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED, "nothing is signed");
  if (!response && (part == DOOR_SIGNED_RESPONSE || part == DOOR_SIGNED_BOTH))
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED,
                   "the Response is not signed");
  if (!assertion && (part == DOOR_SIGNED_ASSERTION || part == DOOR_SIGNED_BOTH))
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED,
                   "the Assertion is not signed");
  return true;
}

static bool
verify_signature (xmlNode *node, xmlNode *element, const DoorSamlExpectation *expect, GError **error)
{
  DoorSamlSignature signature = { .node = node,
                                  .element = element,
                                  .id = door_saml_xml_get_attribute (element, "ID") };

  return node == NULL || (door_saml_signature_check_form (&signature, expect->allow_sha1, error) &&
                          door_saml_signature_check_value (
                              &signature, door_saml_metadata_get_keys (expect->metadata), error));
}

/* The address in the Response: a hint when it is not signed, but one that may refuse (bindings 3.5.5.2). */
static bool
check_destination (const Message *message, const DoorSamlExpectation *expect, GError **error)
{
  const char *destination = door_saml_xml_get_attribute (message->root, "Destination");

  if (destination == NULL)
    return message->root_signature == NULL ||
           refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_DESTINATION,
                   "the Response is signed and has no Destination");
  return strcmp (destination, expect->acs_url) == 0 ||
         refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_DESTINATION,
                 "the Destination is not our address");
}

/* Structure, status and signatures: afterwards the assertion is what the identity provider signed. */
static bool
verify_message (Message *message, const DoorSamlExpectation *expect, GError **error)
{
  Census census = { 0 };

  return check_root (message->root, &census, error) && check_status (message->root, error) &&
         find_assertion (message, &census, error) && find_signatures (message, &census, error) &&
         check_signed_part (message, expect->signed_part, error) &&
         verify_signature (message->root_signature, message->root, expect, error) &&
         verify_signature (message->assertion_signature, message->assertion, expect, error);
}

/**
 * door_saml_response_verify:
 * @form_value: (array length=length): the form field SAMLResponse, after form decoding
 * @length: number of characters
 * @expect: what to measure the answer against
 * @error: return location for an error
 *
 * Verifies an answer by the HTTP-POST binding (SAML profiles 4.1.4, bindings 3.5) with the keys of the
 * metadata alone, and reads it from the verified element alone. What is left to the caller, because it needs
 * memory: that the request in InResponseTo is pending and belongs to this browser, that the assertion id
 * was not seen before, and the age of the metadata. CPU-bound, about half a millisecond; any thread.
 *
 * Returns: (transfer full): the answer, or %NULL with an error that carries the fault of the check that
 *   failed, %DOOR_FAULT_SAML_FORM to %DOOR_FAULT_SAML_AUTHN
 */
DoorSamlResponse *
door_saml_response_verify (const char *form_value, size_t length, const DoorSamlExpectation *expect,
                           GError **error)
{
  static const DoorSamlLimits limits = { .max_bytes = MAX_XML_BYTES,
                                         .max_work = MAX_WORK,
                                         .fault = DOOR_FAULT_SAML_XML };
  g_autoptr (GBytes) xml = decode_form (form_value, length, error);
  g_autoptr (xmlDoc) doc = NULL;
  g_autoptr (DoorSamlResponse) self = NULL;
  Message message = { 0 };

  if (xml == NULL)
    return NULL;
  doc = door_saml_xml_parse (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml), &limits, error);
  if (doc == NULL)
    return NULL;
  message.root = xmlDocGetRootElement (doc);
  if (!verify_message (&message, expect, error))
    return NULL;
  self = g_new0 (DoorSamlResponse, 1);
  door_saml_response_add_check (self, "structure");
  door_saml_response_add_check (self, "status");
  door_saml_response_add_check (self, "signature");
  if (!door_saml_assertion_check_issuer (message.assertion, true, expect, error) ||
      !door_saml_assertion_check_issuer (message.root, false, expect, error))
    return NULL;
  door_saml_response_add_check (self, "issuer");
  if (!check_destination (&message, expect, error))
    return NULL;
  door_saml_response_add_check (self, "destination");
  self->assertion_id = g_strdup (door_saml_xml_get_attribute (message.assertion, "ID"));
  if (!door_saml_assertion_check (self, message.assertion,
                                  door_saml_xml_get_attribute (message.root, "InResponseTo"), expect, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_saml_response_add_check: (skip)
 * @self: an answer
 * @check: name of a check it has passed
 */
void
door_saml_response_add_check (DoorSamlResponse *self, const char *check)
{
  size_t n = 0;

  while (self->checks[n] != NULL)
    n++;
  g_return_if_fail (n + 1 < G_N_ELEMENTS (self->checks));
  self->checks[n] = check;
}

/**
 * door_saml_response_free:
 * @self: (transfer full): an answer
 */
void
door_saml_response_free (DoorSamlResponse *self)
{
  g_clear_pointer (&self->claims, door_claims_unref);
  g_free (self->assertion_id);
  g_free (self->in_response_to);
  g_free (self);
}

/**
 * door_saml_response_get_claims:
 * @self: an answer
 *
 * Returns: (transfer none): who it is about and what is said of them; the issuer is the entity id
 */
DoorClaims *
door_saml_response_get_claims (const DoorSamlResponse *self)
{
  return self->claims;
}

/**
 * door_saml_response_get_assertion_id:
 * @self: an answer
 *
 * Returns: (transfer none): ID of the assertion, unique together with the issuer
 */
const char *
door_saml_response_get_assertion_id (const DoorSamlResponse *self)
{
  return self->assertion_id;
}

/**
 * door_saml_response_get_in_response_to:
 * @self: an answer
 *
 * Returns: (transfer none): ID of the request it answers; never %NULL, for what answers no request is refused
 */
const char *
door_saml_response_get_in_response_to (const DoorSamlResponse *self)
{
  return self->in_response_to;
}

/**
 * door_saml_response_get_expires_at_ms:
 * @self: an answer
 *
 * Returns: from when on the assertion is refused for its age, clock skew included: how long its id must be
 *   remembered; milliseconds since 1970, UTC
 */
int64_t
door_saml_response_get_expires_at_ms (const DoorSamlResponse *self)
{
  return self->expires_at_ms;
}

/**
 * door_saml_response_get_checks:
 * @self: an answer
 *
 * Returns: (transfer none) (array zero-terminated=1): the checks it passed, in order
 */
const char *const *
door_saml_response_get_checks (const DoorSamlResponse *self)
{
  return self->checks;
}

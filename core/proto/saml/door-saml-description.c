/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-description.h"

#include <string.h>

#include "door-saml-document.h"
#include "door-saml-xml.h"
#include "door-text.h"

#define MAX_VALUE_BYTES 300
#define MAX_VALUES 20 /* of one attribute */
#define NS DOOR_SAML_NS_ASSERTION

/* A description while it is written. */
typedef struct
{
  GString *text;
  DoorSamlShow show;
  gpointer data;
} Description;

/* One line; what anybody has sent cannot make a second one. */
static void
add (Description *self, const char *what, const char *value)
{
  g_autofree char *name = door_text_dup_line (what, MAX_VALUE_BYTES);
  g_autofree char *line = value != NULL ? door_text_dup_line (value, MAX_VALUE_BYTES) : NULL;

  if (line != NULL && self->text->len + strlen (name) + strlen (line) + 3 <= DOOR_SAML_DESCRIPTION_MAX_BYTES)
    g_string_append_printf (self->text, "%s: %s\n", name, line);
}

static void
add_shown (Description *self, const char *what, const char *value)
{
  g_autofree char *shown = value != NULL ? self->show (value, self->data) : NULL;

  add (self, what, shown);
}

static void
add_text_of (Description *self, const char *what, const xmlNode *element)
{
  g_autofree char *text = element != NULL ? door_saml_xml_dup_text (element) : NULL;

  add (self, what, text != NULL ? g_strstrip (text) : NULL);
}

static void
add_attribute (Description *self, const char *what, const xmlNode *element, const char *name)
{
  if (element != NULL)
    add (self, what, door_saml_xml_get_attribute (element, name));
}

/* "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" is told by its end. */
static const char *
get_short_algorithm (const xmlNode *element)
{
  const char *algorithm = element != NULL ? door_saml_xml_get_attribute (element, "Algorithm") : NULL;
  const char *hash = algorithm != NULL ? strrchr (algorithm, '#') : NULL;

  return hash != NULL ? hash + 1 : algorithm;
}

static const xmlNode *
find_below (const xmlNode *top, const char *name)
{
  for (const xmlNode *at = top; at != NULL; at = door_saml_xml_next_in_tree (at, top))
    if (at->type == XML_ELEMENT_NODE && strcmp ((const char *) at->name, name) == 0)
      return at;
  return NULL;
}

/* What the element says of itself; whether it is true is for the verification. */
static void
add_signature (Description *self, const char *what, const xmlNode *element)
{
  const xmlNode *signature = door_saml_xml_lookup_child (element, DOOR_SAML_NS_SIGNATURE, "Signature", NULL);
  const char *method, *digest;
  g_autofree char *text = NULL;

  if (signature == NULL)
    {
      add (self, what, "not signed");
      return;
    }
  method = get_short_algorithm (find_below (signature, "SignatureMethod"));
  digest = get_short_algorithm (find_below (signature, "DigestMethod"));
  text = g_strdup_printf ("signed, %s, digest %s", method != NULL ? method : "no algorithm",
                          digest != NULL ? digest : "without algorithm");
  add (self, what, text);
}

static void
describe_encrypted (Description *self, const xmlNode *encrypted)
{
  const xmlNode *key = find_below (encrypted, "EncryptedKey");
  const xmlNode *data = find_below (encrypted, "EncryptedData");
  const char *content = data != NULL ? get_short_algorithm (find_below (data, "EncryptionMethod")) : NULL;
  const char *wrap = key != NULL ? get_short_algorithm (find_below (key, "EncryptionMethod")) : NULL;
  g_autofree char *text =
      g_strdup_printf ("encrypted, %s, key by %s", content != NULL ? content : "no algorithm",
                       wrap != NULL ? wrap : "no algorithm");

  add (self, "assertion", text);
}

static void
describe_confirmation (Description *self, const xmlNode *subject)
{
  for (const xmlNode *at = door_saml_xml_lookup_child (subject, NS, "SubjectConfirmation", NULL); at != NULL;
       at = door_saml_xml_lookup_child (subject, NS, "SubjectConfirmation", at))
    {
      const xmlNode *data = door_saml_xml_lookup_child (at, NS, "SubjectConfirmationData", NULL);

      add_attribute (self, "confirmation", at, "Method");
      add_attribute (self, "confirmation recipient", data, "Recipient");
      add_attribute (self, "confirmation in response to", data, "InResponseTo");
      add_attribute (self, "confirmation not before", data, "NotBefore");
      add_attribute (self, "confirmation not on or after", data, "NotOnOrAfter");
    }
}

static void
describe_subject (Description *self, const xmlNode *assertion)
{
  const xmlNode *subject = door_saml_xml_lookup_child (assertion, NS, "Subject", NULL);
  const xmlNode *name_id = subject != NULL ? door_saml_xml_lookup_child (subject, NS, "NameID", NULL) : NULL;
  g_autofree char *value = name_id != NULL ? door_saml_xml_dup_text (name_id) : NULL;

  if (name_id == NULL)
    add (self, "NameID", subject != NULL ? "none" : NULL);
  else
    add_shown (self, "NameID", value != NULL ? g_strstrip (value) : "(with markup inside)");
  add_attribute (self, "NameID format", name_id, "Format");
  add_attribute (self, "NameID name qualifier", name_id, "NameQualifier");
  add_attribute (self, "NameID SP name qualifier", name_id, "SPNameQualifier");
  if (subject != NULL)
    describe_confirmation (self, subject);
}

static void
describe_conditions (Description *self, const xmlNode *assertion)
{
  const xmlNode *conditions = door_saml_xml_lookup_child (assertion, NS, "Conditions", NULL);

  if (conditions == NULL)
    {
      add (self, "conditions", "none");
      return;
    }
  add_attribute (self, "not before", conditions, "NotBefore");
  add_attribute (self, "not on or after", conditions, "NotOnOrAfter");
  for (const xmlNode *at = door_saml_xml_lookup_child (conditions, NS, "AudienceRestriction", NULL);
       at != NULL; at = door_saml_xml_lookup_child (conditions, NS, "AudienceRestriction", at))
    for (const xmlNode *audience = door_saml_xml_lookup_child (at, NS, "Audience", NULL); audience != NULL;
         audience = door_saml_xml_lookup_child (at, NS, "Audience", audience))
      add_text_of (self, "audience", audience);
  if (find_below (conditions, "AudienceRestriction") == NULL)
    add (self, "audience", "none");
}

static void
describe_session (Description *self, const xmlNode *assertion)
{
  const xmlNode *statement = door_saml_xml_lookup_child (assertion, NS, "AuthnStatement", NULL);

  if (statement == NULL)
    return;
  add_attribute (self, "authenticated at", statement, "AuthnInstant");
  add_attribute (self, "session not on or after", statement, "SessionNotOnOrAfter");
  add_text_of (self, "authenticated by", find_below (statement, "AuthnContextClassRef"));
}

static void
describe_attribute (Description *self, const xmlNode *attribute)
{
  const char *name = door_saml_xml_get_attribute (attribute, "Name");
  g_autofree char *what = g_strdup_printf ("attribute %s", name != NULL ? name : "without a name");
  unsigned int n = 0;

  for (const xmlNode *at = door_saml_xml_lookup_child (attribute, NS, "AttributeValue", NULL); at != NULL;
       at = door_saml_xml_lookup_child (attribute, NS, "AttributeValue", at))
    {
      g_autofree char *value = n < MAX_VALUES ? door_saml_xml_dup_text (at) : NULL;

      if (n++ < MAX_VALUES)
        add_shown (self, what, value != NULL ? value : "(made of elements)");
    }
  if (n == 0)
    add (self, what, "no value");
  if (n > MAX_VALUES)
    {
      g_autofree char *more = g_strdup_printf ("and %u more", n - MAX_VALUES);

      add (self, what, more);
    }
}

static void
describe_assertion (Description *self, const xmlNode *assertion)
{
  add_signature (self, "assertion", assertion);
  add_attribute (self, "assertion id", assertion, "ID");
  add_attribute (self, "assertion issued at", assertion, "IssueInstant");
  add_text_of (self, "assertion issuer", door_saml_xml_lookup_child (assertion, NS, "Issuer", NULL));
  describe_subject (self, assertion);
  describe_conditions (self, assertion);
  describe_session (self, assertion);
  for (const xmlNode *statement = door_saml_xml_lookup_child (assertion, NS, "AttributeStatement", NULL);
       statement != NULL;
       statement = door_saml_xml_lookup_child (assertion, NS, "AttributeStatement", statement))
    for (const xmlNode *at = door_saml_xml_lookup_child (statement, NS, "Attribute", NULL); at != NULL;
         at = door_saml_xml_lookup_child (statement, NS, "Attribute", at))
      describe_attribute (self, at);
}

static void
describe_response (Description *self, const xmlNode *root)
{
  const xmlNode *status = door_saml_xml_lookup_child (root, DOOR_SAML_NS_PROTOCOL, "Status", NULL);
  const xmlNode *encrypted = door_saml_xml_lookup_child (root, NS, "EncryptedAssertion", NULL);

  add (self, "message", (const char *) root->name);
  add_signature (self, "response", root);
  add_attribute (self, "response id", root, "ID");
  add_attribute (self, "response issued at", root, "IssueInstant");
  add_text_of (self, "response issuer", door_saml_xml_lookup_child (root, NS, "Issuer", NULL));
  add_attribute (self, "destination", root, "Destination");
  add_attribute (self, "in response to", root, "InResponseTo");
  for (const xmlNode *at = status; at != NULL;
       at = status != NULL ? door_saml_xml_next_in_tree (at, status) : NULL)
    if (door_saml_xml_is (at, DOOR_SAML_NS_PROTOCOL, "StatusCode"))
      add_attribute (self, "status", at, "Value");
    else if (door_saml_xml_is (at, DOOR_SAML_NS_PROTOCOL, "StatusMessage"))
      add_text_of (self, "status message", at);
  if (encrypted != NULL)
    describe_encrypted (self, encrypted);
  for (const xmlNode *at = door_saml_xml_lookup_child (root, NS, "Assertion", NULL); at != NULL;
       at = door_saml_xml_lookup_child (root, NS, "Assertion", at))
    describe_assertion (self, at);
}

static xmlDoc *
parse (const char *form_value, size_t length)
{
  g_autoptr (GBytes) xml = door_saml_document_decode (form_value, length, "response", NULL);

  return xml != NULL ? door_saml_document_parse (xml, NULL) : NULL;
}

/**
 * door_saml_describe:
 * @form_value: (array length=length): the form field SAMLResponse, after form decoding
 * @length: number of characters
 * @show: (scope call): what is shown of what is personal
 * @data: for @show
 *
 * Tells what an answer says, for whoever looks into a sign-in: ids, issuers, times, audience, what is signed
 * and how, names of attributes. Nothing of it is verified. Signature values, certificates, cipher texts and
 * the index of the session are left out. CPU-bound, as the first part of a verification; any thread.
 *
 * Returns: (transfer full): lines of the form "what: value", at most %DOOR_SAML_DESCRIPTION_MAX_BYTES; "" for
 * what cannot be read
 */
char *
door_saml_describe (const char *form_value, size_t length, DoorSamlShow show, gpointer data)
{
  g_autoptr (xmlDoc) doc = parse (form_value, length);
  Description self = { .text = g_string_new (NULL), .show = show, .data = data };

  if (doc != NULL)
    describe_response (&self, xmlDocGetRootElement (doc));
  return g_string_free (self.text, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-unsolicited.h"

#include "door-saml-document.h"
#include "door-saml-xml.h"

/**
 * door_saml_answers_nothing:
 * @form_value: an answer, base64
 * @length: its bytes
 *
 * Looks whether an answer says that nobody asked for it (SAML profiles 4.1.5). Nothing in it is verified, so
 * nothing but a new sign-in may come of it. Pure; CPU-bound within the limits of every message.
 *
 * Returns: whether it is a Response that names no request
 */
bool
door_saml_answers_nothing (const char *form_value, size_t length)
{
  /* what is wrong with it does not matter: it is no answer then */
  g_autoptr (GBytes) xml = door_saml_document_decode (form_value, length, "response", NULL);
  xmlDoc *document = xml != NULL ? door_saml_document_parse (xml, NULL) : NULL;
  const xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  bool answers_nothing = root != NULL && door_saml_xml_is (root, DOOR_SAML_NS_PROTOCOL, "Response") &&
                         door_saml_xml_get_attribute (root, "InResponseTo") == NULL;

  g_clear_pointer (&document, xmlFreeDoc);
  return answers_nothing;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <libxml/tree.h>

#include "door-saml-prescan.h"

#define DOOR_SAML_NS_ASSERTION "urn:oasis:names:tc:SAML:2.0:assertion"
#define DOOR_SAML_NS_PROTOCOL "urn:oasis:names:tc:SAML:2.0:protocol"
#define DOOR_SAML_NS_METADATA "urn:oasis:names:tc:SAML:2.0:metadata"
#define DOOR_SAML_NS_SOAP "http://schemas.xmlsoap.org/soap/envelope/"
#define DOOR_SAML_NS_SIGNATURE "http://www.w3.org/2000/09/xmldsig#"

xmlDoc *door_saml_xml_parse (const char *data, size_t size, const DoorSamlLimits *limits, GError **error);
xmlDoc *door_saml_xml_load (const char *data, size_t size, DoorFault fault, GError **error);
bool door_saml_xml_is (const xmlNode *node, const char *ns, const char *name);
xmlNode *door_saml_xml_lookup_child (const xmlNode *parent, const char *ns, const char *name,
                                     const xmlNode *after);
bool door_saml_xml_get_only_child (const xmlNode *parent, const char *ns, const char *name, xmlNode **child,
                                   GError **error);
xmlNode *door_saml_xml_next_in_tree (const xmlNode *node, const xmlNode *top);
const char *door_saml_xml_get_attribute (const xmlNode *element, const char *name);
char *door_saml_xml_dup_text (const xmlNode *element);
bool door_saml_xml_is_blank (const xmlNode *node);
char *door_saml_xml_strip (char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

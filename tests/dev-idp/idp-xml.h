/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>

#define IDP_NS_ASSERTION "urn:oasis:names:tc:SAML:2.0:assertion"
#define IDP_NS_METADATA "urn:oasis:names:tc:SAML:2.0:metadata"
#define IDP_NS_PROTOCOL "urn:oasis:names:tc:SAML:2.0:protocol"
#define IDP_NS_DSIG "http://www.w3.org/2000/09/xmldsig#"
#define IDP_NS_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define IDP_NS_DEV "urn:doorward:dev-idp"

#define IDP_BINDING_POST "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
#define IDP_BINDING_REDIRECT "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

#define IDP_NAME_ID_EMAIL "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
#define IDP_NAME_ID_UNSPECIFIED "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
#define IDP_NAME_ID_PERSISTENT "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
#define IDP_NAME_ID_TRANSIENT "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

xmlNode *idp_xml_new_root (xmlDoc *doc, const char *ns, const char *prefix, const char *name);
xmlNode *idp_xml_new_element (xmlNode *place, const char *ns, const char *prefix, const char *name);
xmlNode *idp_xml_add (xmlNode *parent, const char *name, const char *text);
void idp_xml_set (xmlNode *element, const char *name, const char *value);
bool idp_xml_is (const xmlNode *node, const char *ns, const char *name);
xmlNode *idp_xml_lookup_child (xmlNode *parent, const char *ns, const char *name);
xmlNode *idp_xml_lookup_below (xmlNode *top, const char *ns, const char *name);
char *idp_xml_dup_attribute (xmlNode *element, const char *name);
char *idp_xml_dup_text (xmlNode *element);
char *idp_xml_write (xmlDoc *doc, size_t *size);

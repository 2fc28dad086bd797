/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-metadata.h"

#include "idp-xml.h"

static void
add_service (xmlNode *role, const char *binding, const char *location)
{
  xmlNode *service = idp_xml_add (role, "SingleSignOnService", NULL);

  idp_xml_set (service, "Binding", binding);
  idp_xml_set (service, "Location", location);
}

/**
 * idp_metadata_build:
 * @entity_id: the entity id
 * @sso_url: where requests go, by both bindings
 * @certificate_base64: the signing certificate, base64 of its DER form
 *
 * Describes the identity provider (SAML Metadata, 2.3.2 and 2.4.3). Does not block.
 *
 * Returns: (transfer full): the EntityDescriptor as XML
 */
char *
idp_metadata_build (const char *entity_id, const char *sso_url, const char *certificate_base64)
{
  g_autoptr (xmlDoc) doc = xmlNewDoc (BAD_CAST "1.0");
  xmlNode *entity = idp_xml_new_root (doc, IDP_NS_METADATA, "md", "EntityDescriptor");
  xmlNode *role = NULL;
  xmlNode *descriptor = NULL;
  xmlNode *key_info = NULL;

  idp_xml_set (entity, "entityID", entity_id);
  role = idp_xml_add (entity, "IDPSSODescriptor", NULL);
  idp_xml_set (role, "WantAuthnRequestsSigned", "false");
  idp_xml_set (role, "protocolSupportEnumeration", IDP_NS_PROTOCOL);
  descriptor = idp_xml_add (role, "KeyDescriptor", NULL);
  idp_xml_set (descriptor, "use", "signing");
  key_info = xmlAddChild (descriptor, idp_xml_new_element (descriptor, IDP_NS_DSIG, "ds", "KeyInfo"));
  idp_xml_add (idp_xml_add (key_info, "X509Data", NULL), "X509Certificate", certificate_base64);
  idp_xml_add (role, "NameIDFormat", IDP_NAME_ID_EMAIL);
  idp_xml_add (role, "NameIDFormat", IDP_NAME_ID_PERSISTENT);
  idp_xml_add (role, "NameIDFormat", IDP_NAME_ID_TRANSIENT);
  add_service (role, IDP_BINDING_REDIRECT, sso_url);
  add_service (role, IDP_BINDING_POST, sso_url);
  return idp_xml_write (doc, NULL);
}

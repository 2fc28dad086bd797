/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-shibboleth-idp.h"

#define MAIL "urn:oid:0.9.2342.19200300.100.1.3;mail"

static const DoorIdpValue values[] = {
  { "entityID; SimpleSAMLphp: the index of $metadata", "{entity-id}" },
  { "AssertionConsumerService, binding HTTP-POST", "{acs}" },
  { "Attributes to release", "mail, displayName, givenName, sn, uid, and isMemberOf for groups" },
  { "Subject attribute to release", "pairwise-id, or subject-id" },
  { "Shibboleth: p:signResponses or p:signAssertions", "true" },
  { "Shibboleth: p:encryptAssertions", "false" },
  { "SimpleSAMLphp: saml20.sign.response, saml20.sign.assertion", "true, true" },
  { "SimpleSAMLphp: signature.algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" },
  { "SimpleSAMLphp: assertion.encryption", "false" },
  { "SimpleSAMLphp: validate.authnrequest",
    "false, or true with the metadata of doorctl idp sp-metadata NAME" },
  { "SimpleSAMLphp: attributes.NameFormat",
    "urn:oasis:names:tc:SAML:2.0:attrname-format:uri, with authproc core:AttributeMap name2oid" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "The NameID is transient at first, another one at each sign-in, and never identifies anybody here. People "
  "are recognised by pairwise-id or subject-id; else by a persistent NameID.",
  "Which of these comes decides who somebody is. Set Subject= to the one that is released, so that a later "
  "change of the release policy makes nobody a new person.",
  "Assertions are encrypted as soon as the provider knows an encryption key of this server. It publishes one "
  "only when encryption is switched on here.",
  "In a federation take the provider's own metadata address, or the aggregate with EntityId= naming the "
  "provider.",
  "Attributes are found by their object identifiers (urn:oid:…) and by their short names.",
  "Release nothing that is not listed: eduPersonTargetedID is a NameID inside an attribute and is not read.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "urn:oasis:names:tc:SAML:2.0:status:NoPassive",
    "The person has no session at the provider; this server never asks for a passive sign-in: look for a "
    "proxy that changes requests." },
  { "Unable to locate metadata for", "The provider does not know the entity ID of this server: compare the "
                                     "index of $metadata, and its file." },
  { "Message was signed, but signature could not be verified",
    "Switch off validate.authnrequest, or give the provider the certificate of this server." },
  { "Web Login Service - Unsupported Request", "The provider does not know the entity ID or the ACS address "
                                               "of this server: compare both with the metadata it has." },
  { "UnverifiedRelyingParty",
    "The provider has no metadata of this server: add it to metadata-providers.xml." },
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorShibbolethIdp",
  .preset = {
    .title = "Shibboleth and SimpleSAMLphp",
    .where = "Shibboleth: metadata-providers.xml and attribute-filter.xml; SimpleSAMLphp: metadata/saml20-sp-remote.php",
    .values = values,
    .metadata = "set MetadataUrl=: Shibboleth https://HOST/idp/shibboleth, SimpleSAMLphp https://HOST/simplesaml/module.php/saml/idp/metadata, before release 2 https://HOST/simplesaml/saml2/idp/metadata.php",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .subject = "urn:oasis:names:tc:SAML:attribute:pairwise-id;urn:oasis:names:tc:SAML:attribute:subject-id;NameID",
    .user_name = "urn:oid:1.3.6.1.4.1.5923.1.1.1.6;eduPersonPrincipalName;urn:oid:0.9.2342.19200300.100.1.1;uid",
    .email = MAIL,
    .full_name = "urn:oid:2.16.840.1.113730.3.1.241;displayName;urn:oid:2.5.4.3;cn",
    .given_name = "urn:oid:2.5.4.42;givenName",
    .family_name = "urn:oid:2.5.4.4;sn",
    .department = "urn:oid:2.5.4.11;ou",
    .managed_account = MAIL,
    .groups = "urn:oid:1.3.6.1.4.1.5923.1.5.1.1;isMemberOf;groups;urn:oid:1.3.6.1.4.1.5923.1.1.1.7;eduPersonEntitlement",
  },
};

/**
 * door_shibboleth_idp_get_type:
 *
 * Shibboleth, SimpleSAMLphp and others of research federations: attributes by their object identifiers.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_shibboleth_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

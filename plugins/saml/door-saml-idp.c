/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-idp.h"

/* WS-Federation's names, which AD FS and products near it use; LDAP's names, short and as object identifiers.
 */
#define WS_CLAIM "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
#define MAIL                                                                                                 \
  "email;mail;Email;" WS_CLAIM "emailaddress;urn:oid:0.9.2342.19200300.100.1.3;"                             \
  "urn:oid:1.2.840.113549.1.9.1;User.email;NameID"

static const DoorIdpValue values[] = {
  { "Assertion Consumer Service (ACS) URL, binding HTTP-POST", "{acs}" },
  { "SP entity ID, audience", "{entity-id}" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Sign the assertion or the response with RSA-SHA256 or ECDSA-SHA256, and name the entity ID as the "
  "audience.",
  "Encrypt assertions only with Encryption=true here, which publishes a key for it.",
  "Artifacts instead of answers need ResponseBinding=artifact here, and an ArtifactResolutionService in the "
  "provider's metadata that this server can reach.",
  "Requests are signed unless SignRequests=false; doorctl idp sp-metadata NAME has the certificate, and what "
  "else a provider can import.",
  "The NameID is what people are recognised by. It must stay with a person: persistent, never transient. If "
  "it does "
  "not, let Subject= name an attribute that does.",
  "Send an e-mail address: it is the Managed Apple Account unless ManagedAccount= names another attribute.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorSamlIdp",
  .preset = {
    .title = "SAML 2.0",
    .where = "the settings of a new SAML 2.0 service provider",
    .values = values,
    .metadata = "set MetadataUrl=, or MetadataFile=, or EntityId=, SsoUrl= and Certificates=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "uid;urn:oid:0.9.2342.19200300.100.1.1;username;NameID",
    .email = MAIL,
    .full_name = "displayName;displayname;name;cn;urn:oid:2.16.840.1.113730.3.1.241;urn:oid:2.5.4.3;" WS_CLAIM "name",
    .given_name = "givenName;firstName;User.FirstName;urn:oid:2.5.4.42;" WS_CLAIM "givenname",
    .family_name = "sn;surname;lastName;User.LastName;urn:oid:2.5.4.4;" WS_CLAIM "surname",
    .department = "department;ou;urn:oid:2.5.4.11",
    .managed_account = MAIL,
    .groups = "groups;memberOf;member;Role;http://schemas.xmlsoap.org/claims/Group;"
              "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
  },
};

/**
 * door_saml_idp_get_type:
 *
 * Any SAML 2.0 identity provider: attributes by the names most products use, nothing checked beyond the
 * protocol.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_saml_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

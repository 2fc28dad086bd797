/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-keycloak-idp.h"

/* The names of the predefined mappers stand first. No NameID: it is no address when it is persistent. */
#define MAIL "urn:oid:1.2.840.113549.1.9.1;email;mail"

static const DoorKey keys[] = {
  { "Url", DOOR_KEY_URL, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Address of Keycloak, https://login.example.com. With Realm it gives the address of the metadata." },
  { "Realm", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL, "Name of the realm." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "Client ID", "{entity-id}" },
  { "Valid redirect URIs", "{acs}" },
  { "Name ID format, and Force name ID format", "persistent, on" },
  { "Force POST binding", "on" },
  { "Include AuthnStatement", "on" },
  { "Sign documents, Sign assertions", "on, on" },
  { "Signature algorithm", "RSA_SHA256" },
  { "Keys › Client signature required",
    "on, with the certificate of doorctl idp sp-metadata NAME imported; or off" },
  { "Keys › Encrypt assertions", "off" },
  { "Advanced › Assertion Consumer Service POST Binding URL", "{acs}" },
  { "Client scopes › dedicated scope › Add predefined mapper", "X500 email, X500 givenName, X500 surname" },
  { "Client scopes › dedicated scope › Add mapper › Group list",
    "Group attribute name groups, Single Group Attribute on" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Client signature required is on in a new client: until this server's certificate is imported there, or "
  "the switch is off, "
  "Keycloak answers with \"Invalid requester\".",
  "With the Name ID format persistent people are recognised by a name that Keycloak makes for this client. "
  "With username or email a person who is renamed becomes another one here.",
  "With Full group path on, as it is at first, groups arrive as /staff/mac-admins and stand so in "
  "AllowedGroups=. With it off two groups of the same name cannot be told apart.",
  "Roles arrive in the attribute Role, which repeats itself for each role; Groups=Role reads them all.",
  "Everybody of the realm may sign in to a client. To let only some in, name their groups in AllowedGroups=, "
  "or give the client a browser flow with a condition.",
  "Old releases have /auth in their addresses; it belongs into Url= then.",
  "After a change of realm keys the metadata lists the old key as long as its provider is active or passive "
  "there. Keep it so until the metadata has been read again.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "Invalid requester", "Import the certificate of doorctl idp sp-metadata NAME in the tab Keys of the "
                         "client, or switch off Client signature required there." },
  { "Client not found",
    "The Client ID is not the entity ID of this server: copy it once more, byte by byte." },
  { "Invalid redirect uri",
    "Valid redirect URIs of the client does not list the ACS address of this server." },
  { "Invalid Request", "The client does not know the ACS address of this server, or the client or realm is "
                       "the wrong one: compare Valid redirect URIs and the metadata." },
  { "Client disabled", "Switch the client on." },
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorKeycloakIdp",
  .preset = {
    .title = "Keycloak",
    .where = "Clients › Create client › Client type SAML",
    .values = values,
    .metadata = "set Url= and Realm=, or copy the link SAML 2.0 Identity Provider Metadata of Realm settings to MetadataUrl=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "username;urn:oid:0.9.2342.19200300.100.1.1;NameID",
    .email = MAIL,
    .full_name = "name;displayName;urn:oid:2.16.840.1.113730.3.1.241",
    .given_name = "urn:oid:2.5.4.42;givenName;firstName",
    .family_name = "urn:oid:2.5.4.4;surname;lastName",
    .department = "department",
    .managed_account = MAIL,
    .groups = "groups;member",
  },
  .metadata_template = "{Url}/realms/{Realm}/protocol/saml/descriptor",
};

/**
 * door_keycloak_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_keycloak_idp_get_keys (void)
{
  return keys;
}

/**
 * door_keycloak_idp_get_type:
 *
 * Keycloak: the metadata's address from two keys, and the attributes of its predefined mappers.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_keycloak_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-onelogin-idp.h"

/* Old connectors name their attributes User.email and so on. */
#define MAIL "email;User.email;NameID"

static const DoorKey keys[] = {
  { "AppId", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Id of the application as it stands at the end of its Issuer URL." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "Configuration › Audience (EntityID)", "{entity-id}" },
  { "Configuration › Recipient", "{acs}" },
  { "Configuration › ACS (Consumer) URL Validator", "^{acs}$" },
  { "Configuration › ACS (Consumer) URL", "{acs}" },
  { "Configuration › Login URL, RelayState", "leave empty" },
  { "Configuration › SAML initiator", "Service Provider" },
  { "Configuration › SAML nameID format", "Email" },
  { "Configuration › SAML signature element", "Both" },
  { "Configuration › Encrypt assertion", "off" },
  { "Parameters › email, Include in SAML assertion", "Email" },
  { "Parameters › firstName, Include in SAML assertion", "First Name" },
  { "Parameters › lastName, Include in SAML assertion", "Last Name" },
  { "Parameters › id, Include in SAML assertion", "UUID" },
  { "Parameters › memberOf, Include in SAML assertion", "MemberOf" },
  { "SSO › SAML Signature Algorithm", "SHA-256" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "An old application signs with SHA-1, which is refused: choose SHA-256 in the tab SSO, or set "
  "AllowSha1=true until you can.",
  "memberOf is one value with all groups, separated by \";\". It is taken apart here, so a name of a group "
  "must not have a \";\".",
  "Groups from Active Directory arrive as distinguished names, CN=Mac Admins,OU=Groups,DC=example,DC=com, "
  "and stand so in AllowedGroups=.",
  "The NameID is the e-mail address and changes with it. To keep people together set Subject=id before the "
  "first sign-in; the parameter id above is the UUID.",
  "The validator is a regular expression. Without ^ and $ it accepts longer addresses too.",
  "Give the roles who may enroll access in the tab Access.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "You do not have access to this application",
    "Give one of the person's roles access in the tab Access of the application." },
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorOneloginIdp",
  .preset = {
    .title = "OneLogin",
    .where = "Applications › Applications › Add App › SAML Custom Connector (Advanced)",
    .values = values,
    .metadata = "copy the Issuer URL of the tab SSO to MetadataUrl=, or its last part to AppId=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "username;NameID",
    .email = MAIL,
    .full_name = "name;displayName",
    .given_name = "firstName;User.FirstName",
    .family_name = "lastName;User.LastName",
    .department = "department",
    .managed_account = MAIL,
    .groups = "memberOf;groups",
    .groups_separator = ";",
  },
  .metadata_template = "https://app.onelogin.com/saml/metadata/{AppId}",
};

/**
 * door_onelogin_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_onelogin_idp_get_keys (void)
{
  return keys;
}

/**
 * door_onelogin_idp_get_type:
 *
 * OneLogin: the metadata's address from one key, and groups that arrive in one value.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_onelogin_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

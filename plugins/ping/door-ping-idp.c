/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ping-idp.h"

#define MAIL "email;mail"

static const DoorKey keys[] = {
  { "Url", DOOR_KEY_URL, DOOR_KEY_FLAG_NONE, "https://auth.pingone.com", NULL,
    "Address of PingOne in your region." },
  { "EnvironmentId", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Id of the environment. With AppId it gives the address of the metadata." },
  { "AppId", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Id of the application, as it stands at the end of its metadata URL." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "ACS URLs; PingFederate: Assertion Consumer Service URL, POST", "{acs}" },
  { "Entity ID; PingFederate: Partner's Entity ID", "{entity-id}" },
  { "Signing Key; PingFederate: Digital Signature Settings", "Sign Assertion & Response, RSA_SHA256" },
  { "Encryption", "off" },
  { "Enforce Signed AuthnRequest; PingFederate: Require AuthN requests to be signed",
    "off, or on with the certificate of doorctl idp sp-metadata NAME" },
  { "SLO Endpoint, Target Application URL", "leave empty" },
  { "Assertion Validity Duration (in seconds)", "300" },
  { "Attribute Mappings: saml_subject; PingFederate: SAML_SUBJECT", "User ID" },
  { "Attribute Mappings: email", "Email Address" },
  { "Attribute Mappings: username", "Username" },
  { "Attribute Mappings: firstName", "Given Name" },
  { "Attribute Mappings: lastName", "Family Name" },
  { "Attribute Mappings: name", "Formatted" },
  { "Attribute Mappings: groups", "Group Names" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Url= names the region: https://auth.pingone.eu, https://auth.pingone.ca, https://auth.pingone.asia, "
  "https://auth.pingone.com.au. Without it it is https://auth.pingone.com.",
  "With saml_subject = User ID people are recognised by an ID that stays. With Email Address or Username "
  "somebody who is renamed becomes another person here.",
  "The switch beside the name of the application must be on, or PingOne says that the application is "
  "disabled.",
  "PingFederate leaves the certificate out of its answers unless it is told otherwise. That does no harm: "
  "only the keys of the metadata count.",
  "PingFederate: tick Redirect and POST under Allowable SAML Bindings; requests come by redirect.",
  "PingFederate: sign the assertion or the response in Signature Policy, whichever; SHA-1 is refused.",
  "Give the groups who may enroll access in the tab Access; without a group everybody of the environment has "
  "it.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "AUTHZ_001", "Give one of the person's groups access to the application." },
  { "partner not active", "PingFederate: set the connection to active in Activation & Summary." },
  { "Unexpected System Error",
    "PingFederate: its server log has the reason under the reference code of the page. If it names "
    "HTTP-Redirect, tick Redirect under Allowable SAML Bindings of the connection." },
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorPingIdp",
  .preset = {
    .title = "PingOne and PingFederate",
    .where = "PingOne: Applications › Applications › + › SAML Application › Manually Enter; PingFederate: Applications › SP Connections › Create Connection › Browser SSO Profiles, SAML 2.0",
    .values = values,
    .metadata = "copy the IDP Metadata URL of the tab Configuration to MetadataUrl=, or set EnvironmentId= and AppId=; PingFederate: export the metadata to MetadataFile=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "username;uid;NameID",
    .email = MAIL,
    .full_name = "name;displayName;cn",
    .given_name = "firstName;givenName",
    .family_name = "lastName;familyName;sn",
    .department = "department;ou",
    .managed_account = MAIL,
    .groups = "groups;memberOf",
  },
  .metadata_template = "{Url}/{EnvironmentId}/saml20/metadata/{AppId}",
};

/**
 * door_ping_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_ping_idp_get_keys (void)
{
  return keys;
}

/**
 * door_ping_idp_get_type:
 *
 * PingOne and PingFederate: the metadata's address from two keys.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_ping_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

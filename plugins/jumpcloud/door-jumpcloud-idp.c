/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jumpcloud-idp.h"

#define MAIL "email;NameID"

static const DoorIdpValue values[] = {
  { "IdP Entity ID",
    "an address that is this application's alone, such as https://sso.jumpcloud.com/saml2/doorward" },
  { "SP Entity ID", "{entity-id}" },
  { "ACS URLs › Default URL", "{acs}" },
  { "SP Certificate", "leave empty" },
  { "SAMLSubject NameID", "email" },
  { "SAMLSubject NameID Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" },
  { "Signature Algorithm", "RSA-SHA256" },
  { "Sign", "Response, Assertion or Both; old applications: Sign Assertion, checked" },
  { "Default RelayState", "leave empty" },
  { "Login URL", "leave empty" },
  { "Declare Redirect Endpoint", "checked" },
  { "User Attribute Mapping: email", "email" },
  { "User Attribute Mapping: firstName", "firstname" },
  { "User Attribute Mapping: lastName", "lastname" },
  { "User Attribute Mapping: name", "fullname" },
  { "Group Attributes: include group attribute", "memberOf" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Without Declare Redirect Endpoint the metadata names no address that takes a request by redirect, and "
  "nobody can begin to sign in.",
  "The IdP Entity ID is free text, and \"JumpCloud\" is what many choose: two applications of the same name "
  "cannot be told apart here. It cannot be changed later without a new application.",
  "Give the user groups who may enroll access under User Groups. People without access see a page of "
  "JumpCloud.",
  "The NameID is the e-mail address and changes with it. To keep people together map an attribute that "
  "stays, such as employeeIdentifier, before the first sign-in, and name it in Subject=.",
  "The IdP certificate ends after five years. JumpCloud replaces it in one step: read the metadata again at "
  "once, MetadataRefresh= says how late it may be.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorJumpcloudIdp",
  .preset = {
    .title = "JumpCloud",
    .where = "User Authentication › SSO Applications › Add New Application › Custom Application › Manage Single Sign-On (SSO) › Configure SSO with SAML",
    .values = values,
    .metadata = "Copy Metadata URL gives MetadataUrl=; Export Metadata gives a file for MetadataFile=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "username;NameID",
    .email = MAIL,
    .full_name = "name;fullname;displayname",
    .given_name = "firstName;firstname",
    .family_name = "lastName;lastname",
    .department = "department",
    .managed_account = MAIL,
    .groups = "memberOf;groups",
  },
};

/**
 * door_jumpcloud_idp_get_type:
 *
 * JumpCloud: the attribute names its preset proposes.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_jumpcloud_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

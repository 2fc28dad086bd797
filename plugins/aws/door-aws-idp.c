/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-aws-idp.h"

#define MAIL "email;NameID"

static const DoorIdpValue values[] = {
  { "Application start URL, Relay state", "leave empty" },
  { "Application metadata", "Manually type your metadata values" },
  { "Application ACS URL", "{acs}" },
  { "Application SAML audience", "{entity-id}" },
  { "Attribute mappings: Subject", "${user:email}, format emailAddress" },
  { "Attribute mappings: email", "${user:email}, format unspecified" },
  { "Attribute mappings: name", "${user:name}, format unspecified" },
  { "Attribute mappings: firstName", "${user:givenName}, format unspecified" },
  { "Attribute mappings: lastName", "${user:familyName}, format unspecified" },
  { "Attribute mappings: groups", "${user:groups}, format unspecified" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Attribute mappings are edited after the application was made, under Actions › Edit attribute mappings. "
  "Without a mapping of Subject nobody can sign in.",
  "A metadata file that was downloaded before the mappings were changed is to be downloaded again.",
  "Assign the users or groups who may enroll to the application; others see \"You do not have any "
  "applications\".",
  "Groups arrive as IDs: write those into AllowedGroups=.",
  "The Subject is the e-mail address and changes with it. ${user:AD_GUID}, where Active Directory is the "
  "source, stays with the person.",
  "IAM Identity Center signs the assertion, not the response: leave WantSigned= at either or assertion.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "You do not have any applications", "Assign the application to the person or one of their groups." },
  { "Bad input", "The Application ACS URL or audience is not the one of this server, or Subject is not "
                 "mapped: compare them." },
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorAwsIdp",
  .preset = {
    .title = "AWS IAM Identity Center",
    .where = "IAM Identity Center › Applications › Add application › I have an application I want to set up › SAML 2.0",
    .values = values,
    .metadata = "copy IAM Identity Center SAML metadata file URL to MetadataUrl=, or download it to MetadataFile=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "username;NameID",
    .email = MAIL,
    .full_name = "name;displayName",
    .given_name = "firstName;givenName",
    .family_name = "lastName;familyName",
    .department = "department",
    .managed_account = MAIL,
    .groups = "groups",
  },
};

/**
 * door_aws_idp_get_type:
 *
 * AWS IAM Identity Center: the attribute names its preset proposes.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_aws_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

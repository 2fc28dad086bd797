/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-schema.h"

#define TYPES(...)                                                                                           \
  .canonical_values = (const char *const[]) { __VA_ARGS__, NULL }
#define REFERENCES(...)                                                                                      \
  .reference_types = (const char *const[]) { __VA_ARGS__, NULL }
#define PARTS(attributes) .sub_attributes = attributes, .n_sub_attributes = G_N_ELEMENTS (attributes)

#define DISPLAY                                                                                              \
  {                                                                                                          \
    .name = "display", .description = "A name to show for the value."                                        \
  }
#define PRIMARY                                                                                              \
  {                                                                                                          \
    .name = "primary", .type = DOOR_SCIM_BOOLEAN,                                                            \
    .description = "Whether this is the preferred one; at most one is."                                      \
  }

static const DoorScimAttribute name_parts[] = {
  { .name = "formatted", .description = "The whole name, as it is shown." },
  { .name = "familyName", .description = "The family name." },
  { .name = "givenName", .description = "The given name." },
  { .name = "middleName", .description = "Middle names." },
  { .name = "honorificPrefix", .description = "Titles before the name." },
  { .name = "honorificSuffix", .description = "Suffixes after the name." },
};
static const DoorScimAttribute email_parts[] = {
  { .name = "value", .description = "The address." },
  DISPLAY,
  { .name = "type", .description = "What the address is for.", TYPES ("work", "home", "other") },
  PRIMARY,
};
static const DoorScimAttribute phone_parts[] = {
  { .name = "value", .description = "The number." },
  DISPLAY,
  { .name = "type",
    .description = "What the number is for.",
    TYPES ("work", "home", "mobile", "fax", "pager", "other") },
  PRIMARY,
};
static const DoorScimAttribute im_parts[] = {
  { .name = "value", .description = "The name in the messenger." },
  DISPLAY,
  { .name = "type",
    .description = "Which messenger.",
    TYPES ("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo") },
  PRIMARY,
};
static const DoorScimAttribute photo_parts[] = {
  { .name = "value",
    .type = DOOR_SCIM_REFERENCE,
    .case_exact = true,
    .description = "The address of the picture.",
    REFERENCES ("external") },
  DISPLAY,
  { .name = "type", .description = "How large the picture is.", TYPES ("photo", "thumbnail") },
  PRIMARY,
};
static const DoorScimAttribute address_parts[] = {
  { .name = "formatted", .description = "The whole address, as it is shown." },
  { .name = "streetAddress", .description = "Street, house and what belongs to them." },
  { .name = "locality", .description = "City or place." },
  { .name = "region", .description = "State or region." },
  { .name = "postalCode", .description = "Postal code." },
  { .name = "country", .description = "Country, by ISO 3166-1 alpha-2." },
  { .name = "type", .description = "What the address is for.", TYPES ("work", "home", "other") },
  PRIMARY,
};
static const DoorScimAttribute group_parts[] = {
  { .name = "value",
    .mutability = DOOR_SCIM_READ_ONLY,
    .case_exact = true,
    .description = "The id of the group." },
  { .name = "$ref",
    .type = DOOR_SCIM_REFERENCE,
    .mutability = DOOR_SCIM_READ_ONLY,
    .case_exact = true,
    .description = "The address of the group.",
    REFERENCES ("Group") },
  { .name = "display", .mutability = DOOR_SCIM_READ_ONLY, .description = "The name of the group." },
  { .name = "type",
    .mutability = DOOR_SCIM_READ_ONLY,
    .description = "Whether the user is a member of it, or of a group in it.",
    TYPES ("direct", "indirect") },
};
static const DoorScimAttribute entitlement_parts[] = {
  { .name = "value", .description = "The entitlement." },
  DISPLAY,
  { .name = "type", .description = "What kind of entitlement." },
  PRIMARY,
};
static const DoorScimAttribute role_parts[] = {
  { .name = "value", .description = "The role." },
  DISPLAY,
  { .name = "type", .description = "What kind of role." },
  PRIMARY,
};
static const DoorScimAttribute certificate_parts[] = {
  { .name = "value",
    .type = DOOR_SCIM_BINARY,
    .case_exact = true,
    .description = "A certificate, DER in base64." },
  DISPLAY,
  { .name = "type", .description = "What the certificate is for." },
  PRIMARY,
};

static const DoorScimAttribute user_attributes[] = {
  { .name = "userName",
    .required = true,
    .uniqueness = DOOR_SCIM_UNIQUE_SERVER,
    .description = "The name by which the provider knows the user. One user of a directory has it." },
  { .name = "name", .type = DOOR_SCIM_COMPLEX, .description = "The name of the person.", PARTS (name_parts) },
  { .name = "displayName", .description = "The name that is shown." },
  { .name = "nickName", .description = "What the person is called." },
  { .name = "profileUrl",
    .type = DOOR_SCIM_REFERENCE,
    .case_exact = true,
    .description = "The address of a page about the person.",
    REFERENCES ("external") },
  { .name = "title", .description = "The title in the organization." },
  { .name = "userType", .description = "How the person belongs to the organization, such as Employee." },
  { .name = "preferredLanguage", .description = "Languages, as in Accept-Language." },
  { .name = "locale", .description = "The place whose formats are used, as a language tag." },
  { .name = "timezone", .description = "The time zone, by its name in the tz database." },
  { .name = "active",
    .type = DOOR_SCIM_BOOLEAN,
    .description = "Whether the person may sign in and enroll devices." },
  { .name = "password",
    .mutability = DOOR_SCIM_WRITE_ONLY,
    .returned = DOOR_SCIM_RETURNED_NEVER,
    .case_exact = true,
    .description = "Taken and thrown away: nobody signs in here with it." },
  { .name = "emails",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Addresses of mail.",
    PARTS (email_parts) },
  { .name = "phoneNumbers",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Numbers of telephones.",
    PARTS (phone_parts) },
  { .name = "ims",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Names in messengers.",
    PARTS (im_parts) },
  { .name = "photos",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Addresses of pictures.",
    PARTS (photo_parts) },
  { .name = "addresses",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Postal addresses.",
    PARTS (address_parts) },
  { .name = "groups",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .mutability = DOOR_SCIM_READ_ONLY,
    .description = "The groups of the user. They change by the members of the group.",
    PARTS (group_parts) },
  { .name = "entitlements",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "What the person is entitled to.",
    PARTS (entitlement_parts) },
  { .name = "roles",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Roles of the person.",
    PARTS (role_parts) },
  { .name = "x509Certificates",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Certificates of the person.",
    PARTS (certificate_parts) },
};

/* RFC 7643 section 4.1 and 8.7.1. */
const DoorScimSchema door_scim_user_schema = {
  .urn = DOOR_SCIM_USER_URN,
  .name = "User",
  .description = "A person's account",
  .attributes = user_attributes,
  .n_attributes = G_N_ELEMENTS (user_attributes),
};

static const DoorScimAttribute manager_parts[] = {
  { .name = "value", .case_exact = true, .description = "The id of the manager." },
  { .name = "$ref",
    .type = DOOR_SCIM_REFERENCE,
    .case_exact = true,
    .description = "The address of the manager.",
    REFERENCES ("User") },
  { .name = "displayName", .mutability = DOOR_SCIM_READ_ONLY, .description = "The name of the manager." },
};
static const DoorScimAttribute enterprise_attributes[] = {
  { .name = "employeeNumber", .description = "The number or code of the person in the organization." },
  { .name = "costCenter", .description = "The cost center." },
  { .name = "organization", .description = "The organization." },
  { .name = "division", .description = "The division." },
  { .name = "department", .description = "The department." },
  { .name = "manager",
    .type = DOOR_SCIM_COMPLEX,
    .description = "The manager of the person.",
    PARTS (manager_parts) },
};

/* RFC 7643 section 4.3. */
const DoorScimSchema door_scim_enterprise_schema = {
  .urn = DOOR_SCIM_ENTERPRISE_URN,
  .name = "EnterpriseUser",
  .description = "What an organization knows of a person",
  .attributes = enterprise_attributes,
  .n_attributes = G_N_ELEMENTS (enterprise_attributes),
};

static const DoorScimAttribute member_parts[] = {
  { .name = "value",
    .mutability = DOOR_SCIM_IMMUTABLE,
    .case_exact = true,
    .description = "The id of the user or group." },
  { .name = "$ref",
    .type = DOOR_SCIM_REFERENCE,
    .mutability = DOOR_SCIM_IMMUTABLE,
    .case_exact = true,
    .description = "The address of the member.",
    REFERENCES ("User", "Group") },
  { .name = "type",
    .mutability = DOOR_SCIM_IMMUTABLE,
    .description = "What the member is.",
    TYPES ("User", "Group") },
  { .name = "display", .mutability = DOOR_SCIM_READ_ONLY, .description = "The name of the member." },
};
static const DoorScimAttribute group_attributes[] = {
  { .name = "displayName", .required = true, .description = "The name of the group." },
  { .name = "members",
    .type = DOOR_SCIM_COMPLEX,
    .multi_valued = true,
    .description = "Users and groups in the group.",
    PARTS (member_parts) },
};

/* RFC 7643 section 4.2, which requires displayName; 8.7.1 does not. */
const DoorScimSchema door_scim_group_schema = {
  .urn = DOOR_SCIM_GROUP_URN,
  .name = "Group",
  .description = "A group of users",
  .attributes = group_attributes,
  .n_attributes = G_N_ELEMENTS (group_attributes),
};

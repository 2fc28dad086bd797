/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-adfs-idp.h"

#define WS_CLAIM "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
#define MAIL WS_CLAIM "emailaddress"

static const DoorKey keys[] = {
  { "Url", DOOR_KEY_URL, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Address of the federation service, https://sts.example.com. It gives the address of the metadata." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "Token encryption certificate", "leave empty" },
  { "Enable support for the SAML 2.0 WebSSO protocol: Relying party SAML 2.0 SSO service URL", "{acs}" },
  { "Relying party trust identifier", "{entity-id}" },
  { "Advanced › Secure hash algorithm", "SHA-256" },
  { "Claim rule Send LDAP Attributes as Claims: E-Mail-Addresses", "E-Mail Address" },
  { "… Display-Name", "Name" },
  { "… Given-Name", "Given Name" },
  { "… Surname", "Surname" },
  { "… User-Principal-Name", "UPN" },
  { "… Token-Groups - Unqualified Names", "Group" },
  { "… objectGUID (typed, it is not in the list)", "Name ID" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Without a claim rule for the Name ID the answer has none and is refused. objectGUID stays with a person; "
  "E-Mail Address or UPN do not when somebody is renamed.",
  "Leave NameIdFormat= out: a format that no claim rule gives is answered with InvalidNameIDPolicy.",
  "AD FS allows no difference of clocks before NotBefore: keep both clocks right. ClockSkew= covers 90 s; "
  "Set-AdfsRelyingPartyTrust -NotBeforeSkew takes minutes.",
  "The assertion is signed. Set-AdfsRelyingPartyTrust -SamlResponseSignature MessageAndAssertion signs the "
  "response as well.",
  "A new signing certificate stands in the metadata 20 days before the old one ends and is used 5 days "
  "later, so MetadataRefresh= must be below 5 days.",
  "Allow access by an access control policy for the groups who may enroll.",
  "The metadata address must be reachable from this server, by the Web Application Proxy or inside; "
  "otherwise use MetadataFile=.",
  "Token-Groups - Unqualified Names sends every group, also nested ones, by its bare name.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "MSIS7070", "No claim rule makes a Name ID of the format asked for: leave NameIdFormat= out, and check "
                "the claim rules." },
  { "MSIS3077", "The relying party trust has no SAML endpoint: add the ACS address of this server in the tab "
                "Endpoints, SAML Assertion Consumer, POST." },
  { "MSIS3200", "The SAML 2.0 SSO service URL of the relying party trust is not the ACS address of this "
                "server: correct it in the tab Endpoints." },
  { "MSIS7007",
    "No relying party trust has the entity ID of this server as identifier: compare it, byte by byte." },
  { "MSIS5007", "The access control policy of the relying party trust does not let this person in." },
  { "MSIS7042", "The browser came back six times in short time: look at why the answers are refused here, "
                "doorctl explain CODE tells." },
  { "MSIS7093", "Requests are signed with another hash than the trust expects: set the secure hash algorithm "
                "to SHA-256." },
  { NULL, NULL },
};

static const DoorIdpKind kind = {
  .type_name = "DoorAdfsIdp",
  .preset = {
    .title = "Active Directory Federation Services",
    .where = "AD FS Management › Relying Party Trusts › Add Relying Party Trust › Claims aware › Enter data about the relying party manually",
    .values = values,
    .metadata = "set Url=, or MetadataUrl=, or download FederationMetadata/2007-06/FederationMetadata.xml to MetadataFile=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = WS_CLAIM "upn;" WS_CLAIM "name;NameID",
    .email = MAIL,
    .full_name = WS_CLAIM "name;http://schemas.xmlsoap.org/claims/CommonName;displayName",
    .given_name = WS_CLAIM "givenname",
    .family_name = WS_CLAIM "surname",
    .department = "department;Department",
    .managed_account = MAIL,
    .groups = "http://schemas.xmlsoap.org/claims/Group;http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
  },
  .metadata_template = "{Url}/FederationMetadata/2007-06/FederationMetadata.xml",
};

/**
 * door_adfs_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_adfs_idp_get_keys (void)
{
  return keys;
}

/**
 * door_adfs_idp_get_type:
 *
 * AD FS: the metadata's address from one key, and the claims of Active Directory.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_adfs_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

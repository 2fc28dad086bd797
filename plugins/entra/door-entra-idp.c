/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-entra-idp.h"

#include <string.h>

#include "door-entra-groups.h"

#define WS_CLAIM "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
#define MS_CLAIM "http://schemas.microsoft.com/identity/claims/"
#define GROUPS "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"
#define GROUPS_LINK "http://schemas.microsoft.com/claims/groups.link"
#define TENANT_ID MS_CLAIM "tenantid"

static const DoorKey keys[] = {
  { "Tenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Directory (tenant) ID. People of any other tenant are refused." },
  { "AppId", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Application (client) ID. With Tenant it gives the address of the metadata, in the worldwide cloud." },
  { "Tenants", DOOR_KEY_LIST, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "For OpenID Connect with an application of several tenants, instead of Tenant: the directory (tenant) "
    "IDs whose "
    "people may sign in." },
  { "GraphClientId", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Application (client) ID with which Microsoft Graph is asked for the groups of people who have too many "
    "for the sign-in. It needs the application permission GroupMember.Read.All with admin consent." },
  { "GraphClientSecret", DOOR_KEY_SECRET, DOOR_KEY_FLAG_NONE, NULL, NULL, "Its client secret." },
  { "GraphTenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Directory (tenant) ID of that application. Default: Tenant." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "Identifier (Entity ID)", "{entity-id}" },
  { "Reply URL (Assertion Consumer Service URL)", "{acs}" },
  { "Sign on URL", "leave empty" },
  { "Relay State", "leave empty" },
  { "Unique User Identifier (Name ID)", "user.userprincipalname" },
  { "Signing Option", "Sign SAML assertion, or Sign SAML response and assertion" },
  { "Signing Algorithm", "SHA-256" },
  { "Additional claims", "as proposed; add " MS_CLAIM "displayname = user.displayname" },
  { "Add a group claim", "Groups assigned to the application, source attribute Group ID" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Assign the application to users or groups, under Users and groups.",
  "Groups arrive as object IDs: write those into AllowedGroups=.",
  "Above 150 groups Entra ID sends a link, or nothing, in place of the groups. With GraphClientId= they are "
  "then "
  "asked for; without, rules about groups refuse the person. \"Groups assigned to the application\" keeps "
  "below that; it does not look into nested groups.",
  "People are recognised by tenant ID and object ID, which survive a new name or address.",
  "Guests have #EXT# in their user principal name. Keep them out by not assigning them, or with "
  "AllowedDomains=.",
  "The Managed Apple Account is the user principal name: Apple's federation with Entra ID demands that it is "
  "the "
  "e-mail address as well.",
  "Conditional Access must not ask for a compliant device for this application: the device is only about to "
  "enroll.",
  "Requests are signed; Entra ID looks at that only when Verification certificates are set, which then need "
  "the certificate of doorctl idp sp-metadata NAME.",
  "The signing certificate of an application ends after three years. Its metadata lists the next one as soon "
  "as it is "
  "made, so let it stand there for longer than MetadataRefresh= before it is activated.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "AADSTS50105:",
    "The person is not assigned to the application: add them or their group under Users and groups. "
    "Nested groups do not count." },
  { "AADSTS50011:",
    "The Reply URL of the application is not the ACS address of this server: copy it once more, byte "
    "by byte." },
  { "AADSTS700016:",
    "No application of the tenant has our entity ID: compare Identifier (Entity ID), and check that "
    "the metadata is of the right tenant." },
  { "AADSTS75011:",
    "The person signed in by another method than the request named. This server names none; look for "
    "a proxy that changes requests." },
  { "AADSTS76021:",
    "The application demands signed requests: switch off Require verification certificates." },
  { "AADSTS50020:",
    "The account belongs to another tenant and is no guest here: sign in with the right account, or "
    "invite it." },
  { "AADSTS50034:", "The account does not exist in the tenant: sign in with another one, or create it." },
  { "AADSTS50057:", "The account is disabled in the tenant." },
  { "AADSTS53000:",
    "Conditional Access asks for a compliant device: exclude this application from that policy." },
  { "AADSTS53001:",
    "Conditional Access asks for a joined device: exclude this application from that policy." },
  { "AADSTS53003:",
    "A Conditional Access policy blocks the sign-in: the sign-in log of the tenant names it." },
  { "AADSTS16000:", "The browser is signed in with accounts that do not fit: sign out at Microsoft, or use a "
                    "private window." },
  { "AADSTS50058:", "The browser is not signed in and could not ask: allow the page, or sign in once more." },
  { "AADSTS50076:", "The tenant asks for a second factor: the person must sign in where one can be given." },
  { "AADSTS50126:", "The user name or the password was wrong." },
  { "AADSTS50173:", "The sign-in at Microsoft was ended, by a new password for example: sign in once more." },
  { "AADSTS65001:", "Nobody has consented to the application: give admin consent under API permissions." },
  { "AADSTS90002:", "There is no such tenant: check Tenant, or GraphTenant." },
  { "AADSTS7000215:",
    "The client secret is wrong: copy the Value of the secret, not its Secret ID, to where GraphClientSecret "
    "or ClientSecret points." },
  { "AADSTS7000222:", "The client secret has ended: make a new one under Certificates & secrets." },
  { "Insufficient privileges", "The application that asks for groups lacks the permission: add "
                               "GroupMember.Read.All, of type Application, "
                               "under API permissions, and give admin consent." },
  { "AADSTS650056:", "The application is not set up for SAML, or consent is missing: check Single sign-on." },
  { NULL, NULL },
};

/* Ids are compared as text in the form Entra ID writes them, but for case. */
static bool
is_guid (const char *text)
{
  return strlen (text) == 36 && g_uuid_string_is_valid (text);
}

static bool
check_id (const DoorSettings *settings, const char *key, GError **error)
{
  const char *text = door_settings_get_string (settings, key);

  if (text == NULL || is_guid (text))
    return true;
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                  "%s must be an ID such as 11111111-2222-4333-8444-555555555555; a domain name will not do",
                  key);
  return false;
}

/* Only the metadata of the application has the key that signs its answers; the tenant's has others. */
static bool
derive_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  const char *tenant = door_settings_get_string (settings, "Tenant");
  const char *app = door_settings_get_string (settings, "AppId");
  g_autofree char *path = NULL;

  if (!door_settings_check_needs (settings, "AppId", "Tenant", error) ||
      !check_id (settings, "Tenant", error) || !check_id (settings, "AppId", error) ||
      !door_entra_groups_check (settings, error))
    return false;
  door_idp_profile_set_request_param (profile, "login_hint", "{user-identifier}");
  if (app == NULL)
    return true;
  path = g_strdup_printf ("%s/federationmetadata/2007-06/federationmetadata.xml?appid=%s", tenant, app);
  return door_idp_profile_set_metadata_url (profile, "https://login.microsoftonline.com", path, error);
}

static bool
check_tenant (const char *tenant, const DoorClaims *claims, GError **error)
{
  g_auto (GStrv) ids = door_claims_dup_strings (claims, TENANT_ID);

  if (tenant == NULL || (g_strv_length (ids) == 1 && g_ascii_strcasecmp (ids[0], tenant) == 0))
    return true;
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_NOTALLOWED,
                  ids[0] == NULL ? "no tenant ID was sent"
                                 : "the account is of another tenant than the one in Tenant");
  return false;
}

static bool
reads_group_claim (const DoorSettings *settings)
{
  g_auto (GStrv) names = door_settings_dup_list (settings, "Groups");

  return !door_settings_is_set (settings, "Groups") || g_strv_contains ((const char *const *) names, GROUPS);
}

static bool
has_claim (const DoorClaims *claims, const char *name)
{
  g_autoptr (GVariant) claim =
      g_variant_lookup_value (door_claims_get_values (claims), name, G_VARIANT_TYPE_STRING_ARRAY);

  return claim != NULL;
}

/* Too many groups: a link in their place, or nothing at all. Neither says that somebody is in no group. */
static bool
check_identity (const DoorSettings *settings, const DoorClaims *claims, DoorIdentity *identity,
                GError **error)
{
  if (!check_tenant (door_settings_get_string (settings, "Tenant"), claims, error))
    return false;
  if (reads_group_claim (settings) && (has_claim (claims, GROUPS_LINK) || !has_claim (claims, GROUPS)))
    door_identity_set_groups_incomplete (identity);
  return true;
}

#define LOGIN "https://login.microsoftonline.com/"
#define CLAIM_NAMES "_claim_names"

static const DoorIdpValue oidc_values[] = {
  { "Supported account types", "this organizational directory only; several with Tenants=" },
  { "Redirect URI, platform Web", "{acs}" },
  { "Certificates & secrets", "New client secret" },
  { "Token configuration: groups claim", "Groups assigned to the application, ID, Group ID" },
  { "Token configuration: optional claims of the ID token", "email, upn, given_name, family_name" },
  { NULL, NULL },
};

static const char *const oidc_notes[] = {
  "With ClientAuth=private_key_jwt set ClientAudience=token-endpoint, and upload the certificate (x5c) that "
  "stands in /oidc/NAME/jwks.json under Certificates & secrets.",
  "Assign the application to users or groups, under Enterprise applications, and set Assignment required to "
  "Yes.",
  "People are recognised by tenant ID and object ID, which survive a new name or address, as with SAML.",
  "Groups arrive as object IDs. Above 200 groups the token names them only; rules about groups then refuse "
  "the person "
  "unless they can be fetched.",
  "The Managed Apple Account is the user principal name. The claim email is never used for it: the owner of "
  "another "
  "tenant can write anything there.",
  "A client secret ends after 24 months at most.",
  NULL,
};

static bool
check_tenants (char **tenants, GError **error)
{
  for (; *tenants != NULL; tenants++)
    if (!is_guid (*tenants))
      return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                             "Tenants must be IDs such as 11111111-2222-4333-8444-555555555555");
  return true;
}

/* One tenant has an issuer of its own. Of several there is one document for all, whose issuer has a place for
 * the tenant. */
static bool
derive_oidc_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  const char *tenant = door_settings_get_string (settings, "Tenant");
  g_auto (GStrv) tenants = door_settings_dup_list (settings, "Tenants");
  g_autofree char *issuer = NULL;

  if (!check_id (settings, "Tenant", error) || !check_tenants (tenants, error) ||
      !door_entra_groups_check (settings, error))
    return false;
  if ((tenant != NULL) == (tenants[0] != NULL))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                           "OpenID Connect needs Tenant, or Tenants for an application of several");
  door_idp_profile_set_request_param (profile, "login_hint", "{user-identifier}");
  door_idp_profile_set_tenants (profile, (const char *const *) tenants);
  issuer = g_strconcat (LOGIN, tenant != NULL ? tenant : "{tenantid}", "/v2.0", NULL);
  return door_idp_profile_set_issuer (profile, issuer, error) &&
         (tenant != NULL || door_idp_profile_set_discovery_url (
                                profile, LOGIN "organizations/v2.0/.well-known/openid-configuration", error));
}

/* The issuer has proven the tenant. Groups that are too many are named in another claim, or just not there.
 */
static bool
check_oidc_identity (const DoorSettings *settings, const DoorClaims *claims, DoorIdentity *identity,
                     GError **error)
{
  if (!door_settings_is_set (settings, "Groups") &&
      (has_claim (claims, CLAIM_NAMES) || has_claim (claims, "hasgroups") || !has_claim (claims, "groups")))
    door_identity_set_groups_incomplete (identity);
  return true;
}

static const DoorIdpOidcKind oidc = {
  .preset = {
    .title = "Microsoft Entra ID",
    .where = "Entra ID › App registrations › New registration",
    .values = oidc_values,
    .metadata = "set Tenant=, ClientId= (Application ID) and ClientSecret=",
    .notes = oidc_notes,
    .errors = errors,
  },
  .claims = {
    .subject = "oid",
    .subject_scope = "tid",
    .user_name = "upn;preferred_username;NameID",
    .email = "upn;preferred_username",
    .full_name = "name",
    .given_name = "given_name",
    .family_name = "family_name",
    .managed_account = "upn;preferred_username",
    .groups = "groups",
  },
  .derive_profile = derive_oidc_profile,
  .check_identity = check_oidc_identity,
};

static const DoorIdpKind kind = {
  .type_name = "DoorEntraIdp",
  .preset = {
    .title = "Microsoft Entra ID",
    .where = "Entra ID › Enterprise applications › New application › Create your own application › Non-gallery, then "
             "Single sign-on › SAML",
    .values = values,
    .metadata = "copy App Federation Metadata Url to MetadataUrl=, or set Tenant= and AppId=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .subject = MS_CLAIM "objectidentifier",
    .subject_scope = TENANT_ID,
    .user_name = WS_CLAIM "upn;" WS_CLAIM "name;NameID",
    .email = WS_CLAIM "emailaddress",
    .full_name = MS_CLAIM "displayname",
    .given_name = WS_CLAIM "givenname",
    .family_name = WS_CLAIM "surname",
    .department = "department;" WS_CLAIM "department",
    .managed_account = WS_CLAIM "upn;" WS_CLAIM "name;NameID",
    .groups = GROUPS,
  },
  .derive_profile = derive_profile,
  .check_identity = check_identity,
  .oidc = &oidc,
  .dup_access = door_entra_groups_dup_access,
  .fetch_groups = door_entra_groups_fetch,
};

/**
 * door_entra_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_entra_idp_get_keys (void)
{
  return keys;
}

/**
 * door_entra_idp_get_type:
 *
 * Microsoft Entra ID: tenant, stable subject, and groups that may be missing.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_entra_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

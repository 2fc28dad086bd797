/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-google-idp.h"

#include <string.h>

#include "door-google-groups.h"

#define MAIL "email;mail;NameID"

static const DoorKey keys[] = {
  { "HostedDomain", DOOR_KEY_LIST, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Domains of the Google Workspace account that people may sign in with. Default: all of its domains." },
  { "ServiceAccount", DOOR_KEY_SECRET, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Key (JSON) of a service account with which the Directory API is asked for groups when the sign-in has "
    "none. It needs domain-wide delegation for the scope "
    "https://www.googleapis.com/auth/admin.directory.group.readonly. Groups are named by their addresses "
    "then." },
  { "Delegate", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Address of an administrator who may read groups; the service account asks in this name." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "ACS URL", "{acs}" },
  { "Entity ID", "{entity-id}" },
  { "Start URL", "leave empty" },
  { "Signed response", "either; one of the two is signed" },
  { "Name ID format", "EMAIL" },
  { "Name ID", "Basic Information > Primary email" },
  { "Attributes: First name", "firstName" },
  { "Attributes: Last name", "lastName" },
  { "Attributes: Department", "department" },
  { "Group membership (optional), App attribute", "groups" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Turn the app on under User access. Google takes minutes, sometimes a day, until a new app works.",
  "Google publishes no metadata address: after a new certificate download the file again.",
  "Google sends no name and no groups unless they are mapped; without a name the e-mail address stands in "
  "its place.",
  "Groups: only those listed in the mapping, at most 75, by name. A group that is renamed must be listed "
  "again.",
  "Google neither encrypts assertions nor ends sessions at other places: there is no single logout with it.",
  "Errors of the app are shown by Google as a page with status 403 and never reach this server: doorctl "
  "explain cannot "
  "know them.",
  "Issuer and key are the same for every app of the account, so the Entity ID must be this server's alone.",
  "The NameID is the primary e-mail address, which changes when a person is renamed. To keep people together "
  "map "
  "Employee details > Employee ID to employeeId and set Subject=employeeId.",
  NULL,
};

#define GROUP_ERRORS                                                                                         \
  { "unauthorized_client",                                                                                   \
    "Give the client ID of the service account domain-wide delegation, under Security > API controls, for "  \
    "the scope https://www.googleapis.com/auth/admin.directory.group.readonly." },                           \
      { "Client is unauthorized",                                                                            \
        "Give the client ID of the service account domain-wide delegation, under Security > API controls, "  \
        "for "                                                                                               \
        "the scope https://www.googleapis.com/auth/admin.directory.group.readonly." },                       \
      { "Not Authorized to access this resource",                                                            \
        "Delegate= must be an administrator who may read groups." },                                         \
      { "has not been used in project",                                                                      \
        "Switch the Admin SDK API on in the project of the service account." },                              \
  {                                                                                                          \
    "Invalid email or User ID", "Delegate= names no user of the account."                                    \
  }

static const DoorIdpErrorText errors[] = {
  { "app_not_configured_for_user", "The Entity ID of the app is not this server's, or the person's account "
                                   "is the wrong one: compare it, upper and "
                                   "lower case included." },
  { "app_not_configured", "No app of the account has this server's Entity ID, or it is younger than a day." },
  { "app_not_enabled_for_user",
    "Turn the app on for the person's organisational unit or group, under User access." },
  GROUP_ERRORS,
  { NULL, NULL },
};

static bool
check_domains (char **domains, GError **error)
{
  for (char **domain = domains; *domain != NULL; domain++)
    if (strchr (*domain, '@') != NULL || strchr (*domain, '.') == NULL)
      {
        door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                        "HostedDomain: \"%s\" is not a domain such as example.com", *domain);
        return false;
      }
  return true;
}

static bool
derive_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  g_auto (GStrv) domains = door_settings_dup_list (settings, "HostedDomain");

  if (door_settings_is_set (settings, "MetadataUrl"))
    {
      door_error_set (
          error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
          "MetadataUrl: Google publishes no metadata; download the file in the admin console and set "
          "MetadataFile");
      return false;
    }
  return check_domains (domains, error) && door_google_groups_check (settings, error);
}

static bool
is_in_domain (const char *address, char **domains)
{
  const char *at = strchr (address, '@');

  if (at == NULL || at == address)
    return false;
  for (; *domains != NULL; domains++)
    if (g_ascii_strcasecmp (at + 1, *domains) == 0)
      return true;
  return false;
}

/* No groups may mean that none are mapped. */
static void
note_missing_groups (const DoorSettings *settings, DoorIdentity *identity)
{
  if (door_settings_is_set (settings, "ServiceAccount") && door_identity_get_groups (identity)[0] == NULL)
    door_identity_set_groups_incomplete (identity);
}

/* The NameID is the account that signed in; the e-mail address is what we go on with. */
static bool
check_identity (const DoorSettings *settings, const DoorClaims *claims, DoorIdentity *identity,
                GError **error)
{
  g_auto (GStrv) domains = door_settings_dup_list (settings, "HostedDomain");
  const char *email = door_identity_get (identity, DOOR_IDENTITY_EMAIL);

  note_missing_groups (settings, identity);
  if (domains[0] == NULL || (is_in_domain (door_claims_get_subject (claims)->value, domains) &&
                             (email == NULL || is_in_domain (email, domains))))
    return true;
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                  "the NameID or e-mail address is none of a domain in HostedDomain");
  return false;
}

#define ISSUER "https://accounts.google.com"

static const DoorIdpValue oidc_values[] = {
  { "Application type", "Web application" },
  { "Authorised redirect URIs", "{acs}" },
  { "Audience (consent screen)", "Internal" },
  { NULL, NULL },
};

static const char *const oidc_notes[] = {
  "Any Google account can sign in at Google: HostedDomain= is needed, and an account outside of it is "
  "refused.",
  "Google sends no groups by OpenID Connect; with ServiceAccount= they are asked for.",
  "The subject (sub) stays with the account when it is renamed.",
  "Google does not tell when somebody signed in, so ForceAuthn=true refuses everybody.",
  NULL,
};

static const DoorIdpErrorText oidc_errors[] = {
  { "org_internal", "The account is not of the organisation that owns the application." },
  { "redirect_uri_mismatch",
    "The redirect URI of the client is not the one of this server: copy it once more, byte by byte." },
  { "admin_policy_enforced",
    "An administrator of Google Workspace must trust the client, under API controls." },
  GROUP_ERRORS,
  { NULL, NULL },
};

static bool
derive_oidc_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  g_auto (GStrv) domains = door_settings_dup_list (settings, "HostedDomain");

  if (!check_domains (domains, error) || !door_google_groups_check (settings, error))
    return false;
  if (domains[0] == NULL)
    return door_error_set (
        error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
        "HostedDomain is needed for OpenID Connect: every Google account can sign in there");
  door_idp_profile_set_request_param (profile, "login_hint", "{user-identifier}");
  /* a hint for Google's page, which anybody may change; what counts is the claim */
  door_idp_profile_set_request_param (profile, "hd", domains[1] == NULL ? domains[0] : "*");
  if (!door_idp_profile_set_issuer (profile, ISSUER, error))
    return false;
  door_idp_profile_add_issuer_spelling (profile, "accounts.google.com");
  return true;
}

/* hd says that the domain owns the account; an address alone says nothing, since any Google account may have
 * one of a foreign domain. */
static bool
check_oidc_identity (const DoorSettings *settings, const DoorClaims *claims, DoorIdentity *identity,
                     GError **error)
{
  g_auto (GStrv) domains = door_settings_dup_list (settings, "HostedDomain");
  g_auto (GStrv) hosted = door_claims_dup_strings (claims, "hd");
  const char *email = door_identity_get (identity, DOOR_IDENTITY_EMAIL);

  note_missing_groups (settings, identity);
  for (size_t i = 0; g_strv_length (hosted) == 1 && domains[i] != NULL; i++)
    if (g_ascii_strcasecmp (hosted[0], domains[i]) == 0)
      return email == NULL || is_in_domain (email, domains) ||
             door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                             "the e-mail address is none of a domain in HostedDomain");
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                         "the account is of no domain in HostedDomain (claim hd)");
}

/* Google has no scope for it, and gives a second refresh token only to whoever consents again. */
static const char *const offline_params[] = { "access_type", "offline", "prompt", "consent", NULL };

static const DoorIdpOidcKind oidc = {
  .preset = {
    .title = "Google Workspace",
    .where = "Google Cloud console › APIs & Services › Credentials › Create credentials › OAuth client ID",
    .values = oidc_values,
    .metadata = "set HostedDomain=, ClientId= and ClientSecret=",
    .notes = oidc_notes,
    .errors = oidc_errors,
  },
  .claims = {
    .user_name = "email",
    .email = "email",
    .full_name = "name",
    .given_name = "given_name",
    .family_name = "family_name",
    .managed_account = "email",
    .groups = "groups",
  },
  .offline_params = offline_params,
  .derive_profile = derive_oidc_profile,
  .check_identity = check_oidc_identity,
};

static const DoorIdpKind kind = {
  .type_name = "DoorGoogleIdp",
  .preset = {
    .title = "Google Workspace",
    .where = "Apps › Web and mobile apps › Add app › Add custom SAML app",
    .values = values,
    .metadata = "download the metadata, put the file on this server and set MetadataFile=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "NameID",
    .email = MAIL,
    .full_name = "name;displayName",
    .given_name = "firstName;givenName",
    .family_name = "lastName;familyName",
    .department = "department",
    .managed_account = MAIL,
    .groups = "groups",
  },
  .derive_profile = derive_profile,
  .check_identity = check_identity,
  .oidc = &oidc,
  .dup_access = door_google_groups_dup_access,
  .fetch_groups = door_google_groups_fetch,
};

/**
 * door_google_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_google_idp_get_keys (void)
{
  return keys;
}

/**
 * door_google_idp_get_type:
 *
 * Google Workspace: metadata only as a file, the domain of the account checked.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_google_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

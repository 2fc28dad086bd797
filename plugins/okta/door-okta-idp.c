/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-okta-idp.h"

#include <string.h>

/* The names that the preset below tells administrators to use stand first. */
#define MAIL "email;mail;user.email;NameID"

static const DoorKey keys[] = {
  { "OrgUrl", DOOR_KEY_URL, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Address of the Okta organisation, https://example.okta.com or its custom domain. With AppId it gives "
    "the "
    "address of the metadata." },
  { "AppId", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Id of the application as it stands in its metadata URL; begins with exk." },
  { "AuthServer", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "For OpenID Connect: id of a custom authorization server, such as default. Without it the organisation's "
    "own "
    "is used. With OrgUrl it gives the issuer." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "Single sign-on URL", "{acs}" },
  { "Use this for Recipient URL and Destination URL", "checked" },
  { "Audience URI (SP Entity ID), later called Audience Restriction", "{entity-id}" },
  { "Default RelayState", "leave empty" },
  { "Name ID format", "EmailAddress" },
  { "Application username", "Email, or Okta username if that is an e-mail address" },
  { "Response", "Signed" },
  { "Assertion Signature", "Signed" },
  { "Signature Algorithm", "RSA-SHA256" },
  { "Assertion Encryption", "Unencrypted" },
  { "Attribute Statements: email", "user.email" },
  { "Attribute Statements: name", "user.displayName" },
  { "Attribute Statements: firstName", "user.firstName" },
  { "Attribute Statements: lastName", "user.lastName" },
  { "Group Attribute Statements: groups", "Matches regex: .*" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Assign the application to the people or groups who may enroll.",
  "Give the application an authentication policy without Okta FastPass: FastPass cannot finish in Setup "
  "Assistant.",
  "Okta sends groups only with a Group Attribute Statement. A filter narrower than .* keeps the assertion "
  "small.",
  "The NameID is the application username and changes when a person is renamed. To keep people together add, "
  "before "
  "the first sign-in, the attribute statement id = user.getInternalProperty(\"id\") and set Subject=id.",
  "Okta takes no ACS URL with an underscore in it: choose a name for [idp/NAME] without one.",
  "New applications sign with SHA-256; an application made years ago may have a SHA-1 certificate, which "
  "does no harm, "
  "and sign with SHA-1, which is refused: set Signature Algorithm as above.",
  "If NameIdFormat= is set it must be the Name ID format of the application, or Okta refuses the request.",
  "ForceAuthn= has an effect only if \"Honor Force Authentication\" is on in the application's advanced "
  "settings.",
  "A new signing certificate replaces the old one in the metadata at once. The first answer signed with it "
  "makes this "
  "server read the metadata again; that person tries once more.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "App Not Assigned",
    "Assign the application to the person or to a group they are in, under Assignments." },
  { "not assigned this app",
    "Assign the application to the person or to a group they are in, under Assignments." },
  { NULL, NULL },
};

static const char *
find_org_problem (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL); /* the key's type has checked it */
  const char *path = uri != NULL ? g_uri_get_path (uri) : "?";

  if (*path != '\0' && strcmp (path, "/") != 0)
    return "OrgUrl must end behind the host name";
  if (strstr (g_uri_get_host (uri), "-admin.okta") != NULL)
    return "OrgUrl is the address of the admin console; leave \"-admin\" out";
  return NULL;
}

static const char *
find_app_problem (const char *id)
{
  if (g_str_has_prefix (id, "0oa"))
    return "AppId is the id from the admin console's address; take the one that begins with exk, from the "
           "metadata URL on the tab Sign On";
  if (!g_str_has_prefix (id, "exk") || id[strspn (id, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS)] != '\0')
    return "AppId must be letters and digits and begin with exk";
  return NULL;
}

static bool
derive_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  const char *org = door_settings_get_string (settings, "OrgUrl");
  const char *app = door_settings_get_string (settings, "AppId");
  const char *problem = org != NULL ? find_org_problem (org) : NULL;

  if (problem == NULL && app != NULL)
    problem = find_app_problem (app);
  return problem == NULL || door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "%s", problem);
}

static const DoorIdpValue oidc_values[] = {
  { "Sign-in method", "OIDC - OpenID Connect" },
  { "Application type", "Web Application" },
  { "Grant type", "Authorization Code" },
  { "Sign-in redirect URIs", "{acs}" },
  { "Client authentication", "Client secret" },
  { "Require PKCE as additional verification", "checked" },
  { "Groups claim filter (organisation's own authorization server)", "groups, Matches regex, .*" },
  { NULL, NULL },
};

static const char *const oidc_notes[] = {
  "With ClientAuth=private_key_jwt set ClientAudience=token-endpoint, and give the application the address "
  "of "
  "this server's keys, /oidc/NAME/jwks.json. LivenessCheck= needs the grant type Refresh Token.",
  "Assign the application to the people or groups who may enroll.",
  "Give the application an authentication policy without Okta FastPass: FastPass cannot finish in Setup "
  "Assistant.",
  "The organisation's own authorization server sends groups only with the scope groups: add it to Scopes=. A "
  "custom one "
  "needs a claim of the name groups, in the ID token.",
  "An e-mail address comes with the ID token of the organisation's own server only when no access token is "
  "asked for: "
  "set UserInfo=true.",
  "The subject is the id of the user and stays when a person is renamed.",
  NULL,
};

static const DoorIdpErrorText oidc_errors[] = {
  { "User is not assigned to the client application",
    "Assign the application to the person or to a group they are in, under Assignments." },
  { "Policy evaluation failed",
    "An access policy of the custom authorization server must allow this client and the scopes in Scopes=." },
  { "One or more scopes are not configured", "The authorization server does not have a scope of Scopes=: the "
                                             "organisation's own knows groups, a custom one only "
                                             "if it was added." },
  { NULL, NULL },
};

static bool
derive_oidc_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  const char *org = door_settings_get_string (settings, "OrgUrl");
  const char *server = door_settings_get_string (settings, "AuthServer");
  const char *problem = org != NULL ? find_org_problem (org) : NULL;
  g_autofree char *issuer = NULL, *base = NULL;

  if (server != NULL && server[strspn (server, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_")] != '\0')
    problem = "AuthServer must be the id alone: letters, digits, - and _";
  if (problem != NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "%s", problem);
  if (!door_settings_check_needs (settings, "AuthServer", "OrgUrl", error))
    return false;
  if (org == NULL)
    return true;
  base = g_strdup (org);
  if (g_str_has_suffix (base, "/"))
    base[strlen (base) - 1] = '\0';
  issuer = server != NULL ? g_strconcat (base, "/oauth2/", server, NULL) : g_strdup (base);
  return door_idp_profile_set_issuer (profile, issuer, error);
}

static const DoorIdpOidcKind oidc = {
  .preset = {
    .title = "Okta",
    .where = "Applications › Applications › Create App Integration › OIDC, Web Application",
    .values = oidc_values,
    .metadata = "set OrgUrl=, ClientId= and ClientSecret=, and AuthServer= for a custom authorization server",
    .notes = oidc_notes,
    .errors = oidc_errors,
  },
  .claims = {
    DOOR_CLAIM_DEFAULTS_OIDC,
    .user_name = "preferred_username;email;NameID",
    .groups = "groups",
  },
  .derive_profile = derive_oidc_profile,
};

static const DoorIdpKind kind = {
  .type_name = "DoorOktaIdp",
  .preset = {
    .title = "Okta",
    .where = "Applications › Applications › Create App Integration › SAML 2.0",
    .values = values,
    .metadata = "copy the Metadata URL of the tab Sign On to MetadataUrl=, or set OrgUrl= and AppId=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .user_name = "login;username;NameID",
    .email = MAIL,
    .full_name = "name;displayName;displayname;cn",
    .given_name = "firstName;givenName;user.firstName",
    .family_name = "lastName;surname;user.lastName",
    .department = "department",
    .managed_account = MAIL,
    .groups = "groups",
  },
  .metadata_template = "{OrgUrl}/app/{AppId}/sso/saml/metadata",
  .derive_profile = derive_profile,
  .oidc = &oidc,
};

/**
 * door_okta_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_okta_idp_get_keys (void)
{
  return keys;
}

/**
 * door_okta_idp_get_type:
 *
 * Okta: the metadata's address from two keys, and the attribute names its preset proposes.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_okta_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

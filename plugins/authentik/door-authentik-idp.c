/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-authentik-idp.h"

#include <string.h>

#define WS_CLAIM "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
#define OWN_CLAIM "http://schemas.goauthentik.io/2021/02/saml/"

static const DoorKey keys[] = {
  { "Url", DOOR_KEY_URL, DOOR_KEY_FLAG_NONE, NULL, NULL,
    "Address of authentik, https://auth.example.com. With Application it gives the address of the "
    "metadata." },
  { "Application", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL, "Slug of the application in authentik." },
  { NULL },
};

static const DoorIdpValue values[] = {
  { "ACS URL", "{acs}" },
  { "Issuer", "an address of your own such as https://auth.example.com/doorward, or what is proposed" },
  { "Service Provider Binding", "Post" },
  { "Audience", "{entity-id}" },
  { "Signing Certificate", "choose one" },
  { "Sign assertions", "on" },
  { "Sign responses", "on" },
  { "Verification Certificate", "leave empty, or that of doorctl idp sp-metadata NAME" },
  { "Encryption Certificate", "leave empty" },
  { "Property mappings", "all that are selected at first; User ID must be among them" },
  { "NameID Property Mapping", "authentik default SAML Mapping: Email" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "The audience is empty at first. An answer without an audience is meant for everybody and is refused.",
  "With the binding Redirect authentik sends the answer in an address instead of a form, which cannot work.",
  "Nothing is signed until a signing certificate is chosen. RSA and ECDSA do, with SHA-256 or more; DSA and "
  "SHA-1 are "
  "refused.",
  "People are recognised by the User ID mapping, because an e-mail address can be changed, perhaps by its "
  "owner.",
  "Keep \"Allow users to change email\" off in the system settings: the address is the Managed Apple "
  "Account.",
  "Bind the application to the groups who may enroll; without a binding everybody may.",
  "Old releases call every issuer \"authentik\". It is compared as it is, so it works, but give each "
  "provider one of its "
  "own: two of one name cannot be told apart.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { "doesn't match Provider ACS URL",
    "The ACS URL of the provider is not the one of this server: copy it once more." },
  { "request is not signed", "Requests are not signed here: set SignRequests=true, or remove the "
                             "verification certificate from the provider." },
  { "unsupported format", "Set NameIdFormat=none." },
  { NULL, NULL },
};

/* The address may have a path: authentik can live under one (its setting AUTHENTIK_WEB__PATH). */
static bool
derive_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  const char *base = door_settings_get_string (settings, "Url");
  const char *slug = door_settings_get_string (settings, "Application");

  if (base != NULL && strstr (base, "/application/") != NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "Url must be the address of authentik alone; the application goes to Application");
  if (slug != NULL && slug[strspn (slug, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_")] != '\0')
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "Application must be a slug: letters, digits, - and _");
  return true;
}

static const DoorIdpValue oidc_values[] = {
  { "Redirect URIs/Origins", "Strict, {acs}" },
  { "Client type", "Confidential" },
  { "Signing Key", "choose one, or tokens are signed with the client secret and refused" },
  { "Encryption Key", "leave empty" },
  { "Scopes", "openid, email and profile, as proposed" },
  { "Subject mode", "Based on the User's hashed ID" },
  { "Include claims in id_token", "on" },
  { "Issuer mode", "Each provider has a different issuer" },
  { NULL, NULL },
};

static const char *const oidc_notes[] = {
  "The issuer ends with a slash: https://auth.example.com/application/o/SLUG/.",
  "Without a signing key authentik signs with the client secret (HS256), which is refused.",
  "Releases since 2025.10 call every e-mail address unverified, and such an address is not used: let an own "
  "scope "
  "mapping of the scope email say email_verified = True, if nobody can change their address.",
  "Groups come with the scope profile, by name.",
  "Bind the application to the groups who may enroll; without a binding everybody may.",
  NULL,
};

static const DoorIdpErrorText oidc_errors[] = {
  { "redirect_uri", "The redirect URI of the provider is not the one of this server: copy it once more." },
  { NULL, NULL },
};

static bool
derive_oidc_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  const char *base = door_settings_get_string (settings, "Url");
  const char *slug = door_settings_get_string (settings, "Application");
  g_autofree char *issuer = NULL;

  if (!derive_profile (settings, profile, error) ||
      !door_settings_check_needs (settings, "Application", "Url", error) ||
      !door_settings_check_needs (settings, "Url", "Application", error))
    return false;
  if (base == NULL)
    return true;
  issuer = g_strdup_printf ("%s%sapplication/o/%s/", base, g_str_has_suffix (base, "/") ? "" : "/", slug);
  return door_idp_profile_set_issuer (profile, issuer, error);
}

static const DoorIdpOidcKind oidc = {
  .preset = {
    .title = "authentik",
    .where = "Applications › Applications › Create with Provider › OAuth2/OpenID Provider",
    .values = oidc_values,
    .metadata = "set Url=, Application=, ClientId= and ClientSecret=",
    .notes = oidc_notes,
    .errors = oidc_errors,
  },
  .claims = {
    DOOR_CLAIM_DEFAULTS_OIDC,
    .user_name = "preferred_username;nickname;email",
    .groups = "groups",
  },
  .derive_profile = derive_oidc_profile,
};

static const DoorIdpKind kind = {
  .type_name = "DoorAuthentikIdp",
  .preset = {
    .title = "authentik",
    .where = "Applications › Applications › Create with Provider › SAML Provider",
    .values = values,
    .metadata = "copy the metadata URL of the provider to MetadataUrl=, or set Url= and Application=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    .subject = OWN_CLAIM "uid",
    .user_name = OWN_CLAIM "username;" WS_CLAIM "upn;NameID",
    .email = WS_CLAIM "emailaddress",
    .full_name = WS_CLAIM "name",
    .given_name = "givenName",
    .family_name = "sn",
    .department = "department",
    .managed_account = WS_CLAIM "emailaddress",
    .groups = "http://schemas.xmlsoap.org/claims/Group",
  },
  .metadata_template = "{Url}/application/saml/{Application}/metadata/",
  .derive_profile = derive_profile,
  .oidc = &oidc,
};

/**
 * door_authentik_idp_get_keys:
 *
 * Returns: (transfer none) (array zero-terminated=1): the keys that only this provider has
 */
const DoorKey *
door_authentik_idp_get_keys (void)
{
  return keys;
}

/**
 * door_authentik_idp_get_type:
 *
 * authentik: the metadata's address from two keys, people recognised by its user id.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_authentik_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

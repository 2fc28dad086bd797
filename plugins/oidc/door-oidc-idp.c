/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-idp.h"

static const DoorIdpValue values[] = {
  { "Redirect URI, callback URL", "{acs}" },
  { "Grant type, flow", "authorization code" },
  { "Client authentication", "client secret, by Basic or in the body" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Issuer= must be what the discovery document calls itself, byte by byte: mind a slash at the end.",
  "Sign ID tokens with RS256, ES256, PS256, EdDSA or a longer one of their kind; never with the client "
  "secret, and do "
  "not encrypt them.",
  "The subject (sub) is what people are recognised by. It must stay with a person; if it does not, let "
  "Subject= name a "
  "claim that does.",
  "An e-mail address that the provider calls unverified (email_verified is false) is not used.",
  "If e-mail address, name or groups are missing from the ID token, set UserInfo=true or add a scope to "
  "Scopes=.",
  "LivenessCheck= asks for a refresh token: allow the client that grant and the scope offline_access.",
  "With ClientAuth=private_key_jwt the provider reads this server's key at the address of the redirect URI "
  "with "
  "jwks.json in the place of callback.",
  "ForceAuthn= demands that the provider puts auth_time into the ID token.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { NULL, NULL },
};

/* without consent the scope for it must be ignored (OpenID Connect Core 11) */
static const char *const offline_params[] = { "prompt", "consent", NULL };

static const DoorIdpOidcKind oidc = {
  .preset = {
    .title = "OpenID Connect",
    .where = "the settings of a new confidential client, a web application",
    .values = values,
    .metadata = "set Issuer=, ClientId= and ClientSecret=",
    .notes = notes,
    .errors = errors,
  },
  .claims = {
    DOOR_CLAIM_DEFAULTS_OIDC,
    .user_name = "preferred_username;email;NameID",
    .groups = "groups;roles",
  },
  .offline_params = offline_params,
};

static const DoorIdpKind kind = {
  .type_name = "DoorOidcIdp",
  .oidc = &oidc,
};

/**
 * door_oidc_idp_get_type:
 *
 * Any provider of OpenID Connect: the standard's own claims, nothing checked beyond the protocol.
 *
 * Returns: a class that implements #DoorIdp
 */
GType
door_oidc_idp_get_type (void)
{
  return door_idp_kind_ensure_type (&kind);
}

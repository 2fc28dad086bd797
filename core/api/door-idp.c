/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-idp.h"

#include <string.h>

#include "door-contract.h"
#include "door-error.h"

G_DEFINE_INTERFACE (DoorIdp, door_idp, G_TYPE_OBJECT)

static void
door_idp_default_init (DoorIdpInterface *iface)
{
}

/* Nobody above asks for a text or a profile whether it is there. */
static bool
check_complete (DoorIdp *self, GError **error)
{
  DoorIdpInterface *iface = DOOR_IDP_GET_IFACE (self);
  const DoorIdpPreset *preset = iface->get_preset (self);
  g_autoptr (DoorIdpProfile) profile = iface->dup_profile (self);

  if (profile != NULL && preset != NULL && preset->title != NULL && preset->where != NULL &&
      preset->values != NULL && preset->metadata != NULL && preset->notes != NULL && preset->errors != NULL)
    return true;
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                  "%s has %s; its author must correct the plugin", G_OBJECT_TYPE_NAME (self),
                  profile == NULL ? "no profile" : "an incomplete preset");
  return false;
}

/**
 * door_idp_configure:
 * @self: an identity provider
 * @settings: its group of the configuration
 * @error: return location for an error
 *
 * Reads and checks the configuration, and that the implementation is complete. No I/O. Called once, before
 * any other function.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG naming the key
 */
gboolean
door_idp_configure (DoorIdp *self, DoorSettings *settings, GError **error)
{
  GError *from = NULL;
  gboolean success;

  g_return_val_if_fail (DOOR_IS_IDP (self), FALSE);
  success = DOOR_IDP_GET_IFACE (self)->configure (self, settings, &from);
  return door_contract_check ("DoorIdp.configure", success && from == NULL, from, error) &&
         check_complete (self, error);
}

/**
 * door_idp_dup_profile:
 * @self: an identity provider
 *
 * Gets what the protocol engine must know of this provider. Never blocks; any thread.
 *
 * Returns: (transfer full): what the protocol engine must know
 */
DoorIdpProfile *
door_idp_dup_profile (DoorIdp *self)
{
  g_return_val_if_fail (DOOR_IS_IDP (self), NULL);
  return DOOR_IDP_GET_IFACE (self)->dup_profile (self);
}

/**
 * door_idp_map_claims:
 * @self: an identity provider
 * @claims: claims that the engine has verified
 * @error: return location for an error
 *
 * Turns the provider's claims into an identity. Pure; any thread.
 *
 * Returns: (transfer full): the identity, or %NULL with %DOOR_ERROR_NOT_ALLOWED
 */
DoorIdentity *
door_idp_map_claims (DoorIdp *self, const DoorClaims *claims, GError **error)
{
  DoorIdentity *identity;
  GError *from = NULL;

  g_return_val_if_fail (DOOR_IS_IDP (self), NULL);
  identity = DOOR_IDP_GET_IFACE (self)->map_claims (self, claims, &from);
  /* who is refused is refused, whatever else was returned */
  if (from != NULL)
    g_clear_pointer (&identity, door_identity_unref);
  return door_contract_check ("DoorIdp.map_claims", identity != NULL, from, error) ? identity : NULL;
}

/**
 * door_idp_get_preset:
 * @self: an identity provider
 *
 * Gets constant texts about this kind of provider. Never blocks; any thread.
 *
 * Returns: (transfer none): the provider's own words for what an administrator must do
 */
const DoorIdpPreset *
door_idp_get_preset (DoorIdp *self)
{
  g_return_val_if_fail (DOOR_IS_IDP (self), NULL);
  return DOOR_IDP_GET_IFACE (self)->get_preset (self);
}

/**
 * door_idp_dup_access:
 * @self: an identity provider
 *
 * Gets how the provider's own API is asked, for what claims could not carry. Never blocks; any thread.
 *
 * Returns: (transfer full) (nullable): how; %NULL when it is not asked
 */
DoorFetcherAccess *
door_idp_dup_access (DoorIdp *self)
{
  const DoorIdpInterface *iface;

  g_return_val_if_fail (DOOR_IS_IDP (self), NULL);
  iface = DOOR_IDP_GET_IFACE (self);
  return iface->dup_access != NULL && iface->fetch_groups != NULL ? iface->dup_access (self) : NULL;
}

/**
 * door_idp_fetch_groups:
 * @self: an identity provider that has an access
 * @identity: whose groups
 * @fetcher: asks the provider
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Asks the provider for all groups of a person, where its claims did not have them. Blocking; any thread that
 * may wait for the network.
 *
 * Returns: (transfer full) (array zero-terminated=1): names or ids, as claims have them, or %NULL with an
 * error
 */
char **
door_idp_fetch_groups (DoorIdp *self, const DoorIdentity *identity, DoorFetcher *fetcher,
                       GCancellable *cancellable, GError **error)
{
  char **groups;
  GError *from = NULL;

  g_return_val_if_fail (DOOR_IS_IDP (self), NULL);
  groups = DOOR_IDP_GET_IFACE (self)->fetch_groups (self, identity, fetcher, cancellable, &from);
  if (from != NULL)
    g_clear_pointer (&groups, g_strfreev);
  return door_contract_check ("DoorIdp.fetch_groups", groups != NULL, from, error) ? groups : NULL;
}

/* Second-level status codes (SAML core 3.2.2.2); every provider may send them. */
static const DoorIdpErrorText status_codes[] = {
  { "status:AuthnFailed", "The provider could not sign the person in. Its own log says why." },
  { "status:InvalidNameIDPolicy",
    "The provider cannot send the NameID in the form asked for: set NameIdFormat=none, "
    "or the form its application is set to." },
  { "status:NoAuthnContext",
    "The provider has a rule about how people must sign in to this application; relax it." },
  { "status:NoPassive",
    "The provider wanted to show a page and was not allowed to. Check its sign-on rules." },
  { "status:RequestDenied",
    "The provider does not let this person use the application: assign it to them or to a "
    "group they are in." },
  { "status:RequestUnsupported",
    "The provider does not serve such requests: check that the application is a SAML 2.0 "
    "one and is enabled." },
  { "status:UnknownPrincipal",
    "The provider does not know the person: create or synchronise the account there." },
  { "status:UnsupportedBinding",
    "The provider cannot answer by HTTP-POST: register the ACS address with that "
    "binding." },
  { NULL, NULL },
};

static const char *
find_text (const DoorIdpErrorText *texts, const char *message)
{
  for (; texts->needle != NULL; texts++)
    if (strstr (message, texts->needle) != NULL)
      return texts->fix;
  return NULL;
}

/**
 * door_idp_explain_status:
 * @self: an identity provider
 * @message: what the provider said: its status codes and message, or its own error page
 *
 * Looks for the provider's own errors first, then for the status codes of the standard (SAML core 3.2.2.2).
 *
 * Returns: (transfer none) (nullable): what the administrator should do, when the message is known
 */
const char *
door_idp_explain_status (DoorIdp *self, const char *message)
{
  const char *fix = find_text (door_idp_get_preset (self)->errors, message);

  return fix != NULL ? fix : find_text (status_codes, message);
}

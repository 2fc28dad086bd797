/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-idp.h"

#include <string.h>

G_DEFINE_INTERFACE (DoorIdp, door_idp, G_TYPE_OBJECT)

static void
door_idp_default_init (DoorIdpInterface *iface)
{
}

/**
 * door_idp_configure:
 * @self: an identity provider
 * @settings: its group of the configuration
 * @error: return location for an error
 *
 * Reads and checks the configuration. No I/O. Called once, before any other function.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG naming the key
 */
gboolean
door_idp_configure (DoorIdp *self, DoorSettings *settings, GError **error)
{
  g_return_val_if_fail (DOOR_IS_IDP (self), FALSE);
  return DOOR_IDP_GET_IFACE (self)->configure (self, settings, error);
}

/**
 * door_idp_dup_profile:
 * @self: an identity provider
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
  GError *local = NULL;

  g_return_val_if_fail (DOOR_IS_IDP (self), NULL);
  identity = DOOR_IDP_GET_IFACE (self)->map_claims (self, claims, &local);
  g_return_val_if_fail ((identity == NULL) == (local != NULL), NULL);
  if (local != NULL)
    g_propagate_error (error, local);
  return identity;
}

/**
 * door_idp_get_preset:
 * @self: an identity provider
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
 * door_idp_explain_status:
 * @self: an identity provider
 * @message: the provider's status message
 *
 * Returns: (transfer none) (nullable): what the administrator should do, when the provider's adapter
 *   knows the message
 */
const char *
door_idp_explain_status (DoorIdp *self, const char *message)
{
  const DoorIdpPreset *preset = door_idp_get_preset (self);

  for (const DoorIdpErrorText *text = preset->errors; text->needle != NULL; text++)
    if (strstr (message, text->needle) != NULL)
      return text->fix;
  return NULL;
}

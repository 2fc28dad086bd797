/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connection-addresses.h"

#include "door-paths.h"

/**
 * door_connection_addresses_build:
 * @of: a connection, which may exist or not
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): its addresses; clear them
 */
DoorConnectionAddresses
door_connection_addresses_build (const DoorConnectionName *of)
{
  const char *url = of->external_url, *name = of->name;
  DoorConnectionAddresses self = { NULL };

  self.entity_id = of->entity_id != NULL ? g_strdup (of->entity_id) : door_paths_dup_entity_id (url, name);
  if (of->protocol == DOOR_PROTOCOL_OIDC)
    {
      self.acs_url = g_strdup_printf ("%s" DOOR_PATH_OIDC_CALLBACK ("%s"), url, name);
      self.start_url = g_strdup_printf ("%s" DOOR_PATH_OIDC_START ("%s"), url, name);
      self.logout_url = g_strdup_printf ("%s" DOOR_PATH_OIDC_LOGOUT ("%s"), url, name);
    }
  else
    {
      self.acs_url = g_strdup_printf ("%s" DOOR_PATH_ACS ("%s"), url, name);
      self.start_url = g_strdup_printf ("%s" DOOR_PATH_START ("%s"), url, name);
      self.metadata_url = g_strdup_printf ("%s" DOOR_PATH_SP_METADATA ("%s"), url, name);
      self.logout_url = g_strdup_printf ("%s" DOOR_PATH_SLO ("%s"), url, name);
    }
  return self;
}

/**
 * door_connection_addresses_clear:
 * @self: addresses
 */
void
door_connection_addresses_clear (DoorConnectionAddresses *self)
{
  g_clear_pointer (&self->entity_id, g_free);
  g_clear_pointer (&self->acs_url, g_free);
  g_clear_pointer (&self->start_url, g_free);
  g_clear_pointer (&self->metadata_url, g_free);
  g_clear_pointer (&self->logout_url, g_free);
}

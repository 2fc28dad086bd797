/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-ctl-world.h"
#include "door-idp-kind.h"

/**
 * DoorCtlPreset:
 * @entry: the implementation
 * @idp: an object of it, not configured
 * @protocol: how it is spoken with
 * @preset: its texts
 *
 * A kind of identity provider, whether it is in use or not.
 */
typedef struct
{
  const DoorPluginEntry *entry;
  DoorIdp *idp;
  DoorProtocol protocol;
  const DoorIdpPreset *preset;
} DoorCtlPreset;

/**
 * DoorCtlAddresses:
 * @acs_url: where answers come to: ACS address or callback
 * @entity_id: our entity id
 *
 * What of this server goes into a provider's form.
 */
typedef struct
{
  char *acs_url;
  char *entity_id;
} DoorCtlAddresses;

bool door_ctl_preset_load (DoorCtlPreset *self, const DoorCtlWorld *world, const char *name,
                           const char *protocol, GError **error);
void door_ctl_preset_clear (DoorCtlPreset *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorCtlPreset, door_ctl_preset_clear)

DoorCtlAddresses door_ctl_addresses_of_name (const DoorCtlWorld *world, const char *name,
                                             DoorProtocol protocol);
DoorCtlAddresses door_ctl_addresses_of_connection (const DoorConnection *connection);
void door_ctl_addresses_clear (DoorCtlAddresses *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorCtlAddresses, door_ctl_addresses_clear)

JsonArray *door_ctl_preset_show_values (const DoorIdpPreset *preset, const DoorCtlAddresses *addresses,
                                        bool json);
JsonArray *door_ctl_preset_show_notes (const DoorIdpPreset *preset, bool json);
JsonObject *door_ctl_preset_show (const DoorCtlPreset *self, const DoorCtlAddresses *addresses, bool json);

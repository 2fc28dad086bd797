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

bool door_ctl_preset_load (DoorCtlPreset *self, const DoorCtlWorld *world, const char *name,
                           const char *protocol, GError **error);
void door_ctl_preset_clear (DoorCtlPreset *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorCtlPreset, door_ctl_preset_clear)

DoorConnectionAddresses door_ctl_addresses_of_name (const DoorCtlWorld *world, const char *name,
                                                    DoorProtocol protocol);

JsonArray *door_ctl_preset_show_values (const DoorIdpPreset *preset, const DoorConnectionAddresses *addresses,
                                        bool json);
JsonArray *door_ctl_preset_show_notes (const DoorIdpPreset *preset, bool json);
JsonObject *door_ctl_preset_show_forward (const DoorSettings *settings, bool json);
JsonObject *door_ctl_preset_show (const DoorCtlPreset *self, const DoorConnectionAddresses *addresses,
                                  bool json);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/**
 * DoorDiscovery:
 * @base_url: where the device enrolls
 * @whole_device: whether it is managed as a whole then
 *
 * Where and how a device enrolls. All 0 at first.
 */
typedef struct
{
  char *base_url;
  bool whole_device;
} DoorDiscovery;

void door_discovery_clear (DoorDiscovery *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorDiscovery, door_discovery_clear)

bool door_discovery_find (const DoorContext *context, const char *user_identifier, const char *model_family,
                          DoorDiscovery *out, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"

/**
 * DoorDepRules:
 * @name: name of the server
 * @usable: false when its group is wrong: then nothing is done with the server
 * @sync_interval_ms: how often Apple is asked
 * @profile_path: (nullable): file with what the administrator wants in profiles
 * @server_url: (nullable): service to ask in place of Apple's, in development mode
 * @service_discovery: whether Apple is told where accounts find us
 *
 * What `[ade/NAME]` says.
 */
typedef struct
{
  char *name;
  bool usable;
  int64_t sync_interval_ms;
  char *profile_path;
  char *server_url;
  bool service_discovery;
  DoorSettings *settings;
} DoorDepRules;

DoorDepRules *door_dep_rules_new (const char *name, const DoorSettings *settings);
void door_dep_rules_free (DoorDepRules *self);
GBytes *door_dep_rules_read_profile (const char *path, GError **error);
const char *door_dep_rules_choose_team (const DoorDepRules *self, const char *family);

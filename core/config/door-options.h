/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"

/**
 * DoorOptionGroup:
 * @name: "sign-in", or "idp" for `[idp/NAME]`
 * @has_instances: the group is written `[name/INSTANCE]`; an error in one disables only that one
 * @keys: its own keys
 * @base: (nullable): name of the group whose keys it may override, "enrollment"
 * @plugin_kind: (nullable): "idp", "directory" or "storage" when a plugin brings more keys
 * @plugin_key: (nullable): the key whose value names the plugin's implementation, "Type"
 * @text: one sentence for the manual
 * @may_be_object: it may be kept in the database instead of a file
 *
 * One group of the configuration file.
 */
typedef struct
{
  const char *name;
  bool has_instances;
  const DoorKey *keys;
  const char *base;
  const char *plugin_kind;
  const char *plugin_key;
  const char *text;
  bool may_be_object;
} DoorOptionGroup;

const DoorOptionGroup *door_options_list (void);
const DoorOptionGroup *door_options_lookup (const char *name);
const DoorKey *door_options_lookup_key (const DoorKey *const *tables, const char *name);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-plugin.h"

/**
 * DoorPluginEntry:
 * @kind: "idp", "directory" or "storage"
 * @name: the Type or Driver of the configuration
 * @type: the implementation
 * @keys: the keys it adds to its group, maybe none
 * @plugin: the plugin that brought it
 *
 * One implementation of one interface.
 */
typedef struct
{
  char *kind;
  char *name;
  GType type;
  const DoorKey *keys;
  char *plugin;
} DoorPluginEntry;

DoorPluginRegistry *door_plugin_registry_new (void);
DoorPluginRegistry *door_plugin_registry_ref (DoorPluginRegistry *self);
void door_plugin_registry_unref (DoorPluginRegistry *self);
const DoorPluginEntry *door_plugin_registry_lookup (const DoorPluginRegistry *self, const char *kind,
                                                    const char *name);
gpointer door_plugin_registry_make (const DoorPluginRegistry *self, const char *kind, const char *name,
                                    GError **error);
const DoorKey *door_plugin_registry_keys_cb (const char *kind, const char *name, gpointer registry);
const GPtrArray *door_plugin_registry_list (const DoorPluginRegistry *self);

/* For the loader. */
void door_plugin_registry_begin (DoorPluginRegistry *self, const char *plugin);
unsigned int door_plugin_registry_end (DoorPluginRegistry *self, bool keep);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPluginRegistry, door_plugin_registry_unref)

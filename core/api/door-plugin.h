/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"
#include "door-types.h"
#include "door-version.h"

/**
 * DoorPluginDescriptor:
 * @abi: %DOOR_PLUGIN_ABI when the plugin was compiled
 * @size: sizeof (DoorPluginDescriptor), ditto
 * @name: equals the folder name and the middle part of the file name
 * @register_types: names the implementations
 *
 * The one symbol a plugin exports, `door_plugin`. It is data, so that a wrong ABI is seen before
 * any function of the plugin runs.
 */
typedef struct
{
  unsigned int abi;
  size_t size;
  const char *name;
  gboolean (*register_types) (DoorPluginRegistry *registry, GError **error);
} DoorPluginDescriptor;

/**
 * DOOR_DEFINE_PLUGIN:
 * @plugin_name: the name of the plugin, as text
 * @register_types_func: the function that names the implementations
 *
 * Exports the descriptor of a plugin. Stands once, in one file of each plugin.
 */
#define DOOR_DEFINE_PLUGIN(plugin_name, register_types_func)                                                 \
  extern __attribute__ ((visibility ("default"))) const DoorPluginDescriptor door_plugin;                    \
  const DoorPluginDescriptor door_plugin = { DOOR_PLUGIN_ABI, sizeof (DoorPluginDescriptor), plugin_name,    \
                                             register_types_func }

gboolean door_plugin_registry_add (DoorPluginRegistry *self, GType iface, const char *name, GType type,
                                   const DoorKey *keys, GError **error);

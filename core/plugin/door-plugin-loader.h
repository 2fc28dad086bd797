/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-plugin-registry.h"

/**
 * DoorPluginInfo:
 * @name: as in `[plugins] Load`
 * @path: (nullable): the file that was tried; %NULL when there are two
 * @abi: what its descriptor says, 0 when it was not read
 * @reason: (nullable): why it is not loaded; %NULL when it is
 *
 * What became of one plugin.
 */
typedef struct
{
  char *name;
  char *path;
  unsigned int abi;
  char *reason;
} DoorPluginInfo;

typedef struct _DoorPluginLoader DoorPluginLoader;

DoorPluginLoader *door_plugin_loader_new (DoorPluginRegistry *registry, const char *folder, bool development);
void door_plugin_loader_free (DoorPluginLoader *self);
gboolean door_plugin_loader_load (DoorPluginLoader *self, const char *name, GError **error);
gboolean door_plugin_loader_load_all (DoorPluginLoader *self, const char *const *names, GError **error);
GPtrArray *door_plugin_loader_list_installed (const DoorPluginLoader *self);
char *door_plugin_loader_dup_path (const DoorPluginLoader *self, const char *name);
const GPtrArray *door_plugin_loader_list (const DoorPluginLoader *self);
const char *door_plugin_loader_get_folder (const DoorPluginLoader *self);
const char *door_plugin_loader_get_system_folder (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPluginLoader, door_plugin_loader_free)

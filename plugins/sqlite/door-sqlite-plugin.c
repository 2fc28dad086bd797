/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-plugin.h"
#include "door-sqlite-storage.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_STORAGE, "sqlite", DOOR_TYPE_SQLITE_STORAGE,
                                   door_sqlite_storage_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("sqlite", register_types);

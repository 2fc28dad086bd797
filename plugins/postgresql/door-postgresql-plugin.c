/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-plugin.h"
#include "door-postgresql-storage.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_STORAGE, "postgresql", DOOR_TYPE_POSTGRESQL_STORAGE,
                                   door_postgresql_storage_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("postgresql", register_types);

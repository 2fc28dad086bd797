/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-adfs-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "adfs", DOOR_TYPE_ADFS_IDP,
                                   door_adfs_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("adfs", register_types);

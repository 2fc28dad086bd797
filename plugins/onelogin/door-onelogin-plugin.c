/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-onelogin-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "onelogin", DOOR_TYPE_ONELOGIN_IDP,
                                   door_onelogin_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("onelogin", register_types);

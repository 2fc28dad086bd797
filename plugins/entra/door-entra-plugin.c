/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-entra-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "entra", DOOR_TYPE_ENTRA_IDP,
                                   door_entra_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("entra", register_types);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jumpcloud-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "jumpcloud", DOOR_TYPE_JUMPCLOUD_IDP, NULL,
                                   error);
}

DOOR_DEFINE_PLUGIN ("jumpcloud", register_types);

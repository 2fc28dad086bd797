/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-authentik-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "authentik", DOOR_TYPE_AUTHENTIK_IDP,
                                   door_authentik_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("authentik", register_types);

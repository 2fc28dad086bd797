/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ping-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "ping", DOOR_TYPE_PING_IDP,
                                   door_ping_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("ping", register_types);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-keycloak-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "keycloak", DOOR_TYPE_KEYCLOAK_IDP,
                                   door_keycloak_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("keycloak", register_types);

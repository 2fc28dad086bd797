/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-okta-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "okta", DOOR_TYPE_OKTA_IDP,
                                   door_okta_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("okta", register_types);

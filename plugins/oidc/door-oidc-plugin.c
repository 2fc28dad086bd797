/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "oidc", DOOR_TYPE_OIDC_IDP, NULL, error);
}

DOOR_DEFINE_PLUGIN ("oidc", register_types);

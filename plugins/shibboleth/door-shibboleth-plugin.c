/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-shibboleth-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "shibboleth", DOOR_TYPE_SHIBBOLETH_IDP, NULL,
                                   error);
}

DOOR_DEFINE_PLUGIN ("shibboleth", register_types);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-google-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "google", DOOR_TYPE_GOOGLE_IDP,
                                   door_google_idp_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("google", register_types);

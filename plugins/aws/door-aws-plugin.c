/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-aws-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "aws", DOOR_TYPE_AWS_IDP, NULL, error);
}

DOOR_DEFINE_PLUGIN ("aws", register_types);

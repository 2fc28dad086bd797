/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-idp.h"

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "saml", DOOR_TYPE_SAML_IDP, NULL, error);
}

DOOR_DEFINE_PLUGIN ("saml", register_types);

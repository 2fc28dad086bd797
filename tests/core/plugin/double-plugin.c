/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin as it should be: one identity provider and one directory that do next to nothing. */
#include "door-error.h"
#include "door-plugin.h"

#include "test-interfaces.h"

typedef struct
{
  GObject parent;
} DoubleIdp;
typedef GObjectClass DoubleIdpClass;

typedef struct
{
  GObject parent;
} DoubleDirectory;
typedef GObjectClass DoubleDirectoryClass;

GType double_idp_get_type (void);
GType double_directory_get_type (void);

static gboolean
double_idp_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  if (door_settings_get_string (settings, "Tenant") != NULL)
    return TRUE;
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED, "Tenant is missing");
  return FALSE;
}

static DoorDirectoryMode
double_directory_get_mode (DoorDirectory *directory)
{
  return DOOR_DIRECTORY_MODE_PULL;
}

static void
idp_iface_init (gpointer iface, gpointer data)
{
  ((DoorIdpInterface *) iface)->configure = double_idp_configure;
}

static void
directory_iface_init (gpointer iface, gpointer data)
{
  ((DoorDirectoryInterface *) iface)->get_mode = double_directory_get_mode;
}

G_DEFINE_TYPE_WITH_CODE (DoubleIdp, double_idp, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (TEST_TYPE_IDP, idp_iface_init))
G_DEFINE_TYPE_WITH_CODE (DoubleDirectory, double_directory, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (TEST_TYPE_DIRECTORY, directory_iface_init))

static void
double_idp_init (DoubleIdp *self)
{
}

static void
double_idp_class_init (DoubleIdpClass *class)
{
}

static void
double_directory_init (DoubleDirectory *self)
{
}

static void
double_directory_class_init (DoubleDirectoryClass *class)
{
}

static const DoorKey idp_keys[] = {
  { "Tenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL, "The tenant." },
  { NULL },
};

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, TEST_TYPE_IDP, "double", double_idp_get_type (), idp_keys,
                                   error) &&
         door_plugin_registry_add (registry, TEST_TYPE_DIRECTORY, "double", double_directory_get_type (),
                                   NULL, error);
}

DOOR_DEFINE_PLUGIN ("double", register_types);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin as it should be: one identity provider and one directory that do next to nothing. */
#include <door.h>

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

static DoorIdpProfile *
double_idp_dup_profile (DoorIdp *idp)
{
  return NULL;
}

static DoorIdentity *
double_idp_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  return door_identity_new ("double", door_claims_get_subject (claims)->value);
}

static const DoorIdpPreset *
double_idp_get_preset (DoorIdp *idp)
{
  return NULL;
}

static gboolean
double_directory_configure (DoorDirectory *directory, DoorSettings *settings, GError **error)
{
  return TRUE;
}

static DoorDirectoryMode
double_directory_get_mode (DoorDirectory *directory)
{
  return DOOR_DIRECTORY_MODE_PULL;
}

static void
idp_iface_init (gpointer iface, gpointer data)
{
  DoorIdpInterface *idp = iface;

  idp->configure = double_idp_configure;
  idp->dup_profile = double_idp_dup_profile;
  idp->map_claims = double_idp_map_claims;
  idp->get_preset = double_idp_get_preset;
}

static void
directory_iface_init (gpointer iface, gpointer data)
{
  DoorDirectoryInterface *directory = iface;

  directory->configure = double_directory_configure;
  directory->get_mode = double_directory_get_mode;
}

G_DEFINE_TYPE_WITH_CODE (DoubleIdp, double_idp, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (DOOR_TYPE_IDP, idp_iface_init))
G_DEFINE_TYPE_WITH_CODE (DoubleDirectory, double_directory, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (DOOR_TYPE_DIRECTORY, directory_iface_init))

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
  DOOR_KEY_FORMER ("Customer", "Tenant"),
  { NULL },
};

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "double", double_idp_get_type (), idp_keys,
                                   error) &&
         door_plugin_registry_add (registry, DOOR_TYPE_DIRECTORY, "double", double_directory_get_type (),
                                   NULL, error);
}

DOOR_DEFINE_PLUGIN ("double", register_types);

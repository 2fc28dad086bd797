/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin that loads, with identity providers that break the contract later: each by the type it is asked
 * for. */
#include <string.h>

#include <door.h>

typedef struct
{
  GObject parent;
  DoorIdpProfile *profile;
} FaultyIdp;
typedef GObjectClass FaultyIdpClass;

GType faulty_idp_get_type (void);

static gboolean
faulty_idp_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  const char *type = door_settings_get_string (settings, "Type");

  if (strcmp (type, "faulty-configure") == 0)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "Realm is nowhere");
  if (strcmp (type, "faulty-silent") == 0)
    return FALSE;
  if (strcmp (type, "faulty-both") == 0)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "Realm is elsewhere");
  else if (strcmp (type, "faulty-profile") != 0)
    ((FaultyIdp *) idp)->profile = door_idp_profile_new (settings, error);
  return TRUE;
}

static DoorIdpProfile *
faulty_idp_dup_profile (DoorIdp *idp)
{
  FaultyIdp *self = (FaultyIdp *) idp;

  return self->profile != NULL ? door_idp_profile_ref (self->profile) : NULL;
}

static DoorIdentity *
faulty_idp_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  return NULL;
}

static const DoorIdpPreset *
faulty_idp_get_preset (DoorIdp *idp)
{
  static const DoorIdpValue values[] = { { NULL, NULL } };
  static const char *const notes[] = { NULL };
  static const DoorIdpErrorText errors[] = { { NULL, NULL } };
  static const DoorIdpPreset preset = { "Faulty", "nowhere", values, "never", notes, errors };

  return &preset;
}

static void
idp_iface_init (gpointer iface, gpointer data)
{
  DoorIdpInterface *idp = iface;

  idp->configure = faulty_idp_configure;
  idp->dup_profile = faulty_idp_dup_profile;
  idp->map_claims = faulty_idp_map_claims;
  idp->get_preset = faulty_idp_get_preset;
}

G_DEFINE_TYPE_WITH_CODE (FaultyIdp, faulty_idp, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (DOOR_TYPE_IDP, idp_iface_init))

static void
faulty_idp_init (FaultyIdp *self)
{
}

static void
faulty_idp_finalize (GObject *object)
{
  g_clear_pointer (&((FaultyIdp *) object)->profile, door_idp_profile_unref);
  G_OBJECT_CLASS (faulty_idp_parent_class)->finalize (object);
}

static void
faulty_idp_class_init (FaultyIdpClass *class)
{
  class->finalize = faulty_idp_finalize;
}

typedef struct
{
  GObject parent;
} FaultyDirectory;
typedef GObjectClass FaultyDirectoryClass;

GType faulty_directory_get_type (void);

static gboolean
faulty_directory_configure (DoorDirectory *directory, DoorSettings *settings, GError **error)
{
  return FALSE;
}

static DoorDirectoryMode
faulty_directory_get_mode (DoorDirectory *directory)
{
  return DOOR_DIRECTORY_MODE_PUSH;
}

static void
directory_iface_init (gpointer iface, gpointer data)
{
  DoorDirectoryInterface *directory = iface;

  directory->configure = faulty_directory_configure;
  directory->get_mode = faulty_directory_get_mode;
}

G_DEFINE_TYPE_WITH_CODE (FaultyDirectory, faulty_directory, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (DOOR_TYPE_DIRECTORY, directory_iface_init))

static void
faulty_directory_init (FaultyDirectory *self)
{
}

static void
faulty_directory_class_init (FaultyDirectoryClass *class)
{
}

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  static const char *const names[] = { "faulty-configure", "faulty-silent", "faulty-both", "faulty-profile",
                                       "faulty-claims" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (!door_plugin_registry_add (registry, DOOR_TYPE_IDP, names[i], faulty_idp_get_type (), NULL, error))
      return FALSE;
  return door_plugin_registry_add (registry, DOOR_TYPE_DIRECTORY, "faulty", faulty_directory_get_type (),
                                   NULL, error);
}

DOOR_DEFINE_PLUGIN ("faulty", register_types);

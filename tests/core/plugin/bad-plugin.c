/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Built once for each way in which a plugin can be wrong. */
#include <stdlib.h>

#include <door.h>

#ifdef BAD_ABSTRACT
#define BAD_TYPE_FLAGS G_TYPE_FLAG_ABSTRACT
#else
#define BAD_TYPE_FLAGS 0
#endif

#ifdef BAD_UNRESOLVED
void door_function_of_the_future (void);
#endif

static gboolean
bad_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  return TRUE;
}

static DoorIdpProfile *
bad_dup_profile (DoorIdp *idp)
{
  return NULL;
}

#ifndef BAD_FUNCTIONS
static DoorIdentity *
bad_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  return NULL;
}
#endif

static const DoorIdpPreset *
bad_get_preset (DoorIdp *idp)
{
  return NULL;
}

static void
bad_iface_init (gpointer iface, gpointer data)
{
  DoorIdpInterface *idp = iface;

  idp->configure = bad_configure;
  idp->dup_profile = bad_dup_profile;
#ifndef BAD_FUNCTIONS
  idp->map_claims = bad_map_claims;
#endif
  idp->get_preset = bad_get_preset;
}

static GType G_GNUC_UNUSED
bad_type (void)
{
  static const GInterfaceInfo info = { bad_iface_init };
  GType type = g_type_register_static_simple (G_TYPE_OBJECT, "Bad-" BAD_PLUGIN, sizeof (GObjectClass), NULL,
                                              sizeof (GObject), NULL, BAD_TYPE_FLAGS);

  g_type_add_interface_static (type, DOOR_TYPE_IDP, &info);
  return type;
}

/* of a name that double-plugin.c has */
static const DoorIdpKind bad_kind G_GNUC_UNUSED = { .type_name = "DoubleIdp" };

static const DoorKey bad_keys[] G_GNUC_UNUSED = {
#if defined BAD_KEYS_TWICE
  { "Tenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL, "One." },
  { "Tenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL, "Two." },
#elif defined BAD_KEYS_DEFAULT
  { "Lifetime", DOOR_KEY_DURATION, DOOR_KEY_FLAG_NONE, "90", NULL, "A duration." },
#elif defined BAD_KEYS_FORMER
  { "Tenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL, "One." },
  DOOR_KEY_FORMER ("Directory", "Tennant"),
#elif defined BAD_KEYS_NAME
  { "tenant-id", DOOR_KEY_STRING, DOOR_KEY_FLAG_NONE, NULL, NULL, "A name in another style." },
#endif
  { NULL },
};

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
#if defined BAD_ABI || defined BAD_SIZE || defined BAD_NAME
  abort (); /* nothing of a plugin that does not fit may run */
#elif defined BAD_INTERFACE
  return door_plugin_registry_add (registry, DOOR_TYPE_DIRECTORY, "bad", bad_type (), NULL, error);
#elif defined BAD_FAILS
  if (!door_plugin_registry_add (registry, DOOR_TYPE_IDP, "bad", bad_type (), NULL, error))
    return FALSE;
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE, "the moon is full");
  return FALSE;
#elif defined BAD_SILENT
  return FALSE;
#elif defined BAD_BOTH
  door_plugin_registry_add (registry, DOOR_TYPE_IDP, "bad", bad_type (), NULL, error);
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE, "the moon is new");
  return TRUE;
#elif defined BAD_NOTHING
  return TRUE;
#elif defined BAD_DUPLICATE
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "double", bad_type (), NULL, error);
#elif defined BAD_TWICE
  GType type = bad_type ();

  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "bad", type, NULL, error) &&
         door_plugin_registry_add (registry, DOOR_TYPE_IDP, "bad", type, NULL, error);
#elif defined BAD_CLASS
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "bad", door_idp_kind_ensure_type (&bad_kind),
                                   NULL, error);
#elif defined BAD_BAD_NAME
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "Bad Name", bad_type (), NULL, error);
#elif defined BAD_UNRESOLVED
  door_function_of_the_future ();
  return TRUE;
#else
  return door_plugin_registry_add (registry, DOOR_TYPE_IDP, "bad", bad_type (), bad_keys, error);
#endif
}

#ifdef BAD_NULL
#define BAD_REGISTER (FALSE ? register_types : NULL)
#else
#define BAD_REGISTER register_types
#endif

#ifdef BAD_SYMBOL
#define door_plugin door_other
#endif
extern __attribute__ ((visibility ("default"))) const DoorPluginDescriptor door_plugin;
const DoorPluginDescriptor door_plugin = {
#ifdef BAD_ABI
  .abi = DOOR_PLUGIN_ABI + 1,
#else
  .abi = DOOR_PLUGIN_ABI,
#endif
#ifdef BAD_SIZE
  .size = sizeof (DoorPluginDescriptor) + 8,
#else
  .size = sizeof (DoorPluginDescriptor),
#endif
#ifdef BAD_NAME
  .name = "somebody-else",
#else
  .name = BAD_PLUGIN,
#endif
  .register_types = BAD_REGISTER,
};

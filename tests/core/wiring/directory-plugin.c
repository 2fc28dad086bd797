/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin of one directory, which wants to know where the directory is; and of the storage without which
 * there is no configuration. */
#include "door-directory.h"
#include "door-error.h"
#include "door-plugin.h"
#include "door-sqlite-storage.h"

typedef struct
{
  GObject parent;
} ListDirectory;
typedef GObjectClass ListDirectoryClass;

GType list_directory_get_type (void);

static gboolean
list_directory_configure (DoorDirectory *directory, DoorSettings *settings, GError **error)
{
  const char *address = door_settings_get_string (settings, "Address");

  return g_str_has_prefix (address, "https://") ||
         door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "Address: %s is not https", address);
}

static DoorDirectoryMode
list_directory_get_mode (DoorDirectory *directory)
{
  return DOOR_DIRECTORY_MODE_PULL;
}

static void
iface_init (gpointer iface, gpointer data)
{
  ((DoorDirectoryInterface *) iface)->configure = list_directory_configure;
  ((DoorDirectoryInterface *) iface)->get_mode = list_directory_get_mode;
}

G_DEFINE_TYPE_WITH_CODE (ListDirectory, list_directory, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (DOOR_TYPE_DIRECTORY, iface_init))

static void
list_directory_init (ListDirectory *self)
{
}

static void
list_directory_class_init (ListDirectoryClass *class)
{
}

static const DoorKey keys[] = {
  { "Address", DOOR_KEY_STRING, DOOR_KEY_FLAG_REQUIRED, NULL, NULL, "Where the directory is." },
  { NULL },
};

static gboolean
register_types (DoorPluginRegistry *registry, GError **error)
{
  return door_plugin_registry_add (registry, DOOR_TYPE_DIRECTORY, "list", list_directory_get_type (), keys,
                                   error) &&
         door_plugin_registry_add (registry, DOOR_TYPE_STORAGE, "sqlite", DOOR_TYPE_SQLITE_STORAGE,
                                   door_sqlite_storage_get_keys (), error);
}

DOOR_DEFINE_PLUGIN ("list", register_types);

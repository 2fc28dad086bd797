/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include "door-error.h"
#include "door-plugin-loader.h"
#include "door-storage.h"

/* The plugins as they are installed, all in one process: each brings its own copy of the base class. */

static DoorStorage *
new_storage (const DoorPluginRegistry *registry, const char *name, const char *key, const char *value)
{
  static const DoorKey core[] = { { "PoolSize", DOOR_KEY_INTEGER, 0, "8", "1..256", "" }, { NULL } };
  const DoorPluginEntry *entry = door_plugin_registry_lookup (registry, "storage", name);
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (DoorSettings) settings = NULL;
  g_autoptr (GError) error = NULL;
  DoorStorage *storage;

  g_assert_nonnull (entry);
  g_hash_table_insert (values, g_strdup (key), g_strdup (value));
  settings = door_settings_new (&(const DoorSettingsSource){ "database",
                                                             (const DoorKey *[]){ core, entry->keys, NULL },
                                                             values, NULL, false },
                                &error);
  g_assert_no_error (error);
  storage = g_object_new (entry->type, NULL);
  door_storage_configure (storage, settings, &error);
  g_assert_no_error (error);
  return storage;
}

static void
test_together (void)
{
  g_autoptr (DoorPluginRegistry) registry = door_plugin_registry_new ();
  g_autoptr (DoorPluginLoader) loader = door_plugin_loader_new (registry, TEST_PLUGINS, true);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("door-modules-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "x.db", NULL);
  g_autoptr (DoorStorage) sqlite = NULL, postgresql = NULL;

  door_plugin_loader_load_all (loader, (const char *[]){ "sqlite", "postgresql", NULL }, &error);
  g_assert_no_error (error);
  sqlite = new_storage (registry, "sqlite", "Path", path);
  postgresql = new_storage (registry, "postgresql", "Uri", "postgresql:///x?host=/nowhere/at/all");
  g_assert_true (door_storage_open (sqlite, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (door_storage_open (postgresql, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_clear_object (&sqlite);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/modules/together", test_together);
  return g_test_run ();
}

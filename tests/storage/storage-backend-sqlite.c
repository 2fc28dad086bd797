/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "storage-backend.h"

#include <glib/gstdio.h>

#include "door-sqlite-storage.h"

const char *
storage_backend_get_skip_reason (void)
{
  return NULL;
}

char *
storage_backend_new_place (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("door-storage-XXXXXX", &error);

  g_assert_no_error (error);
  return g_build_filename (folder, "test data.db", NULL);
}

void
storage_backend_remove_place (const char *place)
{
  g_autofree char *folder = g_path_get_dirname (place);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

DoorStorage *
storage_backend_new (const char *place, const char *pool_size, GError **error)
{
  static const DoorKey core[] = { { "PoolSize", DOOR_KEY_INTEGER, DOOR_KEY_FLAG_NONE, "8", "1..256", "" },
                                  { NULL } };
  const DoorKey *tables[] = { core, door_sqlite_storage_get_keys (), NULL };
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const DoorSettingsSource source = { "database", tables, values, NULL, false };
  g_autoptr (DoorStorage) storage = NULL;
  g_autoptr (DoorSettings) settings = NULL;

  g_hash_table_insert (values, g_strdup ("Path"), g_strdup (place));
  g_hash_table_insert (values, g_strdup ("PoolSize"), g_strdup (pool_size));
  settings = door_settings_new (&source, error);
  if (settings == NULL)
    return NULL;
  storage = g_object_new (DOOR_TYPE_SQLITE_STORAGE, NULL);
  return door_storage_configure (storage, settings, error) ? g_steal_pointer (&storage) : NULL;
}

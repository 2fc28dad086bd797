/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "storage-backend.h"

#include "door-postgresql-storage.h"

const char *
storage_backend_get_skip_reason (void)
{
  return g_getenv ("DOOR_TEST_POSTGRESQL_URI") != NULL
             ? NULL
             : "no server: run this program through tests/lib/postgresql.py";
}

/* The same database each time: making one takes longer than a test. */
char *
storage_backend_new_place (void)
{
  static const char *const drop[] = {
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
  };
  const char *uri = g_getenv ("DOOR_TEST_POSTGRESQL_URI");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = storage_backend_new (uri, "1", &error);
  g_autoptr (DoorTxn) txn = NULL;

  g_assert_no_error (error);
  g_assert_true (door_storage_open (storage, NULL, &error));
  txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, &error);
  for (size_t i = 0; i < G_N_ELEMENTS (drop); i++)
    g_assert_cmpint (door_txn_execute (txn, drop[i], NULL, &error), >=, 0);
  g_assert_true (door_txn_commit (txn, &error));
  return g_strdup (uri);
}

void
storage_backend_remove_place (const char *place)
{
}

DoorStorage *
storage_backend_new (const char *place, const char *pool_size, GError **error)
{
  static const DoorKey core[] = { { "PoolSize", DOOR_KEY_INTEGER, DOOR_KEY_FLAG_NONE, "8", "1..256", "" },
                                  { NULL } };
  const DoorKey *tables[] = { core, door_postgresql_storage_get_keys (), NULL };
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const DoorSettingsSource source = { "database", tables, values, NULL, false };
  g_autoptr (DoorStorage) storage = NULL;
  g_autoptr (DoorSettings) settings = NULL;

  g_hash_table_insert (values, g_strdup ("Uri"), g_strdup (place));
  g_hash_table_insert (values, g_strdup ("PoolSize"), g_strdup (pool_size));
  settings = door_settings_new (&source, error);
  if (settings == NULL)
    return NULL;
  storage = g_object_new (DOOR_TYPE_POSTGRESQL_STORAGE, NULL);
  return door_storage_configure (storage, settings, error) ? g_steal_pointer (&storage) : NULL;
}

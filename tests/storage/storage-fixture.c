/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "storage-fixture.h"

static const char sql_table[] =
    "CREATE TABLE item (id TEXT NOT NULL PRIMARY KEY, n BIGINT, small INTEGER, d DOUBLE PRECISION, b BYTEA, "
    "flag BOOLEAN, t TEXT)";

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (storage_backend_get_skip_reason () != NULL)
    return;
  fixture->place = storage_backend_new_place ();
  fixture->storage = storage_backend_new (fixture->place, "8", &error);
  g_assert_no_error (error);
  door_storage_open (fixture->storage, NULL, &error);
  g_assert_no_error (error);
  fixture_write (fixture, sql_table, NULL);
}

static void
run (Fixture *fixture, gconstpointer data)
{
  if (fixture->storage == NULL)
    g_test_skip (storage_backend_get_skip_reason ());
  else
    ((FixtureTest) data) (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->storage);
  if (fixture->place != NULL)
    storage_backend_remove_place (fixture->place);
  g_clear_pointer (&fixture->place, g_free);
}

void
fixture_add (const char *path, FixtureTest test)
{
  g_test_add (path, Fixture, test, set_up, run, tear_down);
}

DoorStorage *
fixture_open_another (const Fixture *fixture, const char *pool_size)
{
  g_autoptr (GError) error = NULL;
  DoorStorage *storage = storage_backend_new (fixture->place, pool_size, &error);

  g_assert_no_error (error);
  door_storage_open (storage, NULL, &error);
  g_assert_no_error (error);
  return storage;
}

static GVariant *
parse (const char *params)
{
  g_autoptr (GError) error = NULL;
  GVariant *value;

  if (params == NULL)
    return NULL;
  value = g_variant_parse (G_VARIANT_TYPE_VARDICT, params, NULL, NULL, &error);
  g_assert_no_error (error);
  return value;
}

/* One statement in one transaction. */
void
fixture_write (Fixture *fixture, const char *sql, const char *params)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  g_autoptr (GVariant) values = parse (params);

  g_assert_no_error (error);
  door_txn_execute (txn, sql, values, &error);
  g_assert_no_error (error);
  door_txn_commit (txn, &error);
  g_assert_no_error (error);
}

int64_t
fixture_count (DoorStorage *storage)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
  g_autoptr (GVariant) rows = NULL, row = NULL;
  int64_t n = -1;

  g_assert_no_error (error);
  rows = door_txn_query (txn, "SELECT COUNT(*) AS n FROM item", NULL, &error);
  g_assert_no_error (error);
  row = g_variant_get_child_value (rows, 0);
  g_assert_true (g_variant_lookup (row, "n", "x", &n));
  return n;
}

/* The rows as text, in GVariant's notation. */
char *
fixture_read (DoorTxn *txn, const char *sql, const char *params)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = parse (params), rows = door_txn_query (txn, sql, values, &error);

  g_assert_no_error (error);
  return g_variant_print (rows, FALSE);
}

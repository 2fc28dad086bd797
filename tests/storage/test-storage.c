/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <float.h>
#include <string.h>

#include "door-error.h"
#include "storage-fixture.h"

/* One suite for every backend: what holds on one holds on all. */

static const char sql_add[] = "INSERT INTO item (id, n) VALUES (:id, :n)";

static DoorTxn *
begin (Fixture *fixture, DoorTxnMode mode)
{
  g_autoptr (GError) error = NULL;
  DoorTxn *txn = door_storage_begin (fixture->storage, mode, NULL, &error);

  g_assert_no_error (error);
  return txn;
}

static void
assert_refused (DoorTxn *txn, const char *sql)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (door_txn_execute (txn, sql, NULL, &error), ==, -1);
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
}

static void
assert_rows (DoorTxn *txn, const char *sql, const char *params, const char *expected)
{
  g_autofree char *rows = fixture_read (txn, sql, params);

  g_assert_cmpstr (rows, ==, expected);
}

static void
test_integers (Fixture *fixture)
{
  static const int64_t numbers[] = { 0,          -1,         G_MAXINT32, (int64_t) G_MAXINT32 + 1,
                                     G_MININT32, G_MAXINT64, G_MININT64, INT64_C (1795316863000) };

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
      g_autoptr (GVariant) rows = NULL, row = NULL;
      int64_t n = 0;

      g_assert_cmpint (door_txn_execute (txn, "INSERT INTO item (id, n) VALUES ('i', :n)",
                                         g_variant_new_parsed ("{'n': <%x>}", numbers[i]), &error),
                       ==, 1);
      rows = door_txn_query (txn, "SELECT n FROM item WHERE n = :n",
                             g_variant_new_parsed ("{'n': <%x>}", numbers[i]), &error);
      g_assert_no_error (error);
      row = g_variant_get_child_value (rows, 0);
      g_assert_true (g_variant_lookup (row, "n", "x", &n));
      g_assert_cmpint (n, ==, numbers[i]);
    }
}

/* The statement is met when its column is NULL, then small, then large. */
static void
test_integers_learned (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  static const char sql_read[] = "SELECT n, n + 1 AS more, MAX(n) OVER () AS most FROM item ORDER BY id";
  g_autoptr (GError) error = NULL;

  assert_rows (txn, sql_read, NULL, "[]");
  door_txn_execute (txn, "INSERT INTO item (id) VALUES ('a')", NULL, &error);
  assert_rows (txn, sql_read, NULL, "[{}]");
  door_txn_execute (txn, "INSERT INTO item (id, n) VALUES ('b', 7)", NULL, &error);
  assert_rows (txn, sql_read, NULL,
               "[{'most': <int64 7>}, {'n': <int64 7>, 'more': <int64 8>, 'most': <int64 7>}]");
  door_txn_execute (txn, "UPDATE item SET n = 9007199254740993", NULL, &error);
  assert_rows (
      txn, sql_read, NULL,
      "[{'n': <int64 9007199254740993>, 'more': <int64 9007199254740994>, 'most': <int64 "
      "9007199254740993>}, {'n': <int64 9007199254740993>, 'more': <int64 9007199254740994>, 'most': "
      "<int64 9007199254740993>}]");
  assert_rows (txn, "SELECT SUM(n) AS sum, COUNT(*) AS count FROM item", NULL,
               "[{'sum': <int64 18014398509481986>, 'count': <int64 2>}]");
  g_assert_no_error (error);
}

static void
test_doubles (Fixture *fixture)
{
  static const double numbers[] = { 0.1, -1.0, 1e-7, 1.0 / 3.0, DBL_MAX, DBL_MIN, 12345678.12345678 };

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
      g_autoptr (GVariant) rows = NULL, row = NULL;
      double d = 0;

      door_txn_execute (txn, "INSERT INTO item (id, d) VALUES ('d', :d)",
                        g_variant_new_parsed ("{'d': <%d>}", numbers[i]), &error);
      g_assert_no_error (error);
      rows = door_txn_query (txn, "SELECT d FROM item", NULL, &error);
      g_assert_no_error (error);
      row = g_variant_get_child_value (rows, 0);
      g_assert_true (g_variant_lookup (row, "d", "d", &d));
      g_assert_true (memcmp (&d, &numbers[i], sizeof d) == 0);
    }
}

static void
test_text (Fixture *fixture)
{
  static const char *const texts[] = { "",           "'",   "\"",           "''; DROP TABLE item; --",
                                       "\\",         "\\'", "##p0::string", ":t",
                                       "?",          "%s",  "$1",           "a\nb\tc",
                                       "Zoë 東京 🚪", "NULL" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
      g_autoptr (GVariant) rows = NULL, row = NULL;
      const char *t = NULL;

      door_txn_execute (txn, "INSERT INTO item (id, t) VALUES ('t', :t)",
                        g_variant_new_parsed ("{'t': <%s>}", texts[i]), &error);
      g_assert_no_error (error);
      rows = door_txn_query (txn, "SELECT t FROM item WHERE t = :t",
                             g_variant_new_parsed ("{'t': <%s>}", texts[i]), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_n_children (rows), ==, 1);
      row = g_variant_get_child_value (rows, 0);
      g_assert_true (g_variant_lookup (row, "t", "&s", &t));
      g_assert_cmpstr (t, ==, texts[i]);
    }
}

static GVariant *
read_bytes (DoorTxn *txn, const void *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = NULL, row = NULL;
  GVariantDict params;

  g_variant_dict_init (&params, NULL);
  g_variant_dict_insert_value (&params, "b", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, size, 1));
  door_txn_execute (txn, "INSERT INTO item (id, b) VALUES ('b', :b)", g_variant_dict_end (&params), &error);
  g_assert_no_error (error);
  rows = door_txn_query (txn, "SELECT b FROM item", NULL, &error);
  g_assert_no_error (error);
  row = g_variant_get_child_value (rows, 0);
  return g_variant_lookup_value (row, "b", G_VARIANT_TYPE_BYTESTRING);
}

static void
test_bytes (Fixture *fixture)
{
  g_autofree uint8_t *bytes = g_malloc (1 << 20);
  static const gsize sizes[] = { 1, 256, 1 << 20 };

  for (size_t i = 0; i < 1 << 20; i++)
    bytes[i] = (uint8_t) (i ^ (i >> 8));
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
      g_autoptr (GVariant) found = read_bytes (txn, bytes, sizes[i]);
      gsize size = 0;
      const void *data = g_variant_get_fixed_array (found, &size, 1);

      g_assert_cmpmem (data, size, bytes, sizes[i]);
    }
}

/* SQLite's provider cannot tell them apart, so nobody may. */
static void
test_bytes_empty (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  g_assert_null (read_bytes (txn, "", 0));
  assert_rows (txn, "SELECT COUNT(*) AS n FROM item WHERE b IS NULL", NULL, "[{'n': <int64 1>}]");
}

static void
test_null (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  static const char sql_put[] = "INSERT INTO item (id, n, t, d, b) VALUES (:id, :n, :t, :d, :b)";

  g_assert_cmpint (
      door_txn_execute (txn, sql_put,
                        g_variant_new_parsed ("{'id': <'none'>, 'n': <@mx nothing>, 't': <@ms nothing>, "
                                              "'d': <@md nothing>, 'b': <@may nothing>}"),
                        &error),
      ==, 1);
  g_assert_cmpint (
      door_txn_execute (txn, sql_put,
                        g_variant_new_parsed ("{'id': <'some'>, 'n': <@mx 5>, 't': <@ms 'x'>, 'd': <@md "
                                              "0.5>, 'b': <@may [byte 1]>}"),
                        &error),
      ==, 1);
  g_assert_no_error (error);
  assert_rows (txn, "SELECT id, n, t, d, b FROM item WHERE n IS NULL", NULL, "[{'id': <'none'>}]");
  assert_rows (txn, "SELECT n, t, d, b FROM item WHERE n IS NOT NULL", NULL,
               "[{'n': <int64 5>, 't': <'x'>, 'd': <0.5>, 'b': <[byte 0x01]>}]");
  assert_rows (txn, "SELECT id FROM item WHERE n = :n", "{'n': <@mx nothing>}", "[]");
  assert_rows (txn, "SELECT id FROM item WHERE COALESCE(:n, n) = 5", "{'n': <@mx nothing>}",
               "[{'id': <'some'>}]");
}

static void
test_booleans (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  door_txn_execute (txn, "INSERT INTO item (id, flag, n) VALUES ('t', :v, :w)",
                    g_variant_new_parsed ("{'v': <true>, 'w': <true>}"), &error);
  g_assert_no_error (error);
  door_txn_execute (txn, "INSERT INTO item (id, flag, n) VALUES ('f', :v, :w)",
                    g_variant_new_parsed ("{'v': <false>, 'w': <false>}"), &error);
  g_assert_no_error (error);
  assert_rows (
      txn, "SELECT id, flag, n FROM item ORDER BY id", NULL,
      "[{'id': <'f'>, 'flag': <int64 0>, 'n': <int64 0>}, {'id': <'t'>, 'flag': <int64 1>, 'n': <int64 1>}]");
}

static void
test_parameters (Fixture *fixture)
{
  static const struct
  {
    const char *sql;
    const char *params;
  } bad[] = {
    { "SELECT id FROM item WHERE id = :id", NULL },
    { "SELECT id FROM item WHERE id = :id", "{'Id': <'x'>}" },
    { "SELECT id FROM item WHERE id = :id", "{'id': <uint32 5>}" },
    { "SELECT id FROM item WHERE id = :id", "{'id': <@as ['x']>}" },
    { "SELECT id FROM item WHERE id = :id", "{'id': <@mi nothing>}" },
    { "SELECT id FROM item WHERE id = :id", "{'id': <<'x'>>}" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_READ);
      GVariant *params = bad[i].params != NULL ? g_variant_new_parsed (bad[i].params) : NULL;

      g_assert_null (door_txn_query (txn, bad[i].sql, params, &error));
      assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
    }
}

static void
test_parameters_used (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = NULL;

  fixture_write (fixture, "INSERT INTO item (id, t, n) VALUES (:id, :id||:b||:id, :n+:n) ;\n",
                 "{'b': <'-'>, 'id': <'a'>, 'n': <int64 2>, 'unused': <'x'>}");
  txn = begin (fixture, DOOR_TXN_READ);
  assert_rows (txn, "SELECT t, n FROM item WHERE t LIKE :p -- a ; comment\n AND id = CAST(:id AS TEXT)",
               "{'p': <'%-%'>, 'id': <'a'>}", "[{'t': <'a-a'>, 'n': <int64 4>}]");
  assert_rows (txn, "/* first ; */ SELECT ':no' AS a, ';' AS b, '--' AS c, 'it''s' AS d, \"id\" FROM item",
               NULL, "[{'a': <':no'>, 'b': <';'>, 'c': <'--'>, 'd': <\"it's\">, 'id': <'a'>}]");
}

/* libgda would write the value into the text when a statement cannot be prepared. */
static void
test_never_inlined (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_READ);

  g_assert_null (
      door_txn_query (txn, "SELECT id FROM :name", g_variant_new_parsed ("{'name': <'item'>}"), &error));
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
}

static void
test_refused_text (Fixture *fixture)
{
  static const char *const bad[] = {
    "",
    ";",
    "-- nothing",
    "INSERT INTO item (id) VALUES ('a'); INSERT INTO item (id) VALUES ('b')",
    "INSERT INTO item (id) VALUES ('a'); -- more",
    "INSERT INTO item (id) VALUES ('a') RETURNING id",
    "insert into item (id) values ('a') returning id",
    "WITH x AS (SELECT 1) INSERT INTO item (id) SELECT 'a' FROM x",
    "BEGIN",
    "COMMIT",
    "END",
    "ROLLBACK",
    "PRAGMA query_only = OFF",
    "SET statement_timeout = 0",
    "ATTACH 'x' AS y",
    "VACUUM",
    "INSERT INTO item (id) VALUES ('\\')",
    "INSERT INTO item (id) VALUES (##id::string)",
    "INSERT INTO item (id) VALUES (?)",
    "INSERT INTO item (id) VALUES ($1)",
    "INSERT INTO item (id) VALUES ($$a$$)",
    "INSERT INTO item (id) VALUES ('a)",
    "INSERT INTO item (id) VALUES (\"a)",
    "INSERT INTO item (id) /* VALUES ('a')",
    "INSERT INTO item (id) VALUES (é)",
    "SELECT id FROM item",
  };

  /* By us: that the database would refuse some of them as well is not enough. */
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

      g_assert_cmpint (door_txn_execute (txn, bad[i], NULL, &error), ==, -1);
      assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
      g_assert_true (g_str_has_prefix (error->message, "SQL refused"));
    }
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

static void
test_refused_query (Fixture *fixture)
{
  static const char *const bad[] = {
    "INSERT INTO item (id) VALUES ('a')",        "PRAGMA journal_mode", "SHOW server_version",
    "WITH x AS (SELECT 1 AS y) SELECT y FROM x", "VALUES (1)",          "SELECT 1; SELECT 2",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

      g_assert_null (door_txn_query (txn, bad[i], NULL, &error));
      assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
      g_assert_true (g_str_has_prefix (error->message, "SQL refused"));
    }
}

static void
test_affected (Fixture *fixture)
{
  static const struct
  {
    const char *sql;
    int64_t expected;
  } steps[] = {
    { "INSERT INTO item (id, n) VALUES ('a', 1), ('b', 2), ('c', 3)", 3 },
    { "INSERT INTO item (id, n) VALUES ('a', 9) ON CONFLICT DO NOTHING", 0 },
    { "INSERT INTO item (id, n) VALUES ('a', 9) ON CONFLICT (id) DO UPDATE SET n = excluded.n", 1 },
    { "UPDATE item SET n = n + 1 WHERE n < 9", 2 },
    { "UPDATE item SET n = 0 WHERE id = 'nobody'", 0 },
    { "SAVEPOINT s", 0 },
    { "DELETE FROM item", 3 },
    { "ROLLBACK TO SAVEPOINT s", 0 },
    { "CREATE TABLE step (x BIGINT)", 0 },
    { "DROP TABLE step", 0 },
    { "DELETE FROM item WHERE id <> 'a'", 2 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_assert_cmpint (door_txn_execute (txn, steps[i].sql, NULL, &error), ==, steps[i].expected);
      g_assert_no_error (error);
    }
}

static void
test_rollback (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  DoorTxn *txn = begin (fixture, DOOR_TXN_WRITE);

  door_txn_execute (txn, sql_add, g_variant_new_parsed ("{'id': <'a'>, 'n': <int64 1>}"), &error);
  g_assert_no_error (error);
  door_txn_free (txn);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

static void
test_ended (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  g_assert_true (door_txn_commit (txn, &error));
  assert_refused (txn, "DELETE FROM item");
  g_assert_null (door_txn_query (txn, "SELECT id FROM item", NULL, NULL));
  g_assert_false (door_txn_commit (txn, &error));
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
}

static void
test_savepoints (Fixture *fixture)
{
  static const char *const steps[] = {
    "INSERT INTO item (id) VALUES ('a')",
    "SAVEPOINT s",
    "INSERT INTO item (id) VALUES ('b')",
    "ROLLBACK TO SAVEPOINT s",
    "SAVEPOINT r",
    "INSERT INTO item (id) VALUES ('c')",
    "RELEASE SAVEPOINT r",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    g_assert_cmpint (door_txn_execute (txn, steps[i], NULL, &error), >=, 0);
  g_assert_true (door_txn_commit (txn, &error));
  g_clear_pointer (&txn, door_txn_free);
  txn = begin (fixture, DOOR_TXN_READ);
  assert_rows (txn, "SELECT id FROM item ORDER BY id", NULL, "[{'id': <'a'>}, {'id': <'c'>}]");
}

/* After a failure nothing works and nothing is kept, on SQLite as on PostgreSQL. */
static void
test_failure (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  g_assert_cmpint (door_txn_execute (txn, "INSERT INTO item (id) VALUES ('a')", NULL, &error), ==, 1);
  assert_refused (txn, "INSERT INTO item (id) VALUES ('a')");
  assert_refused (txn, "INSERT INTO item (id) VALUES ('b')");
  g_assert_null (door_txn_query (txn, "SELECT id FROM item", NULL, NULL));
  g_assert_false (door_txn_commit (txn, &error));
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

static void
test_failure_undone (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  door_txn_execute (txn, "INSERT INTO item (id) VALUES ('a')", NULL, &error);
  door_txn_execute (txn, "SAVEPOINT s", NULL, &error);
  g_assert_no_error (error);
  assert_refused (txn, "INSERT INTO nowhere (id) VALUES ('b')");
  assert_refused (txn, "RELEASE SAVEPOINT s");
  g_assert_cmpint (door_txn_execute (txn, "ROLLBACK TO SAVEPOINT s", NULL, &error), ==, 0);
  g_assert_cmpint (door_txn_execute (txn, "INSERT INTO item (id) VALUES ('c')", NULL, &error), ==, 1);
  g_assert_true (door_txn_commit (txn, &error));
  g_assert_cmpint (fixture_count (fixture->storage), ==, 2);
}

/* What a row holds has no place in a log. */
static void
test_failure_silent (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  static const char secret[] = "{'id': <'secret-value'>, 'n': <int64 1>}";

  door_txn_execute (txn, sql_add, g_variant_new_parsed (secret), &error);
  g_assert_no_error (error);
  g_assert_cmpint (door_txn_execute (txn, sql_add, g_variant_new_parsed (secret), &error), ==, -1);
  g_assert_null (strstr (error->message, "secret-value"));
}

static void
test_foreign_keys (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = NULL;

  fixture_write (fixture, "CREATE TABLE parent (id TEXT NOT NULL PRIMARY KEY)", NULL);
  fixture_write (fixture, "CREATE TABLE child (parent TEXT NOT NULL REFERENCES parent (id))", NULL);
  txn = begin (fixture, DOOR_TXN_WRITE);
  assert_refused (txn, "INSERT INTO child (parent) VALUES ('nobody')");
}

static void
test_read_only (Fixture *fixture)
{
  static const char *const bad[] = {
    "INSERT INTO item (id) VALUES ('a')", "UPDATE item SET n = 1", "DELETE FROM item", "DROP TABLE item",
    "CREATE TABLE step (x BIGINT)",
  };

  fixture_write (fixture, "INSERT INTO item (id) VALUES ('x')", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_READ);

      assert_refused (txn, bad[i]);
    }
  g_assert_cmpint (fixture_count (fixture->storage), ==, 1);
}

static void
test_snapshot (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_READ);

  assert_rows (txn, "SELECT COUNT(*) AS n FROM item", NULL, "[{'n': <int64 0>}]");
  fixture_write (fixture, "INSERT INTO item (id) VALUES ('a')", NULL);
  assert_rows (txn, "SELECT COUNT(*) AS n FROM item", NULL, "[{'n': <int64 0>}]");
  g_assert_cmpint (fixture_count (fixture->storage), ==, 1);
}

static void
test_many_rows (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  g_autoptr (GVariant) rows = NULL;

  for (int i = 0; i < 3000; i++)
    {
      g_autofree char *id = g_strdup_printf ("%05d", i);

      door_txn_execute (txn, sql_add, g_variant_new_parsed ("{'id': <%s>, 'n': <%x>}", id, (int64_t) i << 31),
                        &error);
      g_assert_no_error (error);
    }
  rows = door_txn_query (txn, "SELECT id, n FROM item ORDER BY id", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_n_children (rows), ==, 3000);
  for (gsize i = 0; i < 3000; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      int64_t n = -1;

      g_assert_true (g_variant_lookup (row, "n", "x", &n));
      g_assert_cmpint (n, ==, (int64_t) i << 31);
    }
}

/* More texts than are kept prepared. */
static void
test_many_statements (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_READ);

  for (int i = 0; i < 1100; i++)
    {
      g_autofree char *sql = g_strdup_printf ("SELECT %d AS i, CAST(:n AS BIGINT) AS n", i);
      g_autofree char *expected = g_strdup_printf ("[{'i': <int64 %d>, 'n': <int64 4294967296>}]", i);

      assert_rows (txn, sql, "{'n': <int64 4294967296>}", expected);
    }
}

/* A single query: the second, a write and a savepoint are refused, and whoever comes next finds nothing of
 * it. */
static void
test_single (Fixture *fixture)
{
  static const char sql_count[] = "SELECT count(*) AS n FROM item";
  static const char *const refused[] = { "INSERT INTO item (id, n) VALUES ('x', 1)", "DELETE FROM item",
                                         "SAVEPOINT s" };

  fixture_write (fixture, sql_add, "{'id': <'a'>, 'n': <int64 1>}");
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_SINGLE);

      assert_refused (txn, refused[i]);
    }
  for (int commit = 0; commit < 2; commit++)
    {
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_SINGLE);
      g_autoptr (GError) error = NULL, ended = NULL;

      assert_rows (txn, sql_count, NULL, "[{'n': <int64 1>}]");
      if (commit)
        {
          g_assert_true (door_txn_commit (txn, &error));
          g_assert_no_error (error);
          continue;
        }
      g_assert_null (door_txn_query (txn, sql_count, NULL, &error));
      assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
      g_assert_false (door_txn_commit (txn, &ended));
      assert_fault (ended, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
    }
  fixture_write (fixture, sql_add, "{'id': <'b'>, 'n': <int64 2>}");
  {
    g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_SINGLE);

    assert_rows (txn, sql_count, NULL, "[{'n': <int64 2>}]");
  }
  /* the same connection, which a transaction left open would make refuse */
  {
    g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_READ);

    assert_rows (txn, sql_count, NULL, "[{'n': <int64 2>}]");
    assert_rows (txn, sql_count, NULL, "[{'n': <int64 2>}]");
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/storage/types/integers", test_integers);
  fixture_add ("/storage/types/integers-learned", test_integers_learned);
  fixture_add ("/storage/types/doubles", test_doubles);
  fixture_add ("/storage/types/text", test_text);
  fixture_add ("/storage/types/bytes", test_bytes);
  fixture_add ("/storage/types/bytes-empty", test_bytes_empty);
  fixture_add ("/storage/types/null", test_null);
  fixture_add ("/storage/types/booleans", test_booleans);
  fixture_add ("/storage/parameters/refused", test_parameters);
  fixture_add ("/storage/parameters/used", test_parameters_used);
  fixture_add ("/storage/parameters/never-inlined", test_never_inlined);
  fixture_add ("/storage/refused/text", test_refused_text);
  fixture_add ("/storage/refused/query", test_refused_query);
  fixture_add ("/storage/affected", test_affected);
  fixture_add ("/storage/rollback", test_rollback);
  fixture_add ("/storage/ended", test_ended);
  fixture_add ("/storage/savepoints", test_savepoints);
  fixture_add ("/storage/failure/dooms", test_failure);
  fixture_add ("/storage/failure/undone", test_failure_undone);
  fixture_add ("/storage/failure/silent", test_failure_silent);
  fixture_add ("/storage/foreign-keys", test_foreign_keys);
  fixture_add ("/storage/read-only", test_read_only);
  fixture_add ("/storage/snapshot", test_snapshot);
  fixture_add ("/storage/single", test_single);
  fixture_add ("/storage/many/rows", test_many_rows);
  fixture_add ("/storage/many/statements", test_many_statements);
  return g_test_run ();
}

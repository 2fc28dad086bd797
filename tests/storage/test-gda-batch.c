/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-gda-batch.h"
#include "door-gda-rows.h"

/* How a statement for one row becomes one for many, and rows become JSON; no database. */

static const DoorGdaBatchDialect dialect = { .rows = "rows(:rows, #) AS r",
                                             .text = "s(r.#)",
                                             .integer = "x(r.#)",
                                             .number = "d(r.#)",
                                             .boolean = "b(#, #)" };

static DoorGdaBatch *
parse (const char *text, GError **error)
{
  g_autoptr (DoorGdaSql) sql = door_gda_sql_parse (text, error);

  return sql != NULL ? door_gda_batch_parse (sql, error) : NULL;
}

static void
test_render (void)
{
  static const struct
  {
    const char *sql;
    const char *types;
    const char *expected;
  } table[] = {
    { "INSERT INTO t (a) VALUES (:a)", "s",
      "INSERT INTO t (a) SELECT s(r.a) FROM rows(:rows, t) AS r WHERE true " },
    { " insert into Tab_1(A,b , c,d)\nvalues(:X,:y, :z ,:X) -- all\n;", "sxdb",
      "INSERT INTO Tab_1 (a, b, c, d) SELECT s(r.a), x(r.b), d(r.c), b(d, d) FROM rows(:rows, Tab_1) AS r "
      "WHERE true "
      "" },
    { "INSERT INTO t (a) VALUES (:a) ON CONFLICT DO NOTHING", "x",
      "INSERT INTO t (a) SELECT x(r.a) FROM rows(:rows, t) AS r WHERE true ON CONFLICT DO NOTHING" },
    { "INSERT INTO t (a, b) VALUES (:a, :b) ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE t.b <> 'x(1), "
      "#'",
      "sb",
      "INSERT INTO t (a, b) SELECT s(r.a), b(b, b) FROM rows(:rows, t) AS r WHERE true ON CONFLICT (a) DO "
      "UPDATE SET "
      "b = excluded.b WHERE t.b <> 'x(1), #'" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorGdaBatch) batch = parse (table[i].sql, &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (door_gda_batch_get_n_columns (batch), ==, strlen (table[i].types));
      text = door_gda_batch_render (batch, &dialect, table[i].types);
      g_assert_cmpstr (text, ==, table[i].expected);
    }
}

static void
test_parts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorGdaBatch) plain = parse ("INSERT INTO t (A, b) VALUES (:One, :two)", &error),
                           update =
                               parse ("INSERT INTO t (a, B, c) VALUES (:x, :y, :z) on conflict ( b , A )\n"
                                      "do  update SET c = excluded.c",
                                      &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_gda_batch_get_column (plain, 0), ==, "a");
  g_assert_cmpstr (door_gda_batch_get_parameter (plain, 0), ==, "One");
  g_assert_cmpstr (door_gda_batch_get_parameter (plain, 1), ==, "two");
  g_assert_false (door_gda_batch_updates (plain));
  g_assert_true (door_gda_batch_updates (update));
  g_assert_true (door_gda_batch_is_key (update, 0));
  g_assert_true (door_gda_batch_is_key (update, 1));
  g_assert_false (door_gda_batch_is_key (update, 2));
}

static void
test_refused (void)
{
  static const char *const bad[] = {
    "SELECT a FROM t",
    "DELETE FROM t WHERE a = :a",
    "UPDATE t SET a = :a",
    "INSERT INTO t VALUES (:a)",
    "INSERT INTO t (a) VALUES ('x')",
    "INSERT INTO t (a, b) VALUES (:a)",
    "INSERT INTO t (a) VALUES (:a, :b)",
    "INSERT INTO t (a, b) VALUES (:a, 'x')",
    "INSERT INTO t (a, b) VALUES (:a, :b || 'x')",
    "INSERT INTO t (a) VALUES (lower(:a))",
    "INSERT INTO t (a) VALUES (CAST(:a AS TEXT))",
    "INSERT INTO t (a) VALUES (:a), (:b)",
    "INSERT INTO t (a) SELECT :a",
    "INSERT INTO t (a) VALUES (:a) ON CONFLICT (a) DO UPDATE SET b = :b",
    "INSERT INTO t (a) VALUES (:a) ON CONFLICT DO UPDATE SET b = 1",
    "INSERT INTO t (a) VALUES (:a) ON CONFLICT (lower(a)) DO UPDATE SET b = 1",
    "INSERT INTO t (a) VALUES (:a) ON CONFLICT ON CONSTRAINT c DO UPDATE SET b = 1",
    "INSERT INTO t (a) VALUES (:a) WHERE true",
    "INSERT INTO t (\"a\") VALUES (:a)",
    "INSERT INTO \"t\" (a) VALUES (:a)",
    "INSERT INTO s.t (a) VALUES (:a)",
    "INSERT INTO t (a, 'x#') VALUES (:a, :b)",
    "INSERT INTO t AS u (a) VALUES (:a)",
    "INSERT OR REPLACE INTO t (a) VALUES (:a)",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_null (parse (bad[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
      g_assert_true (g_str_has_prefix (error->message, "SQL refused for many rows: "));
    }
}

static DoorGdaRows *
make_rows (const char *sql, const char *text, GError **error)
{
  g_autoptr (DoorGdaBatch) batch = parse (sql, error);
  g_autoptr (GVariant) rows = g_variant_ref_sink (g_variant_new_parsed (text));

  g_assert_nonnull (batch);
  return door_gda_rows_new (batch, rows, error);
}

/* The pieces in one text; a row alone is "alone". */
static char *
join_pieces (DoorGdaRows *rows)
{
  g_autoptr (GString) joined = g_string_new (NULL);
  const char *json = NULL;
  GVariant *alone = NULL;

  while (door_gda_rows_next (rows, &json, &alone))
    {
      g_assert_true ((json == NULL) != (alone == NULL));
      g_string_append_printf (joined, "%s\n", json != NULL ? json : "alone");
      g_clear_pointer (&alone, g_variant_unref);
    }
  g_assert_false (door_gda_rows_next (rows, &json, &alone));
  return g_string_free (g_steal_pointer (&joined), FALSE);
}

static void
test_json (void)
{
  static const char sql[] = "INSERT INTO t (i, t, d, b) VALUES (:i, :t, :d, :b)";
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorGdaRows) rows = make_rows (
      sql,
      "[{'i': <int64 -9223372036854775808>, 't': <'a\"\\\\\\n\\u001f\\u2028'>, 'd': <1e22>, 'b': <true>, "
      "'more': <'x'>}, {'b': <@mb nothing>, 'd': <@md 0.1>, 'i': <@mx nothing>, 't': <@ms nothing>}]",
      &error);
  g_autofree char *pieces = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_gda_rows_get_types (rows), ==, "xsdb");
  pieces = join_pieces (rows);
  g_assert_cmpstr (
      pieces, ==,
      "[{\"i\":-9223372036854775808,\"t\":\"a\\\"\\\\\\n\\u001f\xe2\x80\xa8\",\"d\":\"1e+22\",\"b\":1},"
      "{\"d\":\"0.10000000000000001\"}]\n");
}

static void
test_pieces (void)
{
  static const char update[] = "INSERT INTO t (a, b, d) VALUES (:a, :b, :d) ON CONFLICT (a, b) DO UPDATE SET "
                               "d = excluded.d";
  static const struct
  {
    const char *sql;
    const char *rows;
    const char *pieces;
  } table[] = {
    { "INSERT INTO t (a) VALUES (:a)", "@aa{sv} []", "" },
    { "INSERT INTO t (a) VALUES (:a)", "[{'a': <'x'>}, {'a': <'x'>}]", "[{\"a\":\"x\"},{\"a\":\"x\"}]\n" },
    { "INSERT INTO t (a) VALUES (:a) ON CONFLICT (c) DO UPDATE SET d = 1", "[{'a': <'x'>}, {'a': <'y'>}]",
      "[{\"a\":\"x\"}]\n[{\"a\":\"y\"}]\n" },
    { update, "[{'a': <'x'>, 'b': <'y'>, 'd': <0.5>}, {'a': <'x\\', \\'y'>, 'b': <''>, 'd': <0.5>}]",
      "[{\"a\":\"x\",\"b\":\"y\",\"d\":\"0.5\"},{\"a\":\"x', 'y\",\"b\":\"\",\"d\":\"0.5\"}]\n" },
    { update, "[{'a': <'x'>, 'b': <'y'>, 'd': <0.5>}, {'a': <'x'>, 'b': <'y'>, 'd': <0.5>}]",
      "[{\"a\":\"x\",\"b\":\"y\",\"d\":\"0.5\"}]\n[{\"a\":\"x\",\"b\":\"y\",\"d\":\"0.5\"}]\n" },
    { update, "[{'a': <'x'>, 'b': <@ms nothing>, 'd': <0.5>}, {'a': <'x'>, 'b': <@ms nothing>, 'd': <0.5>}]",
      "[{\"a\":\"x\",\"d\":\"0.5\"},{\"a\":\"x\",\"d\":\"0.5\"}]\n" },
    { update, "[{'a': <'x'>, 'b': <'y'>, 'd': <1e-300>}, {'a': <'z'>, 'b': <'y'>, 'd': <0.5>}]",
      "alone\n[{\"a\":\"z\",\"b\":\"y\",\"d\":\"0.5\"}]\n" },
    { update, "[{'a': <'x'>, 'b': <'y'>, 'd': <0.5>}, {'a': <'z'>, 'b': <'y'>, 'd': <-1e-300>}]",
      "[{\"a\":\"x\",\"b\":\"y\",\"d\":\"0.5\"}]\nalone\n" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorGdaRows) rows = make_rows (table[i].sql, table[i].rows, &error);
      g_autofree char *pieces = NULL;

      g_assert_no_error (error);
      pieces = join_pieces (rows);
      g_assert_cmpstr (pieces, ==, table[i].pieces);
    }
}

/* By number of rows, and by length. */
static void
test_pieces_bounded (void)
{
  static const size_t lengths[] = { 0, 1000, 600000 };
  static const size_t expected[] = { 3, 25, 12500 };

  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *text = g_strnfill (lengths[i], 'x');
      g_autoptr (GVariant) row = g_variant_ref_sink (g_variant_new_parsed ("{'a': <%s>}", text));
      g_autofree GVariant **same = g_new (GVariant *, 25000);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorGdaBatch) batch = parse ("INSERT INTO t (a) VALUES (:a)", &error);
      g_autoptr (GVariant) all = NULL;
      g_autoptr (DoorGdaRows) rows = NULL;
      const char *json = NULL;
      GVariant *alone = NULL;
      size_t n_rows = lengths[i] > 1000 ? 20 : 25000, n_pieces = 0;

      for (size_t j = 0; j < n_rows; j++)
        same[j] = row;
      all = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARDICT, same, n_rows));
      rows = door_gda_rows_new (batch, all, &error);
      while (door_gda_rows_next (rows, &json, &alone))
        {
          n_pieces++;
          g_assert_cmpuint (strlen (json), <=, 1024 * 1024 + lengths[i] + 16);
        }
      g_assert_cmpuint (n_pieces, ==, n_rows * expected[i] / 25000);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gda-batch/render", test_render);
  g_test_add_func ("/gda-batch/parts", test_parts);
  g_test_add_func ("/gda-batch/refused", test_refused);
  g_test_add_func ("/gda-batch/json", test_json);
  g_test_add_func ("/gda-batch/pieces/order", test_pieces);
  g_test_add_func ("/gda-batch/pieces/bounded", test_pieces_bounded);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>

#include <libgda/libgda.h>

#include "door-error.h"
#include "storage-fixture.h"

/* Many rows in one statement: the same rows and the same numbers as one after the other, on every backend. */

#define MIB (1024 * 1024)
/* The address sanitizer takes a hundred times as long for each allocation. */
#ifdef __SANITIZE_ADDRESS__
#define N_MANY 12000
#define N_LATER 10500
#define N_DOUBLES 600
#else
#define N_MANY 100000
#define N_LATER 24000
#define N_DOUBLES 6000
#endif

static const char sql_add[] =
    "INSERT INTO item (id, n, small, d, flag, t) VALUES (:id, :n, :small, :d, :flag, :t)";
static const char sql_pair[] = "INSERT INTO item (id, n) VALUES (:id, :n)";
static const char sql_ignore[] = "INSERT INTO item (id, n) VALUES (:id, :n) ON CONFLICT DO NOTHING";
static const char sql_update[] =
    "INSERT INTO item (id, n) VALUES (:id, :n) ON CONFLICT (id) DO UPDATE SET n = excluded.n";
static const char sql_read[] = "SELECT id, n, small, d, flag, t FROM item ORDER BY id";

/* What reached the database, seen on the way through libgda. */
static struct
{
  unsigned int n_statements;
  size_t longest; /* text parameter */
} sent;

int
gda_connection_statement_execute_non_select (GdaConnection *connection, GdaStatement *statement,
                                             GdaSet *params, GdaSet **last_row, GError **error)
{
  int (*real) (GdaConnection *, GdaStatement *, GdaSet *, GdaSet **, GError **) =
      dlsym (RTLD_NEXT, "gda_connection_statement_execute_non_select");
  GdaHolder *first = params != NULL ? gda_set_get_holder (params, "p0") : NULL;
  const GValue *value = first != NULL ? gda_holder_get_value (first) : NULL;

  sent.n_statements++;
  if (value != NULL && G_VALUE_HOLDS_STRING (value))
    sent.longest = MAX (sent.longest, strlen (g_value_get_string (value)));
  return real (connection, statement, params, last_row, error);
}

static void
forget_sent (void)
{
  sent.n_statements = 0;
  sent.longest = 0;
}

static DoorTxn *
begin (Fixture *fixture, DoorTxnMode mode)
{
  g_autoptr (GError) error = NULL;
  DoorTxn *txn = door_storage_begin (fixture->storage, mode, NULL, &error);

  g_assert_no_error (error);
  return txn;
}

static GVariant *
parse (const char *rows)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE ("aa{sv}"), rows, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static int64_t
add (DoorTxn *txn, const char *sql, const char *rows)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = parse (rows);
  int64_t n = door_txn_execute_batch (txn, sql, values, &error);

  g_assert_no_error (error);
  return n;
}

static void
assert_rows (DoorTxn *txn, const char *sql, const char *expected)
{
  g_autofree char *rows = fixture_read (txn, sql, NULL);

  g_assert_cmpstr (rows, ==, expected);
}

/* Every row by itself, and what is there then. */
static char *
read_after_each (DoorTxn *txn, const char *sql, GVariant *rows, int64_t *n_affected)
{
  g_autoptr (GError) error = NULL;

  *n_affected = 0;
  for (size_t i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);

      *n_affected += door_txn_execute (txn, sql, row, &error);
      g_assert_no_error (error);
    }
  return fixture_read (txn, sql_read, NULL);
}

/* The batch leaves what the single statements leave, and counts what they count. */
static void
assert_same (Fixture *fixture, const char *sql, GVariant *given)
{
  g_autoptr (GVariant) rows = g_variant_ref_sink (given);
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL, *found = NULL;
  int64_t n_expected = 0;
  DoorTxn *txn = begin (fixture, DOOR_TXN_WRITE);

  expected = read_after_each (txn, sql, rows, &n_expected);
  door_txn_free (txn);
  txn = begin (fixture, DOOR_TXN_WRITE);
  g_assert_cmpint (door_txn_execute_batch (txn, sql, rows, &error), ==, n_expected);
  g_assert_no_error (error);
  found = fixture_read (txn, sql_read, NULL);
  door_txn_free (txn);
  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpuint (strlen (found), >, 2);
}

/* A table of rows (id, name = value). */
static GVariant *
rows_of (const char *name, GVariant **values, size_t n)
{
  GVariantBuilder rows;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%06zu", i);

      g_variant_builder_open (&rows, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&rows, "{sv}", "id", g_variant_new_string (id));
      g_variant_builder_add (&rows, "{sv}", name, values[i]);
      g_variant_builder_close (&rows);
    }
  return g_variant_builder_end (&rows);
}

static void
test_integers (Fixture *fixture)
{
  static const int64_t numbers[] = { 0,
                                     -1,
                                     G_MAXINT32,
                                     (int64_t) G_MAXINT32 + 1,
                                     G_MININT32,
                                     INT64_C (9007199254740993),
                                     INT64_C (-9007199254740993),
                                     G_MAXINT64,
                                     G_MAXINT64 - 1,
                                     G_MININT64,
                                     G_MININT64 + 1,
                                     INT64_C (1795316863000) };
  GVariant *values[G_N_ELEMENTS (numbers)];
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (GVariant) found = NULL;
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    values[i] = g_variant_new_int64 (numbers[i]);
  txn = begin (fixture, DOOR_TXN_WRITE);
  g_assert_cmpint (
      door_txn_execute_batch (txn, sql_pair, rows_of ("n", values, G_N_ELEMENTS (numbers)), &error), ==,
      G_N_ELEMENTS (numbers));
  found = door_txn_query (txn, "SELECT n FROM item ORDER BY id", NULL, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (found, i);
      int64_t n = 0;

      g_assert_true (g_variant_lookup (row, "n", "x", &n));
      g_assert_cmpint (n, ==, numbers[i]);
    }
}

/* Bit by bit: any number there is, and those at the edges. */
static double
make_double (size_t i)
{
  static const double edges[] = { 0.0,          -0.0,          0.1,       -1.0,
                                  1e22,         1e23,          DBL_MAX,   DBL_MIN,
                                  DBL_TRUE_MIN, -DBL_TRUE_MIN, 1.0 / 3.0, 5.0,
                                  1e-290,       9.9e-291,      INFINITY,  123456789012345680.0,
                                  1e300,        -2.5e-308 };
  uint64_t bits;
  double number;

  if (i < G_N_ELEMENTS (edges))
    return edges[i];
  bits = (uint64_t) i * UINT64_C (0x9e3779b97f4a7c15);
  bits = (bits ^ (bits >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  bits ^= bits >> 27;
  memcpy (&number, &bits, sizeof number);
  return isnan (number) ? 0.5 : number;
}

static void
test_doubles (Fixture *fixture)
{
  g_autofree GVariant **values = g_new0 (GVariant *, N_DOUBLES);
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  g_autoptr (GVariant) found = NULL;
  g_autoptr (GError) error = NULL;
  int64_t n_rows;

  for (size_t i = 0; i < N_DOUBLES; i++)
    values[i] = g_variant_new_double (make_double (i));
  n_rows = door_txn_execute_batch (txn, "INSERT INTO item (id, d) VALUES (:id, :d)",
                                   rows_of ("d", values, N_DOUBLES), &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_rows, ==, N_DOUBLES);
  found = door_txn_query (txn, "SELECT d FROM item ORDER BY id", NULL, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < N_DOUBLES; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (found, i);
      double expected = make_double (i), d = 0;

      g_assert_true (g_variant_lookup (row, "d", "d", &d));
      if (memcmp (&d, &expected, sizeof d) != 0 && expected != 0)
        g_error ("%.17g came back as %.17g", expected, d);
    }
}

static void
test_text (Fixture *fixture)
{
  static const char *const texts[] = {
    "",
    "'",
    "\"",
    "\\",
    "\\u0041",
    "\\\\\"'",
    "a\nb\tc\r\f\b\x01\x1f\x7f",
    "\xe2\x80\xa8\xe2\x80\xa9",
    "\xf0\x9f\x98\x80 zo\xc3\xab \xe6\x9d\xb1\xe4\xba\xac",
    "\xef\xbb\xbf\xef\xbf\xbd\xef\xbf\xbf\xf4\x8f\xbf\xbf",
    "1e5",
    "null",
    "{\"a\": [1]}",
    ":id ##p0::string $1 ? ;",
    "'); DROP TABLE item; --",
    "</script>",
  };
  GVariant *values[G_N_ELEMENTS (texts)];
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  g_autoptr (GVariant) found = NULL;
  g_autoptr (GError) error = NULL;
  int64_t n_rows;

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    values[i] = g_variant_new_string (texts[i]);
  n_rows = door_txn_execute_batch (txn, "INSERT INTO item (id, t) VALUES (:id, :t)",
                                   rows_of ("t", values, G_N_ELEMENTS (texts)), &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_rows, ==, G_N_ELEMENTS (texts));
  found = door_txn_query (txn, "SELECT t FROM item ORDER BY id", NULL, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (found, i);
      const char *t = NULL;

      g_assert_true (g_variant_lookup (row, "t", "&s", &t));
      g_assert_cmpstr (t, ==, texts[i]);
    }
}

/* Each type in the columns it may go into, NULL among them: types are told, not guessed from the JSON. */
static void
test_same_as_single (Fixture *fixture)
{
  static const struct
  {
    const char *column;
    const char *values[4];
  } table[] = {
    { "n", { "<int64 1>", "<int64 -9223372036854775808>", "<int64 9007199254740993>" } },
    { "n", { "<true>", "<false>" } },
    { "n", { "<@mx 7>", "<@mx nothing>", "<int64 8>" } },
    { "n", { "<@mb nothing>", "<@mb true>" } },
    { "small", { "<int64 2147483647>", "<int64 -5>", "<@mx nothing>" } },
    { "flag", { "<true>", "<false>", "<@mb nothing>" } },
    { "d", { "<0.1>", "<1e22>", "<@md nothing>", "<5.0>" } },
    { "d", { "<int64 9007199254740993>", "<int64 3>" } },
    { "t", { "<'12'>", "<'1.50'>", "<@ms nothing>", "<@ms 'x'>" } },
    { "t", { "<int64 12>", "<@mx nothing>" } },
    { "t", { "<0.1>", "<2.5>", "<@md nothing>" } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *sql = g_strdup_printf ("INSERT INTO item (id, %s) VALUES (:id, :v)", table[i].column);
      g_autoptr (GString) rows = g_string_new ("[");

      for (int j = 0; j < 4 && table[i].values[j] != NULL; j++)
        g_string_append_printf (rows, "%s{'id': <'%d'>, 'v': %s}", j > 0 ? ", " : "", j, table[i].values[j]);
      g_string_append (rows, "]");
      g_test_message ("%s", rows->str);
      assert_same (fixture, sql, parse (rows->str));
    }
}

/* What a column does not take as one row, it does not take as many: PostgreSQL refuses these, SQLite none. */
static void
test_same_refusals (Fixture *fixture)
{
  static const char *const table[][2] = {
    { "flag", "<int64 1>" }, { "flag", "<1.0>" }, { "flag", "<'maybe'>" },
    { "n", "<'many'>" },     { "d", "<'1,5'>" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *sql = g_strdup_printf ("INSERT INTO item (id, %s) VALUES (:id, :v)", table[i][0]);
      g_autofree char *text = g_strdup_printf ("[{'id': <'a'>, 'v': %s}]", table[i][1]);
      g_autoptr (GVariant) rows = parse (text), row = g_variant_get_child_value (rows, 0);
      DoorTxn *txn = begin (fixture, DOOR_TXN_WRITE);
      int64_t expected = door_txn_execute (txn, sql, row, NULL);

      door_txn_free (txn);
      txn = begin (fixture, DOOR_TXN_WRITE);
      g_test_message ("%s %s: %d", sql, text, (int) expected);
      g_assert_cmpint (door_txn_execute_batch (txn, sql, rows, NULL), ==, expected);
      door_txn_free (txn);
    }
}

static void
test_conflicts (Fixture *fixture)
{
  static const char rows[] = "[{'id': <'b'>, 'n': <int64 1>}, {'id': <'a'>, 'n': <int64 2>}, "
                             "{'id': <'b'>, 'n': <int64 3>}, {'id': <'old'>, 'n': <int64 4>}, "
                             "{'id': <'b'>, 'n': <int64 5>}, {'id': <'c'>, 'n': <int64 6>}]";
  DoorTxn *txn;

  fixture_write (fixture, sql_pair, "{'id': <'old'>, 'n': <int64 0>}");
  txn = begin (fixture, DOOR_TXN_WRITE);
  g_assert_cmpint (add (txn, sql_ignore, rows), ==, 3);
  assert_rows (
      txn, "SELECT id, n FROM item ORDER BY id",
      "[{'id': <'a'>, 'n': <int64 2>}, {'id': <'b'>, 'n': <int64 1>}, {'id': <'c'>, 'n': <int64 6>}, "
      "{'id': <'old'>, 'n': <int64 0>}]");
  g_assert_cmpint (add (txn, sql_ignore, rows), ==, 0);
  door_txn_free (txn);

  txn = begin (fixture, DOOR_TXN_WRITE);
  g_assert_cmpint (add (txn, sql_update, rows), ==, 6);
  assert_rows (
      txn, "SELECT id, n FROM item ORDER BY id",
      "[{'id': <'a'>, 'n': <int64 2>}, {'id': <'b'>, 'n': <int64 5>}, {'id': <'c'>, 'n': <int64 6>}, "
      "{'id': <'old'>, 'n': <int64 4>}]");
  door_txn_free (txn);

  assert_same (fixture, sql_ignore, parse (rows));
  assert_same (fixture, sql_update, parse (rows));
}

/* Rows without a key are no repetition of each other. */
static void
test_conflicts_null (Fixture *fixture)
{
  static const char sql[] =
      "INSERT INTO item (id, t, n) VALUES (:id, :t, :n) ON CONFLICT (T) DO UPDATE SET n = excluded.n";
  static const char rows[] =
      "[{'id': <'a'>, 't': <@ms nothing>, 'n': <int64 1>}, {'id': <'b'>, 't': <@ms nothing>, 'n': <int64 "
      "2>}, "
      "{'id': <'c'>, 't': <@ms 'x'>, 'n': <int64 3>}, {'id': <'d'>, 't': <@ms nothing>, 'n': <int64 4>}]";
  DoorTxn *txn;

  fixture_write (fixture, "CREATE UNIQUE INDEX item_t ON item (t)", NULL);
  assert_same (fixture, sql, parse (rows));
  txn = begin (fixture, DOOR_TXN_WRITE);
  forget_sent ();
  g_assert_cmpint (add (txn, sql, rows), ==, 4);
  g_assert_cmpuint (sent.n_statements, ==, 1);
  door_txn_free (txn);
}

static void
test_empty (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  forget_sent ();
  g_assert_cmpint (add (txn, sql_add, "[]"), ==, 0);
  g_assert_cmpuint (sent.n_statements, ==, 0);
  g_assert_cmpint (add (txn, sql_pair, "[{'id': <'a'>, 'n': <int64 1>}]"), ==, 1);
}

/* Before the first row is sent, also when the last is wrong, and with the consequences of any failure. */
static void
test_refused_rows (Fixture *fixture)
{
  static const struct
  {
    const char *rows;
    const char *needle;
  } bad[] = {
    { "[{'id': <'a'>}]", "row 0: parameter :n is missing" },
    { "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'b'>, 'N': <int64 1>}]", "row 1: parameter :n is missing" },
    { "[{'id': <'a'>, 'n': <int64 1>}, @a{sv} {}]", "row 1: parameter :id is missing" },
    { "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'b'>, 'n': <'1'>}]",
      "row 1: parameter :n is of another type" },
    { "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'b'>, 'n': <true>}]",
      "row 1: parameter :n is of another type" },
    { "[{'id': <'a'>, 'n': <1.5>}, {'id': <'b'>, 'n': <@mx nothing>}]", "row 1: parameter :n is of another" },
    { "[{'id': <'a'>, 'n': <uint32 1>}]", "row 0: parameter :n is of a wrong type" },
    { "[{'id': <'a'>, 'n': <@ay [1]>}]", "row 0: parameter :n is of a wrong type" },
    { "[{'id': <'a'>, 'n': <<int64 1>>}]", "row 0: parameter :n is of a wrong type" },
    { "[{'id': <'a'>, 'n': <@mi nothing>}]", "row 0: parameter :n is of a wrong type" },
    { "[{'id': <@as ['a']>, 'n': <int64 1>}]", "row 0: parameter :id is of a wrong type" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
      g_autoptr (GVariant) rows = parse (bad[i].rows);

      forget_sent ();
      g_assert_cmpint (door_txn_execute_batch (txn, sql_pair, rows, &error), ==, -1);
      assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
      g_assert_nonnull (strstr (error->message, bad[i].needle));
      g_assert_cmpuint (sent.n_statements, ==, 0);
      g_assert_false (door_txn_commit (txn, NULL));
    }
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

static void
test_refused_type (Fixture *fixture)
{
  static const char *const bad[] = { "{'id': <'a'>}", "@aas []", "@av []", "[<'a'>]", "'rows'" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

      g_assert_cmpint (door_txn_execute_batch (txn, sql_pair, g_variant_new_parsed (bad[i]), &error), ==, -1);
      assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
      g_assert_nonnull (strstr (error->message, "not aa{sv}"));
    }
}

static void
test_refused_place (Fixture *fixture)
{
  static const char *const rows[] = { "[{'id': <'a'>, 'n': <int64 1>}]", "[]" };

  for (int mode = DOOR_TXN_READ; mode <= DOOR_TXN_SINGLE; mode++)
    for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (DoorTxn) txn = begin (fixture, mode);

        if (mode == DOOR_TXN_WRITE)
          g_assert_true (door_txn_commit (txn, NULL));
        g_assert_cmpint (door_txn_execute_batch (txn, sql_pair, parse (rows[i]), &error), ==, -1);
        assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
      }
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

/* One wrong row among many: none is kept, and only ROLLBACK TO helps. */
static void
test_failure (Fixture *fixture)
{
  static const char bad[] = "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'b'>, 'n': <int64 2>}, "
                            "{'id': <'a'>, 'n': <int64 3>}, {'id': <'c'>, 'n': <int64 4>}]";
  static const char good[] = "[{'id': <'d'>, 'n': <int64 5>}]";
  g_autoptr (GError) error = NULL, again = NULL;
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  g_autoptr (GVariant) rows = parse (bad), others = parse (good);

  g_assert_cmpint (door_txn_execute (txn, "SAVEPOINT s", NULL, &error), ==, 0);
  g_assert_cmpint (door_txn_execute_batch (txn, sql_pair, rows, &error), ==, -1);
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
  g_assert_null (strstr (error->message, "'id'"));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_cmpint (door_txn_execute_batch (txn, sql_pair, others, &again), ==, -1);
  assert_fault (again, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
  g_assert_null (door_txn_query (txn, sql_read, NULL, NULL));
  g_clear_error (&error);
  g_assert_cmpint (door_txn_execute (txn, "ROLLBACK TO SAVEPOINT s", NULL, &error), ==, 0);
  g_assert_cmpint (door_txn_execute_batch (txn, sql_pair, others, &error), ==, 1);
  g_assert_true (door_txn_commit (txn, &error));
  g_assert_cmpint (fixture_count (fixture->storage), ==, 1);
}

static GVariant *
make_many (size_t n, size_t wrong)
{
  GVariantBuilder rows;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%08zu-f1b5-4a0e-9c56-1d2f3a4b5c6d", i == wrong ? 0 : i);
      g_autofree char *t = g_strdup_printf ("person-%zu@example.test", i);

      g_variant_builder_open (&rows, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&rows, "{sv}", "id", g_variant_new_string (id));
      g_variant_builder_add (&rows, "{sv}", "n", g_variant_new_int64 ((int64_t) i << 20));
      g_variant_builder_add (&rows, "{sv}", "small", g_variant_new_int64 ((int64_t) (i % 1000)));
      g_variant_builder_add (&rows, "{sv}", "d", g_variant_new_double ((double) i / 8));
      g_variant_builder_add (&rows, "{sv}", "flag", g_variant_new_boolean (i % 2 == 1));
      g_variant_builder_add (&rows, "{sv}", "t", g_variant_new_string (t));
      g_variant_builder_close (&rows);
    }
  return g_variant_ref_sink (g_variant_builder_end (&rows));
}

/* In the last piece: those before leave nothing either. */
static void
test_failure_later (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = make_many (N_LATER + 1000, N_LATER);
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  forget_sent ();
  g_assert_cmpint (door_txn_execute_batch (txn, sql_add, rows, &error), ==, -1);
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
  g_assert_cmpuint (sent.n_statements, >=, N_LATER / 10000 + 1);
  g_assert_false (door_txn_commit (txn, NULL));
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

static long
get_peak_kib (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_maxrss;
}

/* A hundred thousand rows are some 14 MiB of JSON: one round trip for each MiB, and never more than that at
 * hand. */
static void
test_many (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = make_many (N_MANY, SIZE_MAX);
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);
  g_autofree char *expected = NULL;
  long before_kib;

  forget_sent ();
  before_kib = get_peak_kib ();
  g_assert_cmpint (door_txn_execute_batch (txn, sql_add, rows, &error), ==, N_MANY);
  g_assert_no_error (error);
  g_test_message ("%u statements, the longest with %zu bytes; peak grew by %ld KiB", sent.n_statements,
                  sent.longest, get_peak_kib () - before_kib);
  g_assert_cmpuint (sent.n_statements, >=, N_MANY / 10000);
  g_assert_cmpuint (sent.n_statements, <=, N_MANY / 5000);
  g_assert_cmpuint (sent.longest, <=, MIB + 1024);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpint (get_peak_kib () - before_kib, <=, 24 * 1024);
#endif
  expected = g_strdup_printf ("[{'rows': <int64 %d>, 'n': <int64 %" G_GINT64_FORMAT ">, 'last': <int64 %d>}]",
                              N_MANY, (INT64_C (1) << 20) * N_MANY * (N_MANY - 1) / 2, (N_MANY - 1) % 1000);
  assert_rows (txn,
               "SELECT COUNT(*) AS rows, SUM(n) AS n, (SELECT small FROM item ORDER BY id DESC LIMIT 1) AS "
               "last FROM item",
               expected);
}

/* Round trips: one for few rows; one more where a row is met twice, and for a number that does not travel. */
static void
test_statements (Fixture *fixture)
{
  static const struct
  {
    const char *sql;
    const char *rows;
    unsigned int n_statements;
  } table[] = {
    { sql_pair,
      "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'b'>, 'n': <int64 1>}, {'id': <'c'>, 'n': <int64 1>}]", 1 },
    { sql_update,
      "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'b'>, 'n': <int64 1>}, {'id': <'c'>, 'n': <int64 1>}]", 1 },
    { sql_update,
      "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'b'>, 'n': <int64 1>}, {'id': <'a'>, 'n': <int64 2>}]", 2 },
    { sql_ignore,
      "[{'id': <'a'>, 'n': <int64 1>}, {'id': <'a'>, 'n': <int64 1>}, {'id': <'a'>, 'n': <int64 2>}]", 1 },
    { "INSERT INTO item (id, d) VALUES (:id, :n)",
      "[{'id': <'a'>, 'n': <1.5>}, {'id': <'b'>, 'n': <1e-300>}, {'id': <'c'>, 'n': <0.0>}]", 3 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

      forget_sent ();
      g_assert_cmpint (add (txn, table[i].sql, table[i].rows), >=, 1);
      g_assert_cmpuint (sent.n_statements, ==, table[i].n_statements);
    }
}

/* Among more texts than are kept prepared, and again after them. */
static void
test_many_statements (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture, DOOR_TXN_WRITE);

  for (int i = 0; i < 700; i++)
    {
      g_autofree char *sql = g_strdup_printf (
          "INSERT INTO item (id, n) VALUES (:id, :n%d) ON CONFLICT (id) DO UPDATE SET n = %d", i, i);
      g_autofree char *rows =
          g_strdup_printf ("[{'id': <'a'>, 'n%d': <int64 1>}, {'id': <'%d'>, 'n%d': <int64 1>}]", i, i, i);

      g_assert_cmpint (add (txn, sql, rows), ==, 2);
    }
  assert_rows (txn, "SELECT COUNT(*) AS rows, MAX(n) AS n FROM item",
               "[{'rows': <int64 701>, 'n': <int64 699>}]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/batch/types/integers", test_integers);
  fixture_add ("/batch/types/doubles", test_doubles);
  fixture_add ("/batch/types/text", test_text);
  fixture_add ("/batch/types/same-as-single", test_same_as_single);
  fixture_add ("/batch/types/same-refusals", test_same_refusals);
  fixture_add ("/batch/conflicts/repeated", test_conflicts);
  fixture_add ("/batch/conflicts/null", test_conflicts_null);
  fixture_add ("/batch/empty", test_empty);
  fixture_add ("/batch/refused/rows", test_refused_rows);
  fixture_add ("/batch/refused/type", test_refused_type);
  fixture_add ("/batch/refused/place", test_refused_place);
  fixture_add ("/batch/failure/undone", test_failure);
  fixture_add ("/batch/failure/later", test_failure_later);
  fixture_add ("/batch/many/rows", test_many);
  fixture_add ("/batch/many/statements", test_many_statements);
  fixture_add ("/batch/round-trips", test_statements);
  return g_test_run ();
}

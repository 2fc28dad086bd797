/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <time.h>

#include "storage-backend.h"

/* What many rows cost: one statement for each, and as a batch, each in one transaction that is committed, in
 * turns. Prints a line for each: way, CPU of this process, CPU of the database's own process, time, in µs per
 * row.
 *
 *     bench-batch-BACKEND ROWS ROUNDS
 */

#define MAX_ROWS 1000000
#define MAX_ROUNDS 1000

static const char sql_table[] =
    "CREATE TABLE item (id TEXT NOT NULL PRIMARY KEY, owner TEXT, label TEXT, at BIGINT, "
    "size BIGINT, share DOUBLE PRECISION, active BOOLEAN)";
static const char sql_add[] =
    "INSERT INTO item (id, owner, label, at, size, share, active) VALUES (:id, :owner, "
    ":label, :at, :size, :share, :active) ON CONFLICT (id) DO UPDATE SET label = excluded.label";

typedef struct
{
  double own_us;
  double server_us;
  double time_us;
} Clocks;

static void
fail (const GError *error)
{
  if (error == NULL)
    return;
  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static double
read_us (clockid_t clock)
{
  struct timespec now = { 0 };

  clock_gettime (clock, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

/* The process of PostgreSQL that serves this transaction; 0 for a database without one. */
static clockid_t
find_server (DoorTxn *txn, bool has_server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = NULL, row = NULL;
  clockid_t clock = 0;
  int64_t pid = 0;

  if (!has_server)
    return 0;
  rows = door_txn_query (txn, "SELECT pg_backend_pid() AS pid", NULL, &error);
  fail (error);
  row = g_variant_get_child_value (rows, 0);
  g_variant_lookup (row, "pid", "x", &pid);
  return clock_getcpuclockid ((pid_t) pid, &clock) == 0 ? clock : 0;
}

static Clocks
read_clocks (clockid_t server)
{
  return (Clocks){ read_us (CLOCK_PROCESS_CPUTIME_ID), server != 0 ? read_us (server) : 0,
                   read_us (CLOCK_MONOTONIC) };
}

static GVariant *
make_rows (size_t n)
{
  GVariantBuilder rows;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%08zx-f1b5-4a0e-9c56-1d2f3a4b5c6d", i);
      g_autofree char *owner = g_strdup_printf ("person-%zu@example.test", i);

      g_variant_builder_open (&rows, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&rows, "{sv}", "id", g_variant_new_string (id));
      g_variant_builder_add (&rows, "{sv}", "owner", g_variant_new_string (owner));
      g_variant_builder_add (&rows, "{sv}", "label", g_variant_new_string ("iPhone of the sales team"));
      g_variant_builder_add (&rows, "{sv}", "at",
                             g_variant_new_int64 (INT64_C (1795316863000) + (int64_t) i));
      g_variant_builder_add (&rows, "{sv}", "size", g_variant_new_maybe (G_VARIANT_TYPE_INT64, NULL));
      g_variant_builder_add (&rows, "{sv}", "share", g_variant_new_double ((double) i / 7));
      g_variant_builder_add (&rows, "{sv}", "active", g_variant_new_boolean (i % 2 == 0));
      g_variant_builder_close (&rows);
    }
  return g_variant_ref_sink (g_variant_builder_end (&rows));
}

static int64_t
add_each (DoorTxn *txn, GVariant *rows, GError **error)
{
  size_t n = g_variant_n_children (rows);
  int64_t n_rows = 0;

  for (size_t i = 0; i < n && *error == NULL; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);

      n_rows += door_txn_execute (txn, sql_add, row, error);
    }
  return n_rows;
}

static void
measure (DoorStorage *storage, GVariant *rows, bool batch, bool has_server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, &error);
  double n = (double) g_variant_n_children (rows);
  clockid_t server;
  Clocks before, after;
  int64_t n_rows;

  fail (error);
  server = find_server (txn, has_server);
  before = read_clocks (server);
  n_rows = batch ? door_txn_execute_batch (txn, sql_add, rows, &error) : add_each (txn, rows, &error);
  fail (error);
  door_txn_commit (txn, &error);
  fail (error);
  after = read_clocks (server);
  if (n_rows != (int64_t) n)
    {
      g_printerr ("%" G_GINT64_FORMAT " rows instead of %.0f\n", n_rows, n);
      exit (EXIT_FAILURE);
    }
  g_print ("%s %.2f %.2f %.2f\n", batch ? "batch" : "single", (after.own_us - before.own_us) / n,
           (after.server_us - before.server_us) / n, (after.time_us - before.time_us) / n);
}

static void
run_sql (DoorStorage *storage, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, &error);

  fail (error);
  door_txn_execute (txn, sql, NULL, &error);
  fail (error);
  door_txn_commit (txn, &error);
  fail (error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = NULL;
  g_autoptr (GVariant) rows = NULL;
  g_autofree char *place = NULL;
  bool has_server = g_str_has_suffix (argv[0], "postgresql");
  guint64 n_rows = 0, n_rounds = 0;

  if (argc != 3 || !g_ascii_string_to_unsigned (argv[1], 10, 1, MAX_ROWS, &n_rows, NULL) ||
      !g_ascii_string_to_unsigned (argv[2], 10, 1, MAX_ROUNDS, &n_rounds, NULL) ||
      storage_backend_get_skip_reason () != NULL)
    {
      g_printerr ("usage: %s ROWS ROUNDS, with a database\n", argv[0]);
      return EXIT_FAILURE;
    }
  place = storage_backend_new_place ();
  storage = storage_backend_new (place, "1", &error);
  fail (error);
  door_storage_open (storage, NULL, &error);
  fail (error);
  run_sql (storage, sql_table);
  rows = make_rows (n_rows);
  for (guint64 round = 0; round < 2 * n_rounds; round++)
    {
      measure (storage, rows, round % 2 == 1, has_server);
      run_sql (storage, "DELETE FROM item");
    }
  g_clear_object (&storage);
  storage_backend_remove_place (place);
  return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <stdatomic.h>

#include "door-error.h"
#include "door-writer.h"
#include "storage-fixture.h"

#define N_READERS 4
#define N_WRITERS 4
#define N_MOVES 60

typedef struct
{
  DoorStorage *storage;
  DoorWriter *writer;
  atomic_bool stop;
  atomic_uint n_reads;
} Bank;

/* Moves one from an account to the other: the sum stays, in every snapshot. */
static gboolean
work_move (DoorTxn *txn, gpointer data, GError **error)
{
  return door_txn_execute (txn, "UPDATE item SET n = n - 1 WHERE id = 'a'", NULL, error) == 1 &&
         door_txn_execute (txn, "UPDATE item SET n = n + 1 WHERE id = 'b'", NULL, error) == 1;
}

static int64_t
read_number (DoorTxn *txn, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = door_txn_query (txn, sql, NULL, &error), row = NULL;
  int64_t n = -1;

  g_assert_no_error (error);
  row = g_variant_get_child_value (rows, 0);
  g_assert_true (g_variant_lookup (row, "n", "x", &n));
  return n;
}

static void *
read_on (void *data)
{
  Bank *bank = data;

  while (!atomic_load (&bank->stop))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = door_storage_begin (bank->storage, DOOR_TXN_READ, NULL, &error);
      int64_t a, b;

      g_assert_no_error (error);
      a = read_number (txn, "SELECT n FROM item WHERE id = 'a'");
      b = read_number (txn, "SELECT n FROM item WHERE id = 'b'");
      g_assert_cmpint (a + b, ==, 1000);
      atomic_fetch_add (&bank->n_reads, 1);
    }
  return NULL;
}

static void *
write_on (void *data)
{
  Bank *bank = data;

  for (int i = 0; i < N_MOVES; i++)
    {
      g_autoptr (GError) error = NULL;

      door_writer_run (bank->writer, work_move, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

/* More readers than connections, and two threads of the writer. */
static void
test_readers_and_writers (Fixture *fixture)
{
  g_autoptr (DoorStorage) storage = fixture_open_another (fixture, "2");
  Bank bank = { storage, NULL, false, 0 };
  pthread_t readers[N_READERS], writers[N_WRITERS];
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = NULL;

  fixture_write (fixture, "INSERT INTO item (id, n) VALUES ('a', 1000), ('b', 0)", NULL);
  bank.writer = door_writer_new (storage, 2, 64, 512);
  for (size_t i = 0; i < N_READERS; i++)
    g_assert_cmpint (pthread_create (&readers[i], NULL, read_on, &bank), ==, 0);
  for (size_t i = 0; i < N_WRITERS; i++)
    g_assert_cmpint (pthread_create (&writers[i], NULL, write_on, &bank), ==, 0);
  for (size_t i = 0; i < N_WRITERS; i++)
    pthread_join (writers[i], NULL);
  atomic_store (&bank.stop, true);
  for (size_t i = 0; i < N_READERS; i++)
    pthread_join (readers[i], NULL);
  door_writer_free (bank.writer);

  txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
  g_assert_cmpint (read_number (txn, "SELECT n FROM item WHERE id = 'b'"), ==, N_WRITERS * N_MOVES);
  g_assert_cmpuint (atomic_load (&bank.n_reads), >, 0);
}

/* Pieces of work in one group, some of which fail in the database. */
static gboolean
work_add (DoorTxn *txn, gpointer data, GError **error)
{
  g_autofree char *id = g_strdup_printf ("%u", GPOINTER_TO_UINT (data) / 2);

  return door_txn_execute (txn, "INSERT INTO item (id) VALUES (:id)",
                           g_variant_new_parsed ("{'id': <%s>}", id), error) == 1;
}

typedef struct
{
  atomic_uint n_good;
  atomic_uint n_bad;
} Tally;

static void
done_tally (gpointer data, const GError *error)
{
  Tally *tally = data;

  if (error != NULL)
    g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
  atomic_fetch_add (error == NULL ? &tally->n_good : &tally->n_bad, 1);
}

static void
test_group (Fixture *fixture)
{
  DoorWriter *writer = door_writer_new (fixture->storage, 1, 400, 512);
  g_autoptr (GError) error = NULL;
  Tally tally = { 0 };

  for (unsigned int i = 0; i < 400; i++)
    {
      g_assert_true (door_writer_submit (writer, work_add, GUINT_TO_POINTER (i), done_tally, &tally, &error));
      g_assert_no_error (error);
    }
  door_writer_free (writer);
  g_assert_cmpuint (atomic_load (&tally.n_good), ==, 200);
  g_assert_cmpuint (atomic_load (&tally.n_bad), ==, 200);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 200);
}

typedef struct
{
  DoorStorage *storage;
  GCancellable *cancellable;
  GError *error;
} Wait;

static void *
wait_for_connection (void *data)
{
  Wait *wait = data;

  g_assert_null (door_storage_begin (wait->storage, DOOR_TXN_READ, wait->cancellable, &wait->error));
  return NULL;
}

/* All connections are taken; who waits can be told to stop, before and while. */
static void
test_cancel (Fixture *fixture)
{
  g_autoptr (DoorStorage) storage = fixture_open_another (fixture, "1");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
  Wait wait = { storage, cancellable, NULL };
  pthread_t thread;

  g_assert_nonnull (txn);
  g_assert_cmpint (pthread_create (&thread, NULL, wait_for_connection, &wait), ==, 0);
  g_cancellable_cancel (cancellable);
  pthread_join (thread, NULL);
  assert_fault (wait.error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_clear_error (&wait.error);
  g_clear_pointer (&txn, door_txn_free);
  txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
  g_assert_no_error (error);
}

static void *
hold_shortly (void *data)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 50; i++)
    {
      g_autoptr (DoorTxn) txn = door_storage_begin (data, DOOR_TXN_READ, NULL, &error);

      g_assert_no_error (error);
      read_number (txn, "SELECT COUNT(*) AS n FROM item");
    }
  return NULL;
}

static void
test_pool (Fixture *fixture)
{
  g_autoptr (DoorStorage) storage = fixture_open_another (fixture, "1");
  pthread_t threads[6];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, hold_shortly, storage), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
}

static void *
come_and_go (void *data)
{
  for (int i = 0; i < 15; i++)
    {
      g_autoptr (DoorStorage) storage = fixture_open_another (data, "1");
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
      g_autofree char *rows = NULL;

      g_assert_no_error (error);
      rows = fixture_read (txn, "SELECT COUNT(*) AS n FROM item WHERE id = :id", "{'id': <'a'>}");
      g_assert_cmpstr (rows, ==, "[{'n': <int64 0>}]");
    }
  return NULL;
}

/* Connections that open and close disturb no others. */
static void
test_come_and_go (Fixture *fixture)
{
  pthread_t threads[6];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, come_and_go, fixture), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/concurrency/readers-and-writers", test_readers_and_writers);
  fixture_add ("/concurrency/group", test_group);
  fixture_add ("/concurrency/cancel", test_cancel);
  fixture_add ("/concurrency/pool", test_pool);
  fixture_add ("/concurrency/come-and-go", test_come_and_go);
  return g_test_run ();
}

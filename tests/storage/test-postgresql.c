/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "door-error.h"
#include "door-postgresql-uri.h"
#include "door-writer.h"
#include "storage-fixture.h"

#define N_THREADS 4
#define N_KILLS 10

/* The settings every connection begins with are in every string; here it is about the rest. */
static void
test_uri (void)
{
  static const struct
  {
    const char *text;
    const char *host;
    const char *port;
    const char *user;
    const char *database;
  } good[] = {
    { "postgresql://door@/ward?host=/run/postgresql", "/run/postgresql", NULL, "door", "ward" },
    { "postgres://db.example.org/ward", "db.example.org", NULL, NULL, "ward" },
    { "postgresql://d%40x@[::1]:5433/w%20d", "::1", "5433", "d@x", "w d" },
    { "postgresql:///ward", NULL, NULL, NULL, "ward" },
    { "postgresql:///?dbname=ward&user=u&port=1", NULL, "1", "u", "ward" },
    { "postgresql://u@%2Frun%2Fpg/ward?sslmode=require", "/run/pg", NULL, "u", "ward" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorPostgresqlUri) uri = door_postgresql_uri_parse (good[i].text, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (uri->host, ==, good[i].host);
      g_assert_cmpstr (uri->port, ==, good[i].port);
      g_assert_cmpstr (uri->user, ==, good[i].user);
      g_assert_cmpstr (uri->database, ==, good[i].database);
    }
}

static void
test_uri_refused (void)
{
  static const struct
  {
    const char *text;
    const char *reason;
  } bad[] = {
    { "", "not the address" },
    { "mysql://u@h/d", "not the address" },
    { "host=/run/postgresql dbname=d", "not the address" },
    { "postgresql://u@h/d#x", "not the address" },
    { "postgresql://u@h", "name of the database" },
    { "postgresql://u@h/", "name of the database" },
    { "postgresql://u:secret@h/d", "set Password" },
    { "postgresql://u@h/d?password=secret", "set Password" },
    { "postgresql://u@a,b/d", "more than one host" },
    { "postgresql://u@h/d?target_session_attrs=any", "cannot pass on the setting target_session_attrs" },
    { "postgresql://u@h/d?options=-c%20x=1", "cannot pass on the setting options" },
    { "postgresql://u@h/d?host=g", "given twice" },
    { "postgresql://u@h/d?port=x", "not a port" },
    { "postgresql://u@/d?port=1%20sslmode=disable", "not a port" },
    { "postgresql://u@h/d?sslmode", "without a value" },
    { "postgresql://u@h/d?sslmode=", "without a proper value" },
    { "postgresql://u@h/d?sslmode=%zz", "not the address" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_postgresql_uri_parse (bad[i].text, &error));
      assert_fault (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE);
      g_assert_nonnull (strstr (error->message, bad[i].reason));
      g_assert_null (strstr (error->message, "secret"));
    }
}

/* Quotes and separators of two notations, one inside the other. */
static void
test_uri_quoting (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorPostgresqlUri) uri =
      door_postgresql_uri_parse ("postgresql://u'%3Bx@/d'%5C?host=/a%3Bb&sslmode=a'%20b", &error);
  g_autofree char *where = NULL, *who = NULL, *nobody = NULL;

  g_assert_no_error (error);
  where = door_postgresql_uri_dup_where (uri);
  who = door_postgresql_uri_dup_who (uri, "p'\\;=%");
  g_assert_true (g_str_has_prefix (where, "DB_NAME=d%5c%27%5c%5c;HOST=%2fa%3bb;PORT=5432%20"));
  g_assert_true (g_str_has_suffix (where, "sslmode%3d%27a%5c%27%20b%27"));
  g_assert_cmpstr (who, ==, "USERNAME=u%5c%27%3bx;PASSWORD=p%5c%27%5c%5c%3b%3d%25");
  g_clear_pointer (&uri->user, g_free);
  nobody = door_postgresql_uri_dup_who (uri, NULL);
  g_assert_null (nobody);
}

static void
test_session (Fixture *fixture)
{
  static const char sql[] =
      "SELECT current_setting('standard_conforming_strings') AS s, current_setting('statement_timeout') AS "
      "t, "
      "current_setting('client_encoding') AS e, current_setting('synchronous_commit') AS c, "
      "current_setting('application_name') AS a, current_setting('transaction_isolation') AS i, "
      "current_setting('transaction_read_only') AS r";
  static const char *const expected[] = {
    "[{'s': <'on'>, 't': <'15s'>, 'e': <'UNICODE'>, 'c': <'on'>, 'a': <'doorward'>, 'i': <'repeatable "
    "read'>, "
    "'r': <'on'>}]",
    "[{'s': <'on'>, 't': <'15s'>, 'e': <'UNICODE'>, 'c': <'on'>, 'a': <'doorward'>, 'i': <'read committed'>, "
    "'r': <'off'>}]",
  };

  for (int mode = DOOR_TXN_READ; mode <= DOOR_TXN_WRITE; mode++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = door_storage_begin (fixture->storage, mode, NULL, &error);
      g_autofree char *rows = NULL;

      g_assert_no_error (error);
      rows = fixture_read (txn, sql, NULL);
      g_assert_cmpstr (rows, ==, expected[mode]);
    }
}

/* libpq itself says what it does not understand. */
static void
test_options (Fixture *fixture)
{
  g_autofree char *good = g_strconcat (fixture->place, "&sslmode=disable&application_name=it%27s%20us", NULL);
  g_autofree char *bad = g_strconcat (fixture->place, "&sslmode=perhaps", NULL), *rows = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = storage_backend_new (good, "1", &error);
  g_autoptr (DoorTxn) txn = NULL;

  g_assert_true (door_storage_open (storage, NULL, &error));
  txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
  rows = fixture_read (txn, "SELECT current_setting('application_name') AS a", NULL);
  g_assert_cmpstr (rows, ==, "[{'a': <\"it's us\">}]");

  g_set_object (&storage, storage_backend_new (bad, "1", &error));
  g_assert_no_error (error);
  g_assert_false (door_storage_open (storage, NULL, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "sslmode"));
}

static void
test_unreachable (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = storage_backend_new ("postgresql:///x?host=/nowhere/at/all", "1", &error);

  g_assert_no_error (error);
  g_assert_false (door_storage_open (storage, NULL, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
}

/* Ends every other session, as a restart or a failover does. */
static void
kill_backends (DoorStorage *storage)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
  g_autoptr (GVariant) rows = NULL;

  g_assert_no_error (error);
  rows = door_txn_query (txn,
                         "SELECT pg_terminate_backend(pid, 1000) AS ended FROM pg_stat_activity "
                         "WHERE pid <> pg_backend_pid() AND datname = current_database()",
                         NULL, &error);
  g_assert_no_error (error);
}

static GHashTable *declared; /* provider → connection */

void gda_server_provider_handler_declare (gpointer provider, gpointer handler, gpointer connection,
                                          GType type, const char *dbms_type);

/* Stands before libgda's: a provider of one connection tells it of the types it knows. */
G_MODULE_EXPORT void
gda_server_provider_handler_declare (gpointer provider, gpointer handler, gpointer connection, GType type,
                                     const char *dbms_type)
{
  void (*real) (gpointer, gpointer, gpointer, GType, const char *) =
      dlsym (RTLD_NEXT, "gda_server_provider_handler_declare");

  if (declared != NULL && connection != NULL)
    {
      gpointer before = g_hash_table_lookup (declared, provider);

      g_assert_true (before == NULL || before == connection);
      g_hash_table_insert (declared, g_object_ref (provider), connection);
    }
  real (provider, handler, connection, type, dbms_type);
}

/* What libgda keeps with a provider has no lock, so no two connections share one. */
static void
test_own_provider (Fixture *fixture)
{
  g_autoptr (DoorStorage) one = NULL, two = NULL;

  declared = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  one = fixture_open_another (fixture, "1");
  two = fixture_open_another (fixture, "1");
  g_assert_cmpint (fixture_count (one), ==, 0);
  g_assert_cmpint (fixture_count (two), ==, 0);
  g_assert_cmpuint (g_hash_table_size (declared), ==, 4); /* to write and to read, twice */
  g_clear_pointer (&declared, g_hash_table_unref);
}

static void
test_lost_idle (Fixture *fixture)
{
  g_autoptr (DoorStorage) killer = fixture_open_another (fixture, "1");

  fixture_write (fixture, "INSERT INTO item (id) VALUES ('a')", NULL);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 1);
  kill_backends (killer);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 1);
  fixture_write (fixture, "INSERT INTO item (id) VALUES ('b')", NULL);
}

static void
test_lost_within (Fixture *fixture)
{
  g_autoptr (DoorStorage) killer = fixture_open_another (fixture, "1");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);

  door_txn_execute (txn, "INSERT INTO item (id) VALUES ('a')", NULL, &error);
  g_assert_no_error (error);
  kill_backends (killer);
  g_assert_cmpint (door_txn_execute (txn, "INSERT INTO item (id) VALUES ('b')", NULL, &error), ==, -1);
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_cmpint (door_txn_execute (txn, "ROLLBACK TO SAVEPOINT s", NULL, &error), ==, -1);
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_false (door_txn_commit (txn, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

static void
test_lost_at_commit (Fixture *fixture)
{
  g_autoptr (DoorStorage) killer = fixture_open_another (fixture, "1");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);

  door_txn_execute (txn, "INSERT INTO item (id) VALUES ('a')", NULL, &error);
  kill_backends (killer);
  g_assert_false (door_txn_commit (txn, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
}

static pid_t
read_pid (DoorTxn *txn)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) rows = door_txn_query (txn, "SELECT pg_backend_pid() AS pid", NULL, &error);
  g_autoptr (GVariant) row = NULL;
  int64_t pid = 0;

  g_assert_no_error (error);
  row = g_variant_get_child_value (rows, 0);
  g_assert_true (g_variant_lookup (row, "pid", "x", &pid));
  return (pid_t) pid;
}

/* A server that hangs: the kernel of its machine still acknowledges what is sent. */
static void
test_silent (Fixture *fixture)
{
  g_autofree char *place = g_strconcat (fixture->place, "&tcp_user_timeout=1000", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = storage_backend_new (place, "1", &error);
  g_autoptr (DoorTxn) txn = NULL;
  pid_t pid;

  g_assert_true (door_storage_open (storage, NULL, &error));
  txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_cmpint (door_txn_execute (txn, "INSERT INTO item (id) VALUES ('a')", NULL, &error), ==, 1);
  pid = read_pid (txn);
  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  g_test_expect_message ("doorward-store", G_LOG_LEVEL_WARNING, "the database has not answered for *");
  g_assert_cmpint (door_txn_execute (txn, "UPDATE item SET n = 1 WHERE id = 'a'", NULL, &error), ==, -1);
  g_test_assert_expected_messages ();
  kill (pid, SIGCONT);
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_clear_pointer (&txn, door_txn_free);
  g_assert_cmpint (fixture_count (storage), ==, 0);
}

static int64_t
time_open (DoorStorage *storage)
{
  g_autoptr (GError) error = NULL;
  int64_t began_us = g_get_monotonic_time ();

  g_assert_false (door_storage_open (storage, NULL, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  return g_get_monotonic_time () - began_us;
}

/* Whoever asks after one who has waited in vain is told so without waiting. */
static void
test_in_vain (void)
{
  g_autofree char *folder = g_dir_make_tmp ("door-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, ".s.PGSQL.5432", NULL);
  g_autofree char *place = g_strdup_printf ("postgresql:///x?host=%s&connect_timeout=2", folder);
  g_autoptr (GSocket) listener =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = NULL;

  g_socket_bind (listener, address, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (g_socket_listen (listener, &error));
  storage = storage_backend_new (place, "1", &error);
  g_assert_no_error (error);
  g_assert_cmpint (time_open (storage), >=, G_USEC_PER_SEC);
  g_assert_cmpint (time_open (storage), <, G_USEC_PER_SEC);
  g_unlink (path);
  g_rmdir (folder);
}

typedef struct
{
  DoorStorage *storage;
  DoorWriter *writer;
  atomic_bool stop;
  atomic_int next;
  pthread_mutex_t lock; /* guards n_written */
  pthread_cond_t written;
  int n_written;
} Load;

static gboolean
work_add (DoorTxn *txn, gpointer data, GError **error)
{
  g_autofree char *id = g_strdup_printf ("%d", GPOINTER_TO_INT (data));

  return door_txn_execute (txn, "INSERT INTO item (id) VALUES (:id)",
                           g_variant_new_parsed ("{'id': <%s>}", id), error) == 1;
}

static void
read_once (DoorStorage *storage)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);
  g_autoptr (GVariant) rows =
      txn != NULL ? door_txn_query (txn, "SELECT COUNT(*) AS n FROM item", NULL, &error) : NULL;

  if (rows == NULL)
    assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
}

static void *
write_and_read (void *data)
{
  Load *load = data;

  while (!atomic_load (&load->stop))
    {
      g_autoptr (GError) error = NULL;

      if (door_writer_run (load->writer, work_add, GINT_TO_POINTER (atomic_fetch_add (&load->next, 1)), NULL,
                           &error))
        {
          pthread_mutex_lock (&load->lock);
          load->n_written++;
          pthread_cond_signal (&load->written);
          pthread_mutex_unlock (&load->lock);
        }
      else
        assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_WRITE);
      read_once (load->storage);
    }
  return NULL;
}

/* Until work was done again after the sessions ended. */
static void
wait_for_writes (Load *load, int n)
{
  pthread_mutex_lock (&load->lock);
  for (int until = load->n_written + n; load->n_written < until;)
    pthread_cond_wait (&load->written, &load->lock);
  pthread_mutex_unlock (&load->lock);
}

/* Without the functions the core puts before libpq's, libgda crashes here. */
static void
test_lost_under_load (Fixture *fixture)
{
  g_autoptr (DoorStorage) killer = fixture_open_another (fixture, "1");
  Load load = {
    .storage = fixture->storage,
    .writer = door_writer_new (fixture->storage, 2, 64, 512),
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .written = PTHREAD_COND_INITIALIZER,
  };
  pthread_t threads[N_THREADS];
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);

  /* what the writer tries when it has failed */
  fixture_write (fixture, "CREATE TABLE schema_migration (version BIGINT, applied_at BIGINT)", NULL);
  for (size_t i = 0; i < N_THREADS; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, write_and_read, &load), ==, 0);
  for (int i = 0; i < N_KILLS; i++)
    {
      kill_backends (killer);
      wait_for_writes (&load, 5);
    }
  atomic_store (&load.stop, true);
  for (size_t i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
  door_writer_free (load.writer);
  g_log_set_always_fatal (fatal);
  /* What was not acknowledged may be there all the same; what was, must. */
  g_assert_cmpint (fixture_count (fixture->storage), >=, load.n_written);
}

static gboolean
update (DoorTxn *txn, const char *id, GError **error)
{
  return door_txn_execute (txn, "UPDATE item SET n = n + 1 WHERE id = :id",
                           g_variant_new_parsed ("{'id': <%s>}", id), error) == 1;
}

typedef struct
{
  DoorTxn *txn;
  GError *error;
} Rival;

static void *
update_a (void *data)
{
  Rival *rival = data;

  update (rival->txn, "a", &rival->error);
  return NULL;
}

/* One of two that wait for each other is told to come again, and its connection is still good. */
static void
test_deadlock (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) mine = NULL, other = NULL;
  Rival rival = { NULL, NULL };
  pthread_t thread;

  fixture_write (fixture, "INSERT INTO item (id, n) VALUES ('a', 0), ('b', 0)", NULL);
  mine = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  other = rival.txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_true (update (mine, "a", &error));
  g_assert_true (door_txn_execute (mine, "SAVEPOINT s", NULL, &error) == 0);
  g_assert_true (update (other, "b", &error));
  g_assert_cmpint (pthread_create (&thread, NULL, update_a, &rival), ==, 0);
  update (mine, "b", &error);
  if (error != NULL)
    {
      assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
      g_clear_error (&error);
      g_assert_cmpint (door_txn_execute (mine, "ROLLBACK TO SAVEPOINT s", NULL, &error), ==, 0);
      g_assert_true (door_txn_commit (mine, &error));
      pthread_join (thread, NULL);
      g_assert_no_error (rival.error);
    }
  else
    {
      pthread_join (thread, NULL);
      assert_fault (rival.error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
      g_clear_error (&rival.error);
      g_assert_true (door_txn_commit (mine, &error));
    }
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/postgresql/uri/accepted", test_uri);
  g_test_add_func ("/postgresql/uri/refused", test_uri_refused);
  g_test_add_func ("/postgresql/uri/quoting", test_uri_quoting);
  fixture_add ("/postgresql/session", test_session);
  fixture_add ("/postgresql/options", test_options);
  fixture_add ("/postgresql/unreachable", test_unreachable);
  fixture_add ("/postgresql/lost/idle", test_lost_idle);
  fixture_add ("/postgresql/lost/within", test_lost_within);
  fixture_add ("/postgresql/lost/at-commit", test_lost_at_commit);
  fixture_add ("/postgresql/lost/silent", test_silent);
  g_test_add_func ("/postgresql/lost/in-vain", test_in_vain);
  fixture_add ("/postgresql/lost/under-load", test_lost_under_load);
  fixture_add ("/postgresql/own-provider", test_own_provider);
  fixture_add ("/postgresql/deadlock", test_deadlock);
  return g_test_run ();
}

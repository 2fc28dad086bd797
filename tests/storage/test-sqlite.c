/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "door-error.h"
#include "storage-fixture.h"

#define NOBODY 65534

static unsigned int
get_mode (const char *path, const char *suffix)
{
  g_autofree char *name = g_strconcat (path, suffix, NULL);
  struct stat info;

  g_assert_cmpint (stat (name, &info), ==, 0);
  return info.st_mode & 07777;
}

static DoorStorage *
configure_beside (Fixture *fixture, const char *name, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (fixture->place),
                  *path = g_build_filename (folder, name, NULL);

  return storage_backend_new (path, "1", error);
}

static void
test_private (Fixture *fixture)
{
  g_assert_cmphex (get_mode (fixture->place, ""), ==, 0600);
  g_assert_cmphex (get_mode (fixture->place, "-wal"), ==, 0600);
  g_assert_cmphex (get_mode (fixture->place, "-shm"), ==, 0600);
}

static void
test_private_again (Fixture *fixture)
{
  g_clear_object (&fixture->storage);
  g_assert_cmpint (g_chmod (fixture->place, 0664), ==, 0);
  fixture->storage = fixture_open_another (fixture, "1");
  g_assert_cmphex (get_mode (fixture->place, ""), ==, 0600);
}

/* What root makes in the folder of the service belongs to the service. */
static void
test_private_owner (Fixture *fixture)
{
  g_autofree char *outer = g_path_get_dirname (fixture->place);
  g_autofree char *folder = g_build_filename (outer, "state", NULL);
  g_autofree char *path = g_build_filename (folder, "x.db", NULL), *wal = g_strconcat (path, "-wal", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = configure_beside (fixture, "state/x.db", &error);
  struct stat info;

  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  if (chown (folder, NOBODY, NOBODY) != 0)
    {
      g_rmdir (folder);
      g_test_skip ("giving a folder away takes root");
      return;
    }
  g_assert_cmpint (g_chmod (outer, 0711), ==, 0); /* the service gets there */
  g_assert_true (door_storage_open (storage, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_uid, ==, NOBODY);
  g_assert_cmpuint (info.st_gid, ==, NOBODY);
  g_assert_cmpint (stat (wal, &info), ==, 0);
  g_assert_cmpuint (info.st_uid, ==, NOBODY);
  g_clear_object (&storage);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_session (Fixture *fixture)
{
  static const char sql[] = "SELECT j.journal_mode, s.synchronous, f.foreign_keys, b.timeout, q.query_only "
                            "FROM pragma_journal_mode j, pragma_synchronous s, pragma_foreign_keys f, "
                            "pragma_busy_timeout b, pragma_query_only q";
  static const char *const expected[] = {
    "[{'journal_mode': <'wal'>, 'synchronous': <int64 2>, 'foreign_keys': <int64 1>, 'timeout': <int64 "
    "5000>, "
    "'query_only': <int64 1>}]",
    "[{'journal_mode': <'wal'>, 'synchronous': <int64 2>, 'foreign_keys': <int64 1>, 'timeout': <int64 "
    "5000>, "
    "'query_only': <int64 0>}]",
  };

  for (int mode = DOOR_TXN_READ; mode <= DOOR_TXN_SINGLE; mode++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = door_storage_begin (fixture->storage, mode, NULL, &error);
      g_autofree char *rows = NULL;

      g_assert_no_error (error);
      rows = fixture_read (txn, sql, NULL);
      g_assert_cmpstr (rows, ==, expected[mode == DOOR_TXN_WRITE]);
    }
}

static void
test_names (Fixture *fixture)
{
  static const char *const names[] = { "a;b=c%20'd.db", "plain", "zoë 東京.db", "x.db.db", "__gda_tmp.db" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorStorage) storage = configure_beside (fixture, names[i], &error);
      g_autofree char *folder = g_path_get_dirname (fixture->place);
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_assert_no_error (error);
      g_assert_true (door_storage_open (storage, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmphex (get_mode (path, "-wal"), ==, 0600);
    }
}

static void
test_no_folder (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = configure_beside (fixture, "nowhere/x.db", &error);

  g_assert_no_error (error);
  g_assert_false (door_storage_open (storage, NULL, &error));
  assert_fault (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE);
  g_assert_nonnull (strstr (error->message, "nowhere does not exist; create it"));
}

static void
test_no_file (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (configure_beside (fixture, "folder/", &error));
  assert_fault (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE);
}

static void
test_no_database (Fixture *fixture)
{
  g_autofree char *folder = g_path_get_dirname (fixture->place),
                  *path = g_build_filename (folder, "text.db", NULL);
  g_autofree char *text = g_strnfill (8192, 'x');
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = configure_beside (fixture, "text.db", &error);

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_false (door_storage_open (storage, NULL, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
}

static gboolean
write_large (DoorStorage *storage, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, error);
  g_autofree char *text = g_strnfill (1 << 20, 'x');

  return txn != NULL &&
         door_txn_execute (txn, "INSERT INTO item (id, t) VALUES ('large', :t)",
                           g_variant_new_parsed ("{'t': <%s>}", text), error) == 1 &&
         door_txn_commit (txn, error);
}

/* A file that may not grow is what a full disk is; it works again when there is room. */
static void
test_full (Fixture *fixture)
{
  struct rlimit before, small;
  g_autoptr (GError) error = NULL;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = (struct rlimit){ 256 << 10, before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (write_large (fixture->storage, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_clear_error (&error);

  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
  g_assert_true (write_large (fixture->storage, &error));
  g_assert_no_error (error);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 1);
}

/* Root may write anything, so it becomes somebody who may not. */
static void
test_read_only (Fixture *fixture)
{
  g_autofree char *folder = g_path_get_dirname (fixture->place);
  g_autoptr (DoorStorage) storage = storage_backend_new (fixture->place, "1", NULL);
  g_autoptr (GError) error = NULL;
  gboolean opened;
  bool is_root = geteuid () == 0;

  g_clear_object (&fixture->storage);
  g_assert_cmpint (g_chmod (fixture->place, is_root ? 0604 : 0400), ==, 0);
  g_assert_cmpint (g_chmod (folder, is_root ? 0705 : 0500), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  opened = door_storage_open (storage, NULL, &error);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
  g_assert_false (opened);
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "may not write"));
}

/* Another process writes for longer than we wait; then it has finished. */
static void
test_locked (Fixture *fixture)
{
  g_autoptr (DoorStorage) other = fixture_open_another (fixture, "1");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) holder = door_storage_begin (other, DOOR_TXN_WRITE, NULL, &error);
  g_autoptr (DoorTxn) txn = NULL;

  g_assert_no_error (error);
  g_assert_null (door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_cmpint (fixture_count (fixture->storage), ==, 0);
  g_clear_pointer (&holder, door_txn_free);
  txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/sqlite/private/new", test_private);
  fixture_add ("/sqlite/private/again", test_private_again);
  fixture_add ("/sqlite/private/owner", test_private_owner);
  fixture_add ("/sqlite/session", test_session);
  fixture_add ("/sqlite/names", test_names);
  fixture_add ("/sqlite/no-folder", test_no_folder);
  fixture_add ("/sqlite/no-file", test_no_file);
  fixture_add ("/sqlite/no-database", test_no_database);
  fixture_add ("/sqlite/full", test_full);
  fixture_add ("/sqlite/read-only", test_read_only);
  fixture_add ("/sqlite/locked", test_locked);
  return g_test_run ();
}

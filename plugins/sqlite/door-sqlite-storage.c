/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sqlite-storage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libgda/libgda.h>

#include "door-error.h"

struct _DoorSqliteStorage
{
  DoorGdaStorage parent_instance;

  char *path;
};

G_DEFINE_FINAL_TYPE (DoorSqliteStorage, door_sqlite_storage, DOOR_TYPE_GDA_STORAGE)

static DoorGdaFailure
classify (const char *message)
{
  /* SQLite's own words for its result codes, which libgda does not hand on (sqlite.org/rescode.html). */
  static const struct
  {
    const char *text;
    DoorGdaFailure failure;
  } table[] = {
    { "database is locked", DOOR_GDA_FAILURE_BUSY },
    { "database table is locked", DOOR_GDA_FAILURE_BUSY },
    { "database or disk is full", DOOR_GDA_FAILURE_LOST },
    { "disk I/O error", DOOR_GDA_FAILURE_LOST },
    { "attempt to write a readonly database", DOOR_GDA_FAILURE_LOST },
    { "unable to open database file", DOOR_GDA_FAILURE_LOST },
    { "database disk image is malformed", DOOR_GDA_FAILURE_LOST },
    { "file is not a database", DOOR_GDA_FAILURE_LOST },
    { "out of memory", DOOR_GDA_FAILURE_LOST },
    { "locking protocol", DOOR_GDA_FAILURE_LOST },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (strstr (message, table[i].text) != NULL)
      return table[i].failure;
  return DOOR_GDA_FAILURE_STATEMENT;
}

/* BEGIN IMMEDIATE takes the lock at the start: to ask for it in the middle fails when another process
 * wrote meanwhile. */
static const DoorGdaBackend backend = {
  .provider = "SQLite",
  .dynamic_types = true,
  .single_is_bare = true, /* sqlite.org/lang_transaction.html, "Implicit versus explicit" */
  .begin = { [DOOR_TXN_READ] = "BEGIN", [DOOR_TXN_WRITE] = "BEGIN IMMEDIATE" },
  .batch = { .rows = "json_each(:rows) AS r",
             .text = "json_extract(r.value, '$.#')",
             .integer = "json_extract(r.value, '$.#')",
             .number = "CAST(json_extract(r.value, '$.#') AS REAL)",
             .boolean = "json_extract(r.value, '$.#')" },
  .classify = classify,
};

static gboolean
configure (DoorGdaStorage *storage, DoorSettings *settings, GError **error)
{
  DoorSqliteStorage *self = DOOR_SQLITE_STORAGE (storage);
  const char *path = door_settings_get_string (settings, "Path");

  if (path == NULL || !g_path_is_absolute (path) || g_str_has_suffix (path, "/"))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "[database] Path: \"%s\" is not the absolute name of a file", path != NULL ? path : "");
      return FALSE;
    }
  g_free (self->path);
  self->path = g_strdup (path);
  return TRUE;
}

static gboolean
set_open_error (const DoorSqliteStorage *self, int code, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  switch (code)
    {
    case ENOENT:
      door_error_set (
          error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
          "[database] Path: the folder %s does not exist; create it, owned by the service's user, "
          "or set another Path",
          folder);
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                      "[database] Path: the service's user may not write %s: %s", self->path,
                      g_strerror (code));
      break;
    default:
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE, "[database] Path: %s: %s",
                      self->path, g_strerror (code));
    }
  return FALSE;
}

/* What root would do in a folder of the service's user, that user could lead elsewhere: a name to a file of
 * root's, a journal to what SQLite then removes. And what an administrator makes before the first start is
 * the server's. */
static DoorOwner
find_owner (DoorGdaStorage *storage)
{
  return door_owner_find (DOOR_SQLITE_STORAGE (storage)->path);
}

/* Makes the file, so that it is nobody else's from its first byte on; SQLite gives the files beside it
 * the same mode. An existing one loses the rights others have, and gains none. */
static gboolean
prepare_open (DoorGdaStorage *storage, GError **error)
{
  DoorSqliteStorage *self = DOOR_SQLITE_STORAGE (storage);
  int fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  struct stat info;
  int code = 0;

  if (fd < 0)
    return set_open_error (self, errno, error);
  if (fstat (fd, &info) != 0 || ((info.st_mode & 0077) != 0 && fchmod (fd, info.st_mode & 0700) != 0))
    code = errno;
  close (fd);
  return code == 0 || set_open_error (self, code, error);
}

/* SQLite would open read-only what it may not write. Asked by name: to open and close the file would end the
 * locks that this process has on it (fcntl(2), "Record locking"). */
static gboolean
check_connect (DoorGdaStorage *storage, GError **error)
{
  DoorSqliteStorage *self = DOOR_SQLITE_STORAGE (storage);

  return faccessat (AT_FDCWD, self->path, W_OK, AT_EACCESS) == 0 || errno == ENOENT ||
         set_open_error (self, errno, error);
}

static char *
dup_where (DoorGdaStorage *storage)
{
  DoorSqliteStorage *self = DOOR_SQLITE_STORAGE (storage);
  g_autofree char *folder = g_path_get_dirname (self->path), *file = g_path_get_basename (self->path);
  g_autofree char *safe_folder = gda_rfc1738_encode (folder), *safe_file = gda_rfc1738_encode (file);

  /* The provider would add functions and collations of its own, and ".db" to the name. */
  return g_strdup_printf ("DB_DIR=%s;DB_NAME=%s;APPEND_DB_EXTENSION=FALSE;EXTRA_FUNCTIONS=FALSE;REGEXP=FALSE;"
                          "EXTRA_COLLATIONS=FALSE",
                          safe_folder, safe_file);
}

static const char *const setup[] = {
  "PRAGMA busy_timeout = 5000",  "PRAGMA synchronous = FULL",   "PRAGMA foreign_keys = ON",
  "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON", NULL,
};

static gboolean
prepare_connection (DoorGdaStorage *storage, DoorGdaConnection *connection, DoorTxnMode mode, GError **error)
{
  g_autofree char *journal = NULL;

  if (mode != DOOR_TXN_WRITE)
    return door_gda_connection_run (connection, "PRAGMA query_only = ON", NULL, error);
  if (!door_gda_connection_run (connection, "PRAGMA journal_mode = WAL", &journal, error))
    return FALSE;
  if (g_strcmp0 (journal, "wal") == 0)
    return TRUE;
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                  "the database does not work in WAL mode (but in %s): its folder must be writable and on a "
                  "local disk",
                  journal != NULL ? journal : "none");
  return FALSE;
}

static void
door_sqlite_storage_finalize (GObject *object)
{
  g_free (DOOR_SQLITE_STORAGE (object)->path);
  G_OBJECT_CLASS (door_sqlite_storage_parent_class)->finalize (object);
}

static void
door_sqlite_storage_class_init (DoorSqliteStorageClass *klass)
{
  DoorGdaStorageClass *storage = DOOR_GDA_STORAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = door_sqlite_storage_finalize;
  storage->backend = &backend;
  storage->setup = setup;
  storage->max_writers = 1;
  storage->configure = configure;
  storage->find_owner = find_owner;
  storage->prepare_open = prepare_open;
  storage->check_connect = check_connect;
  storage->dup_where = dup_where;
  storage->prepare_connection = prepare_connection;
}

static void
door_sqlite_storage_init (DoorSqliteStorage *self)
{
}

/**
 * door_sqlite_storage_get_keys:
 *
 * Returns: (transfer none) (array): the keys of `[database]` that belong to this storage
 */
const DoorKey *
door_sqlite_storage_get_keys (void)
{
  static const DoorKey keys[] = {
    { "Path", DOOR_KEY_PATH, DOOR_KEY_FLAG_WRITTEN | DOOR_KEY_FLAG_RESTART, DOOR_STATE_FOLDER "/doorward.db",
      NULL,
      "The file that holds the database. Its folder must exist, be on a local disk and belong to the "
      "service." },
    { NULL },
  };

  return keys;
}

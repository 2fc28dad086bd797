/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-storage.h"

#include "door-contract.h"
#include "door-error.h"

struct _DoorTxn
{
  DoorStorage *storage;
  gpointer handle; /* NULL once ended */
};

G_DEFINE_INTERFACE (DoorStorage, door_storage, G_TYPE_OBJECT)

/* What a batch means, row by row. */
static int64_t
execute_each (DoorStorage *self, gpointer handle, const char *sql, GVariant *rows, GError **error)
{
  size_t n = g_variant_n_children (rows);
  int64_t n_rows = 0;

  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      int64_t affected = DOOR_STORAGE_GET_IFACE (self)->execute (self, handle, sql, row, error);

      if (affected < 0)
        return -1;
      n_rows += affected;
    }
  return n_rows;
}

static void
door_storage_default_init (DoorStorageInterface *iface)
{
  iface->execute_batch = execute_each;
}

static gboolean
check_open (DoorTxn *self, GError **error)
{
  if (self->handle != NULL)
    return TRUE;
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the transaction has ended");
  return FALSE;
}

/**
 * door_storage_configure:
 * @self: a storage
 * @settings: the group `[database]`
 * @error: return location for an error
 *
 * Reads and checks the settings. Does no I/O; call it once, in the main thread.
 *
 * Returns: %FALSE with %DOOR_ERROR_CONFIG when the administrator must change something
 */
gboolean
door_storage_configure (DoorStorage *self, DoorSettings *settings, GError **error)
{
  GError *from = NULL;
  gboolean success = DOOR_STORAGE_GET_IFACE (self)->configure (self, settings, &from);

  return door_contract_check ("DoorStorage.configure", success, from, error);
}

/**
 * door_storage_open:
 * @self: a configured storage
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Makes sure that the database can be reached. Blocks; call it once, before any transaction.
 *
 * Returns: %FALSE with %DOOR_ERROR_UNAVAILABLE when the database cannot be reached, %DOOR_ERROR_CONFIG
 *   when it never will be with these settings
 */
gboolean
door_storage_open (DoorStorage *self, GCancellable *cancellable, GError **error)
{
  GError *from = NULL;
  gboolean success = DOOR_STORAGE_GET_IFACE (self)->open (self, cancellable, &from);

  return door_contract_check ("DoorStorage.open", success, from, error);
}

/**
 * door_storage_begin:
 * @self: an open storage
 * @mode: what the transaction may do
 * @cancellable: (nullable): stops waiting for a connection
 * @error: return location for an error
 *
 * Begins a transaction. Blocks until a connection is free, so a thread that holds one must not ask
 * for a second. The transaction belongs to the calling thread. After a lost connection the next call
 * makes a new one.
 *
 * Returns: (transfer full) (skip): the transaction, or %NULL with %DOOR_ERROR_UNAVAILABLE
 */
DoorTxn *
door_storage_begin (DoorStorage *self, DoorTxnMode mode, GCancellable *cancellable, GError **error)
{
  GError *from = NULL;
  gpointer handle = DOOR_STORAGE_GET_IFACE (self)->begin (self, mode, cancellable, &from);
  DoorTxn *txn;

  if (!door_contract_check ("DoorStorage.begin", handle != NULL, from, error))
    return NULL;
  txn = g_new (DoorTxn, 1);
  txn->storage = g_object_ref (self);
  txn->handle = handle;
  return txn;
}

/**
 * door_txn_execute:
 * @self: a transaction
 * @sql: one statement that returns no rows; constant text with `:name` parameters
 * @params: (nullable): `a{sv}` with a value for each name: s, x, d, b, ay, or a maybe type of these
 *   whose nothing is SQL NULL; consumed if floating
 * @error: return location for an error
 *
 * Runs a statement. Blocks. When it fails, so do all others until `ROLLBACK TO` a savepoint, and the
 * transaction cannot be committed. An empty `ay` is SQL NULL: SQLite's provider cannot tell them apart.
 *
 * Returns: the rows an INSERT, UPDATE or DELETE affected, 0 for anything else, -1 with
 *   %DOOR_ERROR_UNAVAILABLE or %DOOR_ERROR_FAILED
 */
int64_t
door_txn_execute (DoorTxn *self, const char *sql, GVariant *params, GError **error)
{
  g_autoptr (GVariant) sunk = params != NULL ? g_variant_ref_sink (params) : NULL;
  GError *from = NULL;
  int64_t n_rows;

  if (!check_open (self, error))
    return -1;
  n_rows = DOOR_STORAGE_GET_IFACE (self->storage)->execute (self->storage, self->handle, sql, sunk, &from);
  return door_contract_check ("DoorStorage.execute", n_rows >= 0, from, error) ? n_rows : -1;
}

/**
 * door_txn_execute_batch:
 * @self: a transaction
 * @sql: `INSERT INTO t (a, b) VALUES (:a, :b)`, each value a parameter, with `ON CONFLICT DO NOTHING`, `ON
 * CONFLICT (a) DO UPDATE SET b = excluded.b` or without; constant text
 * @rows: `aa{sv}`: for each row what door_txn_execute() takes, of the types s, x, d, b, or a maybe type of
 * these, and of the same type for the same name in all rows; consumed if floating
 * @error: return location for an error
 *
 * Runs an INSERT for many rows, with the same outcome as door_txn_execute() for one after the other, in this
 * order, but in a few statements. Blocks. A row without a value for a parameter, or with one of a wrong type,
 * is a failure. A failure leaves none of the rows behind: as after that of any statement, nothing can be
 * committed before `ROLLBACK TO` a savepoint from before. Without rows nothing is run.
 *
 * Returns: the rows that were affected, -1 with %DOOR_ERROR_UNAVAILABLE or %DOOR_ERROR_FAILED
 */
int64_t
door_txn_execute_batch (DoorTxn *self, const char *sql, GVariant *rows, GError **error)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (rows);
  GError *from = NULL;
  int64_t n_rows;

  if (!check_open (self, error))
    return -1;
  if (!g_variant_is_of_type (sunk, G_VARIANT_TYPE ("aa{sv}")))
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "rows are of type %s, not aa{sv}",
                      g_variant_get_type_string (sunk));
      return -1;
    }
  n_rows =
      DOOR_STORAGE_GET_IFACE (self->storage)->execute_batch (self->storage, self->handle, sql, sunk, &from);
  return door_contract_check ("DoorStorage.execute_batch", n_rows >= 0, from, error) ? n_rows : -1;
}

/**
 * door_txn_query:
 * @self: a transaction
 * @sql: one SELECT; constant text with `:name` parameters
 * @params: (nullable): as for door_txn_execute(); consumed if floating
 * @error: return location for an error
 *
 * Reads rows. Blocks, and keeps the whole result in memory: page long ones by key. Values are s, x
 * (integers and booleans), d and ay.
 *
 * Returns: (transfer full): `aa{sv}`, one dictionary a row, SQL NULL = key absent; or %NULL with
 *   %DOOR_ERROR_UNAVAILABLE or %DOOR_ERROR_FAILED
 */
GVariant *
door_txn_query (DoorTxn *self, const char *sql, GVariant *params, GError **error)
{
  g_autoptr (GVariant) sunk = params != NULL ? g_variant_ref_sink (params) : NULL;
  GError *from = NULL;
  GVariant *rows;

  if (!check_open (self, error))
    return NULL;
  rows = DOOR_STORAGE_GET_IFACE (self->storage)->query (self->storage, self->handle, sql, sunk, &from);
  return door_contract_check ("DoorStorage.query", rows != NULL, from, error) ? rows : NULL;
}

/**
 * door_txn_commit:
 * @self: a transaction
 * @error: return location for an error
 *
 * Commits. Blocks until the changes are durable. The transaction has ended in either case. After
 * %DOOR_ERROR_UNAVAILABLE it is not known whether the changes were made: the connection may have been
 * lost between the commit and its answer.
 *
 * Returns: %FALSE when the changes may not be relied on
 */
gboolean
door_txn_commit (DoorTxn *self, GError **error)
{
  GError *from = NULL;
  gpointer handle;
  gboolean success;

  if (!check_open (self, error))
    return FALSE;
  handle = g_steal_pointer (&self->handle);
  success = DOOR_STORAGE_GET_IFACE (self->storage)->end (self->storage, handle, TRUE, &from);
  return door_contract_check ("DoorStorage.end", success, from, error);
}

/**
 * door_txn_free:
 * @self: (transfer full): a transaction
 *
 * Rolls back what was not committed and releases the connection. May block.
 */
void
door_txn_free (DoorTxn *self)
{
  if (self->handle != NULL)
    {
      g_autoptr (GError) error = NULL;

      /* Without a commit nothing is kept, whatever the answer. */
      if (!DOOR_STORAGE_GET_IFACE (self->storage)->end (self->storage, self->handle, FALSE, &error))
        g_debug ("rollback: %s", error != NULL ? error->message : "no reason given");
    }
  g_object_unref (self->storage);
  g_free (self);
}

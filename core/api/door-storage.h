/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"
#include "door-types.h"

/**
 * DoorStorage:
 *
 * A database: it runs statements in transactions and knows nothing of what they mean.
 */
#define DOOR_TYPE_STORAGE (door_storage_get_type ())
G_DECLARE_INTERFACE (DoorStorage, door_storage, DOOR, STORAGE, GObject)

/**
 * DoorTxnMode:
 * @DOOR_TXN_READ: one snapshot; statements that write fail
 * @DOOR_TXN_WRITE: for the writer
 * @DOOR_TXN_SINGLE: one query and nothing else; a backend whose statements have a snapshot each anyway need
 * not begin and end anything
 *
 * What a transaction may do.
 */
typedef enum
{
  DOOR_TXN_READ,
  DOOR_TXN_WRITE,
  DOOR_TXN_SINGLE,
} DoorTxnMode;

/**
 * DoorStorageInterface:
 * @configure: reads and checks `[database]`; no I/O; runs once
 * @open: blocking; makes sure the database can be reached; runs once, before any transaction
 * @begin: blocking; waits until a connection is this caller's alone; the handle belongs to the calling thread
 * @execute: blocking; one statement with `:name` parameters from an `a{sv}`; affected rows, -1 on error
 * @execute_batch: blocking; one INSERT for each dictionary of an `aa{sv}`; affected rows, -1 on error. What a
 * storage has from the beginning runs @execute for each row
 * @query: blocking; (transfer full): `aa{sv}`, one dictionary a row, SQL NULL = key absent
 * @end: blocking; commits or rolls back, and releases the connection in every case
 *
 * A transactional executor of SQL. Parameters are of the types s, x, d, b, ay, or a maybe type of these whose
 * nothing is SQL NULL; results of the types s, x, d, ay. A statement that fails makes all others fail until
 * `ROLLBACK TO` a savepoint, and the commit too. A lost connection is %DOOR_ERROR_UNAVAILABLE with
 * %DOOR_FAULT_DB_UNAVAILABLE.
 */
struct _DoorStorageInterface
{
  GTypeInterface parent_iface;

  gboolean (*configure) (DoorStorage *self, DoorSettings *settings, GError **error);
  gboolean (*open) (DoorStorage *self, GCancellable *cancellable, GError **error);
  gpointer (*begin) (DoorStorage *self, DoorTxnMode mode, GCancellable *cancellable, GError **error);
  int64_t (*execute) (DoorStorage *self, gpointer handle, const char *sql, GVariant *params, GError **error);
  int64_t (*execute_batch) (DoorStorage *self, gpointer handle, const char *sql, GVariant *rows,
                            GError **error);
  GVariant *(*query) (DoorStorage *self, gpointer handle, const char *sql, GVariant *params, GError **error);
  gboolean (*end) (DoorStorage *self, gpointer handle, gboolean commit, GError **error);
};

gboolean door_storage_configure (DoorStorage *self, DoorSettings *settings, GError **error);
gboolean door_storage_open (DoorStorage *self, GCancellable *cancellable, GError **error);
DoorTxn *door_storage_begin (DoorStorage *self, DoorTxnMode mode, GCancellable *cancellable, GError **error);

int64_t door_txn_execute (DoorTxn *self, const char *sql, GVariant *params, GError **error);
int64_t door_txn_execute_batch (DoorTxn *self, const char *sql, GVariant *rows, GError **error);
GVariant *door_txn_query (DoorTxn *self, const char *sql, GVariant *params, GError **error);
gboolean door_txn_commit (DoorTxn *self, GError **error);
void door_txn_free (DoorTxn *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorTxn, door_txn_free)

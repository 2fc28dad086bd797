/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sp-key-store.h"

#include "door-row.h"

static gpointer
door_stored_sp_key_decode (DoorRow *row)
{
  DoorStoredSpKey *self = g_new0 (DoorStoredSpKey, 1);

  self->connection = door_row_dup_text (row, "connection");
  self->use = door_row_dup_text (row, "key_use");
  self->state = door_row_dup_text (row, "state");
  self->sealed_key = door_row_dup_text (row, "sealed_key");
  self->certificate = door_row_dup_text (row, "certificate");
  self->created_at = door_row_get_int (row, "created_at");
  return self;
}

/**
 * door_stored_sp_key_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_stored_sp_key_free (DoorStoredSpKey *self)
{
  if (self == NULL)
    return;
  g_free (self->connection);
  g_free (self->use);
  g_free (self->state);
  g_free (self->sealed_key);
  g_free (self->certificate);
  g_free (self);
}

/**
 * door_sp_key_store_add:
 * @txn: a transaction
 * @key: the key
 * @changed: (out) (optional): whether it was stored; not when there is one of that state already
 * @error: return location for an error
 *
 * Stores a key; the first of a state wins.
 *
 * Returns: false with an error
 */
bool
door_sp_key_store_add (DoorTxn *txn, const DoorStoredSpKey *key, bool *changed, GError **error)
{
  static const char sql[] =
      "INSERT INTO sp_key (connection, key_use, state, sealed_key, certificate, created_at) "
      "VALUES (:connection, :key_use, :state, :sealed_key, :certificate, :created_at) "
      "ON CONFLICT (connection, key_use, state) DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("connection", "s", key->connection, "key_use", "s", key->use,
                                           "state", "s", key->state, "sealed_key", "s", key->sealed_key,
                                           "certificate", "s", key->certificate, "created_at", "x",
                                           key->created_at, NULL),
                          changed, error);
}

/**
 * door_sp_key_store_list:
 * @txn: a transaction
 * @connection: name of the identity provider
 * @use: "signing" or "encryption"
 * @error: return location for an error
 *
 * Lists the keys of a connection: current, next, previous, as far as they are there.
 *
 * Returns: (transfer full) (element-type DoorStoredSpKey): the rows, or %NULL with an error
 */
GPtrArray *
door_sp_key_store_list (DoorTxn *txn, const char *connection, const char *use, GError **error)
{
  /* the names of the states are in that order */
  static const char sql[] = "SELECT connection, key_use, state, sealed_key, certificate, created_at "
                            "FROM sp_key WHERE connection = :connection AND key_use = :key_use "
                            "ORDER BY state";

  return door_txn_list (txn, sql, door_params_new ("connection", "s", connection, "key_use", "s", use, NULL),
                        door_stored_sp_key_decode, (GDestroyNotify) door_stored_sp_key_free, error);
}

/**
 * door_sp_key_store_set_state:
 * @txn: a transaction
 * @key: a key as it was read
 * @state: what it becomes; there is no other key of that state
 * @changed: (out) (optional): whether it was still there
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_sp_key_store_set_state (DoorTxn *txn, const DoorStoredSpKey *key, const char *state, bool *changed,
                             GError **error)
{
  static const char sql[] = "UPDATE sp_key SET state = :new_state WHERE connection = :connection "
                            "AND key_use = :key_use AND state = :state AND certificate = :certificate";

  return door_txn_change (txn, sql,
                          door_params_new ("new_state", "s", state, "connection", "s", key->connection,
                                           "key_use", "s", key->use, "state", "s", key->state, "certificate",
                                           "s", key->certificate, NULL),
                          changed, error);
}

/**
 * door_sp_key_store_remove:
 * @txn: a transaction
 * @connection: name of the identity provider
 * @use: "signing" or "encryption"
 * @state: which one
 * @error: return location for an error
 *
 * Forgets a key, if there is one.
 *
 * Returns: false with an error
 */
bool
door_sp_key_store_remove (DoorTxn *txn, const char *connection, const char *use, const char *state,
                          GError **error)
{
  static const char sql[] = "DELETE FROM sp_key WHERE connection = :connection AND key_use = :key_use "
                            "AND state = :state";

  return door_txn_change (
      txn, sql,
      door_params_new ("connection", "s", connection, "key_use", "s", use, "state", "s", state, NULL), NULL,
      error);
}

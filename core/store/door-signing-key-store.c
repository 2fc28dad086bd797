/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-signing-key-store.h"

#include "door-row.h"

/* There are never more than a few: whoever adds one removes those nobody needs any more. */
#define MAX_KEYS 16

static gpointer
door_stored_signing_key_decode (DoorRow *row)
{
  DoorStoredSigningKey *self = g_new0 (DoorStoredSigningKey, 1);

  self->kid = door_row_dup_text (row, "kid");
  self->public_key = door_row_dup_text (row, "public_key");
  self->sealed = door_row_dup_text (row, "sealed");
  self->created_at = door_row_get_int (row, "created_at");
  self->signs_from = door_row_get_int (row, "signs_from");
  return self;
}

/**
 * door_stored_signing_key_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_stored_signing_key_free (DoorStoredSigningKey *self)
{
  if (self == NULL)
    return;
  g_free (self->kid);
  g_free (self->public_key);
  g_free (self->sealed);
  g_free (self);
}

/**
 * door_signing_key_store_add:
 * @txn: a transaction
 * @key: the key
 * @error: return location for an error
 *
 * Keeps a new key.
 *
 * Returns: false with an error
 */
bool
door_signing_key_store_add (DoorTxn *txn, const DoorStoredSigningKey *key, GError **error)
{
  static const char sql[] = "INSERT INTO signing_key (kid, public_key, sealed, created_at, signs_from) "
                            "VALUES (:kid, :public_key, :sealed, :created_at, :signs_from)";

  return door_txn_change (txn, sql,
                          door_params_new ("kid", "s", key->kid, "public_key", "s", key->public_key, "sealed",
                                           "s", key->sealed, "created_at", "x", key->created_at, "signs_from",
                                           "x", key->signs_from, NULL),
                          NULL, error);
}

/**
 * door_signing_key_store_list:
 * @txn: a transaction
 * @error: return location for an error
 *
 * Lists the keys, the one that signs last first.
 *
 * Returns: (transfer full) (element-type DoorStoredSigningKey): the rows, or %NULL with an error
 */
GPtrArray *
door_signing_key_store_list (DoorTxn *txn, GError **error)
{
  static const char sql[] = "SELECT kid, public_key, sealed, created_at, signs_from FROM signing_key "
                            "ORDER BY signs_from DESC, kid LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("limit", "x", (int64_t) MAX_KEYS, NULL),
                        door_stored_signing_key_decode, (GDestroyNotify) door_stored_signing_key_free, error);
}

/**
 * door_signing_key_store_remove:
 * @txn: a transaction
 * @kid: its name
 * @error: return location for an error
 *
 * Forgets a key.
 *
 * Returns: false with an error
 */
bool
door_signing_key_store_remove (DoorTxn *txn, const char *kid, GError **error)
{
  static const char sql[] = "DELETE FROM signing_key WHERE kid = :kid";

  return door_txn_change (txn, sql, door_params_new ("kid", "s", kid, NULL), NULL, error);
}

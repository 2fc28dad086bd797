/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-state-key-store.h"

#include "door-row.h"

static gpointer
decode_mark (DoorRow *row)
{
  return door_row_dup_text (row, "mark");
}

/**
 * door_state_key_store_lookup:
 * @txn: a transaction
 * @mark: (out) (transfer full) (nullable): by what the key is known; %NULL when none was marked yet
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_state_key_store_lookup (DoorTxn *txn, char **mark, GError **error)
{
  gpointer found = NULL;
  bool ok =
      door_txn_lookup (txn, "SELECT mark FROM state_key WHERE id = 1", NULL, decode_mark, &found, error);

  *mark = found;
  return ok;
}

/**
 * door_state_key_store_add:
 * @txn: a transaction
 * @mark: by what the key is known
 * @now_ms: the time
 * @error: return location for an error
 *
 * Marks the key of this database; the first mark stays.
 *
 * Returns: false with an error
 */
bool
door_state_key_store_add (DoorTxn *txn, const char *mark, int64_t now_ms, GError **error)
{
  static const char sql[] = "INSERT INTO state_key (id, mark, marked_at) VALUES (1, :mark, :now) "
                            "ON CONFLICT (id) DO NOTHING";

  return door_txn_change (txn, sql, door_params_new ("mark", "s", mark, "now", "x", now_ms, NULL), NULL,
                          error);
}

/**
 * door_state_key_store_replace:
 * @txn: a writing transaction
 * @mark: by what the key is known
 * @now_ms: the time
 * @error: return location for an error
 *
 * Marks another key of this database.
 *
 * Returns: false with an error
 */
bool
door_state_key_store_replace (DoorTxn *txn, const char *mark, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "INSERT INTO state_key (id, mark, marked_at) VALUES (1, :mark, :now) "
      "ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, marked_at = excluded.marked_at";

  return door_txn_change (txn, sql, door_params_new ("mark", "s", mark, "now", "x", now_ms, NULL), NULL,
                          error);
}

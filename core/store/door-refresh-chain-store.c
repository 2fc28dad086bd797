/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-refresh-chain-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS "chain_hash, session_id, token_hash, before_hash, salt, created_at, rotated_at"

static gpointer
decode (DoorRow *row)
{
  DoorRefreshChain *self = g_new0 (DoorRefreshChain, 1);

  self->chain_hash = door_row_dup_text (row, "chain_hash");
  self->session_id = door_row_dup_text (row, "session_id");
  self->token_hash = door_row_dup_text (row, "token_hash");
  self->before_hash = door_row_dup_text (row, "before_hash");
  self->salt = door_row_dup_text (row, "salt");
  self->created_at = door_row_get_int (row, "created_at");
  self->rotated_at = door_row_get_int (row, "rotated_at");
  return self;
}

/**
 * door_refresh_chain_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_refresh_chain_free (DoorRefreshChain *self)
{
  if (self == NULL)
    return;
  g_free (self->chain_hash);
  g_free (self->session_id);
  g_free (self->token_hash);
  g_free (self->before_hash);
  g_free (self->salt);
  g_free (self);
}

/**
 * door_refresh_chain_store_add:
 * @txn: a transaction
 * @chain: a new chain
 * @error: return location for an error
 *
 * Stores a chain.
 *
 * Returns: false with an error
 */
bool
door_refresh_chain_store_add (DoorTxn *txn, const DoorRefreshChain *chain, GError **error)
{
  static const char sql[] = "INSERT INTO refresh_chain (" COLUMNS
                            ") VALUES (:chain_hash, :session_id, :token_hash, :before_hash, :salt, "
                            ":created_at, :rotated_at)";

  return door_txn_change (txn, sql,
                          door_params_new ("chain_hash", "s", chain->chain_hash, "session_id", "s",
                                           chain->session_id, "token_hash", "s", chain->token_hash,
                                           "before_hash", "s", chain->before_hash, "salt", "s", chain->salt,
                                           "created_at", "x", chain->created_at, "rotated_at", "x",
                                           chain->rotated_at, NULL),
                          NULL, error);
}

/**
 * door_refresh_chain_store_lookup:
 * @txn: a transaction
 * @chain_hash: SHA-256 of what the tokens of the chain begin with
 * @out: (out) (transfer full) (nullable): the chain, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a chain, also one whose session has ended.
 *
 * Returns: false with an error
 */
bool
door_refresh_chain_store_lookup (DoorTxn *txn, const char *chain_hash, DoorRefreshChain **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM refresh_chain WHERE chain_hash = :chain_hash";

  return door_txn_lookup (txn, sql, door_params_new ("chain_hash", "s", chain_hash, NULL), decode,
                          (gpointer *) out, error);
}

/**
 * door_refresh_chain_store_turn:
 * @txn: a transaction
 * @turn: the exchange
 * @changed: (out): whether the token was the one that counts; of two that come with it, one sees true
 * @error: return location for an error
 *
 * Lets the next token take the place of the one that counts, in one statement.
 *
 * Returns: false with an error
 */
bool
door_refresh_chain_store_turn (DoorTxn *txn, const DoorRefreshTurn *turn, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE refresh_chain SET token_hash = :next_hash, before_hash = :token_hash, "
                            "salt = :salt, rotated_at = :now "
                            "WHERE chain_hash = :chain_hash AND token_hash = :token_hash";

  return door_txn_change (txn, sql,
                          door_params_new ("next_hash", "s", turn->next_hash, "token_hash", "s",
                                           turn->token_hash, "salt", "s", turn->salt, "now", "x",
                                           turn->now_ms, "chain_hash", "s", turn->chain_hash, NULL),
                          changed, error);
}

/**
 * door_refresh_chain_store_remove_oldest:
 * @txn: a transaction
 * @session_id: a session
 * @keep: how many of its chains stay
 * @error: return location for an error
 *
 * Forgets all chains of a session but the newest.
 *
 * Returns: false with an error
 */
bool
door_refresh_chain_store_remove_oldest (DoorTxn *txn, const char *session_id, int64_t keep, GError **error)
{
  static const char sql[] = "DELETE FROM refresh_chain WHERE session_id = :session_id AND chain_hash NOT IN "
                            "(SELECT chain_hash FROM refresh_chain WHERE session_id = :session_id "
                            "ORDER BY created_at DESC, chain_hash LIMIT :keep)";

  return door_txn_change (txn, sql, door_params_new ("session_id", "s", session_id, "keep", "x", keep, NULL),
                          NULL, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-test-store.h"

#include "door-row.h"

#define COLUMNS "token_hash, connection, created_at, expires_at, flow_hash, result"

static gpointer
door_test_row_decode (DoorRow *row)
{
  DoorTestRow *self = g_new0 (DoorTestRow, 1);

  self->token_hash = door_row_dup_text (row, "token_hash");
  self->connection = door_row_dup_text (row, "connection");
  self->created_at = door_row_get_int (row, "created_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->flow_hash = door_row_dup_text (row, "flow_hash");
  self->result = door_row_dup_text (row, "result");
  return self;
}

/**
 * door_test_row_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_test_row_free (DoorTestRow *self)
{
  if (self == NULL)
    return;
  g_free (self->token_hash);
  g_free (self->connection);
  g_free (self->flow_hash);
  g_free (self->result);
  g_free (self);
}

/**
 * door_test_store_add:
 * @txn: a transaction
 * @row: the test
 * @error: return location for an error
 *
 * Stores a test that nobody has opened yet.
 *
 * Returns: false with an error
 */
bool
door_test_store_add (DoorTxn *txn, const DoorTestRow *row, GError **error)
{
  static const char sql[] = "INSERT INTO test_sign_in (" COLUMNS ") VALUES (:token_hash, :connection, "
                            ":created_at, :expires_at, '', '')";

  return door_txn_change (txn, sql,
                          door_params_new ("token_hash", "s", row->token_hash, "connection", "s",
                                           row->connection, "created_at", "x", row->created_at, "expires_at",
                                           "x", row->expires_at, NULL),
                          NULL, error);
}

/**
 * door_test_store_lookup:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a test by the token of its start address.
 *
 * Returns: false with an error
 */
bool
door_test_store_lookup (DoorTxn *txn, const char *token_hash, DoorTestRow **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM test_sign_in WHERE token_hash = :token_hash";

  return door_txn_lookup (txn, sql, door_params_new ("token_hash", "s", token_hash, NULL),
                          door_test_row_decode, (gpointer *) out, error);
}

/**
 * door_test_store_open:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @flow_hash: the flow of the browser
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): whether the browser may begin
 * @error: return location for an error
 *
 * Gives a test to the first browser that opens it, and to no other.
 *
 * Returns: false with an error
 */
bool
door_test_store_open (DoorTxn *txn, const char *token_hash, const char *flow_hash, int64_t now_ms,
                      bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE test_sign_in SET flow_hash = :flow_hash WHERE token_hash = :token_hash AND (flow_hash = '' OR "
      "flow_hash = :flow_hash) AND result = '' AND expires_at > :now";

  return door_txn_change (
      txn, sql,
      door_params_new ("flow_hash", "s", flow_hash, "token_hash", "s", token_hash, "now", "x", now_ms, NULL),
      changed, error);
}

/**
 * door_test_store_set_result:
 * @txn: a transaction
 * @row: flow, connection and result
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): whether a test of this flow and connection was waiting for it
 * @error: return location for an error
 *
 * Stores what came of a test; the first result stays.
 *
 * Returns: false with an error
 */
bool
door_test_store_set_result (DoorTxn *txn, const DoorTestRow *row, int64_t now_ms, bool *changed,
                            GError **error)
{
  static const char sql[] =
      "UPDATE test_sign_in SET result = :result WHERE flow_hash = :flow_hash AND connection = :connection "
      "AND result = '' AND expires_at > :now";

  return door_txn_change (txn, sql,
                          door_params_new ("result", "s", row->result, "flow_hash", "s", row->flow_hash,
                                           "connection", "s", row->connection, "now", "x", now_ms, NULL),
                          changed, error);
}

/**
 * door_test_store_remove:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @error: return location for an error
 *
 * Forgets a test.
 *
 * Returns: false with an error
 */
bool
door_test_store_remove (DoorTxn *txn, const char *token_hash, GError **error)
{
  static const char sql[] = "DELETE FROM test_sign_in WHERE token_hash = :token_hash";

  return door_txn_change (txn, sql, door_params_new ("token_hash", "s", token_hash, NULL), NULL, error);
}

/**
 * door_test_store_remove_expired:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets tests whose time is over, with their results.
 *
 * Returns: false with an error
 */
bool
door_test_store_remove_expired (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed, GError **error)
{
  static const char sql[] = "DELETE FROM test_sign_in WHERE token_hash IN (SELECT token_hash FROM "
                            "test_sign_in WHERE expires_at < :now ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "limit", "x", limit, NULL), changed,
                          error);
}

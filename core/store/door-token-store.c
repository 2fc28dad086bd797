/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-token-store.h"

#include "door-row.h"

static gpointer
door_access_token_decode (DoorRow *row)
{
  DoorAccessToken *self = g_new0 (DoorAccessToken, 1);

  self->hash = door_row_dup_text (row, "hash");
  self->person_id = door_row_dup_text (row, "person_id");
  self->team = door_row_dup_text (row, "team");
  self->managed_account = door_row_dup_text (row, "managed_account");
  self->created_at = door_row_get_int (row, "created_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->certificate_sha256 = door_row_dup_text (row, "certificate_sha256");
  self->revoked_at = door_row_get_int (row, "revoked_at");
  return self;
}

/**
 * door_access_token_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_access_token_free (DoorAccessToken *self)
{
  if (self == NULL)
    return;
  g_free (self->hash);
  g_free (self->person_id);
  g_free (self->team);
  g_free (self->managed_account);
  g_free (self->certificate_sha256);
  g_free (self);
}

/**
 * door_token_store_add:
 * @txn: a transaction
 * @token: the token
 * @error: return location for an error
 *
 * Stores a new token.
 *
 * Returns: false with an error
 */
bool
door_token_store_add (DoorTxn *txn, const DoorAccessToken *token, GError **error)
{
  static const char sql[] = "INSERT INTO access_token (hash, person_id, team, managed_account, created_at, "
                            "expires_at, certificate_sha256, revoked_at) "
                            "VALUES (:hash, :person_id, :team, :managed_account, :created_at, :expires_at, "
                            ":certificate_sha256, :revoked_at)";

  return door_txn_change (
      txn, sql,
      door_params_new ("hash", "s", token->hash, "person_id", "s", token->person_id, "team", "s", token->team,
                       "managed_account", "s", token->managed_account, "created_at", "x", token->created_at,
                       "expires_at", "x", token->expires_at, "certificate_sha256", "s",
                       token->certificate_sha256, "revoked_at", "x", token->revoked_at, NULL),
      NULL, error);
}

/**
 * door_token_store_lookup:
 * @txn: a transaction
 * @hash: SHA-256 of the token
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a token.
 *
 * Returns: false with an error
 */
bool
door_token_store_lookup (DoorTxn *txn, const char *hash, DoorAccessToken **out, GError **error)
{
  static const char sql[] = "SELECT hash, person_id, team, managed_account, created_at, expires_at, "
                            "certificate_sha256, revoked_at FROM access_token WHERE hash = :hash";

  return door_txn_lookup (txn, sql, door_params_new ("hash", "s", hash, NULL), door_access_token_decode,
                          (gpointer *) out, error);
}

/**
 * door_token_store_bind:
 * @txn: a transaction
 * @hash: SHA-256 of the token
 * @certificate_sha256: the identity certificate
 * @error: return location for an error
 *
 * Ties a token to the identity certificate it was used with first.
 *
 * Returns: false with an error
 */
bool
door_token_store_bind (DoorTxn *txn, const char *hash, const char *certificate_sha256, GError **error)
{
  static const char sql[] = "UPDATE access_token SET certificate_sha256 = :certificate "
                            "WHERE hash = :hash AND certificate_sha256 = ''";

  return door_txn_change (txn, sql,
                          door_params_new ("certificate", "s", certificate_sha256, "hash", "s", hash, NULL),
                          NULL, error);
}

/**
 * door_token_store_remove_expired:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets tokens that expired before a time.
 *
 * Returns: false with an error
 */
bool
door_token_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                 GError **error)
{
  static const char sql[] = "DELETE FROM access_token WHERE hash IN (SELECT hash FROM access_token WHERE "
                            "expires_at < :before ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

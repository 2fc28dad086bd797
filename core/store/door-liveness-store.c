/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-liveness-store.h"

#include "door-row.h"

static gpointer
door_liveness_row_decode (DoorRow *row)
{
  DoorLivenessRow *self = g_new0 (DoorLivenessRow, 1);

  self->token_hash = door_row_dup_text (row, "token_hash");
  self->id = door_row_dup_text (row, "id");
  self->administrator_id = door_row_dup_text (row, "administrator_id");
  self->issuer = door_row_dup_text (row, "issuer");
  self->subject = door_row_dup_text (row, "subject");
  self->liveness_id = door_row_dup_text (row, "liveness_id");
  self->sealed_refresh = door_row_dup_text (row, "sealed_refresh");
  self->created_at = door_row_get_int (row, "created_at");
  self->seen_at = door_row_get_int (row, "seen_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->checked_at = door_row_get_int (row, "checked_at");
  self->check_at = door_row_get_int (row, "check_at");
  self->check_failures = door_row_get_int (row, "check_failures");
  return self;
}

/**
 * door_liveness_row_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_liveness_row_free (DoorLivenessRow *self)
{
  if (self == NULL)
    return;
  g_free (self->token_hash);
  g_free (self->id);
  g_free (self->administrator_id);
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self->liveness_id);
  g_free (self->sealed_refresh);
  g_free (self);
}

/**
 * door_liveness_store_begin:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token of a session that was just added
 * @liveness_id: what the refresh token was sealed for
 * @state: the token, and when its provider is to be asked
 * @error: return location for an error
 *
 * Gives a session the refresh token of its sign-in.
 *
 * Returns: false with an error
 */
bool
door_liveness_store_begin (DoorTxn *txn, const char *token_hash, const char *liveness_id,
                           const DoorLivenessState *state, GError **error)
{
  static const char sql[] =
      "UPDATE admin_session SET liveness_id = :liveness_id, sealed_refresh = :sealed_refresh, "
      "checked_at = :checked_at, check_at = :check_at WHERE token_hash = :token_hash";

  return door_txn_change (txn, sql,
                          door_params_new ("liveness_id", "s", liveness_id, "sealed_refresh", "s",
                                           state->sealed_refresh, "checked_at", "x", state->checked_at,
                                           "check_at", "x", state->check_at, "token_hash", "s", token_hash,
                                           NULL),
                          NULL, error);
}

/**
 * door_liveness_store_list_due:
 * @txn: a transaction
 * @connection: name of the identity provider
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists sessions that a provider is to be asked about, the longest due first.
 *
 * Returns: (transfer full) (element-type DoorLivenessRow): the rows, or %NULL with an error
 */
GPtrArray *
door_liveness_store_list_due (DoorTxn *txn, const char *connection, int64_t now_ms, int64_t limit,
                              GError **error)
{
  static const char sql[] =
      "SELECT token_hash, id, administrator_id, issuer, subject, liveness_id, sealed_refresh, created_at, "
      "seen_at, expires_at, checked_at, check_at, check_failures FROM admin_session "
      "WHERE connection = :connection AND check_at > 0 AND check_at <= :now "
      "ORDER BY check_at, token_hash LIMIT :limit";

  return door_txn_list (
      txn, sql,
      door_params_new ("connection", "s", connection, "now", "x", now_ms, "limit", "x", limit, NULL),
      door_liveness_row_decode, (GDestroyNotify) door_liveness_row_free, error);
}

/**
 * door_liveness_store_claim:
 * @txn: a transaction
 * @row: a session as it was read
 * @until_ms: when it is due again if nothing is heard of the check; milliseconds since 1970, UTC
 * @changed: (out): whether the check is the caller's; of several that try, one sees it
 * @error: return location for an error
 *
 * Takes the check of a session.
 *
 * Returns: false with an error
 */
bool
door_liveness_store_claim (DoorTxn *txn, const DoorLivenessRow *row, int64_t until_ms, bool *changed,
                           GError **error)
{
  static const char sql[] = "UPDATE admin_session SET check_at = :until WHERE token_hash = :token_hash "
                            "AND check_at = :check_at AND sealed_refresh = :sealed_refresh AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("until", "x", until_ms, "token_hash", "s", row->token_hash,
                                           "check_at", "x", row->check_at, "sealed_refresh", "s",
                                           row->sealed_refresh, NULL),
                          changed, error);
}

/**
 * door_liveness_store_park:
 * @txn: a transaction
 * @row: a session as it was read, which nobody has used since its last check
 * @until_ms: when it ends by itself; milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Leaves the provider alone until the session is used again; unless it was used just now.
 *
 * Returns: false with an error
 */
bool
door_liveness_store_park (DoorTxn *txn, const DoorLivenessRow *row, int64_t until_ms, GError **error)
{
  static const char sql[] =
      "UPDATE admin_session SET check_at = :until, check_parked = 1 WHERE token_hash = :token_hash "
      "AND check_at = :check_at AND seen_at = :seen_at AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("until", "x", until_ms, "token_hash", "s", row->token_hash,
                                           "check_at", "x", row->check_at, "seen_at", "x", row->seen_at,
                                           NULL),
                          NULL, error);
}

/**
 * door_liveness_store_forget:
 * @txn: a transaction
 * @row: a session as it was read, whose time is over
 * @error: return location for an error
 *
 * Forgets the refresh token of a session that nobody can use any more.
 *
 * Returns: false with an error
 */
bool
door_liveness_store_forget (DoorTxn *txn, const DoorLivenessRow *row, GError **error)
{
  static const char sql[] = "UPDATE admin_session SET sealed_refresh = '', check_at = 0, check_parked = 0 "
                            "WHERE token_hash = :token_hash AND seen_at = :seen_at";

  return door_txn_change (
      txn, sql, door_params_new ("token_hash", "s", row->token_hash, "seen_at", "x", row->seen_at, NULL),
      NULL, error);
}

/**
 * door_liveness_store_save:
 * @txn: a transaction
 * @row: a session as it was read before its check
 * @state: what is known after it
 * @error: return location for an error
 *
 * Stores the outcome of a check together with the refresh token that takes the place of the one used. A
 * session that has ended meanwhile gets neither, nor one whose token another check has replaced.
 *
 * Returns: false with an error
 */
bool
door_liveness_store_save (DoorTxn *txn, const DoorLivenessRow *row, const DoorLivenessState *state,
                          GError **error)
{
  static const char sql[] =
      "UPDATE admin_session SET sealed_refresh = :sealed_refresh, checked_at = :checked_at, "
      "check_at = :check_at, check_parked = 0, check_failures = :check_failures "
      "WHERE token_hash = :token_hash AND sealed_refresh = :before AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("sealed_refresh", "s", state->sealed_refresh, "checked_at", "x",
                                           state->checked_at, "check_at", "x", state->check_at,
                                           "check_failures", "x", state->check_failures, "token_hash", "s",
                                           row->token_hash, "before", "s", row->sealed_refresh, NULL),
                          NULL, error);
}

/**
 * door_liveness_store_forget_expired:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows changed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets the refresh tokens of sessions whose total time is over, whatever has become of their providers.
 *
 * Returns: false with an error
 */
bool
door_liveness_store_forget_expired (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                    GError **error)
{
  static const char sql[] =
      "UPDATE admin_session SET sealed_refresh = '', check_at = 0, check_parked = 0 WHERE token_hash IN "
      "(SELECT token_hash FROM admin_session WHERE expires_at <= :now AND sealed_refresh <> '' "
      "ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "limit", "x", limit, NULL), changed,
                          error);
}

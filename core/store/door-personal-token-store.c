/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-personal-token-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS "token_hash, id, administrator_id, name, created_at, expires_at, used_at"

static gpointer
decode (DoorRow *row)
{
  DoorPersonalToken *self = g_new0 (DoorPersonalToken, 1);

  self->token_hash = door_row_dup_text (row, "token_hash");
  self->id = door_row_dup_text (row, "id");
  self->administrator_id = door_row_dup_text (row, "administrator_id");
  self->name = door_row_dup_text (row, "name");
  self->created_at = door_row_get_int (row, "created_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->used_at = door_row_get_int (row, "used_at");
  return self;
}

/**
 * door_personal_token_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_personal_token_free (DoorPersonalToken *self)
{
  if (self == NULL)
    return;
  g_free (self->token_hash);
  g_free (self->id);
  g_free (self->administrator_id);
  g_free (self->name);
  g_free (self);
}

/**
 * door_personal_token_store_add:
 * @txn: a transaction
 * @token: a new token
 * @error: return location for an error
 *
 * Stores a token.
 *
 * Returns: false with an error
 */
bool
door_personal_token_store_add (DoorTxn *txn, const DoorPersonalToken *token, GError **error)
{
  static const char sql[] =
      "INSERT INTO personal_token (" COLUMNS ") VALUES (:token_hash, :id, :administrator_id, :name, "
      ":created_at, :expires_at, :used_at)";

  return door_txn_change (txn, sql,
                          door_params_new ("token_hash", "s", token->token_hash, "id", "s", token->id,
                                           "administrator_id", "s", token->administrator_id, "name", "s",
                                           token->name, "created_at", "x", token->created_at, "expires_at",
                                           "x", token->expires_at, "used_at", "x", token->used_at, NULL),
                          NULL, error);
}

/**
 * door_personal_token_store_lookup:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @out: (out) (transfer full) (nullable): the token, also one whose time is over
 * @error: return location for an error
 *
 * Finds a token.
 *
 * Returns: false with an error
 */
bool
door_personal_token_store_lookup (DoorTxn *txn, const char *token_hash, DoorPersonalToken **out,
                                  GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM personal_token WHERE token_hash = :token_hash";

  return door_txn_lookup (txn, sql, door_params_new ("token_hash", "s", token_hash, NULL), decode,
                          (gpointer *) out, error);
}

static gpointer
decode_count (DoorRow *row)
{
  int64_t *count = g_new0 (int64_t, 1);

  *count = door_row_get_int (row, "n");
  return count;
}

/**
 * door_personal_token_store_count:
 * @txn: a transaction
 * @administrator_id: an administrator
 * @now_ms: milliseconds since 1970, UTC
 * @n_tokens: (out): how many tokens they have whose time is not over
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_personal_token_store_count (DoorTxn *txn, const char *administrator_id, int64_t now_ms,
                                 int64_t *n_tokens, GError **error)
{
  static const char sql[] = "SELECT COUNT(*) AS n FROM personal_token "
                            "WHERE administrator_id = :administrator_id AND expires_at > :now";
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql,
                        door_params_new ("administrator_id", "s", administrator_id, "now", "x", now_ms, NULL),
                        decode_count, (gpointer *) &found, error))
    return false;
  *n_tokens = found != NULL ? *found : 0;
  return true;
}

/**
 * door_personal_token_store_list:
 * @txn: a transaction
 * @administrator_id: an administrator
 * @after: id of the last one seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the tokens of an administrator, ordered by id.
 *
 * Returns: (transfer full) (element-type DoorPersonalToken): the rows, or %NULL with an error
 */
GPtrArray *
door_personal_token_store_list (DoorTxn *txn, const char *administrator_id, const char *after, int64_t limit,
                                GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS " FROM personal_token WHERE administrator_id = :administrator_id AND id > :after "
      "ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("administrator_id", "s", administrator_id, "after", "s", after,
                                         "limit", "x", limit, NULL),
                        decode, (GDestroyNotify) door_personal_token_free, error);
}

/**
 * door_personal_token_store_touch:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that a token is used.
 *
 * Returns: false with an error
 */
bool
door_personal_token_store_touch (DoorTxn *txn, const char *token_hash, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "UPDATE personal_token SET used_at = :now WHERE token_hash = :token_hash AND used_at < :now";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "token_hash", "s", token_hash, NULL),
                          NULL, error);
}

/**
 * door_personal_token_store_remove:
 * @txn: a transaction
 * @administrator_id: whose it is
 * @id: a token
 * @changed: (out) (optional): whether it was there
 * @error: return location for an error
 *
 * Forgets a token, so that nobody can use it.
 *
 * Returns: false with an error
 */
bool
door_personal_token_store_remove (DoorTxn *txn, const char *administrator_id, const char *id, bool *changed,
                                  GError **error)
{
  static const char sql[] =
      "DELETE FROM personal_token WHERE id = :id AND administrator_id = :administrator_id";

  return door_txn_change (txn, sql,
                          door_params_new ("id", "s", id, "administrator_id", "s", administrator_id, NULL),
                          changed, error);
}

/**
 * door_personal_token_store_remove_all:
 * @txn: a transaction
 * @administrator_id: an administrator
 * @error: return location for an error
 *
 * Forgets all tokens of an administrator.
 *
 * Returns: false with an error
 */
bool
door_personal_token_store_remove_all (DoorTxn *txn, const char *administrator_id, GError **error)
{
  static const char sql[] = "DELETE FROM personal_token WHERE administrator_id = :administrator_id";

  return door_txn_change (txn, sql, door_params_new ("administrator_id", "s", administrator_id, NULL), NULL,
                          error);
}

/**
 * door_personal_token_store_remove_expired:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets tokens whose time was over before a time.
 *
 * Returns: false with an error
 */
bool
door_personal_token_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                          GError **error)
{
  static const char sql[] = "DELETE FROM personal_token WHERE token_hash IN (SELECT token_hash FROM "
                            "personal_token WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

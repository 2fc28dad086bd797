/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oauth2-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS                                                                                              \
  "g.id, g.code_hash, g.redirect_uri, g.client_state, g.code_challenge, g.person_id, g.team, "               \
  "g.managed_account, g.chain_hash, g.token_hash, g.before_hash, g.salt, g.access_hash, g.enrollment_id, "   \
  "g.created_at, g.exchanged_at, g.rotated_at, g.ended_at, "                                                 \
  "g.sealed_refresh, g.connection, g.issuer, g.subject, g.verified_at"

static gpointer
decode (DoorRow *row)
{
  DoorOauth2Grant *self = g_new0 (DoorOauth2Grant, 1);

  self->id = door_row_dup_text (row, "id");
  self->code_hash = door_row_dup_text (row, "code_hash");
  self->redirect_uri = door_row_dup_text (row, "redirect_uri");
  self->client_state = door_row_dup_text (row, "client_state");
  self->code_challenge = door_row_dup_text (row, "code_challenge");
  self->person_id = door_row_dup_text (row, "person_id");
  self->team = door_row_dup_text (row, "team");
  self->managed_account = door_row_dup_text (row, "managed_account");
  self->chain_hash = door_row_dup_text (row, "chain_hash");
  self->token_hash = door_row_dup_text (row, "token_hash");
  self->before_hash = door_row_dup_text (row, "before_hash");
  self->salt = door_row_dup_text (row, "salt");
  self->access_hash = door_row_dup_text (row, "access_hash");
  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->created_at = door_row_get_int (row, "created_at");
  self->exchanged_at = door_row_get_int (row, "exchanged_at");
  self->rotated_at = door_row_get_int (row, "rotated_at");
  self->ended_at = door_row_get_int (row, "ended_at");
  self->sealed_refresh = door_row_dup_text (row, "sealed_refresh");
  self->connection = door_row_dup_text (row, "connection");
  self->issuer = door_row_dup_text (row, "issuer");
  self->subject = door_row_dup_text (row, "subject");
  self->verified_at = door_row_get_int (row, "verified_at");
  return self;
}

/**
 * door_oauth2_grant_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_oauth2_grant_free (DoorOauth2Grant *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->code_hash);
  g_free (self->redirect_uri);
  g_free (self->client_state);
  g_free (self->code_challenge);
  g_free (self->person_id);
  g_free (self->team);
  g_free (self->managed_account);
  g_free (self->chain_hash);
  g_free (self->token_hash);
  g_free (self->before_hash);
  g_free (self->salt);
  g_free (self->access_hash);
  g_free (self->enrollment_id);
  g_free (self->sealed_refresh);
  g_free (self->connection);
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self);
}

static const char *
text_of (const char *text)
{
  return text != NULL ? text : "";
}

/* Apart from the rest, which is long enough. */
static bool
set_provider (DoorTxn *txn, const DoorOauth2Grant *grant, GError **error)
{
  static const char sql[] =
      "UPDATE oauth2_grant SET sealed_refresh = :sealed_refresh, connection = :connection, issuer = :issuer, "
      "subject = :subject, verified_at = :verified_at WHERE id = :id";

  return grant->connection == NULL ||
         door_txn_change (txn, sql,
                          door_params_new ("sealed_refresh", "s", text_of (grant->sealed_refresh),
                                           "connection", "s", grant->connection, "issuer", "s",
                                           text_of (grant->issuer), "subject", "s", text_of (grant->subject),
                                           "verified_at", "x", grant->verified_at, "id", "s", grant->id,
                                           NULL),
                          NULL, error);
}

/**
 * door_oauth2_store_add:
 * @txn: a transaction
 * @grant: a new grant; a @connection of %NULL: no provider is asked
 * @error: return location for an error
 *
 * Stores a grant. Blocks for the database, like all that follow.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_add (DoorTxn *txn, const DoorOauth2Grant *grant, GError **error)
{
  static const char sql[] =
      "INSERT INTO oauth2_grant (id, code_hash, redirect_uri, client_state, code_challenge, person_id, "
      "team, managed_account, chain_hash, token_hash, before_hash, salt, access_hash, enrollment_id, "
      "created_at, exchanged_at, rotated_at, ended_at, end_reason) VALUES (:id, :code_hash, :redirect_uri, "
      ":client_state, :code_challenge, :person_id, :team, :managed_account, :chain_hash, :token_hash, "
      ":before_hash, :salt, :access_hash, :enrollment_id, :created_at, :exchanged_at, :rotated_at, "
      ":ended_at, '')";

  return door_txn_change (
             txn, sql,
             door_params_new ("id", "s", grant->id, "code_hash", "s", grant->code_hash, "redirect_uri", "s",
                              grant->redirect_uri, "client_state", "s", grant->client_state, "code_challenge",
                              "s", grant->code_challenge, "person_id", "s", grant->person_id, "team", "s",
                              grant->team, "managed_account", "s", grant->managed_account, "chain_hash", "s",
                              grant->chain_hash, "token_hash", "s", grant->token_hash, "before_hash", "s",
                              grant->before_hash, "salt", "s", grant->salt, "access_hash", "s",
                              grant->access_hash, "enrollment_id", "s", grant->enrollment_id, "created_at",
                              "x", grant->created_at, "exchanged_at", "x", grant->exchanged_at, "rotated_at",
                              "x", grant->rotated_at, "ended_at", "x", grant->ended_at, NULL),
             NULL, error) &&
         set_provider (txn, grant, error);
}

/**
 * door_oauth2_store_lookup_by_code:
 * @txn: a transaction
 * @code_hash: SHA-256 of its code
 * @out: (out) (transfer full) (nullable): the grant, also one that has ended; %NULL when there is none
 * @error: return location for an error
 *
 * Finds a grant.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_lookup_by_code (DoorTxn *txn, const char *code_hash, DoorOauth2Grant **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM oauth2_grant g WHERE g.code_hash = :code_hash";

  return door_txn_lookup (txn, sql, door_params_new ("code_hash", "s", code_hash, NULL), decode,
                          (gpointer *) out, error);
}

/**
 * door_oauth2_store_lookup_by_chain:
 * @txn: a transaction
 * @chain_hash: SHA-256 of what its refresh tokens begin with
 * @out: (out) (transfer full) (nullable): the grant, also one that has ended; %NULL when there is none
 * @error: return location for an error
 *
 * Finds a grant.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_lookup_by_chain (DoorTxn *txn, const char *chain_hash, DoorOauth2Grant **out,
                                   GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM oauth2_grant g WHERE g.chain_hash = :chain_hash";

  return door_txn_lookup (txn, sql, door_params_new ("chain_hash", "s", chain_hash, NULL), decode,
                          (gpointer *) out, error);
}

/**
 * door_oauth2_store_lookup_by_access:
 * @txn: a transaction
 * @access_hash: SHA-256 of an access token that it gave
 * @out: (out) (transfer full) (nullable): the grant, also one that has ended; %NULL when there is none
 * @error: return location for an error
 *
 * Finds a grant.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_lookup_by_access (DoorTxn *txn, const char *access_hash, DoorOauth2Grant **out,
                                    GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS
      " FROM oauth2_access a JOIN oauth2_grant g ON g.id = a.grant_id WHERE a.hash = :access_hash";

  return door_txn_lookup (txn, sql, door_params_new ("access_hash", "s", access_hash, NULL), decode,
                          (gpointer *) out, error);
}

/**
 * door_oauth2_store_exchange:
 * @txn: a transaction
 * @exchange: the code
 * @changed: (out): whether it was not used yet; of two that come with it, one sees true
 * @error: return location for an error
 *
 * Uses a code up.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_exchange (DoorTxn *txn, const DoorOauth2Exchange *exchange, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE oauth2_grant SET exchanged_at = :now, rotated_at = :now, "
                            "chain_hash = :chain_hash, token_hash = :token_hash "
                            "WHERE id = :id AND exchanged_at = 0 AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", exchange->now_ms, "chain_hash", "s",
                                           exchange->chain_hash, "token_hash", "s", exchange->token_hash,
                                           "id", "s", exchange->id, NULL),
                          changed, error);
}

/**
 * door_oauth2_store_turn:
 * @txn: a transaction
 * @turn: the exchange
 * @changed: (out): whether the token was the one that counts; of two that come with it, one sees true
 * @error: return location for an error
 *
 * Lets the next refresh token take the place of the one that counts, in one statement.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_turn (DoorTxn *txn, const DoorRefreshTurn *turn, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE oauth2_grant SET token_hash = :next_hash, before_hash = :token_hash, "
                            "salt = :salt, rotated_at = :now "
                            "WHERE chain_hash = :chain_hash AND token_hash = :token_hash AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("next_hash", "s", turn->next_hash, "token_hash", "s",
                                           turn->token_hash, "salt", "s", turn->salt, "now", "x",
                                           turn->now_ms, "chain_hash", "s", turn->chain_hash, NULL),
                          changed, error);
}

/**
 * door_oauth2_store_claim:
 * @txn: a transaction
 * @turn: the exchange that a provider is asked about
 * @until_ms: when the claim ends by itself; milliseconds since 1970, UTC
 * @changed: (out): whether the token is the one that counts and nobody else asks about it
 * @error: return location for an error
 *
 * Keeps others from asking about the same grant.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_claim (DoorTxn *txn, const DoorRefreshTurn *turn, int64_t until_ms, bool *changed,
                         GError **error)
{
  static const char sql[] =
      "UPDATE oauth2_grant SET asking_until = :until WHERE chain_hash = :chain_hash AND "
      "token_hash = :token_hash AND ended_at = 0 AND asking_until <= :now";

  return door_txn_change (txn, sql,
                          door_params_new ("until", "x", until_ms, "chain_hash", "s", turn->chain_hash,
                                           "token_hash", "s", turn->token_hash, "now", "x", turn->now_ms,
                                           NULL),
                          changed, error);
}

/**
 * door_oauth2_store_save:
 * @txn: a transaction
 * @verdict: what the provider said
 * @error: return location for an error
 *
 * Notes what came of a question, and ends its claim.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_save (DoorTxn *txn, const DoorOauth2Verdict *verdict, GError **error)
{
  static const char sql[] =
      "UPDATE oauth2_grant SET sealed_refresh = :sealed_refresh, verified_at = :verified_at, "
      "asking_until = 0 WHERE id = :id AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("sealed_refresh", "s", verdict->sealed_refresh, "verified_at", "x",
                                           verdict->verified_at, "id", "s", verdict->id, NULL),
                          NULL, error);
}

static bool
set_access (DoorTxn *txn, const DoorOauth2Access *access, GError **error)
{
  static const char sql[] = "UPDATE oauth2_grant SET access_hash = :hash WHERE id = :grant_id";

  return door_txn_change (
      txn, sql, door_params_new ("hash", "s", access->hash, "grant_id", "s", access->grant_id, NULL), NULL,
      error);
}

/**
 * door_oauth2_store_add_access:
 * @txn: a transaction
 * @access: an access token
 * @error: return location for an error
 *
 * Notes that a grant gave an access token, the newest now.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_add_access (DoorTxn *txn, const DoorOauth2Access *access, GError **error)
{
  static const char sql[] =
      "INSERT INTO oauth2_access (hash, grant_id, expires_at) VALUES (:hash, :grant_id, :expires_at)";

  return door_txn_change (txn, sql,
                          door_params_new ("hash", "s", access->hash, "grant_id", "s", access->grant_id,
                                           "expires_at", "x", access->expires_at, NULL),
                          NULL, error) &&
         set_access (txn, access, error);
}

static bool
set_way (DoorTxn *txn, const char *enrollment_id, GError **error)
{
  static const char sql[] = "UPDATE enrollment SET way = 'oauth2' WHERE id = :id";

  return door_txn_change (txn, sql, door_params_new ("id", "s", enrollment_id, NULL), NULL, error);
}

/**
 * door_oauth2_store_bind:
 * @txn: a transaction
 * @id: a grant
 * @enrollment_id: the enrollment it is for
 * @error: return location for an error
 *
 * Ties a grant to the first enrollment that is made with it, which is one that came by oauth2 then.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_bind (DoorTxn *txn, const char *id, const char *enrollment_id, GError **error)
{
  static const char sql[] =
      "UPDATE oauth2_grant SET enrollment_id = :enrollment_id WHERE id = :id AND enrollment_id = ''";

  return door_txn_change (txn, sql,
                          door_params_new ("enrollment_id", "s", enrollment_id, "id", "s", id, NULL), NULL,
                          error) &&
         set_way (txn, enrollment_id, error);
}

static bool
revoke_access (DoorTxn *txn, const char *id, int64_t now_ms, GError **error)
{
  static const char sql[] = "UPDATE access_token SET revoked_at = :now WHERE revoked_at = 0 AND hash IN "
                            "(SELECT hash FROM oauth2_access WHERE grant_id = :id)";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "id", "s", id, NULL), NULL, error);
}

/**
 * door_oauth2_store_end:
 * @txn: a transaction
 * @id: a grant
 * @reason: why
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ends a grant and revokes every access token it gave.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_end (DoorTxn *txn, const char *id, const char *reason, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "UPDATE oauth2_grant SET ended_at = :now, end_reason = :reason, sealed_refresh = '' "
      "WHERE id = :id AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "reason", "s", reason, "id", "s", id, NULL),
                          NULL, error) &&
         revoke_access (txn, id, now_ms, error);
}

/**
 * door_oauth2_store_end_others:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @id: its newest grant
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ends the grants that a new sign-in on the same device has replaced, and then revokes what they gave: the
 * other way round, another server could give one more in between.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_end_others (DoorTxn *txn, const char *enrollment_id, const char *id, int64_t now_ms,
                              GError **error)
{
  static const char revoke[] =
      "UPDATE access_token SET revoked_at = :now WHERE revoked_at = 0 AND hash IN (SELECT a.hash FROM "
      "oauth2_access a JOIN oauth2_grant g ON g.id = a.grant_id WHERE g.enrollment_id = :enrollment_id AND "
      "g.id <> :id)";
  static const char sql[] =
      "UPDATE oauth2_grant SET ended_at = :now, end_reason = 'replaced', sealed_refresh = '' "
      "WHERE enrollment_id = :enrollment_id AND id <> :id AND ended_at = 0";

  return door_txn_change (
             txn, sql,
             door_params_new ("now", "x", now_ms, "enrollment_id", "s", enrollment_id, "id", "s", id, NULL),
             NULL, error) &&
         door_txn_change (
             txn, revoke,
             door_params_new ("now", "x", now_ms, "enrollment_id", "s", enrollment_id, "id", "s", id, NULL),
             NULL, error);
}

/**
 * door_oauth2_store_remove_old:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets grants that were made before a time and are of no use: ended, or without an enrollment that goes
 * on.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed, GError **error)
{
  static const char sql[] =
      "DELETE FROM oauth2_grant WHERE id IN (SELECT g.id FROM oauth2_grant g LEFT JOIN enrollment e "
      "ON e.id = g.enrollment_id WHERE g.created_at < :before AND "
      "(g.ended_at <> 0 OR e.id IS NULL OR e.ended_at <> 0) ORDER BY g.created_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

/**
 * door_oauth2_store_remove_expired_access:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets access tokens that expired before a time.
 *
 * Returns: false with an error
 */
bool
door_oauth2_store_remove_expired_access (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                         GError **error)
{
  static const char sql[] = "DELETE FROM oauth2_access WHERE hash IN (SELECT hash FROM oauth2_access WHERE "
                            "expires_at < :before ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

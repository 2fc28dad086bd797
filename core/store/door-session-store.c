/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-session-store.h"

#include "door-row.h"

/* What every end of a session does: the provider's token goes with it. */
#define END "ended_at = :now, sealed_refresh = '', check_at = 0, end_reason = "
/* Each of them is read where a row is decoded. */
#define HANDOVER_COLUMNS                                                                                     \
  "token_hash, flow_hash, administrator_id, connection, issuer, subject, session_index, return_path, "       \
  "session_ends_at, expires_at, name_format, name_qualifier, sp_name_qualifier, liveness_id, sealed_refresh"
#define SESSION_COLUMNS                                                                                      \
  "token_hash, id, administrator_id, connection, issuer, subject, session_index, created_at, seen_at, "      \
  "expires_at, user_agent_family, ended_at, end_reason, name_format, name_qualifier, sp_name_qualifier"

static const char *
text_of (const char *text)
{
  return text != NULL ? text : "";
}

static gpointer
door_handover_decode (DoorRow *row)
{
  DoorHandover *self = g_new0 (DoorHandover, 1);

  self->token_hash = door_row_dup_text (row, "token_hash");
  self->flow_hash = door_row_dup_text (row, "flow_hash");
  self->administrator_id = door_row_dup_text (row, "administrator_id");
  self->connection = door_row_dup_text (row, "connection");
  self->issuer = door_row_dup_text (row, "issuer");
  self->subject = door_row_dup_text (row, "subject");
  self->session_index = door_row_dup_text (row, "session_index");
  self->return_path = door_row_dup_text (row, "return_path");
  self->session_ends_at = door_row_get_int (row, "session_ends_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->name_format = door_row_dup_text (row, "name_format");
  self->name_qualifier = door_row_dup_text (row, "name_qualifier");
  self->sp_name_qualifier = door_row_dup_text (row, "sp_name_qualifier");
  self->liveness_id = door_row_dup_text (row, "liveness_id");
  self->sealed_refresh = door_row_dup_text (row, "sealed_refresh");
  return self;
}

/**
 * door_handover_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_handover_free (DoorHandover *self)
{
  if (self == NULL)
    return;
  g_free (self->token_hash);
  g_free (self->flow_hash);
  g_free (self->administrator_id);
  g_free (self->connection);
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self->session_index);
  g_free (self->return_path);
  g_free (self->name_format);
  g_free (self->name_qualifier);
  g_free (self->sp_name_qualifier);
  g_free (self->liveness_id);
  g_free (self->sealed_refresh);
  g_free (self);
}

static gpointer
door_session_row_decode (DoorRow *row)
{
  DoorSessionRow *self = g_new0 (DoorSessionRow, 1);

  self->token_hash = door_row_dup_text (row, "token_hash");
  self->id = door_row_dup_text (row, "id");
  self->administrator_id = door_row_dup_text (row, "administrator_id");
  self->connection = door_row_dup_text (row, "connection");
  self->issuer = door_row_dup_text (row, "issuer");
  self->subject = door_row_dup_text (row, "subject");
  self->session_index = door_row_dup_text (row, "session_index");
  self->created_at = door_row_get_int (row, "created_at");
  self->seen_at = door_row_get_int (row, "seen_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->user_agent_family = door_row_dup_text (row, "user_agent_family");
  self->ended_at = door_row_get_int (row, "ended_at");
  self->end_reason = door_row_dup_text (row, "end_reason");
  self->name_format = door_row_dup_text (row, "name_format");
  self->name_qualifier = door_row_dup_text (row, "name_qualifier");
  self->sp_name_qualifier = door_row_dup_text (row, "sp_name_qualifier");
  return self;
}

/**
 * door_session_row_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_session_row_free (DoorSessionRow *self)
{
  if (self == NULL)
    return;
  g_free (self->token_hash);
  g_free (self->id);
  g_free (self->administrator_id);
  g_free (self->connection);
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self->session_index);
  g_free (self->user_agent_family);
  g_free (self->end_reason);
  g_free (self->name_format);
  g_free (self->name_qualifier);
  g_free (self->sp_name_qualifier);
  g_free (self);
}

/**
 * door_session_store_add_handover:
 * @txn: a transaction
 * @handover: the handover
 * @error: return location for an error
 *
 * Stores a new handover.
 *
 * Returns: false with an error
 */
bool
door_session_store_add_handover (DoorTxn *txn, const DoorHandover *handover, GError **error)
{
  static const char sql[] =
      "INSERT INTO admin_handover (" HANDOVER_COLUMNS
      ") VALUES (:token_hash, :flow_hash, :administrator_id, :connection, :issuer, :subject, :session_index, "
      ":return_path, :session_ends_at, :expires_at, :name_format, :name_qualifier, :sp_name_qualifier, "
      ":liveness_id, :sealed_refresh)";

  return door_txn_change (
      txn, sql,
      door_params_new (
          "token_hash", "s", handover->token_hash, "flow_hash", "s", handover->flow_hash, "administrator_id",
          "s", handover->administrator_id, "connection", "s", handover->connection, "issuer", "s",
          handover->issuer, "subject", "s", handover->subject, "session_index", "s", handover->session_index,
          "return_path", "s", handover->return_path, "session_ends_at", "x", handover->session_ends_at,
          "expires_at", "x", handover->expires_at, "name_format", "s", text_of (handover->name_format),
          "name_qualifier", "s", text_of (handover->name_qualifier), "sp_name_qualifier", "s",
          text_of (handover->sp_name_qualifier), "liveness_id", "s", text_of (handover->liveness_id),
          "sealed_refresh", "s", text_of (handover->sealed_refresh), NULL),
      NULL, error);
}

/**
 * door_session_store_lookup_handover:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a handover.
 *
 * Returns: false with an error
 */
bool
door_session_store_lookup_handover (DoorTxn *txn, const char *token_hash, DoorHandover **out, GError **error)
{
  static const char sql[] = "SELECT " HANDOVER_COLUMNS " FROM admin_handover WHERE token_hash = :token_hash";

  return door_txn_lookup (txn, sql, door_params_new ("token_hash", "s", token_hash, NULL),
                          door_handover_decode, (gpointer *) out, error);
}

/**
 * door_session_store_remove_handover:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @changed: (out): whether it was there; of two that use it, one sees it
 * @error: return location for an error
 *
 * Uses a handover up.
 *
 * Returns: false with an error
 */
bool
door_session_store_remove_handover (DoorTxn *txn, const char *token_hash, bool *changed, GError **error)
{
  static const char sql[] = "DELETE FROM admin_handover WHERE token_hash = :token_hash";

  return door_txn_change (txn, sql, door_params_new ("token_hash", "s", token_hash, NULL), changed, error);
}

/**
 * door_session_store_add:
 * @txn: a transaction
 * @session: the session
 * @error: return location for an error
 *
 * Stores a new session.
 *
 * Returns: false with an error
 */
bool
door_session_store_add (DoorTxn *txn, const DoorSessionRow *session, GError **error)
{
  static const char sql[] =
      "INSERT INTO admin_session (" SESSION_COLUMNS
      ") VALUES (:token_hash, :id, :administrator_id, :connection, :issuer, :subject, :session_index, "
      ":created_at, :seen_at, :expires_at, :user_agent_family, :ended_at, :end_reason, :name_format, "
      ":name_qualifier, :sp_name_qualifier)";

  return door_txn_change (
      txn, sql,
      door_params_new ("token_hash", "s", session->token_hash, "id", "s", session->id, "administrator_id",
                       "s", session->administrator_id, "connection", "s", session->connection, "issuer", "s",
                       session->issuer, "subject", "s", session->subject, "session_index", "s",
                       session->session_index, "created_at", "x", session->created_at, "seen_at", "x",
                       session->seen_at, "expires_at", "x", session->expires_at, "user_agent_family", "s",
                       session->user_agent_family, "ended_at", "x", session->ended_at, "end_reason", "s",
                       session->end_reason, "name_format", "s", text_of (session->name_format),
                       "name_qualifier", "s", text_of (session->name_qualifier), "sp_name_qualifier", "s",
                       text_of (session->sp_name_qualifier), NULL),
      NULL, error);
}

/**
 * door_session_store_lookup:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a session, also one that has ended.
 *
 * Returns: false with an error
 */
bool
door_session_store_lookup (DoorTxn *txn, const char *token_hash, DoorSessionRow **out, GError **error)
{
  static const char sql[] = "SELECT " SESSION_COLUMNS " FROM admin_session WHERE token_hash = :token_hash";

  return door_txn_lookup (txn, sql, door_params_new ("token_hash", "s", token_hash, NULL),
                          door_session_row_decode, (gpointer *) out, error);
}

static gpointer
decode_hash (DoorRow *row)
{
  return door_row_dup_text (row, "token_hash");
}

/**
 * door_session_store_lookup_hash:
 * @txn: a transaction
 * @id: what the session is called where its token must not be seen
 * @token_hash: (out) (transfer full) (nullable): SHA-256 of its token, %NULL when there is no such session
 * @error: return location for an error
 *
 * Finds a session by its id, also one that has ended.
 *
 * Returns: false with an error
 */
bool
door_session_store_lookup_hash (DoorTxn *txn, const char *id, char **token_hash, GError **error)
{
  static const char sql[] = "SELECT token_hash FROM admin_session WHERE id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", id, NULL), decode_hash,
                          (gpointer *) token_hash, error);
}

/**
 * door_session_store_touch:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that a session is used. One whose provider was not asked because nobody used it is due at once.
 *
 * Returns: false with an error
 */
bool
door_session_store_touch (DoorTxn *txn, const char *token_hash, int64_t now_ms, GError **error)
{
  static const char sql[] = "UPDATE admin_session SET seen_at = :now, check_at = CASE WHEN check_parked = 1 "
                            "THEN :now ELSE check_at END, "
                            "check_parked = 0 WHERE token_hash = :token_hash AND seen_at < :now";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "token_hash", "s", token_hash, NULL),
                          NULL, error);
}

/**
 * door_session_store_end:
 * @txn: a transaction
 * @token_hash: SHA-256 of the token
 * @reason: why, a word
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out) (optional): whether it was open
 * @error: return location for an error
 *
 * Ends a session for good.
 *
 * Returns: false with an error
 */
bool
door_session_store_end (DoorTxn *txn, const char *token_hash, const char *reason, int64_t now_ms,
                        bool *changed, GError **error)
{
  static const char sql[] = "UPDATE admin_session SET " END ":reason "
                            "WHERE token_hash = :token_hash AND ended_at = 0";

  return door_txn_change (
      txn, sql,
      door_params_new ("now", "x", now_ms, "reason", "s", reason, "token_hash", "s", token_hash, NULL),
      changed, error);
}

/**
 * door_session_store_end_all:
 * @txn: a transaction
 * @administrator_id: an administrator
 * @reason: why, a word
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out) (optional): whether any was open
 * @error: return location for an error
 *
 * Ends all sessions of an administrator, and forgets the sign-ins that have not become sessions yet.
 *
 * Returns: false with an error
 */
bool
door_session_store_end_all (DoorTxn *txn, const char *administrator_id, const char *reason, int64_t now_ms,
                            bool *changed, GError **error)
{
  static const char handovers[] = "DELETE FROM admin_handover WHERE administrator_id = :administrator_id";
  static const char sql[] = "UPDATE admin_session SET " END ":reason "
                            "WHERE administrator_id = :administrator_id AND ended_at = 0";

  return door_txn_change (txn, handovers, door_params_new ("administrator_id", "s", administrator_id, NULL),
                          NULL, error) &&
         door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "reason", "s", reason, "administrator_id", "s",
                                           administrator_id, NULL),
                          changed, error);
}

/**
 * door_session_store_end_matching:
 * @txn: a transaction
 * @end: which
 * @changed: (out) (optional): whether any was open
 * @error: return location for an error
 *
 * Ends the sessions that an identity provider names.
 *
 * Returns: false with an error
 */
bool
door_session_store_end_matching (DoorTxn *txn, const DoorSessionEnd *end, bool *changed, GError **error)
{
  static const char of_subject[] = "UPDATE admin_session SET " END "'provider' WHERE issuer = :issuer "
                                   "AND subject = :subject AND connection = :connection AND ended_at = 0";
  static const char of_index[] =
      "UPDATE admin_session SET " END "'provider' WHERE issuer = :issuer "
      "AND session_index = :session_index AND connection = :connection AND ended_at = 0";
  static const char of_both[] =
      "UPDATE admin_session SET " END "'provider' WHERE issuer = :issuer "
      "AND subject = :subject AND session_index = :session_index AND connection = :connection "
      "AND ended_at = 0";

  if (end->session_index == NULL)
    return door_txn_change (txn, of_subject,
                            door_params_new ("now", "x", end->now_ms, "issuer", "s", end->issuer, "subject",
                                             "s", end->subject, "connection", "s", end->connection, NULL),
                            changed, error);
  if (end->subject == NULL)
    return door_txn_change (txn, of_index,
                            door_params_new ("now", "x", end->now_ms, "issuer", "s", end->issuer,
                                             "session_index", "s", end->session_index, "connection", "s",
                                             end->connection, NULL),
                            changed, error);
  return door_txn_change (txn, of_both,
                          door_params_new ("now", "x", end->now_ms, "issuer", "s", end->issuer, "subject",
                                           "s", end->subject, "session_index", "s", end->session_index,
                                           "connection", "s", end->connection, NULL),
                          changed, error);
}

/**
 * door_session_store_remove_matching_handovers:
 * @txn: a transaction
 * @end: which
 * @changed: (out) (optional): whether any was there
 * @error: return location for an error
 *
 * Removes what would become the sessions that door_session_store_end_matching() ends: sign-ins whose last hop
 * has not been made yet. They live for minutes, so there are few.
 *
 * Returns: false with an error
 */
bool
door_session_store_remove_matching_handovers (DoorTxn *txn, const DoorSessionEnd *end, bool *changed,
                                              GError **error)
{
  static const char sql[] =
      "DELETE FROM admin_handover WHERE issuer = :issuer AND connection = :connection AND "
      "(subject = :subject OR :any_subject = 1) AND (session_index = :session_index OR :any_session = 1)";

  return door_txn_change (txn, sql,
                          door_params_new ("issuer", "s", end->issuer, "connection", "s", end->connection,
                                           "subject", "s", end->subject, "any_subject", "x",
                                           (int64_t) (end->subject == NULL ? 1 : 0), "session_index", "s",
                                           end->session_index, "any_session", "x",
                                           (int64_t) (end->session_index == NULL ? 1 : 0), NULL),
                          changed, error);
}

/**
 * door_session_store_list:
 * @txn: a transaction
 * @administrator_id: an administrator
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists sessions, the newest first, also those that have ended.
 *
 * Returns: (transfer full) (element-type DoorSessionRow): the rows, or %NULL with an error
 */
GPtrArray *
door_session_store_list (DoorTxn *txn, const char *administrator_id, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " SESSION_COLUMNS " FROM admin_session WHERE administrator_id = :administrator_id "
      "ORDER BY created_at DESC, token_hash LIMIT :limit";

  return door_txn_list (
      txn, sql, door_params_new ("administrator_id", "s", administrator_id, "limit", "x", limit, NULL),
      door_session_row_decode, (GDestroyNotify) door_session_row_free, error);
}

/**
 * door_session_store_remove_expired:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets sessions whose total time was over before a time, ended or not.
 *
 * Returns: false with an error
 */
bool
door_session_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                   GError **error)
{
  static const char sql[] = "DELETE FROM admin_session WHERE token_hash IN (SELECT token_hash FROM "
                            "admin_session WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

/**
 * door_session_store_remove_expired_handovers:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets handovers whose browser never came back.
 *
 * Returns: false with an error
 */
bool
door_session_store_remove_expired_handovers (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                             GError **error)
{
  static const char sql[] = "DELETE FROM admin_handover WHERE token_hash IN (SELECT token_hash FROM "
                            "admin_handover WHERE expires_at < :now ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "limit", "x", limit, NULL), changed,
                          error);
}

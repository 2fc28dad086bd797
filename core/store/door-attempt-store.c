/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-attempt-store.h"

#include "door-row.h"

static gpointer
door_attempt_decode (DoorRow *row)
{
  DoorAttempt *self = g_new0 (DoorAttempt, 1);

  self->code = door_row_dup_text (row, "code");
  self->at = door_row_get_int (row, "at");
  self->request_id = door_row_dup_text (row, "request_id");
  self->connection = door_row_dup_text (row, "connection");
  self->team = door_row_dup_text (row, "team");
  self->fault = door_row_dup_text (row, "fault");
  self->detail = door_row_dup_text (row, "detail");
  self->checks = door_row_dup_text (row, "checks");
  self->person_id = door_row_dup_text (row, "person_id");
  self->purpose = door_row_dup_text (row, "purpose");
  self->received = door_row_dup_text (row, "received");
  self->role_claims = door_row_dup_text (row, "role_claims");
  return self;
}

/**
 * door_attempt_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_attempt_free (DoorAttempt *self)
{
  if (self == NULL)
    return;
  g_free (self->code);
  g_free (self->request_id);
  g_free (self->connection);
  g_free (self->team);
  g_free (self->fault);
  g_free (self->detail);
  g_free (self->checks);
  g_free (self->person_id);
  g_free (self->purpose);
  g_free (self->received);
  g_free (self->role_claims);
  g_free (self);
}

/**
 * door_attempt_store_add:
 * @txn: a transaction
 * @attempt: the record
 * @error: return location for an error
 *
 * Keeps a record.
 *
 * Returns: false with an error
 */
bool
door_attempt_store_add (DoorTxn *txn, const DoorAttempt *attempt, GError **error)
{
  static const char sql[] =
      "INSERT INTO attempt (code, at, request_id, connection, team, fault, detail, checks, person_id, "
      "purpose, "
      "received, role_claims) VALUES (:code, :at, :request_id, :connection, :team, :fault, :detail, :checks, "
      ":person_id, :purpose, :received, :role_claims) ON CONFLICT DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("code", "s", attempt->code, "at", "x", attempt->at, "request_id",
                                           "s", attempt->request_id, "connection", "s", attempt->connection,
                                           "team", "s", attempt->team, "fault", "s", attempt->fault, "detail",
                                           "s", attempt->detail, "checks", "s", attempt->checks, "person_id",
                                           "s", attempt->person_id, "purpose", "s", attempt->purpose,
                                           "received", "s", attempt->received, "role_claims", "s",
                                           attempt->role_claims, NULL),
                          NULL, error);
}

/**
 * door_attempt_store_lookup:
 * @txn: a transaction
 * @code: "K7Q4-9XMD"
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a record by its code.
 *
 * Returns: false with an error
 */
bool
door_attempt_store_lookup (DoorTxn *txn, const char *code, DoorAttempt **out, GError **error)
{
  static const char sql[] =
      "SELECT code, at, request_id, connection, team, fault, detail, checks, person_id, "
      "purpose, received, role_claims FROM attempt WHERE code = :code";

  return door_txn_lookup (txn, sql, door_params_new ("code", "s", code, NULL), door_attempt_decode,
                          (gpointer *) out, error);
}

/**
 * door_attempt_store_lookup_last:
 * @txn: a transaction
 * @person_id: whose attempt
 * @connection: name of the identity provider, "" for any
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the latest record of a person that has what roles are decided by.
 *
 * Returns: false with an error
 */
bool
door_attempt_store_lookup_last (DoorTxn *txn, const char *person_id, const char *connection,
                                DoorAttempt **out, GError **error)
{
  static const char sql[] =
      "SELECT code, at, request_id, connection, team, fault, detail, checks, person_id, purpose, received, "
      "role_claims FROM attempt WHERE person_id = :person_id AND role_claims <> '' AND "
      "(connection = :connection OR :all_connections = 1) ORDER BY at DESC, code LIMIT 1";

  return door_txn_lookup (txn, sql,
                          door_params_new ("person_id", "s", person_id, "connection", "s", connection,
                                           "all_connections", "x", (int64_t) (*connection == '\0' ? 1 : 0),
                                           NULL),
                          door_attempt_decode, (gpointer *) out, error);
}

/**
 * door_attempt_store_list:
 * @txn: a transaction
 * @filter: which records
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists records, the latest first. What the provider's answer said is left out.
 *
 * Returns: (transfer full) (element-type DoorAttempt): the rows, or %NULL with an error
 */
GPtrArray *
door_attempt_store_list (DoorTxn *txn, const DoorAttemptFilter *filter, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT code, at, request_id, connection, team, fault, detail, checks, person_id, purpose, '' AS "
      "received, '' AS role_claims FROM attempt WHERE at >= :since AND (fault <> '' OR :all_outcomes = 1) "
      "AND "
      "(connection = :connection OR :all_connections = 1) ORDER BY at DESC, code LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("since", "x", filter->since_ms, "all_outcomes", "x",
                                         (int64_t) (filter->failed_only ? 0 : 1), "connection", "s",
                                         filter->connection, "all_connections", "x",
                                         (int64_t) (*filter->connection == '\0' ? 1 : 0), "limit", "x", limit,
                                         NULL),
                        door_attempt_decode, (GDestroyNotify) door_attempt_free, error);
}

#define BEFORE                                                                                               \
  "SELECT code, at, request_id, connection, team, fault, detail, checks, person_id, purpose, '' AS "         \
  "received, '' AS role_claims FROM attempt WHERE (at < :at OR (at = :at AND code > :code)) "

/**
 * door_attempt_store_list_before:
 * @txn: a transaction
 * @scope: (nullable): teams; %NULL for all records
 * @last: (nullable): the last row seen; %NULL for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists records page by page, the latest first. What the provider's answer said is left out.
 *
 * Returns: (transfer full) (element-type DoorAttempt): the rows, or %NULL with an error
 */
GPtrArray *
door_attempt_store_list_before (DoorTxn *txn, const DoorTeamScope *scope, const DoorAttempt *last,
                                int64_t limit, GError **error)
{
  static const char all[] = BEFORE "ORDER BY at DESC, code LIMIT :limit";
  static const char in_teams[] =
      BEFORE "AND team IN " DOOR_TEAM_SCOPE_SQL " ORDER BY at DESC, code LIMIT :limit";
  int64_t at = last != NULL ? last->at : INT64_MAX;
  const char *code = last != NULL ? last->code : "";

  if (scope == NULL)
    return door_txn_list (txn, all,
                          door_params_new ("at", "x", at, "code", "s", code, "limit", "x", limit, NULL),
                          door_attempt_decode, (GDestroyNotify) door_attempt_free, error);
  return door_txn_list (txn, in_teams,
                        door_params_new ("at", "x", at, "code", "s", code, DOOR_TEAM_SCOPE_PARAMS (scope),
                                         "limit", "x", limit, NULL),
                        door_attempt_decode, (GDestroyNotify) door_attempt_free, error);
}

/**
 * door_attempt_store_remove_old:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets records made before a time.
 *
 * Returns: false with an error
 */
bool
door_attempt_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed, GError **error)
{
  static const char sql[] = "DELETE FROM attempt WHERE code IN (SELECT code FROM attempt WHERE at < :before "
                            "ORDER BY at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

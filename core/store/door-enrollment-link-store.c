/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-link-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS "id, token_hash, team, created_by, created_at, expires_at, max_uses, uses, revoked_at"

static gpointer
decode (DoorRow *row)
{
  DoorEnrollmentLink *self = g_new0 (DoorEnrollmentLink, 1);

  self->id = door_row_dup_text (row, "id");
  self->token_hash = door_row_dup_text (row, "token_hash");
  self->team = door_row_dup_text (row, "team");
  self->created_by = door_row_dup_text (row, "created_by");
  self->created_at = door_row_get_int (row, "created_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->max_uses = door_row_get_int (row, "max_uses");
  self->uses = door_row_get_int (row, "uses");
  self->revoked_at = door_row_get_int (row, "revoked_at");
  return self;
}

/**
 * door_enrollment_link_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_enrollment_link_free (DoorEnrollmentLink *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->token_hash);
  g_free (self->team);
  g_free (self->created_by);
  g_free (self);
}

/**
 * door_enrollment_link_store_add:
 * @txn: a transaction
 * @link: a new link
 * @error: return location for an error
 *
 * Stores a link.
 *
 * Returns: false with an error
 */
bool
door_enrollment_link_store_add (DoorTxn *txn, const DoorEnrollmentLink *link, GError **error)
{
  static const char sql[] = "INSERT INTO enrollment_link (" COLUMNS ") VALUES (:id, :token_hash, :team, "
                            ":created_by, :created_at, :expires_at, :max_uses, :uses, :revoked_at)";

  return door_txn_change (txn, sql,
                          door_params_new ("id", "s", link->id, "token_hash", "s", link->token_hash, "team",
                                           "s", link->team, "created_by", "s", link->created_by, "created_at",
                                           "x", link->created_at, "expires_at", "x", link->expires_at,
                                           "max_uses", "x", link->max_uses, "uses", "x", link->uses,
                                           "revoked_at", "x", link->revoked_at, NULL),
                          NULL, error);
}

/**
 * door_enrollment_link_store_lookup:
 * @txn: a transaction
 * @id: what the link is called
 * @out: (out) (transfer full) (nullable): the link, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a link.
 *
 * Returns: false with an error
 */
bool
door_enrollment_link_store_lookup (DoorTxn *txn, const char *id, DoorEnrollmentLink **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM enrollment_link WHERE id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", id, NULL), decode, (gpointer *) out, error);
}

/**
 * door_enrollment_link_store_lookup_by_hash:
 * @txn: a transaction
 * @token_hash: SHA-256 of the secret part
 * @out: (out) (transfer full) (nullable): the link, also one that is over; %NULL when there is none
 * @error: return location for an error
 *
 * Finds the link that somebody has.
 *
 * Returns: false with an error
 */
bool
door_enrollment_link_store_lookup_by_hash (DoorTxn *txn, const char *token_hash, DoorEnrollmentLink **out,
                                           GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM enrollment_link WHERE token_hash = :token_hash";

  return door_txn_lookup (txn, sql, door_params_new ("token_hash", "s", token_hash, NULL), decode,
                          (gpointer *) out, error);
}

/**
 * door_enrollment_link_store_list:
 * @txn: a transaction
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists links, also those that are over, ordered by id.
 *
 * Returns: (transfer full) (element-type DoorEnrollmentLink): the rows, or %NULL with an error
 */
GPtrArray *
door_enrollment_link_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS " FROM enrollment_link WHERE id > :after ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("after", "s", after, "limit", "x", limit, NULL), decode,
                        (GDestroyNotify) door_enrollment_link_free, error);
}

/**
 * door_enrollment_link_store_list_in_teams:
 * @txn: a transaction
 * @scope: teams
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * The same for the links into some teams.
 *
 * Returns: (transfer full) (element-type DoorEnrollmentLink): the rows, or %NULL with an error
 */
GPtrArray *
door_enrollment_link_store_list_in_teams (DoorTxn *txn, const DoorTeamScope *scope, const char *after,
                                          int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS " FROM enrollment_link WHERE id > :after AND team IN " DOOR_TEAM_SCOPE_SQL
      " ORDER BY id LIMIT :limit";

  return door_txn_list (
      txn, sql,
      door_params_new ("after", "s", after, DOOR_TEAM_SCOPE_PARAMS (scope), "limit", "x", limit, NULL),
      decode, (GDestroyNotify) door_enrollment_link_free, error);
}

/**
 * door_enrollment_link_store_revoke:
 * @txn: a transaction
 * @id: what the link is called
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): false when it was revoked before, or is none
 * @error: return location for an error
 *
 * Ends a link.
 *
 * Returns: false with an error
 */
bool
door_enrollment_link_store_revoke (DoorTxn *txn, const char *id, int64_t now_ms, bool *changed,
                                   GError **error)
{
  static const char sql[] = "UPDATE enrollment_link SET revoked_at = :now WHERE id = :id AND revoked_at = 0";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "id", "s", id, NULL), changed,
                          error);
}

/**
 * door_enrollment_link_store_count_use:
 * @txn: a transaction
 * @id: what the link is called
 * @changed: (out): false when it is used up or revoked
 * @error: return location for an error
 *
 * Counts an enrollment, if there may be one more.
 *
 * Returns: false with an error
 */
bool
door_enrollment_link_store_count_use (DoorTxn *txn, const char *id, bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE enrollment_link SET uses = uses + 1 WHERE id = :id AND revoked_at = 0 AND "
      "(max_uses = 0 OR uses < max_uses)";

  return door_txn_change (txn, sql, door_params_new ("id", "s", id, NULL), changed, error);
}

/**
 * door_enrollment_link_store_remove_expired:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets links whose time was over before a time.
 *
 * Returns: false with an error
 */
bool
door_enrollment_link_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                           GError **error)
{
  static const char sql[] = "DELETE FROM enrollment_link WHERE id IN (SELECT id FROM enrollment_link WHERE "
                            "expires_at < :before ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

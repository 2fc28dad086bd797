/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declaration-store.h"

#include "door-command-store.h"
#include "door-row.h"

#define COLUMNS "team, identifier, type, payload, server_token, updated_at"
#define SET_COLUMNS "team, token, changed_at, wave, wave_open, wave_after"

static gpointer
door_stored_declaration_decode (DoorRow *row)
{
  DoorStoredDeclaration *self = g_new0 (DoorStoredDeclaration, 1);

  self->team = door_row_dup_text (row, "team");
  self->identifier = door_row_dup_text (row, "identifier");
  self->type = door_row_dup_text (row, "type");
  self->payload = door_row_dup_text (row, "payload");
  self->server_token = door_row_dup_text (row, "server_token");
  self->updated_at = door_row_get_int (row, "updated_at");
  return self;
}

/**
 * door_stored_declaration_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_stored_declaration_free (DoorStoredDeclaration *self)
{
  if (self == NULL)
    return;
  g_free (self->team);
  g_free (self->identifier);
  g_free (self->type);
  g_free (self->payload);
  g_free (self->server_token);
  g_free (self);
}

static gpointer
door_declaration_set_decode (DoorRow *row)
{
  DoorDeclarationSet *self = g_new0 (DoorDeclarationSet, 1);

  self->team = door_row_dup_text (row, "team");
  self->token = door_row_dup_text (row, "token");
  self->changed_at = door_row_get_int (row, "changed_at");
  self->wave = door_row_get_int (row, "wave");
  self->wave_open = door_row_get_int (row, "wave_open") != 0;
  self->wave_after = door_row_dup_text (row, "wave_after");
  return self;
}

/**
 * door_declaration_set_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_declaration_set_free (DoorDeclarationSet *self)
{
  if (self == NULL)
    return;
  g_free (self->team);
  g_free (self->token);
  g_free (self->wave_after);
  g_free (self);
}

static gpointer
door_declaration_status_decode (DoorRow *row)
{
  DoorDeclarationStatus *self = g_new0 (DoorDeclarationStatus, 1);

  self->channel_id = door_row_dup_text (row, "channel_id");
  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->report = door_row_dup_text (row, "report");
  self->reported_at = door_row_get_int (row, "reported_at");
  return self;
}

/**
 * door_declaration_status_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_declaration_status_free (DoorDeclarationStatus *self)
{
  if (self == NULL)
    return;
  g_free (self->channel_id);
  g_free (self->enrollment_id);
  g_free (self->report);
  g_free (self);
}

/**
 * door_declaration_store_save:
 * @txn: a transaction
 * @row: a declaration
 * @error: return location for an error
 *
 * Stores a declaration, in the place of the one of that identifier.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_save (DoorTxn *txn, const DoorStoredDeclaration *row, GError **error)
{
  static const char sql[] =
      "INSERT INTO declaration (" COLUMNS
      ") VALUES (:team, :identifier, :type, :payload, :server_token, :updated_at) ON CONFLICT (team, "
      "identifier) DO UPDATE SET type = excluded.type, payload = excluded.payload, server_token = "
      "excluded.server_token, updated_at = excluded.updated_at";

  return door_txn_change (txn, sql,
                          door_params_new ("team", "s", row->team, "identifier", "s", row->identifier, "type",
                                           "s", row->type, "payload", "s", row->payload, "server_token", "s",
                                           row->server_token, "updated_at", "x", row->updated_at, NULL),
                          NULL, error);
}

/**
 * door_declaration_store_lookup:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @identifier: an identifier
 * @out: (out) (transfer full) (nullable): the declaration, %NULL when the team has none of that identifier
 * @error: return location for an error
 *
 * Finds a declaration.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_lookup (DoorTxn *txn, const char *team, const char *identifier,
                               DoorStoredDeclaration **out, GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS " FROM declaration WHERE team = :team AND identifier = :identifier";

  return door_txn_lookup (txn, sql, door_params_new ("team", "s", team, "identifier", "s", identifier, NULL),
                          door_stored_declaration_decode, (gpointer *) out, error);
}

/**
 * door_declaration_store_list:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @after: the last identifier of the page before, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the declarations of a team by identifier.
 *
 * Returns: (transfer full) (element-type DoorStoredDeclaration): a page, or %NULL with an error
 */
GPtrArray *
door_declaration_store_list (DoorTxn *txn, const char *team, const char *after, int64_t limit, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM declaration WHERE team = :team AND identifier > :after "
                            "ORDER BY identifier LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("team", "s", team, "after", "s", after, "limit", "x", limit, NULL),
                        door_stored_declaration_decode, (GDestroyNotify) door_stored_declaration_free, error);
}

/**
 * door_declaration_store_list_outlines:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists what declarations a team has by identifier, without their payloads, which may be large.
 *
 * Returns: (transfer full) (element-type DoorStoredDeclaration): the rows, or %NULL with an error
 */
GPtrArray *
door_declaration_store_list_outlines (DoorTxn *txn, const char *team, int64_t limit, GError **error)
{
  static const char sql[] = "SELECT team, identifier, type, '' AS payload, server_token, updated_at FROM "
                            "declaration WHERE team = :team ORDER BY identifier LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("team", "s", team, "limit", "x", limit, NULL),
                        door_stored_declaration_decode, (GDestroyNotify) door_stored_declaration_free, error);
}

/**
 * door_declaration_store_remove:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @identifier: an identifier
 * @changed: (out): whether it was there
 * @error: return location for an error
 *
 * Forgets a declaration.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_remove (DoorTxn *txn, const char *team, const char *identifier, bool *changed,
                               GError **error)
{
  static const char sql[] = "DELETE FROM declaration WHERE team = :team AND identifier = :identifier";

  return door_txn_change (txn, sql, door_params_new ("team", "s", team, "identifier", "s", identifier, NULL),
                          changed, error);
}

/**
 * door_declaration_store_begin_wave:
 * @txn: a transaction of the writer
 * @team: a team, "" for devices of none
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that the set of a team changes, so that all its devices are told from the beginning. It comes before
 * the change: who changes the same set at the same moment waits here.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_begin_wave (DoorTxn *txn, const char *team, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "INSERT INTO declaration_set (" SET_COLUMNS
      ") VALUES (:team, '', :now, 1, 1, '') ON CONFLICT (team) DO "
      "UPDATE SET changed_at = excluded.changed_at, wave = declaration_set.wave + 1, wave_open = 1, "
      "wave_after = ''";

  return door_txn_change (txn, sql, door_params_new ("team", "s", team, "now", "x", now_ms, NULL), NULL,
                          error);
}

/**
 * door_declaration_store_set_token:
 * @txn: a transaction
 * @team: a team whose set has changed
 * @token: what it is known by now
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_declaration_store_set_token (DoorTxn *txn, const char *team, const char *token, GError **error)
{
  static const char sql[] = "UPDATE declaration_set SET token = :token WHERE team = :team";

  return door_txn_change (txn, sql, door_params_new ("token", "s", token, "team", "s", team, NULL), NULL,
                          error);
}

/**
 * door_declaration_store_lookup_set:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @out: (out) (transfer full) (nullable): its set, %NULL when it never had one
 * @error: return location for an error
 *
 * Finds what the declarations of a team are known by.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_lookup_set (DoorTxn *txn, const char *team, DoorDeclarationSet **out, GError **error)
{
  static const char sql[] = "SELECT " SET_COLUMNS " FROM declaration_set WHERE team = :team";

  return door_txn_lookup (txn, sql, door_params_new ("team", "s", team, NULL), door_declaration_set_decode,
                          (gpointer *) out, error);
}

/**
 * door_declaration_store_lookup_open_wave:
 * @txn: a transaction
 * @out: (out) (transfer full) (nullable): a set that not all devices of its team were told of, %NULL: none
 * @error: return location for an error
 *
 * Finds a set with work left.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_lookup_open_wave (DoorTxn *txn, DoorDeclarationSet **out, GError **error)
{
  static const char sql[] =
      "SELECT " SET_COLUMNS " FROM declaration_set WHERE wave_open = 1 ORDER BY team LIMIT 1";

  return door_txn_lookup (txn, sql, NULL, door_declaration_set_decode, (gpointer *) out, error);
}

/**
 * door_declaration_store_move_wave:
 * @txn: a transaction of the writer
 * @from: the set as it was read
 * @after: (nullable): the last enrollment that is told now, %NULL: there are no more
 * @changed: (out): whether nobody else has moved it since
 * @error: return location for an error
 *
 * Notes how far the devices of a team were told.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_move_wave (DoorTxn *txn, const DoorDeclarationSet *from, const char *after,
                                  bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE declaration_set SET wave_after = :after, wave_open = :open WHERE team = :team AND wave = :wave "
      "AND wave_after = :before AND wave_open = 1";

  return door_txn_change (txn, sql,
                          door_params_new ("after", "s", after != NULL ? after : "", "open", "x",
                                           (int64_t) (after != NULL), "team", "s", from->team, "wave", "x",
                                           from->wave, "before", "s", from->wave_after, NULL),
                          changed, error);
}

static gpointer
door_declaration_target_decode (DoorRow *row)
{
  DoorDeclarationTarget *self = g_new0 (DoorDeclarationTarget, 1);

  self->enrollment_id = door_row_dup_text (row, "id");
  self->is_told = door_row_get_int (row, "told") > 0;
  return self;
}

/**
 * door_declaration_target_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_declaration_target_free (DoorDeclarationTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->enrollment_id);
  g_free (self);
}

/**
 * door_declaration_store_list_targets:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @after: the last enrollment of the page before, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the active enrollments of a team by id, and whether each has a command in its queue already that was
 * not sent yet.
 *
 * Returns: (transfer full) (element-type DoorDeclarationTarget): a page, or %NULL with an error
 */
GPtrArray *
door_declaration_store_list_targets (DoorTxn *txn, const char *team, const char *after, int64_t limit,
                                     GError **error)
{
  static const char sql[] =
      "SELECT e.id, (SELECT COUNT(*) FROM command c WHERE c.channel_id = e.id AND c.done_at = 0 "
      "AND c.state = '" DOOR_COMMAND_QUEUED
      "' AND c.request_type = 'DeclarativeManagement') AS told FROM enrollment e WHERE "
      "e.team = :team AND e.ended_at = 0 AND e.state = 'active' AND e.id > :after ORDER BY e.id LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("team", "s", team, "after", "s", after, "limit", "x", limit, NULL),
                        door_declaration_target_decode, (GDestroyNotify) door_declaration_target_free, error);
}

/**
 * door_declaration_store_save_status:
 * @txn: a transaction
 * @status: a report
 * @error: return location for an error
 *
 * Stores a status report in the place of the last one of its channel.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_save_status (DoorTxn *txn, const DoorDeclarationStatus *status, GError **error)
{
  static const char sql[] =
      "INSERT INTO declaration_status (channel_id, enrollment_id, report, reported_at) VALUES (:channel_id, "
      ":enrollment_id, :report, :reported_at) ON CONFLICT (channel_id) DO UPDATE SET report = "
      "excluded.report, reported_at = excluded.reported_at";

  return door_txn_change (txn, sql,
                          door_params_new ("channel_id", "s", status->channel_id, "enrollment_id", "s",
                                           status->enrollment_id, "report", "s", status->report,
                                           "reported_at", "x", status->reported_at, NULL),
                          NULL, error);
}

/**
 * door_declaration_store_lookup_status:
 * @txn: a transaction
 * @channel_id: a channel
 * @out: (out) (transfer full) (nullable): its last report, %NULL when it has sent none
 * @error: return location for an error
 *
 * Finds the last status report of a channel.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_lookup_status (DoorTxn *txn, const char *channel_id, DoorDeclarationStatus **out,
                                      GError **error)
{
  static const char sql[] = "SELECT channel_id, enrollment_id, report, reported_at FROM declaration_status "
                            "WHERE channel_id = :channel_id";

  return door_txn_lookup (txn, sql, door_params_new ("channel_id", "s", channel_id, NULL),
                          door_declaration_status_decode, (gpointer *) out, error);
}

/**
 * door_declaration_store_list_status:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists what the channels of an enrollment have reported last, by channel.
 *
 * Returns: (transfer full) (element-type DoorDeclarationStatus): the rows, or %NULL with an error
 */
GPtrArray *
door_declaration_store_list_status (DoorTxn *txn, const char *enrollment_id, int64_t limit, GError **error)
{
  static const char sql[] = "SELECT channel_id, enrollment_id, report, reported_at FROM declaration_status "
                            "WHERE enrollment_id = :enrollment_id ORDER BY channel_id LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("enrollment_id", "s", enrollment_id, "limit", "x", limit, NULL),
                        door_declaration_status_decode, (GDestroyNotify) door_declaration_status_free, error);
}

/**
 * door_declaration_store_remove_status:
 * @txn: a transaction
 * @enrollment_id: an enrollment that ends
 * @error: return location for an error
 *
 * Forgets what its channels have reported.
 *
 * Returns: false with an error
 */
bool
door_declaration_store_remove_status (DoorTxn *txn, const char *enrollment_id, GError **error)
{
  static const char sql[] = "DELETE FROM declaration_status WHERE enrollment_id = :enrollment_id";

  return door_txn_change (txn, sql, door_params_new ("enrollment_id", "s", enrollment_id, NULL), NULL, error);
}

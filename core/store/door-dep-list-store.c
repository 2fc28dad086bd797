/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-row.h"

/**
 * door_dep_device_decode: (skip)
 * @row: a row with %DOOR_DEP_DEVICE_COLUMNS
 *
 * Returns: (transfer full): a #DoorDepDevice
 */
gpointer
door_dep_device_decode (DoorRow *row)
{
  DoorDepDevice *self = g_new0 (DoorDepDevice, 1);

  self->id = door_row_dup_text (row, "id");
  self->serial = door_row_dup_text (row, "serial");
  self->server = door_row_dup_text (row, "server");
  self->model = door_row_dup_text (row, "model");
  self->description = door_row_dup_text (row, "description");
  self->color = door_row_dup_text (row, "color");
  self->asset_tag = door_row_dup_text (row, "asset_tag");
  self->family = door_row_dup_text (row, "family");
  self->os = door_row_dup_text (row, "os");
  self->team = door_row_dup_text (row, "team");
  self->chosen = door_row_get_int (row, "chosen");
  self->profile_status = door_row_dup_text (row, "profile_status");
  self->profile_uuid = door_row_dup_text (row, "profile_uuid");
  self->assign_due_at = door_row_get_int (row, "assign_due_at");
  self->assign_failures = door_row_get_int (row, "assign_failures");
  self->assign_status = door_row_dup_text (row, "assign_status");
  self->op_date = door_row_get_int (row, "op_date");
  self->generation = door_row_get_int (row, "generation");
  self->seen_at = door_row_get_int (row, "seen_at");
  self->removed_at = door_row_get_int (row, "removed_at");
  return self;
}

/**
 * door_dep_device_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_dep_device_free (DoorDepDevice *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->serial);
  g_free (self->server);
  g_free (self->model);
  g_free (self->description);
  g_free (self->color);
  g_free (self->asset_tag);
  g_free (self->family);
  g_free (self->os);
  g_free (self->team);
  g_free (self->profile_status);
  g_free (self->profile_uuid);
  g_free (self->assign_status);
  g_free (self);
}

/**
 * door_dep_store_lookup_device:
 * @txn: a transaction
 * @serial: serial number
 * @out: (out) (transfer full) (nullable): the row, %NULL when no server has such a device now
 * @error: return location for an error
 *
 * Finds a device that belongs to the organization, by the number that Apple vouches for. It has the team that
 * it enrolls in. If several servers claim it, the one that got it last: by a change of that time, or seen in
 * a whole list, which has no times.
 *
 * Returns: false with an error
 */
bool
door_dep_store_lookup_device (DoorTxn *txn, const char *serial, DoorDepDevice **out, GError **error)
{
  static const char sql[] =
      "SELECT " DOOR_DEP_DEVICE_COLUMNS " FROM dep_device WHERE serial = :serial AND removed_at = 0 "
      "ORDER BY CASE WHEN op_date > 0 THEN op_date ELSE seen_at END DESC, id LIMIT 1";

  return door_txn_lookup (txn, sql, door_params_new ("serial", "s", serial, NULL), door_dep_device_decode,
                          (gpointer *) out, error);
}

/**
 * door_dep_store_list_devices:
 * @txn: a transaction
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the devices that servers have now, page by page, ordered by id, which begins with the serial number.
 *
 * Returns: (transfer full) (element-type DoorDepDevice): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_store_list_devices (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  static const char sql[] = "SELECT " DOOR_DEP_DEVICE_COLUMNS
                            " FROM dep_device WHERE id > :after AND removed_at = 0 ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("after", "s", after, "limit", "x", limit, NULL),
                        door_dep_device_decode, (GDestroyNotify) door_dep_device_free, error);
}

/**
 * door_dep_store_list_devices_of_team:
 * @txn: a transaction
 * @team: name of the team, "" for those of none
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * The same for the devices of one team.
 *
 * Returns: (transfer full) (element-type DoorDepDevice): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_store_list_devices_of_team (DoorTxn *txn, const char *team, const char *after, int64_t limit,
                                     GError **error)
{
  static const char sql[] =
      "SELECT " DOOR_DEP_DEVICE_COLUMNS
      " FROM dep_device WHERE id > :after AND team = :team AND removed_at = 0 ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("after", "s", after, "team", "s", team, "limit", "x", limit, NULL),
                        door_dep_device_decode, (GDestroyNotify) door_dep_device_free, error);
}

/**
 * door_dep_store_list_devices_in_teams:
 * @txn: a transaction
 * @scope: teams
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * The same for the devices of some teams.
 *
 * Returns: (transfer full) (element-type DoorDepDevice): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_store_list_devices_in_teams (DoorTxn *txn, const DoorTeamScope *scope, const char *after,
                                      int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " DOOR_DEP_DEVICE_COLUMNS
      " FROM dep_device WHERE id > :after AND removed_at = 0 AND team IN " DOOR_TEAM_SCOPE_SQL
      " ORDER BY id LIMIT :limit";

  return door_txn_list (
      txn, sql,
      door_params_new ("after", "s", after, DOOR_TEAM_SCOPE_PARAMS (scope), "limit", "x", limit, NULL),
      door_dep_device_decode, (GDestroyNotify) door_dep_device_free, error);
}

/**
 * door_dep_store_list_devices_of_serial:
 * @txn: a transaction
 * @serial: serial number
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists what each server knows of a device, also of one that has left it.
 *
 * Returns: (transfer full) (element-type DoorDepDevice): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_store_list_devices_of_serial (DoorTxn *txn, const char *serial, const char *after, int64_t limit,
                                       GError **error)
{
  static const char sql[] =
      "SELECT " DOOR_DEP_DEVICE_COLUMNS " FROM dep_device WHERE serial = :serial AND id > "
      ":after ORDER BY id LIMIT :limit";

  return door_txn_list (
      txn, sql, door_params_new ("serial", "s", serial, "after", "s", after, "limit", "x", limit, NULL),
      door_dep_device_decode, (GDestroyNotify) door_dep_device_free, error);
}

static gpointer
door_dep_counts_decode (DoorRow *row)
{
  DoorDepCounts *self = g_new0 (DoorDepCounts, 1);

  self->devices = door_row_get_int (row, "devices");
  self->removed = door_row_get_int (row, "removed");
  self->waiting = door_row_get_int (row, "waiting");
  self->refused = door_row_get_int (row, "refused");
  return self;
}

/**
 * door_dep_store_count_devices:
 * @txn: a transaction
 * @server: name of the server
 * @out: (out caller-allocates): how many there are
 * @error: return location for an error
 *
 * Reads every device of the server.
 *
 * Returns: false with an error
 */
bool
door_dep_store_count_devices (DoorTxn *txn, const char *server, DoorDepCounts *out, GError **error)
{
  static const char sql[] = "SELECT COUNT(CASE WHEN removed_at = 0 THEN 1 END) AS devices, "
                            "COUNT(CASE WHEN removed_at > 0 THEN 1 END) AS removed, "
                            "COUNT(CASE WHEN removed_at = 0 AND assign_due_at > 0 THEN 1 END) AS waiting, "
                            "COUNT(CASE WHEN removed_at = 0 AND assign_failures > 0 THEN 1 END) AS refused "
                            "FROM dep_device WHERE server = :server";
  g_autofree DoorDepCounts *counts = NULL;

  if (!door_txn_lookup (txn, sql, door_params_new ("server", "s", server, NULL), door_dep_counts_decode,
                        (gpointer *) &counts, error))
    return false;
  *out = *counts;
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-device-store.h"

#include "door-dep-row.h"

/* One dictionary of a batch. */
static GVariant *
device_params (const DoorDepDevice *device)
{
  return door_params_new (
      "id", "s", device->id, "serial", "s", device->serial, "server", "s", device->server, "model", "s",
      device->model, "description", "s", device->description, "color", "s", device->color, "asset_tag", "s",
      device->asset_tag, "family", "s", device->family, "os", "s", device->os, "team", "s", device->team,
      "chosen", "x", device->chosen, "profile_status", "s", device->profile_status, "profile_uuid", "s",
      device->profile_uuid, "assign_due_at", "x", device->assign_due_at, "assign_failures", "x",
      device->assign_failures, "assign_status", "s", device->assign_status, "op_date", "x", device->op_date,
      "generation", "x", device->generation, "seen_at", "x", device->seen_at, "removed_at", "x",
      device->removed_at, NULL);
}

static bool
run_batch (DoorTxn *txn, const char *sql, const GPtrArray *devices, GError **error)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < devices->len; i++)
    g_variant_builder_add_value (&builder, device_params (g_ptr_array_index (devices, i)));
  return door_txn_execute_batch (txn, sql, g_variant_builder_end (&builder), error) >= 0;
}

#define INSERT                                                                                               \
  "INSERT INTO dep_device (" DOOR_DEP_DEVICE_COLUMNS                                                         \
  ") VALUES (:id, :serial, :server, :model, :description, :color, :asset_tag, :family, :os, :team, "         \
  ":chosen, :profile_status, :profile_uuid, :assign_due_at, :assign_failures, :assign_status, :op_date, "    \
  ":generation, :seen_at, :removed_at) ON CONFLICT (id) DO UPDATE SET "

/* What a whole list says is newer than any change that was heard of before; of changes the newest counts. */
#define IF_NEWER " WHERE excluded.op_date = 0 OR excluded.op_date >= dep_device.op_date"

/**
 * door_dep_device_store_save:
 * @txn: a transaction
 * @devices: (element-type DoorDepDevice): devices of a page, each once; op_date is 0 in a page of the whole
 * list
 * @error: return location for an error
 *
 * Stores what a server says of devices that it has. A device that is known keeps its team. What is older than
 * what is known is passed over.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_save (DoorTxn *txn, const GPtrArray *devices, GError **error)
{
  static const char sql[] =
      INSERT "model = excluded.model, description = excluded.description, color = excluded.color, "
             "asset_tag = excluded.asset_tag, family = excluded.family, os = excluded.os, "
             "profile_status = excluded.profile_status, profile_uuid = excluded.profile_uuid, "
             "op_date = excluded.op_date, generation = excluded.generation, seen_at = excluded.seen_at, "
             "removed_at = 0" IF_NEWER;

  return run_batch (txn, sql, devices, error);
}

/**
 * door_dep_device_store_remove:
 * @txn: a transaction
 * @devices: (element-type DoorDepDevice): devices of a page, each once, with the time of the change
 * @error: return location for an error
 *
 * Stores that devices have left a server, unless something newer is known of them.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_remove (DoorTxn *txn, const GPtrArray *devices, GError **error)
{
  static const char sql[] =
      INSERT "profile_status = 'removed', profile_uuid = '', assign_due_at = 0, assign_failures = 0, "
             "op_date = excluded.op_date, generation = excluded.generation, seen_at = excluded.seen_at, "
             "removed_at = excluded.removed_at" IF_NEWER;

  return run_batch (txn, sql, devices, error);
}

/**
 * door_dep_device_store_remove_unseen:
 * @txn: a transaction
 * @server: its name and generation
 * @now_ms: milliseconds since 1970, UTC
 * @n_removed: (out): how many there were
 * @error: return location for an error
 *
 * After the whole list was read: what was in none of its pages has left the server.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_remove_unseen (DoorTxn *txn, const DoorDepServer *server, int64_t now_ms,
                                     int64_t *n_removed, GError **error)
{
  static const char sql[] =
      "UPDATE dep_device SET removed_at = :now, profile_status = 'removed', profile_uuid = '', "
      "assign_due_at = 0, assign_failures = 0 WHERE server = :server AND generation < :generation "
      "AND removed_at = 0";
  int64_t n_rows = door_txn_execute (txn, sql,
                                     door_params_new ("now", "x", now_ms, "server", "s", server->name,
                                                      "generation", "x", server->generation, NULL),
                                     error);

  *n_removed = MAX (n_rows, 0);
  return n_rows >= 0;
}

/**
 * door_dep_device_store_set_team:
 * @txn: a transaction
 * @serial: serial number
 * @team: name of the team
 * @changed: (out): whether there is such a device
 * @error: return location for an error
 *
 * Gives a device a team, whatever the default is from now on.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_set_team (DoorTxn *txn, const char *serial, const char *team, bool *changed,
                                GError **error)
{
  static const char sql[] = "UPDATE dep_device SET team = :team, chosen = 1 "
                            "WHERE serial = :serial AND removed_at = 0";

  return door_txn_change (txn, sql, door_params_new ("team", "s", team, "serial", "s", serial, NULL), changed,
                          error);
}

/**
 * door_dep_device_store_set_default_team:
 * @txn: a transaction
 * @server: name of the server
 * @family: device family, "Mac"
 * @team: name of the team, "" for none
 * @error: return location for an error
 *
 * Gives the devices of a family the team of the configuration, but for those an administrator has given one.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_set_default_team (DoorTxn *txn, const char *server, const char *family,
                                        const char *team, GError **error)
{
  static const char sql[] = "UPDATE dep_device SET team = :team WHERE server = :server AND chosen = 0 "
                            "AND family = :family AND team <> :team";

  return door_txn_change (
      txn, sql, door_params_new ("team", "s", team, "server", "s", server, "family", "s", family, NULL), NULL,
      error);
}

/**
 * door_dep_device_store_release_team:
 * @txn: a transaction
 * @server: name of the server
 * @team: a team that is there no more
 * @error: return location for an error
 *
 * Lets the default hold again for the devices of a team.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_release_team (DoorTxn *txn, const char *server, const char *team, GError **error)
{
  static const char sql[] =
      "UPDATE dep_device SET chosen = 0 WHERE server = :server AND team = :team AND chosen = 1";

  return door_txn_change (txn, sql, door_params_new ("server", "s", server, "team", "s", team, NULL), NULL,
                          error);
}

static gpointer
team_decode (DoorRow *row)
{
  return door_row_dup_text (row, "team");
}

static gpointer
family_decode (DoorRow *row)
{
  return door_row_dup_text (row, "family");
}

/**
 * door_dep_device_store_list_teams:
 * @txn: a transaction
 * @server: name of the server
 * @error: return location for an error
 *
 * Lists the teams that the devices of a server have.
 *
 * Returns: (transfer full) (element-type utf8): their names, "" among them for none; or %NULL with an error
 */
GPtrArray *
door_dep_device_store_list_teams (DoorTxn *txn, const char *server, GError **error)
{
  static const char sql[] =
      "SELECT DISTINCT team FROM dep_device WHERE server = :server AND removed_at = 0 ORDER BY team";

  return door_txn_list (txn, sql, door_params_new ("server", "s", server, NULL), team_decode, g_free, error);
}

/**
 * door_dep_device_store_list_families:
 * @txn: a transaction
 * @server: name of the server
 * @error: return location for an error
 *
 * Lists the families of the devices of a server.
 *
 * Returns: (transfer full) (element-type utf8): their names, "" among them where Apple does not say; or %NULL
 *   with an error
 */
GPtrArray *
door_dep_device_store_list_families (DoorTxn *txn, const char *server, GError **error)
{
  static const char sql[] =
      "SELECT DISTINCT family FROM dep_device WHERE server = :server AND removed_at = 0 ORDER BY family";

  return door_txn_list (txn, sql, door_params_new ("server", "s", server, NULL), family_decode, g_free,
                        error);
}

/**
 * door_dep_device_store_mark:
 * @txn: a transaction
 * @profile: what the devices of a team are to have
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows
 * @changed: (out): whether any was marked
 * @error: return location for an error
 *
 * Notes which devices of a team have another profile, whatever the reason.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_mark (DoorTxn *txn, const DoorDepProfile *profile, int64_t now_ms, int64_t limit,
                            bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE dep_device SET assign_due_at = :now WHERE id IN (SELECT id FROM dep_device "
      "WHERE server = :server AND team = :team AND removed_at = 0 AND profile_uuid <> :uuid "
      "AND assign_due_at = 0 LIMIT :limit)";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "server", "s", profile->server, "team", "s",
                                           profile->team, "uuid", "s", profile->uuid, "limit", "x", limit,
                                           NULL),
                          changed, error);
}

/**
 * door_dep_device_store_forget_assignments:
 * @txn: a transaction
 * @server: name of the server
 * @error: return location for an error
 *
 * Forgets what Apple refused: for another account it may not.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_forget_assignments (DoorTxn *txn, const char *server, GError **error)
{
  static const char sql[] =
      "UPDATE dep_device SET assign_due_at = 0, assign_failures = 0, assign_status = '' "
      "WHERE server = :server AND assign_due_at > 0";

  return door_txn_change (txn, sql, door_params_new ("server", "s", server, NULL), NULL, error);
}

/**
 * door_dep_device_store_list_due:
 * @txn: a transaction
 * @profile: what the devices of a team are to have
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists devices of a team that Apple is to be asked for now.
 *
 * Returns: (transfer full) (element-type DoorDepDevice): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_device_store_list_due (DoorTxn *txn, const DoorDepProfile *profile, int64_t now_ms, int64_t limit,
                                GError **error)
{
  static const char sql[] =
      "SELECT " DOOR_DEP_DEVICE_COLUMNS
      " FROM dep_device WHERE server = :server AND assign_due_at > 0 AND assign_due_at <= :now "
      "AND team = :team AND removed_at = 0 ORDER BY assign_due_at, id LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("server", "s", profile->server, "now", "x", now_ms, "team", "s",
                                         profile->team, "limit", "x", limit, NULL),
                        door_dep_device_decode, (GDestroyNotify) door_dep_device_free, error);
}

/**
 * door_dep_device_store_list_with_profile:
 * @txn: a transaction
 * @server: name of the server
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the devices of a server that have a profile of ours.
 *
 * Returns: (transfer full) (element-type DoorDepDevice): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_device_store_list_with_profile (DoorTxn *txn, const char *server, const char *after, int64_t limit,
                                         GError **error)
{
  static const char sql[] =
      "SELECT " DOOR_DEP_DEVICE_COLUMNS
      " FROM dep_device WHERE server = :server AND id > :after AND removed_at = 0 AND profile_uuid IN "
      "(SELECT uuid FROM dep_profile WHERE server = :server) ORDER BY id LIMIT :limit";

  return door_txn_list (
      txn, sql, door_params_new ("server", "s", server, "after", "s", after, "limit", "x", limit, NULL),
      door_dep_device_decode, (GDestroyNotify) door_dep_device_free, error);
}

/**
 * door_dep_device_store_save_assignment:
 * @txn: a transaction
 * @assignment: what came of it
 * @error: return location for an error
 *
 * Stores what Apple said, unless something newer is known of the device.
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_save_assignment (DoorTxn *txn, const DoorDepAssignment *assignment, GError **error)
{
  static const char sql[] =
      "UPDATE dep_device SET profile_uuid = :uuid, assign_status = :status, assign_failures = :failures, "
      "assign_due_at = :due_at WHERE id = :id AND profile_uuid = :from_uuid AND removed_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("uuid", "s", assignment->uuid, "status", "s", assignment->status,
                                           "failures", "x", assignment->failures, "due_at", "x",
                                           assignment->due_at, "id", "s", assignment->id, "from_uuid", "s",
                                           assignment->from_uuid, NULL),
                          NULL, error);
}

static gpointer
due_decode (DoorRow *row)
{
  int64_t *due = g_new (int64_t, 1);

  *due = door_row_get_int (row, "assign_due_at");
  return due;
}

/**
 * door_dep_device_store_find_next_due:
 * @txn: a transaction
 * @server: name of the server
 * @out: (out): when Apple is to be asked for a device next, 0 when there is none
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_dep_device_store_find_next_due (DoorTxn *txn, const char *server, int64_t *out, GError **error)
{
  static const char sql[] = "SELECT assign_due_at FROM dep_device WHERE server = :server "
                            "AND assign_due_at > 0 ORDER BY assign_due_at LIMIT 1";
  g_autofree int64_t *due = NULL;

  if (!door_txn_lookup (txn, sql, door_params_new ("server", "s", server, NULL), due_decode,
                        (gpointer *) &due, error))
    return false;
  *out = due != NULL ? *due : 0;
  return true;
}

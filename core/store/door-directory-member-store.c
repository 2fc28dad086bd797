/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Groups and their members, by what comes and goes: nobody reads a list, changes it and writes it back, so
 * two who write at the same time lose nothing. */
#include "door-directory-member-store.h"

#include "door-row.h"

/**
 * door_directory_member_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_directory_member_free (DoorDirectoryMember *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->kind);
  g_free (self->name);
  g_free (self);
}

static gpointer
door_directory_member_decode (DoorRow *row)
{
  DoorDirectoryMember *self = g_new0 (DoorDirectoryMember, 1);

  self->id = door_row_dup_text (row, "id");
  self->kind = door_row_dup_text (row, "kind");
  self->name = door_row_dup_text (row, "name");
  return self;
}

/**
 * door_directory_member_store_name:
 * @txn: a transaction
 * @change: a change
 * @ids: (array zero-terminated=1): whom it names; one that is named twice counts once
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_directory_member_store_name (DoorTxn *txn, const DoorMemberChange *change, const char *const *ids,
                                  GError **error)
{
  static const char sql[] =
      "INSERT INTO directory_change (change_id, member_id) VALUES (:change_id, :member_id) "
      "ON CONFLICT (change_id, member_id) DO NOTHING";
  GVariantBuilder rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (; *ids != NULL; ids++)
    g_variant_builder_add_value (
        &rows, door_params_new ("change_id", "s", change->id, "member_id", "s", *ids, NULL));
  return door_txn_execute_batch (txn, sql, g_variant_builder_end (&rows), error) >= 0;
}

/**
 * door_directory_member_store_list_unknown:
 * @txn: a transaction
 * @change: a change
 * @limit: how many are told at most
 * @error: return location for an error
 *
 * Lists whom a change names and its directory does not have.
 *
 * Returns: (transfer full) (element-type DoorDirectoryMember): with @id alone, or %NULL with an error
 */
GPtrArray *
door_directory_member_store_list_unknown (DoorTxn *txn, const DoorMemberChange *change, int64_t limit,
                                          GError **error)
{
  static const char sql[] = "SELECT c.member_id AS id, '' AS kind, '' AS name FROM directory_change c WHERE "
                            "c.change_id = :change_id AND "
                            "NOT EXISTS (SELECT 1 FROM directory_resource r WHERE r.id = c.member_id AND "
                            "r.directory = :directory) ORDER "
                            "BY c.member_id LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("change_id", "s", change->id, "directory", "s",
                                         change->group->directory, "limit", "x", limit, NULL),
                        door_directory_member_decode, (GDestroyNotify) door_directory_member_free, error);
}

static bool
run (DoorTxn *txn, const char *sql, const DoorMemberChange *change, bool *changed, GError **error)
{
  return door_txn_change (
      txn, sql, door_params_new ("group_id", "s", change->group->id, "change_id", "s", change->id, NULL),
      changed, error);
}

/**
 * door_directory_member_store_add:
 * @txn: a transaction
 * @change: a change
 * @changed: (out): whether anybody is new in the group
 * @error: return location for an error
 *
 * Adds whom a change names; who is not of the group's directory is left out.
 *
 * Returns: false with an error
 */
bool
door_directory_member_store_add (DoorTxn *txn, const DoorMemberChange *change, bool *changed, GError **error)
{
  static const char sql[] =
      "INSERT INTO directory_member (group_id, member_id, kind) SELECT :group_id, r.id, r.kind FROM "
      "directory_change c JOIN directory_resource r ON r.id = c.member_id WHERE c.change_id = :change_id AND "
      "r.directory = :directory ON CONFLICT (group_id, member_id) DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("group_id", "s", change->group->id, "change_id", "s", change->id,
                                           "directory", "s", change->group->directory, NULL),
                          changed, error);
}

/**
 * door_directory_member_store_remove:
 * @txn: a transaction
 * @change: a change
 * @changed: (out): whether anybody was in the group
 * @error: return location for an error
 *
 * Removes whom a change names.
 *
 * Returns: false with an error
 */
bool
door_directory_member_store_remove (DoorTxn *txn, const DoorMemberChange *change, bool *changed,
                                    GError **error)
{
  return run (
      txn,
      "DELETE FROM directory_member WHERE group_id = :group_id AND member_id IN (SELECT c.member_id FROM "
      "directory_change c WHERE c.change_id = :change_id)",
      change, changed, error);
}

/**
 * door_directory_member_store_keep:
 * @txn: a transaction
 * @change: a change; one that names nobody keeps nobody
 * @changed: (out): whether anybody else was in the group
 * @error: return location for an error
 *
 * Removes all whom a change does not name.
 *
 * Returns: false with an error
 */
bool
door_directory_member_store_keep (DoorTxn *txn, const DoorMemberChange *change, bool *changed, GError **error)
{
  return run (
      txn,
      "DELETE FROM directory_member WHERE group_id = :group_id AND member_id NOT IN (SELECT c.member_id "
      "FROM directory_change c WHERE c.change_id = :change_id)",
      change, changed, error);
}

/**
 * door_directory_member_store_forget:
 * @txn: a transaction
 * @change: a change that is made
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_directory_member_store_forget (DoorTxn *txn, const DoorMemberChange *change, GError **error)
{
  return door_txn_change (txn, "DELETE FROM directory_change WHERE change_id = :change_id",
                          door_params_new ("change_id", "s", change->id, NULL), NULL, error);
}

static GPtrArray *
list (DoorTxn *txn, const char *sql, const char *id, GError **error)
{
  return door_txn_list (txn, sql, door_params_new ("id", "s", id, NULL), door_directory_member_decode,
                        (GDestroyNotify) door_directory_member_free, error);
}

/**
 * door_directory_member_store_list:
 * @txn: a transaction
 * @group_id: a group
 * @error: return location for an error
 *
 * Returns: (transfer full) (element-type DoorDirectoryMember): its own members, or %NULL with an error
 */
GPtrArray *
door_directory_member_store_list (DoorTxn *txn, const char *group_id, GError **error)
{
  return list (
      txn,
      "SELECT r.id AS id, r.kind AS kind, r.name AS name FROM directory_member m JOIN directory_resource r "
      "ON r.id = m.member_id WHERE m.group_id = :id ORDER BY r.id",
      group_id, error);
}

/**
 * door_directory_member_store_list_groups:
 * @txn: a transaction
 * @member_id: a user or a group
 * @error: return location for an error
 *
 * Returns: (transfer full) (element-type DoorDirectoryMember): the groups that it is in itself, or %NULL with
 * an error
 */
GPtrArray *
door_directory_member_store_list_groups (DoorTxn *txn, const char *member_id, GError **error)
{
  return list (
      txn,
      "SELECT r.id AS id, r.kind AS kind, r.name AS name FROM directory_member m JOIN directory_resource r "
      "ON r.id = m.group_id WHERE m.member_id = :id ORDER BY r.id",
      member_id, error);
}

/**
 * door_directory_member_store_list_all_groups:
 * @txn: a transaction
 * @member_id: a user or a group
 * @error: return location for an error
 *
 * Groups may be in groups, and these in a circle.
 *
 * Returns: (transfer full) (element-type DoorDirectoryMember): the groups that it is in, itself or by another
 * group, each once, or %NULL with an error
 */
GPtrArray *
door_directory_member_store_list_all_groups (DoorTxn *txn, const char *member_id, GError **error)
{
  return list (
      txn,
      "SELECT r.id AS id, r.kind AS kind, r.name AS name FROM directory_resource r WHERE r.id IN (WITH "
      "RECURSIVE above (id) AS (SELECT m.group_id FROM directory_member m WHERE m.member_id = :id UNION "
      "SELECT m.group_id FROM directory_member m JOIN above a ON a.id = m.member_id) SELECT a.id FROM above "
      "a) ORDER BY r.id",
      member_id, error);
}

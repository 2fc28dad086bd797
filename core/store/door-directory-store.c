/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-directory-row.h"
#include "door-scim-key.h"

#define COLUMNS "id, directory, kind, name, name_key, person_id, attributes, version, created_at, updated_at"

/**
 * door_directory_resource_decode:
 * @row: a row with all columns of a resource
 *
 * Returns: (transfer full): a #DoorDirectoryResource
 */
gpointer
door_directory_resource_decode (DoorRow *row)
{
  DoorDirectoryResource *self = g_new0 (DoorDirectoryResource, 1);

  self->id = door_row_dup_text (row, "id");
  self->directory = door_row_dup_text (row, "directory");
  self->kind = door_row_dup_text (row, "kind");
  self->name = door_row_dup_text (row, "name");
  self->name_key = door_row_dup_text (row, "name_key");
  self->person_id = door_row_dup_text (row, "person_id");
  self->attributes = door_row_dup_text (row, "attributes");
  self->version = door_row_get_int (row, "version");
  self->created_at = door_row_get_int (row, "created_at");
  self->updated_at = door_row_get_int (row, "updated_at");
  return self;
}

/**
 * door_directory_resource_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_directory_resource_free (DoorDirectoryResource *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->directory);
  g_free (self->kind);
  g_free (self->name);
  g_free (self->name_key);
  g_free (self->person_id);
  g_free (self->attributes);
  g_free (self);
}

static bool
count (DoorTxn *txn, const DoorDirectoryResource *resource, int64_t more, GError **error)
{
  static const char sql[] =
      "INSERT INTO directory_total (directory, kind, total) VALUES (:directory, :kind, :more) "
      "ON CONFLICT (directory, kind) DO UPDATE SET total = directory_total.total + excluded.total";

  return door_txn_change (txn, sql,
                          door_params_new ("directory", "s", resource->directory, "kind", "s", resource->kind,
                                           "more", "x", more, NULL),
                          NULL, error);
}

/**
 * door_directory_store_add:
 * @txn: a transaction
 * @resource: the person or group
 * @changed: (out): false: another of its kind has the same @name_key
 * @error: return location for an error
 *
 * Stores a new one; see door_directory_store_set_values() for what it is found by.
 *
 * Returns: false with an error
 */
bool
door_directory_store_add (DoorTxn *txn, const DoorDirectoryResource *resource, bool *changed, GError **error)
{
  static const char sql[] = "INSERT INTO directory_resource (" COLUMNS ") VALUES (:id, :directory, :kind, "
                            ":name, :name_key, :person_id, :attributes, :version, :created_at, :updated_at) "
                            "ON CONFLICT (directory, kind, name_key) DO NOTHING";

  if (!door_txn_change (txn, sql,
                        door_params_new ("id", "s", resource->id, "directory", "s", resource->directory,
                                         "kind", "s", resource->kind, "name", "s", resource->name, "name_key",
                                         "s", resource->name_key, "person_id", "s", resource->person_id,
                                         "attributes", "s", resource->attributes, "version", "x",
                                         resource->version, "created_at", "x", resource->created_at,
                                         "updated_at", "x", resource->updated_at, NULL),
                        changed, error))
    return false;
  return !*changed || count (txn, resource, 1, error);
}

/**
 * door_directory_store_lookup:
 * @txn: a transaction
 * @directory: the directory that asks
 * @kind: the kind that is asked for
 * @id: the resource
 * @out: (out) (transfer full) (nullable): the resource, %NULL when this directory has none such
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_directory_store_lookup (DoorTxn *txn, const char *directory, const char *kind, const char *id,
                             DoorDirectoryResource **out, GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS " FROM directory_resource WHERE id = :id AND directory = :directory AND kind = :kind";

  return door_txn_lookup (
      txn, sql, door_params_new ("id", "s", id, "directory", "s", directory, "kind", "s", kind, NULL),
      door_directory_resource_decode, (gpointer *) out, error);
}

/**
 * door_directory_store_lock:
 * @txn: a transaction that writes
 * @id: a resource
 * @error: return location for an error
 *
 * Keeps others from changing it until the transaction ends. Where there is no such resource nothing happens.
 *
 * Returns: false with an error
 */
bool
door_directory_store_lock (DoorTxn *txn, const char *id, GError **error)
{
  return door_txn_change (txn, "UPDATE directory_resource SET version = version WHERE id = :id",
                          door_params_new ("id", "s", id, NULL), NULL, error);
}

/**
 * door_directory_store_update:
 * @txn: a transaction
 * @resource: the resource as it shall be
 * @before: the version that it is made from
 * @changed: (out): false: it has another version by now, is gone, or another has the same @name_key
 * @error: return location for an error
 *
 * Replaces name, attributes, version and time of change.
 *
 * Returns: false with an error
 */
bool
door_directory_store_update (DoorTxn *txn, const DoorDirectoryResource *resource, int64_t before,
                             bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE directory_resource SET name = :name, name_key = :name_key, attributes = :attributes, version = "
      ":version, "
      "updated_at = :updated_at WHERE id = :id AND version = :before AND NOT EXISTS (SELECT 1 FROM "
      "directory_resource o WHERE o.directory = :directory AND o.kind = :kind AND o.name_key = :name_key AND "
      "o.id <> :id)";

  return door_txn_change (txn, sql,
                          door_params_new ("name", "s", resource->name, "name_key", "s", resource->name_key,
                                           "attributes", "s", resource->attributes, "version", "x",
                                           resource->version, "updated_at", "x", resource->updated_at, "id",
                                           "s", resource->id, "before", "x", before, "directory", "s",
                                           resource->directory, "kind", "s", resource->kind, NULL),
                          changed, error);
}

/**
 * door_directory_store_remove:
 * @txn: a transaction
 * @resource: the resource
 * @changed: (out): whether it was there
 * @error: return location for an error
 *
 * Removes it with its values and memberships. Whoever is the person stays on record.
 *
 * Returns: false with an error
 */
bool
door_directory_store_remove (DoorTxn *txn, const DoorDirectoryResource *resource, bool *changed,
                             GError **error)
{
  static const char *const parts[] = {
    "DELETE FROM directory_member WHERE member_id = :id",
    "DELETE FROM directory_member WHERE group_id = :id",
    "DELETE FROM directory_value WHERE resource_id = :id",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (!door_txn_change (txn, parts[i], door_params_new ("id", "s", resource->id, NULL), NULL, error))
      return false;
  return door_txn_change (txn, "DELETE FROM directory_resource WHERE id = :id",
                          door_params_new ("id", "s", resource->id, NULL), changed, error) &&
         (!*changed || count (txn, resource, -1, error));
}

static GVariant *
build_value (const DoorDirectoryResource *resource, const DoorScimKey *key)
{
  return door_params_new ("resource_id", "s", resource->id, "path", "s", key->path, "item", "x", key->item,
                          "directory", "s", resource->directory, "kind", "s", resource->kind, "value_rank",
                          "x", key->rank, "value", "s", key->text, NULL);
}

/**
 * door_directory_store_set_values:
 * @txn: a transaction
 * @resource: a resource that is stored
 * @keys: (element-type DoorScimKey): all values by which it is found
 * @error: return location for an error
 *
 * Puts these values in the place of those before, with two statements.
 *
 * Returns: false with an error
 */
bool
door_directory_store_set_values (DoorTxn *txn, const DoorDirectoryResource *resource, GPtrArray *keys,
                                 GError **error)
{
  static const char sql[] =
      "INSERT INTO directory_value (resource_id, path, item, directory, kind, value_rank, value) VALUES "
      "(:resource_id, :path, :item, :directory, :kind, :value_rank, :value)";
  GVariantBuilder rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < keys->len; i++)
    g_variant_builder_add_value (&rows, build_value (resource, g_ptr_array_index (keys, i)));
  if (!door_txn_change (txn, "DELETE FROM directory_value WHERE resource_id = :id",
                        door_params_new ("id", "s", resource->id, NULL), NULL, error))
    {
      g_variant_builder_clear (&rows);
      return false;
    }
  return door_txn_execute_batch (txn, sql, g_variant_builder_end (&rows), error) >= 0;
}

static gpointer
decode_total (DoorRow *row)
{
  int64_t *total = g_new (int64_t, 1);

  *total = door_row_get_int (row, "total");
  return total;
}

/**
 * door_directory_read_total:
 * @txn: a transaction
 * @sql: a query of one column, total
 * @params: (transfer floating): its parameters
 * @total: (out): the number, 0 where there is no row
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_directory_read_total (DoorTxn *txn, const char *sql, GVariant *params, int64_t *total, GError **error)
{
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql, params, decode_total, (gpointer *) &found, error))
    return false;
  *total = found != NULL ? *found : 0;
  return true;
}

/**
 * door_directory_store_get_total:
 * @txn: a transaction
 * @directory: a directory
 * @kind: the kind that is asked for
 * @total: (out): how many it has
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_directory_store_get_total (DoorTxn *txn, const char *directory, const char *kind, int64_t *total,
                                GError **error)
{
  static const char sql[] = "SELECT total FROM directory_total WHERE directory = :directory AND kind = :kind";

  return door_directory_read_total (
      txn, sql, door_params_new ("directory", "s", directory, "kind", "s", kind, NULL), total, error);
}

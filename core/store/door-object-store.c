/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-object-store.h"

#include "door-row.h"

#define COLUMNS "name, id, content, version, created_at, updated_at, removed_at"

static gpointer
door_stored_object_decode (DoorRow *row)
{
  DoorStoredObject *self = g_new0 (DoorStoredObject, 1);

  self->name = door_row_dup_text (row, "name");
  self->id = door_row_dup_text (row, "id");
  self->content = door_row_dup_text (row, "content");
  self->version = door_row_get_int (row, "version");
  self->created_at = door_row_get_int (row, "created_at");
  self->updated_at = door_row_get_int (row, "updated_at");
  self->removed_at = door_row_get_int (row, "removed_at");
  return self;
}

/**
 * door_stored_object_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_stored_object_free (DoorStoredObject *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->id);
  g_free (self->content);
  g_free (self);
}

/**
 * door_object_store_add:
 * @txn: a transaction
 * @object: the object
 * @added: (out): false when the name is, or was, another's
 * @error: return location for an error
 *
 * Keeps a new object.
 *
 * Returns: false with an error
 */
bool
door_object_store_add (DoorTxn *txn, const DoorStoredObject *object, bool *added, GError **error)
{
  static const char sql[] =
      "INSERT INTO config_object (name, id, content, version, created_at, updated_at, removed_at) "
      "VALUES (:name, :id, :content, :version, :created_at, :updated_at, :removed_at) "
      "ON CONFLICT (name) DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("name", "s", object->name, "id", "s", object->id, "content", "s",
                                           object->content, "version", "x", object->version, "created_at",
                                           "x", object->created_at, "updated_at", "x", object->updated_at,
                                           "removed_at", "x", object->removed_at, NULL),
                          added, error);
}

/**
 * door_object_store_change:
 * @txn: a transaction
 * @object: the object as it is from now on; its version is the one it had before
 * @changed: (out): false when it has changed or gone meanwhile
 * @error: return location for an error
 *
 * Replaces what an object says, or takes it away: with a @removed_at that is not 0 only its name stays.
 *
 * Returns: false with an error
 */
bool
door_object_store_change (DoorTxn *txn, const DoorStoredObject *object, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE config_object SET content = :content, version = version + 1, "
                            "updated_at = :updated_at, removed_at = :removed_at "
                            "WHERE name = :name AND version = :version AND removed_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("content", "s", object->content, "updated_at", "x",
                                           object->updated_at, "removed_at", "x", object->removed_at, "name",
                                           "s", object->name, "version", "x", object->version, NULL),
                          changed, error);
}

/**
 * door_object_store_lookup:
 * @txn: a transaction
 * @name: "idp/okta"
 * @out: (out) (transfer full) (nullable): the row, also of one that is gone; %NULL when there never was one
 * @error: return location for an error
 *
 * Finds an object.
 *
 * Returns: false with an error
 */
bool
door_object_store_lookup (DoorTxn *txn, const char *name, DoorStoredObject **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM config_object WHERE name = :name";

  return door_txn_lookup (txn, sql, door_params_new ("name", "s", name, NULL), door_stored_object_decode,
                          (gpointer *) out, error);
}

/**
 * door_object_store_list:
 * @txn: a transaction
 * @after: list names behind this one, "" from the beginning
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the objects there are, by name.
 *
 * Returns: (transfer full) (element-type DoorStoredObject): the rows, or %NULL with an error
 */
GPtrArray *
door_object_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM config_object WHERE name > :after AND removed_at = 0 "
                            "ORDER BY name LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("after", "s", after, "limit", "x", limit, NULL),
                        door_stored_object_decode, (GDestroyNotify) door_stored_object_free, error);
}

/**
 * door_object_store_lookup_entity:
 * @txn: a transaction
 * @entity_id: entity id of a provider
 * @but: name of a connection that is not meant
 * @out: (out) (transfer full) (nullable): the object, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a connection in the database by its provider.
 *
 * Returns: false with an error
 */
bool
door_object_store_lookup_entity (DoorTxn *txn, const char *entity_id, const char *but, DoorStoredObject **out,
                                 GError **error)
{
  static const char sql[] =
      "SELECT name, id, content, version, created_at, updated_at, removed_at FROM config_object "
      "WHERE removed_at = 0 AND name IN (SELECT 'idp/' || connection FROM connection_metadata "
      "WHERE entity_id = :entity_id AND connection <> :but) ORDER BY name LIMIT 1";

  return door_txn_lookup (txn, sql, door_params_new ("entity_id", "s", entity_id, "but", "s", but, NULL),
                          door_stored_object_decode, (gpointer *) out, error);
}

/**
 * door_object_store_bump:
 * @txn: a transaction that changes what the configuration is made of
 * @error: return location for an error
 *
 * Lets the instances on this database see that there is something to read.
 *
 * Returns: false with an error
 */
bool
door_object_store_bump (DoorTxn *txn, GError **error)
{
  static const char sql[] = "INSERT INTO config_revision (name, revision) VALUES ('objects', 1) "
                            "ON CONFLICT (name) DO UPDATE SET revision = config_revision.revision + 1";

  return door_txn_change (txn, sql, NULL, NULL, error);
}

static gpointer
decode_revision (DoorRow *row)
{
  int64_t *revision = g_new (int64_t, 1);

  *revision = door_row_get_int (row, "revision");
  return revision;
}

/**
 * door_object_store_get_revision:
 * @txn: a transaction
 * @revision: (out): grows with each change; 0 before the first
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_object_store_get_revision (DoorTxn *txn, int64_t *revision, GError **error)
{
  static const char sql[] = "SELECT revision FROM config_revision WHERE name = 'objects'";
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql, NULL, decode_revision, (gpointer *) &found, error))
    return false;
  *revision = found != NULL ? *found : 0;
  return true;
}

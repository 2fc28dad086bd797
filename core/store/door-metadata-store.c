/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-metadata-store.h"

#include "door-row.h"

static gpointer
door_stored_metadata_decode (DoorRow *row)
{
  DoorStoredMetadata *self = g_new0 (DoorStoredMetadata, 1);

  self->connection = door_row_dup_text (row, "connection");
  self->source = door_row_dup_text (row, "source");
  self->entity_id = door_row_dup_text (row, "entity_id");
  self->xml = door_row_dup_text (row, "xml");
  self->fetched_at = door_row_get_int (row, "fetched_at");
  return self;
}

/**
 * door_stored_metadata_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_stored_metadata_free (DoorStoredMetadata *self)
{
  if (self == NULL)
    return;
  g_free (self->connection);
  g_free (self->source);
  g_free (self->entity_id);
  g_free (self->xml);
  g_free (self);
}

/**
 * door_metadata_store_save:
 * @txn: a transaction
 * @metadata: the metadata
 * @error: return location for an error
 *
 * Keeps the metadata of a connection.
 *
 * Returns: false with an error
 */
bool
door_metadata_store_save (DoorTxn *txn, const DoorStoredMetadata *metadata, GError **error)
{
  static const char sql[] =
      "INSERT INTO connection_metadata (connection, source, entity_id, xml, fetched_at) "
      "VALUES (:connection, :source, :entity_id, :xml, :fetched_at) "
      "ON CONFLICT (connection) DO UPDATE SET source = :source, entity_id = :entity_id, xml = :xml, "
      "fetched_at = :fetched_at";

  return door_txn_change (txn, sql,
                          door_params_new ("connection", "s", metadata->connection, "source", "s",
                                           metadata->source, "entity_id", "s", metadata->entity_id, "xml",
                                           "s", metadata->xml, "fetched_at", "x", metadata->fetched_at, NULL),
                          NULL, error);
}

/**
 * door_metadata_store_remove:
 * @txn: a transaction
 * @connection: name of the identity provider
 * @error: return location for an error
 *
 * Forgets the metadata of a connection, whatever its source.
 *
 * Returns: false with an error
 */
bool
door_metadata_store_remove (DoorTxn *txn, const char *connection, GError **error)
{
  static const char sql[] = "DELETE FROM connection_metadata WHERE connection = :connection";

  return door_txn_change (txn, sql, door_params_new ("connection", "s", connection, NULL), NULL, error);
}

/**
 * door_metadata_store_lookup:
 * @txn: a transaction
 * @connection: name of the identity provider
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the last good metadata of a connection.
 *
 * Returns: false with an error
 */
bool
door_metadata_store_lookup (DoorTxn *txn, const char *connection, DoorStoredMetadata **out, GError **error)
{
  static const char sql[] = "SELECT connection, source, entity_id, xml, fetched_at FROM connection_metadata "
                            "WHERE connection = :connection";

  return door_txn_lookup (txn, sql, door_params_new ("connection", "s", connection, NULL),
                          door_stored_metadata_decode, (gpointer *) out, error);
}

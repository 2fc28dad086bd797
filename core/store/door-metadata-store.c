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

/* The metadata before the last stands in the same table, under a name that no connection can have. */
static char *
dup_name_before (const char *connection)
{
  return g_strconcat (connection, "#before", NULL);
}

static bool
keep_before (DoorTxn *txn, const char *connection, GError **error)
{
  static const char sql[] =
      "INSERT INTO connection_metadata (connection, source, entity_id, xml, fetched_at) "
      "SELECT :before, source, entity_id, xml, fetched_at FROM connection_metadata "
      "WHERE connection = :connection "
      "ON CONFLICT (connection) DO UPDATE SET source = excluded.source, entity_id = excluded.entity_id, "
      "xml = excluded.xml, fetched_at = excluded.fetched_at";
  g_autofree char *before = dup_name_before (connection);

  return door_txn_change (
      txn, sql, door_params_new ("before", "s", before, "connection", "s", connection, NULL), NULL, error);
}

/**
 * door_metadata_store_save:
 * @txn: a transaction
 * @metadata: the metadata
 * @error: return location for an error
 *
 * Keeps the metadata of a connection, and what was there as the metadata before it.
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

  return keep_before (txn, metadata->connection, error) &&
         door_txn_change (txn, sql,
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
 * Forgets the metadata of a connection, whatever its source, and what was there before it.
 *
 * Returns: false with an error
 */
bool
door_metadata_store_remove (DoorTxn *txn, const char *connection, GError **error)
{
  static const char sql[] = "DELETE FROM connection_metadata WHERE connection IN (:connection, :before)";
  g_autofree char *before = dup_name_before (connection);

  return door_txn_change (
      txn, sql, door_params_new ("connection", "s", connection, "before", "s", before, NULL), NULL, error);
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

/**
 * door_metadata_store_lookup_before:
 * @txn: a transaction
 * @connection: name of the identity provider
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds what was stored before the last good metadata.
 *
 * Returns: false with an error
 */
bool
door_metadata_store_lookup_before (DoorTxn *txn, const char *connection, DoorStoredMetadata **out,
                                   GError **error)
{
  g_autofree char *before = dup_name_before (connection);

  return door_metadata_store_lookup (txn, before, out, error);
}

static gpointer
decode_time (DoorRow *row)
{
  int64_t fetched_at = door_row_get_int (row, "fetched_at");

  return g_memdup2 (&fetched_at, sizeof fetched_at);
}

/**
 * door_metadata_store_get_time:
 * @txn: a transaction
 * @connection: name of the identity provider
 * @fetched_ms: (out): when the last good metadata was stored, milliseconds since 1970, UTC; 0 when there is
 *   none
 * @error: return location for an error
 *
 * Tells whether there is something new, without the metadata itself.
 *
 * Returns: false with an error
 */
bool
door_metadata_store_get_time (DoorTxn *txn, const char *connection, int64_t *fetched_ms, GError **error)
{
  static const char sql[] = "SELECT fetched_at FROM connection_metadata WHERE connection = :connection";
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql, door_params_new ("connection", "s", connection, NULL), decode_time,
                        (gpointer *) &found, error))
    return false;
  *fetched_ms = found != NULL ? *found : 0;
  return true;
}

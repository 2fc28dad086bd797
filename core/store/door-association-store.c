/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-association-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define ASSOCIATION_COLUMNS "id, person_id, device_id, source, from_at, to_at, end_reason"

static gpointer
door_association_decode (DoorRow *row)
{
  DoorAssociation *self = g_new0 (DoorAssociation, 1);

  self->id = door_row_dup_text (row, "id");
  self->person_id = door_row_dup_text (row, "person_id");
  self->device_id = door_row_dup_text (row, "device_id");
  self->source = door_row_dup_text (row, "source");
  self->from_at = door_row_get_int (row, "from_at");
  self->to_at = door_row_get_int (row, "to_at");
  self->end_reason = door_row_dup_text (row, "end_reason");
  return self;
}

/**
 * door_association_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_association_free (DoorAssociation *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->person_id);
  g_free (self->device_id);
  g_free (self->source);
  g_free (self->end_reason);
  g_free (self);
}

/**
 * door_association_store_add:
 * @txn: a transaction
 * @association: the link
 * @error: return location for an error
 *
 * Stores a new link.
 *
 * Returns: false with an error
 */
bool
door_association_store_add (DoorTxn *txn, const DoorAssociation *association, GError **error)
{
  static const char sql[] = "INSERT INTO association (" ASSOCIATION_COLUMNS
                            ") VALUES (:id, :person_id, :device_id, :source, :from_at, :to_at, :end_reason)";

  return door_txn_change (txn, sql,
                          door_params_new ("id", "s", association->id, "person_id", "s",
                                           association->person_id, "device_id", "s", association->device_id,
                                           "source", "s", association->source, "from_at", "x",
                                           association->from_at, "to_at", "x", association->to_at,
                                           "end_reason", "s", association->end_reason, NULL),
                          NULL, error);
}

/**
 * door_association_store_lookup_open:
 * @txn: a transaction
 * @device_id: the device
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the present owner of a device.
 *
 * Returns: false with an error
 */
bool
door_association_store_lookup_open (DoorTxn *txn, const char *device_id, DoorAssociation **out,
                                    GError **error)
{
  static const char sql[] =
      "SELECT " ASSOCIATION_COLUMNS " FROM association WHERE device_id = :device_id AND to_at = 0";

  return door_txn_lookup (txn, sql, door_params_new ("device_id", "s", device_id, NULL),
                          door_association_decode, (gpointer *) out, error);
}

/**
 * door_association_store_close:
 * @txn: a transaction
 * @device_id: the device
 * @reason: %DOOR_END_CHECK_OUT, %DOOR_END_REPLACED or %DOOR_END_ADMINISTRATOR
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Closes the open link of a device; links are never deleted.
 *
 * Returns: false with an error
 */
bool
door_association_store_close (DoorTxn *txn, const char *device_id, const char *reason, int64_t now_ms,
                              GError **error)
{
  static const char sql[] =
      "UPDATE association SET to_at = :now, end_reason = :reason WHERE device_id = :device_id AND to_at = 0";

  return door_txn_change (
      txn, sql,
      door_params_new ("now", "x", now_ms, "reason", "s", reason, "device_id", "s", device_id, NULL), NULL,
      error);
}

/**
 * door_association_store_list_by_device:
 * @txn: a transaction
 * @device_id: the device
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the owners of a device, newest first.
 *
 * Returns: (transfer full) (element-type DoorAssociation): the rows, or %NULL with an error
 */
GPtrArray *
door_association_store_list_by_device (DoorTxn *txn, const char *device_id, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " ASSOCIATION_COLUMNS
      " FROM association WHERE device_id = :device_id ORDER BY from_at DESC, id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("device_id", "s", device_id, "limit", "x", limit, NULL),
                        door_association_decode, (GDestroyNotify) door_association_free, error);
}

/**
 * door_association_store_list_by_person:
 * @txn: a transaction
 * @person_id: the person
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the devices of a person, newest first.
 *
 * Returns: (transfer full) (element-type DoorAssociation): the rows, or %NULL with an error
 */
GPtrArray *
door_association_store_list_by_person (DoorTxn *txn, const char *person_id, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " ASSOCIATION_COLUMNS
      " FROM association WHERE person_id = :person_id ORDER BY from_at DESC, id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("person_id", "s", person_id, "limit", "x", limit, NULL),
                        door_association_decode, (GDestroyNotify) door_association_free, error);
}

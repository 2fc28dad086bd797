/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-setup-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS                                                                                              \
  "enrollment_id, begun_at, prepared_at, due_at, account_name, admin_name, sealed_admin_password, "          \
  "releases, "                                                                                               \
  "finished_at, outcome"

static gpointer
door_device_setup_decode (DoorRow *row)
{
  DoorDeviceSetup *self = g_new0 (DoorDeviceSetup, 1);

  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->begun_at = door_row_get_int (row, "begun_at");
  self->prepared_at = door_row_get_int (row, "prepared_at");
  self->due_at = door_row_get_int (row, "due_at");
  self->account_name = door_row_dup_text (row, "account_name");
  self->admin_name = door_row_dup_text (row, "admin_name");
  self->sealed_admin_password = door_row_dup_text (row, "sealed_admin_password");
  self->releases = door_row_get_int (row, "releases");
  self->finished_at = door_row_get_int (row, "finished_at");
  self->outcome = door_row_dup_text (row, "outcome");
  return self;
}

/**
 * door_device_setup_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_device_setup_free (DoorDeviceSetup *self)
{
  if (self == NULL)
    return;
  g_free (self->enrollment_id);
  g_free (self->account_name);
  g_free (self->admin_name);
  g_free (self->sealed_admin_password);
  g_free (self->outcome);
  g_free (self);
}

/**
 * door_device_setup_store_begin:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that a device waits. One that was let go and says so again is to be let go once more; for one that is
 * being prepared, nothing changes.
 *
 * Returns: false with an error
 */
bool
door_device_setup_store_begin (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "INSERT INTO device_setup (" COLUMNS ") VALUES (:id, :now, 0, :now, '', '', '', 0, 0, '') "
      "ON CONFLICT (enrollment_id) DO UPDATE SET finished_at = 0, due_at = :now, outcome = '' "
      "WHERE device_setup.finished_at > 0";

  return door_txn_change (txn, sql, door_params_new ("id", "s", enrollment_id, "now", "x", now_ms, NULL),
                          NULL, error);
}

/**
 * door_device_setup_store_lookup:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds what is done for a device.
 *
 * Returns: false with an error
 */
bool
door_device_setup_store_lookup (DoorTxn *txn, const char *enrollment_id, DoorDeviceSetup **out,
                                GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM device_setup WHERE enrollment_id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", enrollment_id, NULL),
                          door_device_setup_decode, (gpointer *) out, error);
}

/**
 * door_device_setup_store_set_prepared:
 * @txn: a transaction
 * @setup: what was prepared, when, and when it is due
 * @changed: (out): false when somebody else did that before
 * @error: return location for an error
 *
 * Notes that the commands of a device are queued.
 *
 * Returns: false with an error
 */
bool
door_device_setup_store_set_prepared (DoorTxn *txn, const DoorDeviceSetup *setup, bool *changed,
                                      GError **error)
{
  static const char sql[] =
      "UPDATE device_setup SET prepared_at = :prepared_at, due_at = :due_at, account_name = :account_name, "
      "admin_name = :admin_name, sealed_admin_password = :password WHERE enrollment_id = :id AND prepared_at "
      "= 0";

  return door_txn_change (
      txn, sql,
      door_params_new ("prepared_at", "x", setup->prepared_at, "due_at", "x", setup->due_at, "account_name",
                       "s", setup->account_name, "admin_name", "s", setup->admin_name, "password", "s",
                       setup->sealed_admin_password, "id", "s", setup->enrollment_id, NULL),
      changed, error);
}

/**
 * door_device_setup_store_set_finished:
 * @txn: a transaction
 * @setup: when the device was let go, why, and the how manyth time
 * @changed: (out): false when somebody else did that before
 * @error: return location for an error
 *
 * Notes that a device is let go.
 *
 * Returns: false with an error
 */
bool
door_device_setup_store_set_finished (DoorTxn *txn, const DoorDeviceSetup *setup, bool *changed,
                                      GError **error)
{
  static const char sql[] =
      "UPDATE device_setup SET finished_at = :now, outcome = :outcome, releases = :releases "
      "WHERE enrollment_id = :id AND finished_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", setup->finished_at, "outcome", "s", setup->outcome,
                                           "releases", "x", setup->releases, "id", "s", setup->enrollment_id,
                                           NULL),
                          changed, error);
}

/**
 * door_device_setup_store_postpone:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @due_at: when it is looked at next, milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Has others looked at before a device for which something failed.
 *
 * Returns: false with an error
 */
bool
door_device_setup_store_postpone (DoorTxn *txn, const char *enrollment_id, int64_t due_at, GError **error)
{
  static const char sql[] =
      "UPDATE device_setup SET due_at = :due_at WHERE enrollment_id = :id AND finished_at = 0";

  return door_txn_change (txn, sql, door_params_new ("due_at", "x", due_at, "id", "s", enrollment_id, NULL),
                          NULL, error);
}

/**
 * door_device_setup_store_end:
 * @txn: a transaction
 * @enrollment_id: an enrollment that has ended
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Nothing more is done for a device that has left.
 *
 * Returns: false with an error
 */
bool
door_device_setup_store_end (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "UPDATE device_setup SET finished_at = :now, outcome = 'ended' WHERE enrollment_id = :id "
      "AND finished_at = 0";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "id", "s", enrollment_id, NULL),
                          NULL, error);
}

/**
 * door_device_setup_store_list_due:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the devices that must be looked at, those first that have waited longest.
 *
 * Returns: (transfer full) (element-type DoorDeviceSetup): the rows, or %NULL with an error
 */
GPtrArray *
door_device_setup_store_list_due (DoorTxn *txn, int64_t now_ms, int64_t limit, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM device_setup WHERE finished_at = 0 AND due_at <= :now "
                            "ORDER BY due_at LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("now", "x", now_ms, "limit", "x", limit, NULL),
                        door_device_setup_decode, (GDestroyNotify) door_device_setup_free, error);
}

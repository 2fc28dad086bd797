/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-escrow-store.h"

#include "door-row.h"

static gpointer
door_escrow_decode (DoorRow *row)
{
  DoorEscrow *self = g_new0 (DoorEscrow, 1);

  self->sealed_unlock_token = door_row_dup_text (row, "sealed_unlock_token");
  self->sealed_bootstrap_token = door_row_dup_text (row, "sealed_bootstrap_token");
  return self;
}

/**
 * door_escrow_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_escrow_free (DoorEscrow *self)
{
  if (self == NULL)
    return;
  g_free (self->sealed_unlock_token);
  g_free (self->sealed_bootstrap_token);
  g_free (self);
}

/**
 * door_escrow_store_lookup:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @out: (out) (transfer full) (nullable): what it has escrowed, %NULL when there is no such enrollment
 * @error: return location for an error
 *
 * Finds what a device has escrowed; it stays when the enrollment ends, because a device that was lost must
 * still be opened.
 *
 * Returns: false with an error
 */
bool
door_escrow_store_lookup (DoorTxn *txn, const char *enrollment_id, DoorEscrow **out, GError **error)
{
  static const char sql[] =
      "SELECT sealed_unlock_token, sealed_bootstrap_token FROM enrollment WHERE id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", enrollment_id, NULL), door_escrow_decode,
                          (gpointer *) out, error);
}

/**
 * door_escrow_store_set_unlock_token:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @sealed: the token, sealed
 * @error: return location for an error
 *
 * Keeps the unlock token of a device.
 *
 * Returns: false with an error
 */
bool
door_escrow_store_set_unlock_token (DoorTxn *txn, const char *enrollment_id, const char *sealed,
                                    GError **error)
{
  static const char sql[] = "UPDATE enrollment SET sealed_unlock_token = :sealed WHERE id = :id";

  return door_txn_change (txn, sql, door_params_new ("sealed", "s", sealed, "id", "s", enrollment_id, NULL),
                          NULL, error);
}

/**
 * door_escrow_store_set_bootstrap_token:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @sealed: the token, sealed, or "" to forget it
 * @error: return location for an error
 *
 * Keeps the bootstrap token of a device.
 *
 * Returns: false with an error
 */
bool
door_escrow_store_set_bootstrap_token (DoorTxn *txn, const char *enrollment_id, const char *sealed,
                                       GError **error)
{
  static const char sql[] = "UPDATE enrollment SET sealed_bootstrap_token = :sealed WHERE id = :id";

  return door_txn_change (txn, sql, door_params_new ("sealed", "s", sealed, "id", "s", enrollment_id, NULL),
                          NULL, error);
}

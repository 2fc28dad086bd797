/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-known-device.h"

#include "door-row.h"

static gpointer
door_known_device_decode (DoorRow *row)
{
  DoorKnownDevice *self = g_new0 (DoorKnownDevice, 1);

  self->person_id = door_row_dup_text (row, "person_id");
  self->team = door_row_dup_text (row, "team");
  self->revoked_at = door_row_get_int (row, "revoked_at");
  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->pinned_sha256 = door_row_dup_text (row, "pinned");
  self->active_at = door_row_get_int (row, "active_at");
  self->ended_at = door_row_get_int (row, "ended_at");
  self->end_reason = door_row_dup_text (row, "end_reason");
  self->device_id = door_row_dup_text (row, "device_id");
  self->apple_id = door_row_dup_text (row, "apple_id");
  self->awaiting = door_row_get_int (row, "awaiting") != 0;
  self->kind = door_row_dup_text (row, "kind");
  self->way = door_row_dup_text (row, "way");
  self->enroll_reference = door_row_dup_text (row, "enroll_reference");
  self->product = door_row_dup_text (row, "product");
  self->seen_at = door_row_get_int (row, "seen_at");
  self->open_command = door_row_get_int (row, "open_command");
  self->push_wished_at = door_row_get_int (row, "push_wished_at");
  return self;
}

/**
 * door_known_device_free:
 * @self: (transfer full) (nullable): a known device
 */
void
door_known_device_free (DoorKnownDevice *self)
{
  if (self == NULL)
    return;
  g_free (self->certificate_sha256);
  g_free (self->person_id);
  g_free (self->team);
  g_free (self->enrollment_id);
  g_free (self->pinned_sha256);
  g_free (self->end_reason);
  g_free (self->device_id);
  g_free (self->apple_id);
  g_free (self->kind);
  g_free (self->way);
  g_free (self->enroll_reference);
  g_free (self->product);
  g_free (self);
}

/**
 * door_known_device_lookup:
 * @txn: a transaction
 * @certificate_sha256: an identity certificate
 * @out: (out) (transfer full) (nullable): who it stands for, %NULL when it is not on record
 * @error: return location for an error
 *
 * Finds certificate, enrollment and device by one statement: every message of a device begins with it. An
 * enrollment that has ended is found too.
 *
 * Returns: false with an error
 */
bool
door_known_device_lookup (DoorTxn *txn, const char *certificate_sha256, DoorKnownDevice **out, GError **error)
{
  static const char sql[] =
      "SELECT c.person_id, c.team, c.revoked_at, c.enrollment_id, e.certificate_sha256 AS pinned, "
      "e.active_at, e.ended_at, e.end_reason, d.id AS device_id, d.apple_id, d.kind, "
      "CASE WHEN EXISTS (SELECT 1 FROM device_setup s WHERE s.enrollment_id = e.id AND s.finished_at = 0) "
      "THEN 1 ELSE 0 END AS awaiting, "
      "e.way, e.enroll_reference, d.product, d.seen_at, "
      "COALESCE ((SELECT MIN (q.position) FROM command q WHERE q.channel_id = e.id AND q.done_at = 0), 0) "
      "AS open_command, "
      "COALESCE ((SELECT MAX (w.wished_at) FROM push_wish w WHERE w.channel_id = e.id), 0) AS push_wished_at "
      "FROM certificate c LEFT JOIN enrollment e ON e.id = c.enrollment_id "
      "LEFT JOIN device d ON d.id = e.device_id WHERE c.sha256 = :sha256";

  if (!door_txn_lookup (txn, sql, door_params_new ("sha256", "s", certificate_sha256, NULL),
                        door_known_device_decode, (gpointer *) out, error))
    return false;
  if (*out != NULL)
    (*out)->certificate_sha256 = g_strdup (certificate_sha256);
  return true;
}

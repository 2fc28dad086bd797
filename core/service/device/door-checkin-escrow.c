/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-write.h"

#include "door-checkin-answer.h"
#include "door-device-store.h"
#include "door-error.h"
#include "door-escrow.h"

/* A bootstrap token opens all of a device, so it is of none of which only a part is managed. */
static bool
confirm_whole (DoorTxn *txn, const DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  if (!door_checkin_confirm_active (txn, checkin, known, error))
    return false;
  return g_str_equal (known->kind, DOOR_DEVICE_WHOLE) ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_MISMATCH,
                         "a bootstrap token of a device of which only a part is managed");
}

/**
 * door_checkin_set_bootstrap_token:
 * @txn: a transaction of the writer
 * @checkin: a SetBootstrapToken
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * Keeps the bootstrap token of a device; none, or one of no length, forgets it (Apple, SetBootstrapToken).
 *
 * Returns: false with an error
 */
bool
door_checkin_set_bootstrap_token (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                  GError **error)
{
  return confirm_whole (txn, checkin, known, error) &&
         door_escrow_keep (txn, checkin->context, known->enrollment_id, DOOR_ESCROW_BOOTSTRAP_TOKEN,
                           door_checkin_message_get_secret (checkin->message), error);
}

/**
 * door_checkin_get_bootstrap_token:
 * @txn: a transaction of the writer
 * @checkin: a GetBootstrapToken
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * Answers with the bootstrap token that the device has left under this enrollment; without the key when there
 * is none (Apple, GetBootstrapToken).
 *
 * Returns: false with an error
 */
bool
door_checkin_get_bootstrap_token (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                  GError **error)
{
  g_autoptr (DoorSecret) token = NULL;
  const uint8_t *data = NULL;
  size_t size = 0;

  if (!confirm_whole (txn, checkin, known, error) ||
      !door_escrow_read (txn, checkin->context->state_key, known->enrollment_id, DOOR_ESCROW_BOOTSTRAP_TOKEN,
                         &token, error))
    return false;
  if (token != NULL)
    data = door_secret_get_data (token, &size);
  checkin->handed_out = token != NULL;
  checkin->answer = door_checkin_answer_build_bootstrap_token (data, size, error);
  return checkin->answer != NULL;
}

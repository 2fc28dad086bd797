/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-desk.h"

#include "door-command-desk.h"
#include "door-device-json.h"
#include "door-error.h"

/**
 * door_device_desk_show:
 * @context: what every service needs
 * @session: who asks
 * @name: our id of a device, its UDID or EnrollmentID, or its serial number
 * @error: return location for an error
 *
 * Shows a device. Who has but teams sees what was in the enrollment that it has now: before that it may have
 * been another team's, and who carried it another person. Blocks for reads.
 *
 * Returns: (transfer full): the device, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_ERROR_NOT_FOUND,
 *   %DOOR_FAULT_CMD_CONFLICT when several are called that, or another error
 */
JsonObject *
door_device_desk_show (const DoorContext *context, const DoorSession *session, const char *name,
                       GError **error)
{
  const DoorAction action = DOOR_ACTION_READ_DEVICES;
  DoorReach reach = door_session_get_reach (session, action);
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorDevice) device = NULL;
  g_autoptr (DoorEnrollment) enrollment = NULL;

  /* where is asked once the device is known; who may it nowhere learns nothing */
  if (reach == DOOR_REACH_NOTHING)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_FORBIDDEN, "%s: %s",
                      session->administrator->id, door_action_to_word (action));
      return NULL;
    }
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  if (txn == NULL || !door_command_desk_find_device (txn, session, action, name, &device, error) ||
      !door_device_store_lookup_open_enrollment (txn, device->id, &enrollment, error))
    return NULL;
  return door_device_json_build (txn, &(DoorDevicePast){ device, enrollment, reach == DOOR_REACH_ALL },
                                 error);
}

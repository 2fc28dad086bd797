/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-desk.h"

#include "door-device-json.h"
#include "door-device-order.h"
#include "door-error.h"

/**
 * door_desk_device_clear:
 * @self: what was found
 *
 * Frees what it holds.
 */
void
door_desk_device_clear (DoorDeskDevice *self)
{
  g_clear_pointer (&self->device, door_device_free);
  g_clear_pointer (&self->enrollment, door_enrollment_free);
}

/**
 * door_device_desk_find:
 * @txn: a transaction
 * @session: who asks
 * @action: what they want to do with it
 * @name: our id of a device, its UDID or EnrollmentID, or its serial number
 * @out: (out caller-allocates): the device; what it held before is freed
 * @error: return location for an error
 *
 * Finds a device for who may do this in the team in which it is enrolled. A device of another team is as good
 * as none, and so is one that is enrolled in no team for who has but teams. Blocks for the database.
 *
 * Returns: false with %DOOR_ERROR_NOT_FOUND or another error
 */
bool
door_device_desk_find (DoorTxn *txn, const DoorSession *session, DoorAction action, const char *name,
                       DoorDeskDevice *out, GError **error)
{
  g_auto (DoorDeskDevice) found = { NULL };

  if (!door_device_order_find (txn, name, &found.device, error) ||
      !door_device_store_lookup_open_enrollment (txn, found.device->id, &found.enrollment, error))
    return false;
  if (!door_permission_reaches_team (session->roles, session->administrator->api_only != 0, action,
                                     found.enrollment != NULL ? found.enrollment->team : ""))
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND, "there is no device %.100s",
                           name);
  door_desk_device_clear (out);
  out->device = g_steal_pointer (&found.device);
  out->enrollment = g_steal_pointer (&found.enrollment);
  return true;
}

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
  g_auto (DoorDeskDevice) found = { NULL };

  /* where is asked once the device is known; who may it nowhere learns nothing */
  if (!door_session_allow (session, action, DOOR_REACH_TEAMS, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  if (txn == NULL || !door_device_desk_find (txn, session, action, name, &found, error))
    return NULL;
  return door_device_json_build (
      txn, &(DoorDevicePast){ found.device, found.enrollment, reach == DOOR_REACH_ALL }, error);
}

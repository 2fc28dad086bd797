/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-id.h"

#include "door-error.h"

/**
 * door_enrollment_id_read:
 * @message: a message of a device
 * @kind: (out): which key named the enrollment
 * @id: (out) (transfer full): its value, opaque and case-sensitive
 * @error: return location for an error
 *
 * Reads what names the enrollment: `UDID` where there is one, else `EnrollmentID`. Messages of the user
 * channel (keys `UserID`, `UserShortName`, `EnrollmentUserID`) belong to no enrollment of ours, because
 * the profile does not declare per-user connections. Pure.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA or, for the user channel,
 *   %DOOR_ERROR_NOT_SUPPORTED
 */
gboolean
door_enrollment_id_read (const DoorMessageDict *message, DoorEnrollmentIdKind *kind, char **id,
                         GError **error)
{
  static const char *const user_keys[] = { "UserID", "UserShortName", "UserLongName", "EnrollmentUserID" };
  g_autofree char *udid = NULL, *enrollment = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (user_keys); i++)
    if (door_message_dict_has (message, user_keys[i]))
      {
        door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, message->fault,
                        "message of the user channel (%s), which is not offered", user_keys[i]);
        return FALSE;
      }
  if (!door_message_dict_dup_string (message, "UDID", DOOR_MESSAGE_OPTIONAL, &udid, error) ||
      !door_message_dict_dup_string (message, "EnrollmentID", DOOR_MESSAGE_OPTIONAL, &enrollment, error))
    return FALSE;
  if (udid == NULL && enrollment == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, message->fault, "neither UDID nor EnrollmentID");
      return FALSE;
    }
  *kind = udid != NULL ? DOOR_ENROLLMENT_ID_UDID : DOOR_ENROLLMENT_ID_ENROLLMENT;
  *id = udid != NULL ? g_steal_pointer (&udid) : g_steal_pointer (&enrollment);
  return TRUE;
}

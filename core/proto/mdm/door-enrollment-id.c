/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-id.h"

#include "door-error.h"

/* What every user of a shared iPad has for a UserID. */
#define SHARED_IPAD_USER "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"

static gboolean
refuse (const DoorMessageDict *message, const char *problem, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, message->fault, "%s", problem);
}

/**
 * door_enrollment_id_clear:
 * @self: what names an enrollment
 *
 * Frees what it holds.
 */
void
door_enrollment_id_clear (DoorEnrollmentId *self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->user_key, g_free);
  g_clear_pointer (&self->short_name, g_free);
  g_clear_pointer (&self->long_name, g_free);
}

static gboolean
read_enrollment (const DoorMessageDict *message, DoorEnrollmentId *self, GError **error)
{
  g_autofree char *udid = NULL, *enrollment = NULL;

  if (!door_message_dict_dup_string (message, "UDID", DOOR_MESSAGE_OPTIONAL, &udid, error) ||
      !door_message_dict_dup_string (message, "EnrollmentID", DOOR_MESSAGE_OPTIONAL, &enrollment, error))
    return FALSE;
  if (udid == NULL && enrollment == NULL)
    return refuse (message, "neither UDID nor EnrollmentID", error);
  self->kind = udid != NULL ? DOOR_ENROLLMENT_ID_UDID : DOOR_ENROLLMENT_ID_ENROLLMENT;
  self->id = udid != NULL ? g_steal_pointer (&udid) : g_steal_pointer (&enrollment);
  return TRUE;
}

/* A key that is there must say something: whoever leaves it empty is not the device itself. */
static gboolean
read_user_key (const DoorMessageDict *message, DoorEnrollmentId *self, GError **error)
{
  bool whole = self->kind == DOOR_ENROLLMENT_ID_UDID;
  const char *key = whole ? "UserID" : "EnrollmentUserID";

  if (door_message_dict_has (message, whole ? "EnrollmentUserID" : "UserID"))
    return refuse (message, whole ? "EnrollmentUserID beside UDID" : "UserID beside EnrollmentID", error);
  if (door_message_dict_has (message, key) &&
      !door_message_dict_dup_string (message, key, DOOR_MESSAGE_REQUIRED, &self->user_key, error))
    return FALSE;
  if (self->user_key == NULL &&
      (door_message_dict_has (message, "UserShortName") || door_message_dict_has (message, "UserLongName")))
    return refuse (message, "the name of a user without UserID or EnrollmentUserID", error);
  return TRUE;
}

/**
 * door_enrollment_id_read:
 * @message: a message of a device
 * @out: (out): what names the enrollment and, on a user channel, the user; written on success
 * @error: return location for an error
 *
 * Reads who says a message (Apple, "Check-in"): `UDID` where there is one, else `EnrollmentID`; on the user
 * channel also `UserID`, or `EnrollmentUserID` of a user enrollment. On a shared iPad all users have the same
 * `UserID` and `UserShortName`, the managed account, tells them apart. Keys of one kind of enrollment beside
 * those of the other are refused. Pure.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_enrollment_id_read (const DoorMessageDict *message, DoorEnrollmentId *out, GError **error)
{
  g_auto (DoorEnrollmentId) self = { 0 };

  if (!read_enrollment (message, &self, error) || !read_user_key (message, &self, error) ||
      !door_message_dict_dup_string (message, "UserShortName", DOOR_MESSAGE_OPTIONAL, &self.short_name,
                                     error) ||
      !door_message_dict_dup_string (message, "UserLongName", DOOR_MESSAGE_OPTIONAL, &self.long_name, error))
    return FALSE;
  if (self.user_key != NULL && g_ascii_strcasecmp (self.user_key, SHARED_IPAD_USER) == 0)
    {
      if (self.short_name == NULL)
        return refuse (message, "a user of a shared iPad without UserShortName", error);
      g_free (self.user_key);
      self.user_key = g_strdup (self.short_name);
    }
  *out = self;
  self = (DoorEnrollmentId){ 0 };
  return TRUE;
}

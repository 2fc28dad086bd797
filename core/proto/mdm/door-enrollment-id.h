/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-message-dict.h"

/**
 * DoorEnrollmentIdKind:
 * @DOOR_ENROLLMENT_ID_UDID: `UDID`, the device itself
 * @DOOR_ENROLLMENT_ID_ENROLLMENT: `EnrollmentID`, made by the device for one user enrollment
 *
 * What names an enrollment in every message of a device.
 */
typedef enum
{
  DOOR_ENROLLMENT_ID_UDID,
  DOOR_ENROLLMENT_ID_ENROLLMENT,
} DoorEnrollmentIdKind;

/**
 * DoorEnrollmentId:
 * @kind: which key named the enrollment
 * @id: its value, opaque and case-sensitive
 * @user_key: (nullable): what tells users of the enrollment apart; %NULL for the device channel
 * @short_name: (nullable): `UserShortName` of a user channel
 * @long_name: (nullable): `UserLongName` of a user channel
 *
 * Who says a message: an enrollment, and on a user channel also which of its users.
 */
typedef struct
{
  DoorEnrollmentIdKind kind;
  char *id;
  char *user_key;
  char *short_name;
  char *long_name;
} DoorEnrollmentId;

void door_enrollment_id_clear (DoorEnrollmentId *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorEnrollmentId, door_enrollment_id_clear)

gboolean door_enrollment_id_read (const DoorMessageDict *message, DoorEnrollmentId *out, GError **error);

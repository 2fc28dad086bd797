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

gboolean door_enrollment_id_read (const DoorMessageDict *message, DoorEnrollmentIdKind *kind, char **id,
                                  GError **error);

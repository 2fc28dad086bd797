/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-fault.h"
#include "door-types.h"

/**
 * DoorError:
 * @DOOR_ERROR_FAILED: anything no caller acts on
 * @DOOR_ERROR_INVALID_DATA: the input is malformed or fails a check of its form
 * @DOOR_ERROR_NOT_AUTHENTICATED: no proof, or a proof that does not hold
 * @DOOR_ERROR_NOT_ALLOWED: proven, but not permitted
 * @DOOR_ERROR_NOT_FOUND: the thing named does not exist
 * @DOOR_ERROR_CONFLICT: the thing exists already or has changed meanwhile
 * @DOOR_ERROR_UNAVAILABLE: try again later
 * @DOOR_ERROR_CONFIG: the administrator must change the configuration
 * @DOOR_ERROR_NOT_SUPPORTED: valid, but not something this version does
 *
 * What a caller can act on. The precise reason is the #DoorFault the error carries.
 */
typedef enum
{
  DOOR_ERROR_FAILED,
  DOOR_ERROR_INVALID_DATA,
  DOOR_ERROR_NOT_AUTHENTICATED,
  DOOR_ERROR_NOT_ALLOWED,
  DOOR_ERROR_NOT_FOUND,
  DOOR_ERROR_CONFLICT,
  DOOR_ERROR_UNAVAILABLE,
  DOOR_ERROR_CONFIG,
  DOOR_ERROR_NOT_SUPPORTED,
} DoorError;

/**
 * DOOR_ERROR:
 *
 * The one error domain of Doorward.
 */
#define DOOR_ERROR (door_error_quark ())

GQuark door_error_quark (void);
gboolean door_error_set (GError **error, DoorError code, DoorFault fault, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
DoorFault door_error_get_fault (const GError *error);
const DoorFaultInfo *door_error_get_info (const GError *error);
const char *door_error_get_user_text (const GError *error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-enrollment-id.h"

/**
 * DoorCommandStatus:
 * @DOOR_COMMAND_IDLE: the device asks for a command
 * @DOOR_COMMAND_ACKNOWLEDGED: the command was carried out
 * @DOOR_COMMAND_ERROR: it failed
 * @DOOR_COMMAND_FORMAT_ERROR: the device could not read it
 * @DOOR_COMMAND_NOT_NOW: it cannot be carried out at the moment
 *
 * What a device reports.
 */
typedef enum
{
  DOOR_COMMAND_IDLE,
  DOOR_COMMAND_ACKNOWLEDGED,
  DOOR_COMMAND_ERROR,
  DOOR_COMMAND_FORMAT_ERROR,
  DOOR_COMMAND_NOT_NOW,
} DoorCommandStatus;

typedef struct _DoorCommandReport DoorCommandReport;

DoorCommandReport *door_command_report_parse (GBytes *plist, GError **error);
void door_command_report_free (DoorCommandReport *self);
DoorCommandStatus door_command_report_get_status (const DoorCommandReport *self);
DoorEnrollmentIdKind door_command_report_get_id_kind (const DoorCommandReport *self);
const char *door_command_report_get_id (const DoorCommandReport *self);
const char *door_command_report_get_user_key (const DoorCommandReport *self);
const char *door_command_report_get_uuid (const DoorCommandReport *self);
const char *door_command_report_get_errors (const DoorCommandReport *self);
bool door_command_report_has_secret (const DoorCommandReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCommandReport, door_command_report_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-report.h"

#include <string.h>

#include "door-error.h"

#define MAX_BYTES (1024 * 1024)

struct _DoorCommandReport
{
  DoorCommandStatus status;
  DoorEnrollmentIdKind id_kind;
  char *id;
};

static gboolean
read_status (const DoorMessageDict *message, DoorCommandStatus *status, GError **error)
{
  static const char *const names[] = {
    [DOOR_COMMAND_IDLE] = "Idle",      [DOOR_COMMAND_ACKNOWLEDGED] = "Acknowledged",
    [DOOR_COMMAND_ERROR] = "Error",    [DOOR_COMMAND_FORMAT_ERROR] = "CommandFormatError",
    [DOOR_COMMAND_NOT_NOW] = "NotNow",
  };
  g_autofree char *name = NULL;

  if (!door_message_dict_dup_string (message, "Status", DOOR_MESSAGE_REQUIRED, &name, error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      {
        *status = (DoorCommandStatus) i;
        return TRUE;
      }
  door_error_set (error, DOOR_ERROR_INVALID_DATA, message->fault, "unknown Status");
  return FALSE;
}

/* Every answer to a command names the command; a device that only asks for one has none to name. No command
 * is sent yet, so the name is judged here and not kept. */
static gboolean
check_command (const DoorMessageDict *message, DoorCommandStatus status, GError **error)
{
  DoorMessageNeed need = status == DOOR_COMMAND_IDLE ? DOOR_MESSAGE_OPTIONAL : DOOR_MESSAGE_REQUIRED;
  g_autofree char *uuid = NULL;

  return door_message_dict_dup_string (message, "CommandUUID", need, &uuid, error);
}

/**
 * door_command_report_parse:
 * @plist: the body of the request, exactly the bytes that Mdm-Signature covers
 * @error: return location for an error
 *
 * Reads what a device sends to the ServerURL (Apple, "Sending MDM commands to a device"). Pure; never
 * blocks; any thread.
 *
 * Returns: (transfer full): the report, or %NULL with %DOOR_ERROR_INVALID_DATA, or with
 *   %DOOR_ERROR_NOT_SUPPORTED for the user channel; always %DOOR_FAULT_DEV_MESSAGE
 */
DoorCommandReport *
door_command_report_parse (GBytes *plist, GError **error)
{
  g_auto (DoorMessageDict) message = { .fault = DOOR_FAULT_DEV_MESSAGE };
  g_autoptr (DoorCommandReport) self = g_new0 (DoorCommandReport, 1);

  if (!door_message_dict_parse (&message, plist, MAX_BYTES, error) ||
      !read_status (&message, &self->status, error) || !check_command (&message, self->status, error) ||
      !door_enrollment_id_read (&message, &self->id_kind, &self->id, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_command_report_free:
 * @self: (transfer full): a report
 */
void
door_command_report_free (DoorCommandReport *self)
{
  g_free (self->id);
  g_free (self);
}

/**
 * door_command_report_get_status:
 * @self: a report
 *
 * Returns: its `Status`
 */
DoorCommandStatus
door_command_report_get_status (const DoorCommandReport *self)
{
  return self->status;
}

/**
 * door_command_report_get_id_kind:
 * @self: a report
 *
 * Returns: which key named the enrollment
 */
DoorEnrollmentIdKind
door_command_report_get_id_kind (const DoorCommandReport *self)
{
  return self->id_kind;
}

/**
 * door_command_report_get_id:
 * @self: a report
 *
 * Returns: (transfer none): the UDID or EnrollmentID, opaque and case-sensitive
 */
const char *
door_command_report_get_id (const DoorCommandReport *self)
{
  return self->id;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-enrollment-id.h"

typedef struct _DoorCommandReport DoorCommandReport;

DoorCommandReport *door_command_report_parse (GBytes *plist, GError **error);
void door_command_report_free (DoorCommandReport *self);
DoorEnrollmentIdKind door_command_report_get_id_kind (const DoorCommandReport *self);
const char *door_command_report_get_id (const DoorCommandReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCommandReport, door_command_report_free)

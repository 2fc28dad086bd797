/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-desk.h"
#include "door-json.h"

JsonObject *door_device_desk_show (const DoorContext *context, const DoorSession *session, const char *name,
                                   GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-device-answer.h"

bool door_checkin_message_received (const DoorContext *context, const DoorDeviceProof *proof,
                                    DoorDeviceAnswer *out, GError **error);

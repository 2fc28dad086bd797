/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

void door_expiry_collect (const DoorContext *context, DoorMetrics *into);
void door_expiry_warn (const DoorContext *context);

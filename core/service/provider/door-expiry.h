/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-dep-store.h"

void door_expiry_collect (const DoorContext *context, DoorMetrics *into);
void door_expiry_warn (const DoorContext *context);
void door_expiry_warn_of_dep_token (const DoorContext *context, const DoorDepServer *server, int64_t now_ms);

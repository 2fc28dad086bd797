/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-http-engine.h"
#include "door-writer.h"

typedef struct _DoorWatchdog DoorWatchdog;

int64_t door_watchdog_parse_us (const char *usec, const char *pid);
DoorWatchdog *door_watchdog_start (int64_t timeout_us, DoorHttpEngine *engine, DoorWriter *writer);
void door_watchdog_stop (DoorWatchdog *self);

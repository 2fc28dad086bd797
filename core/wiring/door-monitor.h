/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-http-engine.h"

typedef struct _DoorMonitor DoorMonitor;

DoorMonitor *door_monitor_new (const DoorSettings *listen, const DoorContext *context,
                               const DoorPins *contexts, DoorRouter *router, size_t n_routes, GError **error);
void door_monitor_start (DoorMonitor *self);
void door_monitor_free (DoorMonitor *self);
DoorRouteTimes *door_monitor_get_times (DoorMonitor *self);

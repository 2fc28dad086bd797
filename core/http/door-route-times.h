/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-router.h"

typedef struct _DoorRouteTimes DoorRouteTimes;

DoorRouteTimes *door_route_times_new (DoorRouter *router, size_t n_routes);
void door_route_times_free (DoorRouteTimes *self);
void door_route_times_add (DoorRouteTimes *self, const DoorRoute *route, unsigned int status, int64_t us);
void door_route_times_print (const DoorRouteTimes *self, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorRouteTimes, door_route_times_free)

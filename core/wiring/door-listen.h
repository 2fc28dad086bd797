/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-http-engine.h"

DoorHttpEngine *door_listen_make_engine (const DoorSettings *listen, DoorRouter *router,
                                         const DoorContext *context, DoorRouteTimes *times, bool development,
                                         GError **error);

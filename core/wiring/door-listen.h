/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-http-engine.h"

char *door_listen_dup_runtime_path (const char *name);
bool door_listen_is_direct (const DoorSettings *listen);
GTlsCertificate *door_listen_load_certificate (const DoorSettings *listen, GError **error);
DoorHttpEngine *door_listen_make_engine (const DoorSettings *listen, DoorRouter *router,
                                         const DoorContext *context, DoorRouteTimes *times, bool development,
                                         GError **error);

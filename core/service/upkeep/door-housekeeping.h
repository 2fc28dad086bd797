/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/* How often it is to be done. */
#define DOOR_HOUSEKEEPING_S 600

bool door_housekeeping_run (const DoorContext *context, bool *more, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

bool door_housekeeping_run (const DoorContext *context, GError **error);

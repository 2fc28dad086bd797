/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

bool door_lease_take (const DoorContext *context, const char *name, int64_t length_s, bool *taken,
                      GError **error);
void door_lease_release (const DoorContext *context, const char *name);

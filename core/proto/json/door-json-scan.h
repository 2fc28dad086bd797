/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "door-json.h"

bool door_json_scan (const char *text, size_t length, const DoorJsonLimits *limits, GError **error);

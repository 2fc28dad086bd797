/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include <stdbool.h>
#include <stdint.h>

bool door_dep_time_parse (const char *text, int64_t *out_ms);

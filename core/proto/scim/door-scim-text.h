/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

char *door_scim_text_fold (const char *text);
bool door_scim_text_parse_time (const char *text, int64_t *time_us);

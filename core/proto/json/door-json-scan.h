/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

bool door_json_scan (const char *text, size_t length, unsigned int max_depth, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <glib.h>

/* Limits of every property list. GVariant reads at most 128 levels and a dict in a dict takes four. */
#define DOOR_PLIST_MAX_DEPTH 32
#define DOOR_PLIST_MAX_VALUES 100000

gboolean door_plist_scan (const char *text, size_t length, GArray *dates, size_t *n_values, GError **error);

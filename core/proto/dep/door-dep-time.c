/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-time.h"

#include <string.h>

#include <glib.h>

#define MAX_BYTES 40

/**
 * door_dep_time_parse: (skip)
 * @text: an instant of ISO 8601 that says its time zone: "2026-01-01T00:00:00Z"
 * @out_ms: (out): milliseconds since 1970, UTC
 *
 * Returns: whether it is one, after 1970
 */
bool
door_dep_time_parse (const char *text, int64_t *out_ms)
{
  g_autoptr (GDateTime) time = strlen (text) <= MAX_BYTES ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  if (time == NULL || g_date_time_to_unix (time) <= 0)
    return false;
  *out_ms = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-text.h"

/**
 * door_scim_text_fold:
 * @text: UTF-8
 *
 * What two texts have in common that differ in nothing but case, or in how their letters are composed
 * (Unicode, section 3.13, caseless matching by canonical equivalence). Pure; any thread.
 *
 * Returns: (transfer full): the text to compare or to look up by
 */
char *
door_scim_text_fold (const char *text)
{
  g_autofree char *composed = g_utf8_normalize (text, -1, G_NORMALIZE_NFD);
  g_autofree char *folded = composed != NULL ? g_utf8_casefold (composed, -1) : g_strdup ("");

  return g_utf8_normalize (folded, -1, G_NORMALIZE_NFC);
}

/**
 * door_scim_text_parse_time:
 * @text: a dateTime (RFC 7643 section 2.3.5): `2026-11-24T02:00:00.1234567+01:00`; without an offset it is
 * UTC
 * @time_us: (out): microseconds since 1970, UTC; before that they are negative
 *
 * Pure; any thread.
 *
 * Returns: false when it is none
 */
bool
door_scim_text_parse_time (const char *text, int64_t *time_us)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);

  if (time == NULL)
    return false;
  *time_us = g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-percent.h"

#include <glib.h>

/**
 * door_percent_take_byte:
 * @at: (inout): where to read, before @end; moves behind what was read
 * @end: end of the text
 *
 * Reads one byte of a path or a query, as it stands there or escaped (RFC 3986, 2.1). Pure; any thread.
 *
 * Returns: the byte, or -1 when the escape is malformed or the byte may only stand there escaped
 */
int
door_percent_take_byte (const char **at, const char *end)
{
  unsigned char c = (unsigned char) *(*at)++;
  int high, low;

  if (c <= ' ' || c >= 0x7f)
    return -1;
  if (c != '%')
    return c;
  if (end - *at < 2)
    return -1;
  high = g_ascii_xdigit_value ((*at)[0]);
  low = g_ascii_xdigit_value ((*at)[1]);
  *at += 2;
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

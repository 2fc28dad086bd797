/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-os-version.h"

#include <glib.h>

/* One number, and what separates it from the next; all behind the last one are 0. Bounded: a device may say
 * anything. */
static unsigned int
take_number (const char **at)
{
  unsigned int number = 0;

  for (; g_ascii_isdigit (**at); (*at)++)
    number = number < 100000 ? number * 10 + (unsigned int) g_ascii_digit_value (**at) : number;
  if (**at == '.')
    (*at)++;
  return number;
}

/**
 * door_os_version_compare:
 * @a: a version, "17.4.1"
 * @b: another
 *
 * Compares versions number by number; what is no number ends a version, and "17" is "17.0". Pure; any thread.
 *
 * Returns: less than, equal to or greater than 0
 */
int
door_os_version_compare (const char *a, const char *b)
{
  while (g_ascii_isdigit (*a) || g_ascii_isdigit (*b))
    {
      unsigned int one = take_number (&a), other = take_number (&b);

      if (one != other)
        return one < other ? -1 : 1;
    }
  return 0;
}

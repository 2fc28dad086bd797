/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-hex.h"

#include <glib.h>

/**
 * door_hex_encode:
 * @data: (array length=size): bytes
 * @size: their number
 *
 * Returns: (transfer full): two lower-case hexadecimal digits for each
 */
char *
door_hex_encode (const uint8_t *data, size_t size)
{
  static const char digits[] = "0123456789abcdef";
  char *text = g_malloc (2 * size + 1);

  for (size_t i = 0; i < size; i++)
    {
      text[2 * i] = digits[data[i] >> 4];
      text[2 * i + 1] = digits[data[i] & 15];
    }
  text[2 * size] = '\0';
  return text;
}

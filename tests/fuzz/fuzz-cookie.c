/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-cookie.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *header = g_strndup ((const char *) data, size);
  g_autofree char *value = NULL;

  if (!door_cookie_lookup (header, "a", &value, NULL))
    g_assert_null (value);
  else if (value != NULL)
    g_assert_null (strpbrk (value, " \t\r\n;,\"\\"));
  return 0;
}

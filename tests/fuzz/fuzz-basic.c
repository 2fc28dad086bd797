/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-basic.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *header = g_strndup ((const char *) data, size);
  g_autofree char *user = NULL;
  g_autoptr (DoorSecret) password = NULL;

  if (!door_basic_parse (header, &user, &password, NULL))
    g_assert_true (user == NULL && password == NULL);
  else
    g_assert_true (g_utf8_validate (user, -1, NULL) && strchr (user, ':') == NULL);
  return 0;
}

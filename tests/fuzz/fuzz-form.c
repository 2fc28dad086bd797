/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-form.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (DoorForm) form = door_form_parse ((const char *) data, size, 16, NULL);

  for (size_t i = 0; form != NULL && i < door_form_get_count (form); i++)
    {
      const char *value = NULL;

      g_assert_true (g_utf8_validate (door_form_get_name (form, i), -1, NULL));
      g_assert_true (g_utf8_validate (door_form_get_value (form, i), -1, NULL));
      if (door_form_lookup (form, door_form_get_name (form, i), &value, NULL))
        g_assert_cmpstr (value, ==, door_form_get_value (form, i));
    }
  return 0;
}

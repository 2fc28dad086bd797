/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-plist.h"

/* What is accepted must survive being written and read again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GVariant) dict = door_plist_parse (bytes, 1 << 16, NULL);
  g_autoptr (GBytes) built = NULL;
  g_autoptr (GVariant) back = NULL;

  if (dict == NULL)
    return 0;
  /* fails for dates that libplist cannot write */
  built = door_plist_build (dict, NULL);
  if (built == NULL)
    return 0;
  back = door_plist_parse (built, SIZE_MAX, NULL);
  g_assert_nonnull (back);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-update-catalog.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorUpdateCatalog) catalog = door_update_catalog_parse (bytes, &error);

  g_assert_true ((catalog == NULL) == (error != NULL));
  if (catalog != NULL)
    {
      const DoorUpdateRelease *release = door_update_catalog_lookup (catalog, "iPhone15,4");

      g_assert_true (release == NULL || g_ascii_isdigit (*release->version));
    }
  return 0;
}

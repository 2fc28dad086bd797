/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-json.h"

/* What is accepted must survive being written and read again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = door_json_parse (bytes, 16, &error);
  g_autoptr (GBytes) again = NULL;
  g_autoptr (JsonNode) back = NULL;

  g_assert_true ((node == NULL) == (error != NULL));
  if (node == NULL)
    return 0;
  again = door_json_build (node);
  back = door_json_parse (again, 16, &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (node, back));
  return 0;
}

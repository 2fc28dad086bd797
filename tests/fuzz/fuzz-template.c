/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-message-catalog.h"
#include "door-template.h"

#define MARK "<h0stile"
#define HOSTILE MARK ">\"'><javascript:"

static GBytes *
load_partial (const char *name, gpointer user_data)
{
  return g_bytes_ref (user_data);
}

/* Every template that compiles renders without letting markup of a value through. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) source = g_bytes_new_static (data, size);
  g_autoptr (DoorTemplate) template = door_template_compile ("fuzz", source, load_partial, source, NULL);
  g_autoptr (DoorMessageCatalog) catalog = door_message_catalog_parse (source, NULL);
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GBytes) page = NULL;

  if (catalog != NULL)
    g_assert_null (door_message_catalog_lookup (catalog, ""));
  /* a constant attribute may say what it likes */
  if (template == NULL || memmem (data, size, MARK, strlen (MARK)) != NULL)
    return 0;
  values = g_variant_ref_sink (g_variant_new_parsed (
      "{'a': <%s>, 'b': <[%s]>, 'c': <[{'a': <%s>}]>, 'd': <true>}", HOSTILE, HOSTILE, HOSTILE));
  page = door_template_render (template, values, NULL, NULL, NULL);
  if (page != NULL)
    g_assert_null (memmem (g_bytes_get_data (page, NULL), g_bytes_get_size (page), MARK, strlen (MARK)));
  return 0;
}

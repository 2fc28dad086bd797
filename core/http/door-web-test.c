/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-web-test.h"

/* What the page tells apart and the result tells by a word. */
static void
insert_switches (GVariantDict *data)
{
  const char *outcome = "";
  bool mapped = g_variant_dict_contains (data, "identity");
  gboolean complete = TRUE;

  g_variant_dict_lookup (data, "outcome", "&s", &outcome);
  g_variant_dict_lookup (data, "groups_complete", "b", &complete);
  g_variant_dict_insert (data, "accepted", "b", g_str_equal (outcome, "accepted"));
  g_variant_dict_insert (data, "mapped", "b", mapped);
  g_variant_dict_insert (data, "groups_missing", "b", !complete);
}

/**
 * door_web_render_test:
 * @web: what every handler gets
 * @request: the request
 * @result: what a test shows
 * @error: return location for an error
 *
 * The page at the end of a test: what the provider has sent, which checks it passed, and what it leads to.
 *
 * Returns: (transfer full): the page, or %NULL with an error
 */
DoorResponse *
door_web_render_test (const DoorWeb *web, DoorRequest *request, GVariant *result, GError **error)
{
  GVariantDict data;

  g_variant_dict_init (&data, result);
  insert_switches (&data);
  return door_web_render (web, request, "test", g_variant_dict_end (&data), error);
}

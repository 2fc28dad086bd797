/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sign-in-link.h"

#include "door-json.h"

/**
 * door_sign_in_link_build:
 * @url: where the sign-in goes on, UTF-8
 *
 * The answer to a client that asks for the sign-in as JSON.
 *
 * Returns: (transfer full): a JSON object with the member "url"
 */
GBytes *
door_sign_in_link_build (const char *url)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "url");
  json_builder_add_string_value (builder, url);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return door_json_build (root);
}

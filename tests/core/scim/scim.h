/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Users and groups to try things with. */
#pragma once

#include <string.h>

#include "door-error.h"
#include "door-json.h"
#include "door-scim-bulk.h"
#include "door-scim-patch.h"

static const DoorScimResourceType user_type = {
  .name = "User",
  .endpoint = "Users",
  .description = "People",
  .schema = &door_scim_user_schema,
  .extensions = { &door_scim_enterprise_schema },
  .n_extensions = 1,
};

static const DoorScimResourceType group_type G_GNUC_UNUSED = {
  .name = "Group",
  .endpoint = "Groups",
  .schema = &door_scim_group_schema,
};

/* JSON with ' in place of ". */
static inline JsonObject *
parse_object (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  const DoorJsonLimits limits = DOOR_SCIM_LIMITS;
  g_autoptr (JsonNode) node = door_json_parse_within (bytes, &limits, &error);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    g_error ("%s: %s", text, error != NULL ? error->message : "no object");
  return json_object_ref (json_node_get_object (node));
}

/* What an object is, without regard to the order of its members. */
static inline void
assert_object (JsonObject *object, const char *expected, const char *what)
{
  g_autoptr (JsonObject) wanted = parse_object (expected);
  g_autoptr (JsonNode) a = json_node_init_object (json_node_alloc (), object);
  g_autoptr (JsonNode) b = json_node_init_object (json_node_alloc (), wanted);
  g_autoptr (GBytes) text = door_json_build (a);

  if (!json_node_equal (a, b))
    g_error ("%s:\n  %.*s\n  is not %s", what, (int) g_bytes_get_size (text),
             (const char *) g_bytes_get_data (text, NULL), expected);
}

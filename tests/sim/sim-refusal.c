/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-refusal.h"

#include <json-glib/json-glib.h>

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                          : NULL;
}

static char *
dup_details (JsonObject *root)
{
  JsonNode *node = json_object_get_member (root, "details");
  const char *version, *build;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return g_strdup (get_string (root, "description"));
  version = get_string (json_node_get_object (node), "OSVersion");
  build = get_string (json_node_get_object (node), "BuildVersion");
  if (version == NULL)
    return NULL;
  return build != NULL ? g_strdup_printf ("install %s (%s)", version, build)
                       : g_strdup_printf ("install %s", version);
}

/**
 * sim_refusal_parse:
 * @json: body of an answer that refuses
 * @details: (out) (transfer full) (nullable): what it says beside the code
 *
 * Reads what a server answers to a device that it sends away (Apple, "Error responses"), or that gets no
 * token.
 *
 * Returns: (transfer full) (nullable): the code, %NULL when there is none
 */
char *
sim_refusal_parse (GBytes *json, char **details)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize size = 0;
  const char *data = g_bytes_get_data (json, &size);
  JsonNode *root;
  JsonObject *object;

  *details = NULL;
  /* a body that is none has no code */
  if (size == 0 || !g_utf8_validate_len (data, size, NULL) ||
      !json_parser_load_from_data (parser, data, (gssize) size, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  if (object != NULL && get_string (object, "error") != NULL) /* of OAuth 2 (RFC 6749, 5.2) */
    {
      *details = g_strdup (get_string (object, "error_description"));
      return g_strdup (get_string (object, "error"));
    }
  if (object == NULL || get_string (object, "code") == NULL)
    return NULL;
  *details = dup_details (object);
  return g_strdup (get_string (object, "code"));
}

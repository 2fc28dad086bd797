/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-bundle.h"

#include <string.h>

#include "door-json-member.h"
#include "door-json.h"

#define MAX_DEPTH 16
#define DISCOVERY "discovery"
#define KEYS "keys"

/**
 * door_oidc_bundle_build:
 * @discovery: a discovery document that was parsed
 * @keys: a key set that was parsed
 *
 * Puts both documents of a provider into one, to be kept. Pure.
 *
 * Returns: (transfer full): a JSON object
 */
char *
door_oidc_bundle_build (GBytes *discovery, GBytes *keys)
{
  GString *text = g_string_new ("{\"" DISCOVERY "\":");
  gsize size;
  const char *data = g_bytes_get_data (discovery, &size);

  g_string_append_len (text, data, (gssize) size);
  g_string_append (text, ",\"" KEYS "\":");
  data = g_bytes_get_data (keys, &size);
  g_string_append_len (text, data, (gssize) size);
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static GBytes *
dup_member (JsonObject *object, const char *name)
{
  JsonObject *member = NULL;

  if (!door_json_member_read_object (object, name, &member, NULL) || member == NULL)
    return NULL;
  return door_json_build (json_object_get_member (object, name));
}

/**
 * door_oidc_bundle_parse:
 * @text: what door_oidc_bundle_build() made, or anything else that was kept in its place
 * @discovery: (out) (transfer full): the discovery document
 * @keys: (out) (transfer full): the key set
 *
 * Takes the documents apart; they are to be parsed again. Pure.
 *
 * Returns: whether both are there
 */
bool
door_oidc_bundle_parse (const char *text, GBytes **discovery, GBytes **keys)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (JsonNode) root = door_json_parse (bytes, MAX_DEPTH, NULL); /* it may be of another protocol */
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return false;
  first = dup_member (json_node_get_object (root), DISCOVERY);
  second = dup_member (json_node_get_object (root), KEYS);
  if (first == NULL || second == NULL)
    return false;
  *discovery = g_steal_pointer (&first);
  *keys = g_steal_pointer (&second);
  return true;
}

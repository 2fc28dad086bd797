/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declaration.h"

#include <string.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

/* A payload of Apple's has four levels. */
#define MAX_DEPTH 16

static bool
refuse (GError **error, const char *text)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "%s", text);
}

/**
 * door_declaration_free:
 * @self: (transfer full) (nullable): a declaration
 */
void
door_declaration_free (DoorDeclaration *self)
{
  if (self == NULL)
    return;
  g_free (self->identifier);
  g_free (self->type);
  g_free (self->payload);
  g_free (self->server_token);
  g_strfreev (self->configurations);
  g_free (self);
}

/* What stands in an address, an endpoint and a log: printable, and without what would end it there. */
static bool
is_name (const char *text, size_t max_bytes, const char *also)
{
  if (*text == '\0' || strlen (text) > max_bytes)
    return false;
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr (also, *at) == NULL)
      return false;
  return true;
}

/**
 * door_declaration_kind_from_type:
 * @type: a `Type`
 * @out: (out): its kind
 *
 * Returns: whether it is a type of declaration
 */
bool
door_declaration_kind_from_type (const char *type, DoorDeclarationKind *out)
{
  static const char *const prefixes[DOOR_DECLARATION_N_KINDS] = {
    [DOOR_DECLARATION_ACTIVATION] = "com.apple.activation.",
    [DOOR_DECLARATION_ASSET] = "com.apple.asset.",
    [DOOR_DECLARATION_CONFIGURATION] = "com.apple.configuration.",
    [DOOR_DECLARATION_MANAGEMENT] = "com.apple.management.",
  };

  for (int i = 0; i < DOOR_DECLARATION_N_KINDS; i++)
    if (g_str_has_prefix (type, prefixes[i]) &&
        is_name (type + strlen (prefixes[i]), DOOR_DECLARATION_MAX_TYPE - strlen (prefixes[i]), ".-"))
      {
        *out = (DoorDeclarationKind) i;
        return true;
      }
  return false;
}

static char *
dup_json (JsonObject *object)
{
  g_autoptr (GBytes) json = door_json_build_object (object);

  return g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
}

static bool
read_head (DoorDeclaration *self, JsonObject *object, GError **error)
{
  static const char *const known[] = { "Identifier", "Type", "Payload", NULL };
  const char *identifier = NULL, *type = NULL;

  if (!door_json_member_check_names (object, known, error) ||
      !door_json_member_read_string (object, "Identifier", &identifier, error) ||
      !door_json_member_read_string (object, "Type", &type, error))
    return false;
  if (identifier == NULL || !is_name (identifier, DOOR_DECLARATION_MAX_IDENTIFIER, ".-_:"))
    return refuse (error, "Identifier: 1 to 128 letters, digits, points, hyphens, underscores or colons");
  if (type == NULL || !door_declaration_kind_from_type (type, &self->kind))
    return refuse (error, "Type: com.apple.activation., com.apple.asset., com.apple.configuration. or "
                          "com.apple.management. and a name");
  self->identifier = g_strdup (identifier);
  self->type = g_strdup (type);
  return true;
}

static bool
read_payload (DoorDeclaration *self, JsonObject *object, GError **error)
{
  JsonObject *payload = NULL;
  g_autofree char *content = NULL;

  if (!door_json_member_read_object (object, "Payload", &payload, error))
    return false;
  if (payload == NULL)
    return refuse (error, "Payload: an object is needed");
  if (self->kind == DOOR_DECLARATION_ACTIVATION &&
      !door_json_member_read_strings (payload, "StandardConfigurations", &self->configurations, error))
    return false;
  if (self->configurations == NULL && self->kind == DOOR_DECLARATION_ACTIVATION)
    return refuse (error, "Payload: an activation needs StandardConfigurations");
  if (self->configurations == NULL)
    self->configurations = g_new0 (char *, 1);
  self->payload = dup_json (payload);
  content = g_strconcat (self->type, "\n", self->payload, NULL);
  self->server_token = door_digest_sha256_url (content, strlen (content));
  return true;
}

/**
 * door_declaration_parse:
 * @json: a declaration as an administrator wrote it: `Identifier`, `Type` and `Payload`
 * @error: return location for an error
 *
 * Reads a declaration (Apple, "Declarations"), of at most %DOOR_DECLARATION_MAX_BYTES bytes. What its type
 * demands of the payload is judged by devices alone, but that an activation names its configurations. Pure.
 *
 * Returns: (transfer full): the declaration, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorDeclaration *
door_declaration_parse (GBytes *json, GError **error)
{
  g_autoptr (DoorDeclaration) self = g_new0 (DoorDeclaration, 1);
  g_autoptr (JsonNode) node = NULL;

  if (g_bytes_get_size (json) > DOOR_DECLARATION_MAX_BYTES)
    {
      refuse (error, "a declaration has at most 64 KiB");
      return NULL;
    }
  node = door_json_parse (json, MAX_DEPTH, error);
  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      refuse (error, "a declaration is an object");
      return NULL;
    }
  if (!read_head (self, json_node_get_object (node), error) ||
      !read_payload (self, json_node_get_object (node), error))
    return NULL;
  return g_steal_pointer (&self);
}

static JsonNode *
parse_stored (const char *payload)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (payload, strlen (payload));

  return door_json_parse (bytes, MAX_DEPTH, NULL); /* it was built here */
}

/**
 * door_declaration_names_configuration:
 * @type: `Type` of a declaration
 * @payload: its payload, as door_declaration_parse() gave it
 * @identifier: an `Identifier`
 *
 * Returns: whether it is an activation of that configuration
 */
bool
door_declaration_names_configuration (const char *type, const char *payload, const char *identifier)
{
  g_autoptr (JsonNode) node = NULL;
  g_auto (GStrv) names = NULL;
  DoorDeclarationKind kind;

  if (!door_declaration_kind_from_type (type, &kind) || kind != DOOR_DECLARATION_ACTIVATION)
    return false;
  node = parse_stored (payload);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) &&
         door_json_member_read_strings (json_node_get_object (node), "StandardConfigurations", &names,
                                        NULL) &&
         names != NULL && g_strv_contains ((const char *const *) names, identifier);
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  return strcmp (((const DoorDeclarationItem *) a)->identifier,
                 ((const DoorDeclarationItem *) b)->identifier);
}

/**
 * door_declaration_digest:
 * @items: (element-type DoorDeclarationItem): a set, in any order
 *
 * Says what a whole set is known by, the `DeclarationsToken`: another one for any other set. Pure.
 *
 * Returns: (transfer full): a digest
 */
char *
door_declaration_digest (const GArray *items)
{
  g_autoptr (GArray) sorted = g_array_copy ((GArray *) items);
  g_autoptr (GString) text = g_string_new (NULL);

  g_array_sort (sorted, compare_items);
  for (guint i = 0; i < sorted->len; i++)
    {
      const DoorDeclarationItem *item = &g_array_index (sorted, DoorDeclarationItem, i);

      g_string_append_printf (text, "%s\n%s\n", item->identifier, item->server_token);
    }
  return door_digest_sha256_url (text->str, text->len);
}

/**
 * door_declaration_build:
 * @item: which it is
 * @payload: its payload, as door_declaration_parse() gave it
 *
 * Builds what a device gets at `declaration/TYPE/IDENTIFIER`. Pure.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_declaration_build (const DoorDeclarationItem *item, const char *payload)
{
  g_autoptr (JsonNode) node = parse_stored (payload);
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "Type", item->type);
  json_object_set_string_member (object, "Identifier", item->identifier);
  json_object_set_string_member (object, "ServerToken", item->server_token);
  if (node != NULL)
    json_object_set_member (object, "Payload", g_steal_pointer (&node));
  else
    json_object_set_object_member (object, "Payload", json_object_new ());
  return door_json_build_object (object);
}

/**
 * door_declaration_build_items:
 * @items: (element-type DoorDeclarationItem): a set
 * @token: what it is known by
 *
 * Builds what a device gets at `declaration-items`. Pure.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_declaration_build_items (const GArray *items, const char *token)
{
  static const char *const names[DOOR_DECLARATION_N_KINDS] = {
    [DOOR_DECLARATION_ACTIVATION] = "Activations",
    [DOOR_DECLARATION_ASSET] = "Assets",
    [DOOR_DECLARATION_CONFIGURATION] = "Configurations",
    [DOOR_DECLARATION_MANAGEMENT] = "Management",
  };
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *lists = json_object_new ();

  json_object_set_object_member (object, "Declarations", lists);
  json_object_set_string_member (object, "DeclarationsToken", token);
  for (int kind = 0; kind < DOOR_DECLARATION_N_KINDS; kind++)
    json_object_set_array_member (lists, names[kind], json_array_new ());
  for (guint i = 0; i < items->len; i++)
    {
      const DoorDeclarationItem *item = &g_array_index (items, DoorDeclarationItem, i);
      DoorDeclarationKind kind;
      JsonObject *entry;

      if (!door_declaration_kind_from_type (item->type, &kind))
        continue;
      entry = json_object_new ();
      json_object_set_string_member (entry, "Identifier", item->identifier);
      json_object_set_string_member (entry, "ServerToken", item->server_token);
      json_array_add_object_element (json_object_get_array_member (lists, names[kind]), entry);
    }
  return door_json_build_object (object);
}

/**
 * door_declaration_build_tokens:
 * @token: what a set is known by
 * @changed_at: when it changed last, milliseconds since 1970, UTC
 *
 * Builds what a device gets at `tokens`. Pure.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_declaration_build_tokens (const char *token, int64_t changed_at)
{
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (changed_at / 1000);
  g_autofree char *text = g_date_time_format (at, "%Y-%m-%dT%H:%M:%SZ");
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *tokens = json_object_new ();

  json_object_set_object_member (object, "SyncTokens", tokens);
  json_object_set_string_member (tokens, "Timestamp", text);
  json_object_set_string_member (tokens, "DeclarationsToken", token);
  return door_json_build_object (object);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-projection.h"

#include <string.h>

#include "door-scim-path.h"

/* Keys of both tables are "name", "name.part", "URN" or "URN:name[.part]", in the case of the schemas. */
struct _DoorScimProjection
{
  const DoorScimResourceType *type;
  GHashTable *wanted; /* %NULL: what is returned by default */
  GHashTable *excluded;
};

static char *
dup_key (const char *urn, const char *name, const char *part)
{
  return g_strconcat (urn != NULL ? urn : "", urn != NULL && name != NULL ? ":" : "",
                      name != NULL ? name : "", part != NULL ? "." : "", part, NULL);
}

static void
add_parent (GHashTable *table, char *key)
{
  if (!g_hash_table_contains (table, key))
    g_hash_table_insert (table, g_steal_pointer (&key), (gpointer) "");
  g_free (key);
}

/* With each name goes what stands around it: name.givenName is in name. */
static void
add_name (GHashTable *table, const DoorScimPath *path, bool with_parents)
{
  const char *urn = path->is_extension ? path->schema->urn : NULL;
  const char *name = path->attribute != NULL ? path->attribute->name : NULL;

  g_hash_table_add (table, dup_key (urn, name, path->sub != NULL ? path->sub->name : NULL));
  if (!with_parents)
    return;
  if (path->sub != NULL)
    add_parent (table, dup_key (urn, name, NULL));
  if (urn != NULL && name != NULL)
    add_parent (table, g_strdup (urn));
}

/* A name that is not known chooses nothing; senders ask for what others have. */
static GHashTable *
read_names (const DoorScimResourceType *type, const char *const *names, bool with_parents)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (size_t i = 0; names[i] != NULL && i < DOOR_SCIM_MAX_NAMES; i++)
    {
      DoorScimPath path;

      if (door_scim_path_resolve (type, names[i], strlen (names[i]), &path, NULL) &&
          (path.attribute != NULL || path.is_extension))
        add_name (table, &path, with_parents);
    }
  return table;
}

/**
 * door_scim_projection_new:
 * @type: the kind of resource
 * @attributes: (nullable) (array zero-terminated=1): what is wanted; %NULL or empty for what is returned by
 * default
 * @excluded: (nullable) (array zero-terminated=1): what of that is not
 *
 * What of a resource is answered (RFC 7644 section 3.9). At most %DOOR_SCIM_MAX_NAMES of each list count.
 * Pure; any thread.
 *
 * Returns: (transfer full): a projection
 */
DoorScimProjection *
door_scim_projection_new (const DoorScimResourceType *type, const char *const *attributes,
                          const char *const *excluded)
{
  static const char *const none[] = { NULL };
  DoorScimProjection *self = g_new0 (DoorScimProjection, 1);

  self->type = type;
  if (attributes != NULL && attributes[0] != NULL)
    self->wanted = read_names (type, attributes, true);
  self->excluded = read_names (type, excluded != NULL ? excluded : none, false);
  return self;
}

static char **
split (const char *text)
{
  char **names = text != NULL ? g_strsplit (text, ",", DOOR_SCIM_MAX_NAMES) : NULL;

  for (size_t i = 0; names != NULL && names[i] != NULL; i++)
    g_strstrip (names[i]);
  return names;
}

/**
 * door_scim_projection_parse:
 * @type: the kind of resource
 * @attributes: (nullable): names between commas, as they stand in an address
 * @excluded: (nullable): the same
 *
 * As door_scim_projection_new(). Pure; any thread.
 *
 * Returns: (transfer full): a projection
 */
DoorScimProjection *
door_scim_projection_parse (const DoorScimResourceType *type, const char *attributes, const char *excluded)
{
  g_auto (GStrv) wanted = split (attributes), left_out = split (excluded);

  return door_scim_projection_new (type, (const char *const *) wanted, (const char *const *) left_out);
}

/**
 * door_scim_projection_free:
 * @self: (transfer full) (nullable): a projection
 */
void
door_scim_projection_free (DoorScimProjection *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->wanted, g_hash_table_unref);
  g_hash_table_unref (self->excluded);
  g_free (self);
}

/* An empty value marks what is there for the sake of something in it; all of a name is there by its own key.
 */
static bool
has_whole (GHashTable *table, const char *key)
{
  gpointer found, value;

  return g_hash_table_lookup_extended (table, key, &found, &value) && value != NULL &&
         *(const char *) value != '\0';
}

static bool
chooses (const DoorScimProjection *self, const DoorScimAttribute *attribute, const char *key, bool whole)
{
  if (attribute->returned == DOOR_SCIM_RETURNED_NEVER)
    return false;
  if (attribute->returned == DOOR_SCIM_RETURNED_ALWAYS)
    return true;
  if (g_hash_table_contains (self->excluded, key))
    return false;
  if (self->wanted == NULL || whole)
    return attribute->returned != DOOR_SCIM_RETURNED_REQUEST || whole;
  return g_hash_table_contains (self->wanted, key);
}

static JsonNode *
project_item (const DoorScimProjection *self, const DoorScimAttribute *attribute, const char *urn, bool whole,
              JsonNode *item)
{
  g_autoptr (JsonObject) object = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!JSON_NODE_HOLDS_OBJECT (item))
    return json_node_copy (item);
  object = json_object_new ();
  json_object_iter_init (&iter, json_node_get_object (item));
  while (json_object_iter_next (&iter, &name, &node))
    {
      const DoorScimAttribute *part = door_scim_attribute_find (attribute, name);
      g_autofree char *key = dup_key (urn, attribute->name, name);

      if (part != NULL && chooses (self, part, key, whole))
        json_object_set_member (object, name, json_node_copy (node));
    }
  return json_object_get_size (object) > 0 ? json_node_init_object (json_node_alloc (), object) : NULL;
}

static void
project (const DoorScimProjection *self, const DoorScimAttribute *attribute, const char *urn, JsonNode *node,
         bool whole, JsonObject *into)
{
  g_autofree char *key = dup_key (urn, attribute->name, NULL);
  g_autoptr (JsonArray) items = NULL;
  JsonNode *item;

  if (!chooses (self, attribute, key, whole))
    return;
  whole = whole || (self->wanted != NULL && has_whole (self->wanted, key));
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      item = project_item (self, attribute, urn, whole, node);
      if (item != NULL)
        json_object_set_member (into, attribute->name, item);
      return;
    }
  items = json_array_new ();
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      item =
          project_item (self, attribute, urn, whole, json_array_get_element (json_node_get_array (node), i));
      if (item != NULL)
        json_array_add_element (items, item);
    }
  json_object_set_array_member (into, attribute->name, g_steal_pointer (&items));
}

static void
project_extension (const DoorScimProjection *self, const DoorScimSchema *schema, JsonObject *from,
                   JsonObject *into)
{
  bool whole = self->wanted != NULL && has_whole (self->wanted, schema->urn);
  g_autoptr (JsonObject) object = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (g_hash_table_contains (self->excluded, schema->urn))
    return;
  object = json_object_new ();
  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const DoorScimAttribute *attribute = door_scim_schema_find (schema, name);

      if (attribute != NULL)
        project (self, attribute, schema->urn, node, whole, object);
    }
  if (json_object_get_size (object) > 0)
    json_object_set_object_member (into, schema->urn, g_steal_pointer (&object));
}

/**
 * door_scim_projection_wants:
 * @self: a projection
 * @name: an attribute of the resource itself, such as "members"
 *
 * What is not wanted need not be read from the database. Pure; any thread.
 *
 * Returns: whether any of it would be answered
 */
bool
door_scim_projection_wants (const DoorScimProjection *self, const char *name)
{
  const DoorScimAttribute *attribute = door_scim_schema_find (self->type->schema, name);

  return attribute != NULL && chooses (self, attribute, attribute->name, false);
}

/**
 * door_scim_projection_apply:
 * @self: a projection
 * @resource: a resource with all that it has, also what this server writes
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): what of it is answered
 */
JsonObject *
door_scim_projection_apply (const DoorScimProjection *self, JsonObject *resource)
{
  JsonObject *object = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, resource);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const DoorScimAttribute *attribute = door_scim_schema_find (self->type->schema, name);
      const DoorScimSchema *schema = door_scim_resource_type_find_schema (self->type, name);

      if (attribute == NULL)
        attribute = door_scim_common_find (name);
      if (attribute != NULL)
        project (self, attribute, NULL, node, false, object);
      else if (schema != NULL && JSON_NODE_HOLDS_OBJECT (node))
        project_extension (self, schema, json_node_get_object (node), object);
    }
  return object;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does to a resource what a PATCH says (RFC 7644 section 3.5.2). */
#include <string.h>

#include "door-error.h"
#include "door-scim-patch.h"

#define MAX_ITEMS 10000

static bool
refuse (DoorFault fault, const DoorScimAttribute *attribute, const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, fault, "%s: %s", attribute->name, reason);
}

/* Where the attribute stands; %NULL when its extension is not there and need not be. */
static JsonObject *
find_container (const DoorScimPatchOp *op, JsonObject *resource)
{
  const char *urn;

  if (!op->path.is_extension)
    return resource;
  urn = op->path.schema->urn;
  if (!json_object_has_member (resource, urn))
    {
      if (op->kind == DOOR_SCIM_REMOVE)
        return NULL;
      json_object_set_object_member (resource, urn, json_object_new ());
    }
  return json_object_get_object_member (resource, urn);
}

/* What is empty is not there. */
static void
drop_empty (JsonObject *container, const char *name)
{
  JsonNode *node = json_object_get_member (container, name);

  if (node != NULL &&
      ((JSON_NODE_HOLDS_OBJECT (node) && json_object_get_size (json_node_get_object (node)) == 0) ||
       (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) == 0)))
    json_object_remove_member (container, name);
}

static void
set_or_remove (JsonObject *object, const char *name, JsonNode *value)
{
  if (value != NULL)
    json_object_set_member (object, name, value);
  else if (json_object_has_member (object, name))
    json_object_remove_member (object, name);
}

static void
merge (JsonObject *into, JsonObject *from)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (into, name, json_node_copy (node));
}

static bool
change_part (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *item, GError **error)
{
  const DoorScimAttribute *sub = op->path.sub;
  g_autoptr (JsonNode) value = NULL;

  if (op->kind != DOOR_SCIM_REMOVE && !door_scim_value_read (reader, sub, op->value, &value, error))
    return false;
  if (sub->mutability == DOOR_SCIM_IMMUTABLE && json_object_has_member (item, sub->name) &&
      (value == NULL || !json_node_equal (value, json_object_get_member (item, sub->name))))
    return refuse (DOOR_FAULT_SCIM_MUTABILITY, sub, "cannot change; add the value anew", error);
  set_or_remove (item, sub->name, g_steal_pointer (&value));
  return true;
}

static bool
change_single (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *container, GError **error)
{
  const DoorScimAttribute *attribute = op->path.attribute;
  JsonObject *there =
      attribute->type == DOOR_SCIM_COMPLEX && json_object_has_member (container, attribute->name)
          ? json_object_get_object_member (container, attribute->name)
          : NULL;
  g_autoptr (JsonNode) value = NULL;

  if (op->path.sub != NULL)
    {
      if (there == NULL && op->kind == DOOR_SCIM_REMOVE)
        return true;
      if (there == NULL)
        {
          there = json_object_new ();
          json_object_set_object_member (container, attribute->name, there);
        }
      return change_part (reader, op, there, error);
    }
  if (op->kind != DOOR_SCIM_REMOVE && !door_scim_value_read (reader, attribute, op->value, &value, error))
    return false;
  if (value != NULL && there != NULL)
    merge (there, json_node_get_object (value));
  else
    set_or_remove (container, attribute->name, g_steal_pointer (&value));
  return true;
}

static bool
is_primary (JsonNode *item)
{
  return JSON_NODE_HOLDS_OBJECT (item) &&
         json_object_get_boolean_member_with_default (json_node_get_object (item), "primary", FALSE);
}

/* A new primary value takes the place of the former one. */
static void
keep_one_primary (JsonArray *items, JsonNode *primary)
{
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonNode *item = json_array_get_element (items, i);

      if (item != primary && is_primary (item))
        json_object_remove_member (json_node_get_object (item), "primary");
    }
}

static JsonArray *
find_items (JsonObject *container, const char *name, bool make)
{
  if (!json_object_has_member (container, name))
    {
      if (!make)
        return NULL;
      json_object_set_array_member (container, name, json_array_new ());
    }
  return json_object_get_array_member (container, name);
}

/* The same value is not there twice: by its `value` where it has one, and its type where @b has one. */
static bool
is_same (JsonNode *a, JsonNode *b)
{
  const char *left, *right;

  if (!JSON_NODE_HOLDS_OBJECT (a) || !JSON_NODE_HOLDS_OBJECT (b))
    return json_node_equal (a, b);
  left = json_object_get_string_member_with_default (json_node_get_object (a), "type", "");
  right = json_object_get_string_member_with_default (json_node_get_object (b), "type", "");
  if (*right != '\0' && g_ascii_strcasecmp (left, right) != 0)
    return false;
  left = json_object_get_string_member_with_default (json_node_get_object (a), "value", NULL);
  right = json_object_get_string_member_with_default (json_node_get_object (b), "value", NULL);
  return left != NULL && right != NULL ? strcmp (left, right) == 0 : json_node_equal (a, b);
}

static JsonNode *
find_same (JsonArray *items, JsonNode *wanted)
{
  for (guint i = 0; i < json_array_get_length (items); i++)
    if (is_same (json_array_get_element (items, i), wanted))
      return json_array_get_element (items, i);
  return NULL;
}

static bool
append (const DoorScimAttribute *attribute, JsonArray *items, JsonNode *value, GError **error)
{
  JsonNode *there = find_same (items, value);

  if (there != NULL)
    {
      if (JSON_NODE_HOLDS_OBJECT (there))
        merge (json_node_get_object (there), json_node_get_object (value));
    }
  else if (json_array_get_length (items) >= MAX_ITEMS)
    return refuse (DOOR_FAULT_SCIM_VALUE, attribute, "has too many values", error);
  else
    {
      there = json_node_copy (value);
      json_array_add_element (items, there);
    }
  if (is_primary (there))
    keep_one_primary (items, there);
  return true;
}

static bool
add_values (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *container, GError **error)
{
  const DoorScimAttribute *attribute = op->path.attribute;
  g_autoptr (JsonArray) one = json_array_new ();
  g_autoptr (JsonNode) list = NULL, value = NULL;
  JsonNode *from = op->value;
  JsonArray *items, *values;

  if (!JSON_NODE_HOLDS_ARRAY (from)) /* one to be added need not be in a list */
    {
      json_array_add_element (one, json_node_copy (from));
      from = list = json_node_init_array (json_node_alloc (), one);
    }
  if (!door_scim_value_read (reader, attribute, from, &value, error))
    return false;
  if (value == NULL)
    return true;
  values = json_node_get_array (value);
  items = find_items (container, attribute->name, true);
  for (guint i = 0; i < json_array_get_length (values); i++)
    if (!append (attribute, items, json_array_get_element (values, i), error))
      return false;
  return true;
}

/* What is sent with a removal says which values go: by the letter of the RFC all would. */
static void
remove_values (JsonArray *items, JsonArray *values)
{
  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      JsonNode *wanted = json_array_get_element (values, i);

      for (guint k = json_array_get_length (items); k-- > 0;)
        if (is_same (json_array_get_element (items, k), wanted))
          json_array_remove_element (items, k);
    }
}

static bool
change_values (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *container, GError **error)
{
  const DoorScimAttribute *attribute = op->path.attribute;
  g_autoptr (JsonNode) value = NULL;
  JsonArray *items;

  if (op->kind == DOOR_SCIM_ADD)
    return add_values (reader, op, container, error);
  if (op->value != NULL && !door_scim_value_read (reader, attribute, op->value, &value, error))
    return false;
  if (op->kind == DOOR_SCIM_REPLACE || value == NULL)
    {
      set_or_remove (container, attribute->name,
                     op->kind == DOOR_SCIM_REPLACE ? g_steal_pointer (&value) : NULL);
      return true;
    }
  items = find_items (container, attribute->name, false);
  if (items != NULL)
    remove_values (items, json_node_get_array (value));
  return true;
}

/* `type eq "work"` says what an item is that has to be made; anything else does not. */
static bool
describe (const DoorScimFilter *filter, JsonObject *item)
{
  if (filter->kind == DOOR_SCIM_FILTER_AND)
    {
      for (guint i = 0; i < filter->children->len; i++)
        if (!describe (g_ptr_array_index (filter->children, i), item))
          return false;
      return true;
    }
  if (filter->kind != DOOR_SCIM_FILTER_COMPARE || filter->op != DOOR_SCIM_EQ)
    return false;
  if (filter->literal == DOOR_SCIM_LITERAL_TEXT)
    json_object_set_string_member (item, filter->path.sub->name, filter->text);
  else if (filter->literal == DOOR_SCIM_LITERAL_BOOLEAN)
    json_object_set_boolean_member (item, filter->path.sub->name, filter->boolean);
  else
    return false;
  return true;
}

static bool
change_item (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *item, GError **error)
{
  g_autoptr (JsonNode) value = NULL;

  if (op->path.sub != NULL)
    return change_part (reader, op, item, error);
  if (!door_scim_value_read_item (reader, op->path.attribute, op->value, &value, error))
    return false;
  if (op->kind == DOOR_SCIM_REPLACE)
    {
      g_autoptr (GList) names = json_object_get_members (item);

      for (const GList *at = names; at != NULL; at = at->next)
        json_object_remove_member (item, at->data);
    }
  if (value != NULL)
    merge (item, json_node_get_object (value));
  return true;
}

static bool
make_item (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonArray *items, GError **error)
{
  g_autoptr (JsonObject) item = json_object_new ();
  JsonNode *node;

  if ((reader->dialect & DOOR_SCIM_NEW_ITEMS) == 0 || (op->items != NULL && !describe (op->items, item)))
    return refuse (DOOR_FAULT_SCIM_NOTARGET, op->path.attribute, "no value is the one that the path names",
                   error);
  if (op->path.sub != NULL ? !change_part (reader, op, item, error) : !change_item (reader, op, item, error))
    return false;
  node = json_node_init_object (json_node_alloc (), item);
  json_array_add_element (items, node);
  if (is_primary (node))
    keep_one_primary (items, node);
  return true;
}

/* All items, or those that the brackets choose. */
static bool
change_items (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *container, GError **error)
{
  bool removes = op->kind == DOOR_SCIM_REMOVE, found = false;
  JsonArray *items = find_items (container, op->path.attribute->name, !removes);

  for (guint i = items != NULL ? json_array_get_length (items) : 0; i-- > 0;)
    {
      JsonNode *node = json_array_get_element (items, i);

      if (!JSON_NODE_HOLDS_OBJECT (node) ||
          (op->items != NULL && !door_scim_filter_matches (op->items, json_node_get_object (node))))
        continue;
      found = true;
      if (removes && op->path.sub == NULL)
        {
          json_array_remove_element (items, i);
          continue;
        }
      if (!change_item (reader, op, json_node_get_object (node), error))
        return false;
      if (is_primary (node))
        keep_one_primary (items, node);
      if (json_object_get_size (json_node_get_object (node)) == 0)
        json_array_remove_element (items, i);
    }
  return found || removes || make_item (reader, op, items, error);
}

/**
 * door_scim_patch_apply:
 * @reader: how values are read
 * @op: one change of door_scim_patch_parse()
 * @resource: a resource in its form here, see door_scim_resource_read(); changed
 * @error: return location for an error
 *
 * Changes a resource. When all changes are done door_scim_resource_check() sees that it is one still; a
 * resource for which one of them failed is to be thrown away. Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA: %DOOR_FAULT_SCIM_VALUE, _NOTARGET or _MUTABILITY
 */
bool
door_scim_patch_apply (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *resource,
                       GError **error)
{
  const DoorScimAttribute *attribute = op->path.attribute;
  JsonObject *container;
  bool done;

  if (attribute->mutability ==
      DOOR_SCIM_WRITE_ONLY) /* taken and thrown away, as in a resource that is sent whole */
    return true;
  container = find_container (op, resource);
  if (container == NULL)
    return true;
  if (!attribute->multi_valued)
    done = change_single (reader, op, container, error);
  else if (op->items != NULL || op->path.sub != NULL)
    done = change_items (reader, op, container, error);
  else
    done = change_values (reader, op, container, error);
  if (!done)
    return false;
  drop_empty (container, attribute->name);
  if (op->path.is_extension)
    drop_empty (resource, op->path.schema->urn);
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A filter and one resource; lists are filtered by the database. */
#include <string.h>

#include "door-scim-filter.h"
#include "door-scim-text.h"

static int
order (double a, double b)
{
  return (a > b) - (a < b);
}

static bool
judge_order (DoorScimOperator op, int sign)
{
  switch (op)
    {
    case DOOR_SCIM_GT:
      return sign > 0;
    case DOOR_SCIM_GE:
      return sign >= 0;
    case DOOR_SCIM_LT:
      return sign < 0;
    case DOOR_SCIM_LE:
      return sign <= 0;
    default:
      return sign == 0;
    }
}

static bool
judge_text (DoorScimOperator op, const char *value, const char *wanted)
{
  switch (op)
    {
    case DOOR_SCIM_CO:
      return strstr (value, wanted) != NULL;
    case DOOR_SCIM_SW:
      return g_str_has_prefix (value, wanted);
    case DOOR_SCIM_EW:
      return g_str_has_suffix (value, wanted);
    default:
      return judge_order (op, strcmp (value, wanted));
    }
}

static bool
compare_text (const DoorScimFilter *self, const DoorScimAttribute *attribute, const char *value)
{
  g_autofree char *folded = NULL, *wanted = NULL;
  int64_t time_us;

  if (attribute->type == DOOR_SCIM_DATE_TIME)
    return door_scim_text_parse_time (value, &time_us) &&
           judge_order (self->op, (time_us > self->time_us) - (time_us < self->time_us));
  if (attribute->case_exact)
    return judge_text (self->op, value, self->text);
  folded = door_scim_text_fold (value);
  wanted = door_scim_text_fold (self->text);
  return judge_text (self->op, folded, wanted);
}

/* By eq where the filter says ne, which find_any() turns round. */
static bool
compare (const DoorScimFilter *self, const DoorScimAttribute *attribute, JsonNode *value)
{
  GType type = JSON_NODE_HOLDS_VALUE (value) ? json_node_get_value_type (value) : G_TYPE_INVALID;

  if (self->literal == DOOR_SCIM_LITERAL_TEXT)
    return type == G_TYPE_STRING && compare_text (self, attribute, json_node_get_string (value));
  if (self->literal == DOOR_SCIM_LITERAL_BOOLEAN)
    return type == G_TYPE_BOOLEAN && json_node_get_boolean (value) == self->boolean;
  return (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE) &&
         judge_order (self->op, order (json_node_get_double (value), self->number));
}

static bool
is_empty (JsonNode *value)
{
  return JSON_NODE_HOLDS_NULL (value) ||
         (JSON_NODE_HOLDS_ARRAY (value) && json_array_get_length (json_node_get_array (value)) == 0) ||
         (JSON_NODE_HOLDS_OBJECT (value) && json_object_get_size (json_node_get_object (value)) == 0);
}

/* What is asked of each value that a path leads to. */
typedef bool (*Question) (const DoorScimFilter *self, const DoorScimAttribute *attribute, JsonNode *value);

static bool
ask_present (const DoorScimFilter *self, const DoorScimAttribute *attribute, JsonNode *value)
{
  return !is_empty (value);
}

static bool
ask_items (const DoorScimFilter *self, const DoorScimAttribute *attribute, JsonNode *value)
{
  return JSON_NODE_HOLDS_OBJECT (value) &&
         door_scim_filter_matches (g_ptr_array_index (self->children, 0), json_node_get_object (value));
}

/* The part of a complex value that is meant; the value itself otherwise. */
static bool
ask_part (const DoorScimFilter *self, const DoorScimAttribute *attribute, const DoorScimAttribute *part,
          JsonNode *value, Question question)
{
  JsonNode *member;

  if (part == NULL)
    return question (self, attribute, value);
  member = JSON_NODE_HOLDS_OBJECT (value) ? json_object_get_member (json_node_get_object (value), part->name)
                                          : NULL;
  return member != NULL && question (self, part, member);
}

static bool
ask_any (const DoorScimFilter *self, const DoorScimAttribute *part, JsonNode *value, Question question)
{
  const DoorScimAttribute *attribute = self->path.attribute;
  JsonArray *items;

  if (!JSON_NODE_HOLDS_ARRAY (value))
    return ask_part (self, attribute, part, value, question);
  items = json_node_get_array (value);
  for (guint i = 0; i < json_array_get_length (items); i++)
    if (ask_part (self, attribute, part, json_array_get_element (items, i), question))
      return true;
  return false;
}

/* Where the value of a path stands: in an item, in an extension, or in the resource itself. */
static JsonNode *
find (const DoorScimFilter *self, JsonObject *resource)
{
  const DoorScimPath *path = &self->path;
  JsonObject *extension;

  if (!path->is_extension)
    return json_object_get_member (resource, path->attribute->name);
  if (!json_object_has_member (resource, path->schema->urn))
    return NULL;
  extension = json_object_get_object_member (resource, path->schema->urn);
  return json_object_get_member (extension, path->attribute->name);
}

/* Within brackets the resource is the item, and the path a part of its attribute. */
static bool
ask (const DoorScimFilter *self, JsonObject *resource, Question question)
{
  const DoorScimPath *path = &self->path;
  const DoorScimAttribute *part = path->sub;
  JsonNode *value;

  if (path->is_part)
    {
      value = json_object_get_member (resource, part->name);
      return value != NULL && question (self, part, value);
    }
  value = find (self, resource);
  if (part == NULL && question == compare && path->attribute->type == DOOR_SCIM_COMPLEX)
    part = door_scim_path_get_compared (path);
  return value != NULL && ask_any (self, part, value, question);
}

static bool
matches_all (const DoorScimFilter *self, JsonObject *resource, bool wanted)
{
  for (guint i = 0; i < self->children->len; i++)
    if (door_scim_filter_matches (g_ptr_array_index (self->children, i), resource) != wanted)
      return false;
  return true;
}

/**
 * door_scim_filter_matches:
 * @self: a filter
 * @resource: a resource as door_scim_resource_read() makes it; for a filter of door_scim_filter_parse_items()
 * an item
 *
 * Of a multi-valued attribute one value must match; `ne` is true where none is equal, also where there is
 * none; `eq null` is where there is none (RFC 7644 section 3.4.2.2, which leaves both open). What is not
 * case-exact compares by door_scim_text_fold(). Pure; any thread.
 *
 * Returns: whether the filter holds
 */
bool
door_scim_filter_matches (const DoorScimFilter *self, JsonObject *resource)
{
  switch (self->kind)
    {
    case DOOR_SCIM_FILTER_AND:
      return matches_all (self, resource, true);
    case DOOR_SCIM_FILTER_OR:
      return !matches_all (self, resource, false);
    case DOOR_SCIM_FILTER_NOT:
      return !door_scim_filter_matches (g_ptr_array_index (self->children, 0), resource);
    case DOOR_SCIM_FILTER_ITEM:
      return ask (self, resource, ask_items);
    case DOOR_SCIM_FILTER_PRESENT:
      return ask (self, resource, ask_present);
    case DOOR_SCIM_FILTER_COMPARE:
    default:
      if (self->literal == DOOR_SCIM_LITERAL_NULL)
        return ask (self, resource, ask_present) == (self->op == DOOR_SCIM_NE);
      return ask (self, resource, compare) != (self->op == DOOR_SCIM_NE);
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-resource.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-scim-text.h"

#define MAX_WARNINGS 100
#define MAX_BINARY_BYTES (1024 * 1024)

static bool
refuse (const DoorScimAttribute *attribute, const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE, "%s: %s", attribute->name,
                         reason);
}

/**
 * door_scim_reader_warn:
 * @self: how something is read
 * @name: what was left out
 * @reason: why
 *
 * Keeps the first hundred warnings.
 */
void
door_scim_reader_warn (const DoorScimReader *self, const char *name, const char *reason)
{
  g_autofree char *plain = g_utf8_make_valid (name, (gssize) MIN (strlen (name), 100));

  if (self->warnings->len < MAX_WARNINGS)
    g_ptr_array_add (self->warnings, g_strdup_printf ("%s %s", plain, reason));
}

static bool
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

/* null, an empty list and, for some senders, an empty text are no value (RFC 7643 section 2.5). */
static bool
is_unassigned (const DoorScimReader *reader, JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return true;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) == 0;
  return (reader->dialect & DOOR_SCIM_EMPTY_TEXTS) != 0 && is_text (node) &&
         *json_node_get_string (node) == '\0';
}

static bool
read_text (const DoorScimAttribute *attribute, JsonNode *from, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *text;
  int64_t time_us;

  if (!is_text (from))
    return refuse (attribute, "a text is expected", error);
  text = json_node_get_string (from);
  if (attribute->type == DOOR_SCIM_DATE_TIME && !door_scim_text_parse_time (text, &time_us))
    return refuse (attribute, "a time such as 2026-11-24T08:00:00Z is expected", error);
  if (attribute->type != DOOR_SCIM_BINARY)
    return true;
  bytes = door_base64_decode_strict (text, strlen (text), MAX_BINARY_BYTES);
  return bytes != NULL || refuse (attribute, "base64 is expected", error);
}

static bool
read_boolean (const DoorScimReader *reader, const DoorScimAttribute *attribute, JsonNode *from,
              JsonNode **out, GError **error)
{
  const char *text =
      is_text (from) && (reader->dialect & DOOR_SCIM_TEXT_BOOLEANS) != 0 ? json_node_get_string (from) : "";
  bool yes = g_ascii_strcasecmp (text, "true") == 0;

  if (JSON_NODE_HOLDS_VALUE (from) && json_node_get_value_type (from) == G_TYPE_BOOLEAN)
    *out = json_node_copy (from);
  else if (yes || g_ascii_strcasecmp (text, "false") == 0)
    *out = json_node_init_boolean (json_node_alloc (), yes);
  else
    return refuse (attribute, "true or false is expected", error);
  return true;
}

static bool
read_number (const DoorScimAttribute *attribute, JsonNode *from, GError **error)
{
  GType type = JSON_NODE_HOLDS_VALUE (from) ? json_node_get_value_type (from) : G_TYPE_INVALID;

  if (type == G_TYPE_INT64 || (type == G_TYPE_DOUBLE && attribute->type == DOOR_SCIM_DECIMAL))
    return true;
  return refuse (attribute,
                 attribute->type == DOOR_SCIM_INTEGER ? "an integer is expected" : "a number is expected",
                 error);
}

static bool
read_member (const DoorScimReader *reader, const DoorScimAttribute *attribute, const char *name,
             JsonNode *from, JsonObject *into, GError **error)
{
  const DoorScimAttribute *part = door_scim_attribute_find (attribute, name);
  JsonNode *value = NULL;

  if (part == NULL)
    door_scim_reader_warn (reader, name, "is no part of its attribute, and was left out");
  if (part == NULL || part->mutability == DOOR_SCIM_READ_ONLY)
    return true;
  if (json_object_has_member (into, part->name))
    return refuse (part, "is there twice", error);
  if (!door_scim_value_read (reader, part, from, &value, error))
    return false;
  if (value != NULL)
    json_object_set_member (into, part->name, value);
  return true;
}

static bool
read_complex (const DoorScimReader *reader, const DoorScimAttribute *attribute, JsonNode *from,
              JsonNode **out, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (is_text (from) && (reader->dialect & DOOR_SCIM_TEXT_ITEMS) != 0)
    {
      if (!read_member (reader, attribute, "value", from, object, error))
        return false;
    }
  else if (!JSON_NODE_HOLDS_OBJECT (from))
    return refuse (attribute, "an object is expected", error);
  else
    {
      json_object_iter_init (&iter, json_node_get_object (from));
      while (json_object_iter_next (&iter, &name, &node))
        if (!read_member (reader, attribute, name, node, object, error))
          return false;
    }
  if (json_object_get_size (object) > 0)
    *out = json_node_init_object (json_node_alloc (), object);
  return true;
}

/**
 * door_scim_value_read_item:
 * @reader: how it is read
 * @attribute: an attribute
 * @from: one value of it
 * @out: (out) (transfer full) (nullable): the value in its form here, %NULL when it is none
 * @error: return location for an error
 *
 * Names get the case of the schema; what may not be written, and what the schema does not know, is left out.
 * Pure.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_VALUE
 */
bool
door_scim_value_read_item (const DoorScimReader *reader, const DoorScimAttribute *attribute, JsonNode *from,
                           JsonNode **out, GError **error)
{
  bool good;

  *out = NULL;
  if (is_unassigned (reader, from))
    return true;
  switch (attribute->type)
    {
    case DOOR_SCIM_COMPLEX:
      return read_complex (reader, attribute, from, out, error);
    case DOOR_SCIM_BOOLEAN:
      return read_boolean (reader, attribute, from, out, error);
    case DOOR_SCIM_INTEGER:
    case DOOR_SCIM_DECIMAL:
      good = read_number (attribute, from, error);
      break;
    default:
      good = read_text (attribute, from, error);
    }
  if (good)
    *out = json_node_copy (from);
  return good;
}

static bool
is_primary (JsonNode *item)
{
  return JSON_NODE_HOLDS_OBJECT (item) &&
         json_object_get_boolean_member_with_default (json_node_get_object (item), "primary", FALSE);
}

static bool
read_items (const DoorScimReader *reader, const DoorScimAttribute *attribute, JsonArray *from, JsonNode **out,
            GError **error)
{
  g_autoptr (JsonArray) items = json_array_new ();
  unsigned int n_primary = 0;

  for (guint i = 0; i < json_array_get_length (from); i++)
    {
      JsonNode *item = NULL;

      if (!door_scim_value_read_item (reader, attribute, json_array_get_element (from, i), &item, error))
        return false;
      if (item == NULL)
        continue;
      n_primary += is_primary (item);
      json_array_add_element (items, item);
    }
  if (n_primary > 1)
    return refuse (attribute, "one value at most is the primary one", error);
  if (json_array_get_length (items) > 0)
    *out = json_node_init_array (json_node_alloc (), items);
  return true;
}

/**
 * door_scim_value_read:
 * @reader: how it is read
 * @attribute: an attribute
 * @from: its value, or all of its values
 * @out: (out) (transfer full) (nullable): the same in its form here, %NULL when it is none
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_VALUE
 */
bool
door_scim_value_read (const DoorScimReader *reader, const DoorScimAttribute *attribute, JsonNode *from,
                      JsonNode **out, GError **error)
{
  bool is_array = JSON_NODE_HOLDS_ARRAY (from), lenient = (reader->dialect & DOOR_SCIM_TEXT_ITEMS) != 0;
  g_autoptr (JsonArray) alone = NULL;

  *out = NULL;
  if (is_unassigned (reader, from))
    return true;
  if (attribute->multi_valued && is_array)
    return read_items (reader, attribute, json_node_get_array (from), out, error);
  if (attribute->multi_valued && lenient)
    {
      alone = json_array_new ();
      json_array_add_element (alone, json_node_copy (from));
      return read_items (reader, attribute, alone, out, error);
    }
  if (attribute->multi_valued)
    return refuse (attribute, "a list is expected", error);
  if (is_array && lenient && json_array_get_length (json_node_get_array (from)) == 1)
    from = json_array_get_element (json_node_get_array (from), 0);
  else if (is_array)
    return refuse (attribute, "one value is expected, not a list", error);
  return door_scim_value_read_item (reader, attribute, from, out, error);
}

static bool
read_attribute (const DoorScimReader *reader, const DoorScimAttribute *attribute, JsonNode *from,
                JsonObject *into, GError **error)
{
  JsonNode *value = NULL;

  if (attribute->mutability == DOOR_SCIM_READ_ONLY || attribute->mutability == DOOR_SCIM_WRITE_ONLY)
    return true;
  if (json_object_has_member (into, attribute->name))
    return refuse (attribute, "is there twice", error);
  if (!door_scim_value_read (reader, attribute, from, &value, error))
    return false;
  if (value != NULL)
    json_object_set_member (into, attribute->name, value);
  return true;
}

static bool
read_extension (const DoorScimReader *reader, const DoorScimSchema *schema, JsonNode *from, JsonObject *into,
                GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (is_unassigned (reader, from))
    return true;
  if (!JSON_NODE_HOLDS_OBJECT (from) || json_object_has_member (into, schema->urn))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE,
                           "%s: one object is expected", schema->urn);
  json_object_iter_init (&iter, json_node_get_object (from));
  while (json_object_iter_next (&iter, &name, &node))
    {
      const DoorScimAttribute *attribute = door_scim_schema_find (schema, name);

      if (attribute == NULL)
        door_scim_reader_warn (reader, name, "is no attribute of its extension, and was left out");
      else if (!read_attribute (reader, attribute, node, object, error))
        return false;
    }
  if (json_object_get_size (object) > 0)
    json_object_set_object_member (into, schema->urn, g_steal_pointer (&object));
  return true;
}

/* One that is not known here says nothing; the one of the resource itself must be among them. */
static bool
check_schemas (const DoorScimReader *reader, JsonNode *schemas, GError **error)
{
  bool found = (reader->dialect & DOOR_SCIM_NO_SCHEMAS) != 0;
  JsonArray *array =
      schemas != NULL && JSON_NODE_HOLDS_ARRAY (schemas) ? json_node_get_array (schemas) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *urn = json_array_get_element (array, i);

      if (!is_text (urn))
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE,
                               "schemas: a list of URNs is expected");
      if (door_scim_resource_type_find_schema (reader->type, json_node_get_string (urn)) == NULL)
        door_scim_reader_warn (reader, json_node_get_string (urn), "is no schema that is known here");
      found = found || g_ascii_strcasecmp (json_node_get_string (urn), reader->type->schema->urn) == 0;
    }
  return found || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE,
                                  "schemas: %s is missing", reader->type->schema->urn);
}

static bool
read_top (const DoorScimReader *reader, const char *name, JsonNode *node, JsonObject *into, GError **error)
{
  const DoorScimAttribute *attribute = door_scim_schema_find (reader->type->schema, name);
  const DoorScimSchema *schema;

  if (g_ascii_strcasecmp (name, "schemas") == 0)
    return true;
  if (attribute == NULL)
    attribute = door_scim_common_find (name);
  if (attribute != NULL)
    return read_attribute (reader, attribute, node, into, error);
  schema = door_scim_resource_type_find_schema (reader->type, name);
  if (schema != NULL && schema != reader->type->schema)
    return read_extension (reader, schema, node, into, error);
  door_scim_reader_warn (reader, name, "is no attribute that is known here, and was left out");
  return true;
}

/**
 * door_scim_resource_check:
 * @reader: how it was read
 * @resource: a resource in its form here
 * @error: return location for an error
 *
 * Sees that what is required is there (RFC 7643 section 2.2). Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_VALUE
 */
bool
door_scim_resource_check (const DoorScimReader *reader, JsonObject *resource, GError **error)
{
  const DoorScimSchema *schema = reader->type->schema;

  for (size_t i = 0; i < schema->n_attributes; i++)
    {
      const DoorScimAttribute *attribute = &schema->attributes[i];
      const char *text;

      if (!attribute->required)
        continue;
      text = json_object_get_string_member_with_default (resource, attribute->name, "");
      if (strspn (text, " ") == strlen (text))
        return refuse (attribute, "is required", error);
    }
  return true;
}

/**
 * door_scim_resource_read:
 * @reader: how it is read
 * @from: what was sent to make or replace a resource
 * @error: return location for an error
 *
 * Brings a resource into its form here: names in the case of the schema, no values that are none, nothing
 * that may not be written or is not known, `schemas` left out. Pure; any thread.
 *
 * Returns: (transfer full): the resource, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_VALUE
 */
JsonObject *
door_scim_resource_read (const DoorScimReader *reader, JsonObject *from, GError **error)
{
  g_autoptr (JsonObject) resource = json_object_new ();
  JsonNode *schemas = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &node))
    {
      if (g_ascii_strcasecmp (name, "schemas") == 0)
        schemas = node;
      if (!read_top (reader, name, node, resource, error))
        return NULL;
    }
  if (!check_schemas (reader, schemas, error) || !door_scim_resource_check (reader, resource, error))
    return NULL;
  return g_steal_pointer (&resource);
}

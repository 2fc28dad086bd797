/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-json-member.h"

#include "door-clock.h"
#include "door-error.h"
#include "door-suggest.h"

static bool
refuse (const char *name, const char *expected, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "JSON: %s is not %s",
                         name, expected);
}

static bool
is_of_type (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static bool
refuse_unknown (const char *name, const char *const *known, GError **error)
{
  g_autoptr (DoorSuggest) suggest = door_suggest_new (name);
  const char *best;

  for (size_t i = 0; known[i] != NULL; i++)
    door_suggest_add (suggest, known[i]);
  best = door_suggest_get_best (suggest);
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                         "there is no member %.100s%s%s%s", name, best != NULL ? "; did you mean " : "",
                         best != NULL ? best : "", best != NULL ? "?" : "");
}

/**
 * door_json_member_check_names:
 * @object: an object
 * @known: (array zero-terminated=1): names of the members that are read
 * @error: return location for an error
 *
 * A member that nobody reads would be believed to have done something. Pure.
 *
 * Returns: true, or false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_member_check_names (JsonObject *object, const char *const *known, GError **error)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (known, name))
      return refuse_unknown (name, known, error);
  return true;
}

/**
 * door_json_member_read_string:
 * @object: an object
 * @name: name of a member
 * @out: (out) (transfer none) (nullable): its text, %NULL when there is no such member
 * @error: return location for an error
 *
 * Reads a member that must be a string if it is there. Null is not: it says nothing that a reader could rely
 * on. Pure.
 *
 * Returns: true, or false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_member_read_string (JsonObject *object, const char *name, const char **out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node != NULL && !is_of_type (node, G_TYPE_STRING))
    return refuse (name, "a string", error);
  *out = node != NULL ? json_node_get_string (node) : NULL;
  return true;
}

/**
 * door_json_member_read_strings:
 * @object: an object
 * @name: name of a member
 * @out: (out) (transfer full) (nullable): its texts, %NULL when there is no such member
 * @error: return location for an error
 *
 * Reads a member that must be an array of strings if it is there. Pure.
 *
 * Returns: true, or false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_member_read_strings (JsonObject *object, const char *name, GStrv *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autoptr (GStrvBuilder) texts = NULL;
  JsonArray *array;

  if (node == NULL)
    {
      *out = NULL;
      return true;
    }
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (name, "an array of strings", error);
  texts = g_strv_builder_new ();
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!is_of_type (element, G_TYPE_STRING))
        return refuse (name, "an array of strings", error);
      g_strv_builder_add (texts, json_node_get_string (element));
    }
  *out = g_strv_builder_end (texts);
  return true;
}

/**
 * door_json_member_read_integer:
 * @object: an object
 * @name: name of a member
 * @out: (inout): its value; untouched when there is no such member
 * @error: return location for an error
 *
 * Reads a member that must be an integer if it is there. Pure.
 *
 * Returns: true, or false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_member_read_integer (JsonObject *object, const char *name, int64_t *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    return true;
  if (!is_of_type (node, G_TYPE_INT64))
    return refuse (name, "an integer", error);
  *out = json_node_get_int (node);
  return true;
}

/**
 * door_json_member_read_boolean:
 * @object: an object
 * @name: name of a member
 * @out: (inout): its value; untouched when there is no such member
 * @error: return location for an error
 *
 * Reads a member that must be true or false if it is there. Pure.
 *
 * Returns: true, or false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_member_read_boolean (JsonObject *object, const char *name, bool *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    return true;
  if (!is_of_type (node, G_TYPE_BOOLEAN))
    return refuse (name, "true or false", error);
  *out = json_node_get_boolean (node);
  return true;
}

/**
 * door_json_member_read_object:
 * @object: an object
 * @name: name of a member
 * @out: (out) (transfer none) (nullable): its value, %NULL when there is no such member
 * @error: return location for an error
 *
 * Reads a member that must be an object if it is there. Pure.
 *
 * Returns: true, or false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_member_read_object (JsonObject *object, const char *name, JsonObject **out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (name, "an object", error);
  *out = node != NULL ? json_node_get_object (node) : NULL;
  return true;
}

/**
 * door_json_member_read_array:
 * @object: an object
 * @name: name of a member
 * @out: (out) (transfer none) (nullable): its value, %NULL when there is no such member
 * @error: return location for an error
 *
 * Reads a member that must be an array if it is there. Pure.
 *
 * Returns: true, or false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_member_read_array (JsonObject *object, const char *name, JsonArray **out, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node != NULL && !JSON_NODE_HOLDS_ARRAY (node))
    return refuse (name, "an array", error);
  *out = node != NULL ? json_node_get_array (node) : NULL;
  return true;
}

/**
 * door_json_member_set_text:
 * @object: an object
 * @name: name of a member
 * @text: (nullable): its text
 *
 * Sets a member to a text or to null. Pure.
 */
void
door_json_member_set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

/**
 * door_json_member_set_time:
 * @object: an object
 * @name: name of a member
 * @at_ms: milliseconds since 1970, UTC, 0 for never
 *
 * Sets a time in the form of RFC 3339, null for never. Pure.
 */
void
door_json_member_set_time (JsonObject *object, const char *name, int64_t at_ms)
{
  g_autofree char *text = at_ms != 0 ? door_clock_format_iso8601 (at_ms) : NULL;

  door_json_member_set_text (object, name, text);
}

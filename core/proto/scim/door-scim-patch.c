/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a PATCH; door-scim-change.c does what it says. */
#include "door-scim-patch.h"

#include <string.h>

#include "door-error.h"
#include "door-scim-message.h"

/**
 * door_scim_patch_op_free:
 * @self: (transfer full) (nullable): a change
 */
void
door_scim_patch_op_free (DoorScimPatchOp *self)
{
  if (self == NULL)
    return;
  door_scim_filter_free (self->items);
  g_clear_pointer (&self->value, json_node_unref);
  g_free (self);
}

static bool
refuse (DoorFault fault, const char *text, const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, fault, "\"%.100s\" %s", text, reason);
}

/* The bracket that closes; what stands in quotes is passed over. */
static const char *
find_end (const char *open)
{
  bool quoted = false;

  for (const char *at = open + 1; *at != '\0'; at++)
    if (*at == '\\' && at[1] != '\0')
      at++;
    else if (*at == '"')
      quoted = !quoted;
    else if (*at == ']' && !quoted)
      return at;
  return NULL;
}

static bool
read_value_path (const DoorScimReader *reader, const char *text, const char *open, DoorScimPatchOp *op,
                 GError **error)
{
  const char *close = find_end (open);
  DoorScimPath part;

  if (!door_scim_path_resolve (reader->type, text, (size_t) (open - text), &op->path, error))
    return false;
  if (op->path.attribute == NULL || op->path.sub != NULL || !op->path.attribute->multi_valued ||
      op->path.attribute->type != DOOR_SCIM_COMPLEX)
    return refuse (DOOR_FAULT_SCIM_PATH, text, "brackets are for a list of complex values", error);
  if (close == NULL || (close[1] != '\0' && close[1] != '.'))
    return refuse (DOOR_FAULT_SCIM_PATH, text, "has no end of its brackets, or something else behind them",
                   error);
  op->items = door_scim_filter_parse_items (op->path.attribute, reader->dialect, open + 1,
                                            (size_t) (close - open - 1), error);
  if (op->items == NULL || close[1] == '\0')
    return op->items != NULL;
  if (!door_scim_path_resolve_part (op->path.attribute, close + 2, strlen (close + 2), &part, error))
    return false;
  op->path.sub = part.sub;
  return true;
}

/* A URN has colons and dots, and what stands in brackets has anything. */
static bool
read_path (const DoorScimReader *reader, const char *text, DoorScimPatchOp *op, GError **error)
{
  const char *open = strchr (text, '[');

  if (strlen (text) > DOOR_SCIM_MAX_FILTER_BYTES)
    return refuse (DOOR_FAULT_SCIM_PATH, "", "the path is too long", error);
  if (open != NULL)
    return read_value_path (reader, text, open, op, error);
  return door_scim_path_resolve (reader->type, text, strlen (text), &op->path, error);
}

/* What may be written at all; one that is ignored when a resource is sent whole is refused when it alone is
 * meant. */
static bool
check_mutability (const DoorScimPatchOp *op, GError **error)
{
  const DoorScimAttribute *attribute = op->path.attribute, *sub = op->path.sub;

  if (attribute->mutability == DOOR_SCIM_READ_ONLY || (sub != NULL && sub->mutability == DOOR_SCIM_READ_ONLY))
    return refuse (DOOR_FAULT_SCIM_MUTABILITY, sub != NULL ? sub->name : attribute->name, "cannot be written",
                   error);
  return true;
}

static DoorScimPatchOp *
new_op (DoorScimPatchKind kind, JsonNode *value)
{
  DoorScimPatchOp *op = g_new0 (DoorScimPatchOp, 1);

  op->kind = kind;
  op->value = value != NULL ? json_node_copy (value) : NULL;
  return op;
}

static bool
add_attribute (const DoorScimReader *reader, DoorScimPatchKind kind, const DoorScimSchema *schema,
               const char *name, JsonNode *value, GPtrArray *ops)
{
  g_autoptr (DoorScimPatchOp) op = new_op (kind, value);

  op->path.schema = schema;
  op->path.is_extension = schema != reader->type->schema;
  op->path.attribute = door_scim_schema_find (schema, name);
  if (op->path.attribute == NULL && !op->path.is_extension)
    {
      op->path.schema = NULL;
      op->path.attribute = door_scim_common_find (name);
    }
  if (op->path.attribute == NULL)
    return false;
  if (op->path.attribute->mutability != DOOR_SCIM_READ_ONLY) /* as in a resource that is sent whole */
    g_ptr_array_add (ops, g_steal_pointer (&op));
  return true;
}

static bool
add_extension (const DoorScimReader *reader, DoorScimPatchKind kind, const DoorScimSchema *schema,
               JsonNode *value, GPtrArray *ops, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!JSON_NODE_HOLDS_OBJECT (value))
    return refuse (DOOR_FAULT_SCIM_VALUE, schema->urn, "is an object", error);
  json_object_iter_init (&iter, json_node_get_object (value));
  while (json_object_iter_next (&iter, &name, &node))
    if (!add_attribute (reader, kind, schema, name, node, ops))
      door_scim_reader_warn (reader, name, "is no attribute of its extension, and was left out");
  return true;
}

/* `name.givenName`, `URN:department`, `emails[type eq "work"].value`. */
static bool
add_dotted (const DoorScimReader *reader, DoorScimPatchKind kind, const char *name, JsonNode *value,
            GPtrArray *ops)
{
  g_autoptr (DoorScimPatchOp) op = new_op (kind, value);

  if ((reader->dialect & DOOR_SCIM_DOTTED_NAMES) == 0 || !read_path (reader, name, op, NULL) ||
      op->path.attribute == NULL || !check_mutability (op, NULL))
    return false;
  g_ptr_array_add (ops, g_steal_pointer (&op));
  return true;
}

/* Without a path each member of the value is a change of its own. */
static bool
add_members (const DoorScimReader *reader, DoorScimPatchKind kind, JsonNode *value, GPtrArray *ops,
             GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (value == NULL || !JSON_NODE_HOLDS_OBJECT (value))
    return refuse (DOOR_FAULT_SCIM_VALUE, "value", "is an object where there is no path", error);
  json_object_iter_init (&iter, json_node_get_object (value));
  while (json_object_iter_next (&iter, &name, &node))
    {
      const DoorScimSchema *schema = door_scim_resource_type_find_schema (reader->type, name);

      if (schema != NULL && schema != reader->type->schema)
        {
          if (!add_extension (reader, kind, schema, node, ops, error))
            return false;
        }
      else if (g_ascii_strcasecmp (name, "schemas") != 0 &&
               !add_attribute (reader, kind, reader->type->schema, name, node, ops) &&
               !add_dotted (reader, kind, name, node, ops))
        door_scim_reader_warn (reader, name, "is no attribute that is known here, and was left out");
    }
  return true;
}

static bool
read_kind (JsonNode *node, DoorScimPatchKind *kind, GError **error)
{
  static const char *const names[] = {
    [DOOR_SCIM_ADD] = "add",
    [DOOR_SCIM_REPLACE] = "replace",
    [DOOR_SCIM_REMOVE] = "remove",
  };
  const char *text = door_scim_message_get_text (node);

  for (size_t i = 0; text != NULL && i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (text, names[i]) == 0)
      {
        *kind = (DoorScimPatchKind) i;
        return true;
      }
  return refuse (DOOR_FAULT_SCIM_SYNTAX, text != NULL ? text : "op", "add, replace or remove is expected",
                 error);
}

static bool
add_operation (const DoorScimReader *reader, JsonNode *node, GPtrArray *ops, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *path = object != NULL ? door_scim_message_find (object, "path") : NULL;
  JsonNode *value = object != NULL ? door_scim_message_find (object, "value") : NULL;
  g_autoptr (DoorScimPatchOp) op = NULL;
  DoorScimPatchKind kind = DOOR_SCIM_ADD;

  if (object == NULL)
    return refuse (DOOR_FAULT_SCIM_SYNTAX, "Operations", "is a list of objects", error);
  if (!read_kind (door_scim_message_find (object, "op"), &kind, error))
    return false;
  if (path == NULL || JSON_NODE_HOLDS_NULL (path))
    return kind != DOOR_SCIM_REMOVE ? add_members (reader, kind, value, ops, error)
                                    : refuse (DOOR_FAULT_SCIM_NOTARGET, "remove", "needs a path", error);
  if (door_scim_message_get_text (path) == NULL)
    return refuse (DOOR_FAULT_SCIM_PATH, "path", "is a text", error);
  if (kind != DOOR_SCIM_REMOVE && value == NULL)
    return refuse (DOOR_FAULT_SCIM_VALUE, "value", "is missing", error);
  op = new_op (kind, value);
  if (!read_path (reader, door_scim_message_get_text (path), op, error))
    return false;
  if (op->path.attribute == NULL) /* an extension as a whole */
    return kind != DOOR_SCIM_REMOVE ? add_extension (reader, kind, op->path.schema, value, ops, error)
                                    : refuse (DOOR_FAULT_SCIM_PATH, door_scim_message_get_text (path),
                                              "names no attribute", error);
  if (!check_mutability (op, error))
    return false;
  g_ptr_array_add (ops, g_steal_pointer (&op));
  return true;
}

/**
 * door_scim_patch_parse:
 * @reader: how it is read
 * @message: a PATCH (RFC 7644 section 3.5.2)
 * @error: return location for an error
 *
 * Reads what is to be changed, in its order. A change without path becomes one for each member of its value,
 * and what is not known there is left out with a warning; a path that names nothing is refused. Pure; any
 * thread.
 *
 * Returns: (transfer full) (element-type DoorScimPatchOp): at most %DOOR_SCIM_MAX_PATCH_OPERATIONS operations
 * of the message, or %NULL with %DOOR_ERROR_INVALID_DATA: %DOOR_FAULT_SCIM_SYNTAX, _PATH, _FILTER, _VALUE,
 * _NOTARGET or _MUTABILITY
 */
GPtrArray *
door_scim_patch_parse (const DoorScimReader *reader, JsonObject *message, GError **error)
{
  g_autoptr (GPtrArray) ops = g_ptr_array_new_with_free_func ((GDestroyNotify) door_scim_patch_op_free);
  JsonNode *node = door_scim_message_find (message, "Operations");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (!door_scim_message_check (message, "PatchOp", reader->dialect, error))
    return NULL;
  if (array == NULL || json_array_get_length (array) == 0 ||
      json_array_get_length (array) > DOOR_SCIM_MAX_PATCH_OPERATIONS)
    {
      refuse (DOOR_FAULT_SCIM_SYNTAX, "Operations", "is a list of 1 to 10000 changes", error);
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!add_operation (reader, json_array_get_element (array, i), ops, error))
      return NULL;
  return g_steal_pointer (&ops);
}

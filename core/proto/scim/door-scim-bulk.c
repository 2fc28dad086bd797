/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-bulk.h"

#include <string.h>

#include "door-error.h"
#include "door-scim-message.h"

#define MAX_NAME_BYTES 256

static void
op_free (DoorScimBulkOp *self)
{
  g_free (self->endpoint);
  g_free (self->id);
  g_free (self->bulk_id);
  g_free (self->version);
  g_clear_pointer (&self->data, json_object_unref);
  g_clear_error (&self->error);
  g_ptr_array_unref (self->references);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScimBulkOp, op_free)

/**
 * door_scim_bulk_free:
 * @self: (transfer full) (nullable): a bulk request
 */
void
door_scim_bulk_free (DoorScimBulk *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->ops, g_ptr_array_unref);
  g_free (self);
}

static bool
refuse (DoorFault fault, const char *name, const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, fault, "%s: %s", name, reason);
}

/* The name of another operation, where a text refers to one. */
static const char *
find_reference (const char *text)
{
  return text != NULL && g_str_has_prefix (text, DOOR_SCIM_BULK_ID) ? text + strlen (DOOR_SCIM_BULK_ID)
                                                                    : NULL;
}

static void
add_reference (DoorScimBulkOp *op, const char *name)
{
  if (name != NULL)
    g_ptr_array_add (op->references, g_strdup (name));
}

/* What every text somewhere in @node refers to; its depth is bounded by who has parsed it. */
static void
add_references (DoorScimBulkOp *op, JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      add_references (op, json_array_get_element (json_node_get_array (node), i));
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, &name, &member))
        add_references (op, member);
    }
  else
    add_reference (op, find_reference (door_scim_message_get_text (node)));
}

static bool
read_method (JsonObject *object, DoorScimMethod *method, GError **error)
{
  static const char *const words[] = { "POST", "PUT", "PATCH", "DELETE" };
  const char *text = door_scim_message_get_text (door_scim_message_find (object, "method"));

  for (size_t i = 0; text != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      {
        *method = (DoorScimMethod) i;
        return true;
      }
  return refuse (DOOR_FAULT_SCIM_SYNTAX, "method", "POST, PUT, PATCH or DELETE is expected", error);
}

/* "/Users", "/Users/ID"; a POST makes a resource and names none. */
static bool
read_path (JsonObject *object, DoorScimBulkOp *op, GError **error)
{
  const char *path = door_scim_message_get_text (door_scim_message_find (object, "path"));
  const char *slash;

  if (path == NULL || *path != '/' || strlen (path) > 2 * MAX_NAME_BYTES)
    return refuse (DOOR_FAULT_SCIM_PATH, "path", "/Users, /Groups, /Users/ID or /Groups/ID is expected",
                   error);
  slash = strchr (path + 1, '/');
  if ((slash == NULL) != (op->method == DOOR_SCIM_POST) ||
      (slash != NULL && (slash[1] == '\0' || strchr (slash + 1, '/') != NULL)))
    return refuse (DOOR_FAULT_SCIM_PATH, "path", "POST names a kind of resource, the others one resource",
                   error);
  op->endpoint = slash != NULL ? g_strndup (path + 1, (size_t) (slash - path - 1)) : g_strdup (path + 1);
  op->id = slash != NULL ? g_strdup (slash + 1) : NULL;
  add_reference (op, find_reference (op->id));
  return true;
}

static bool
read_word (JsonObject *object, const char *name, char **out, GError **error)
{
  JsonNode *node = door_scim_message_find (object, name);
  const char *text = door_scim_message_get_text (node);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return true;
  if (text == NULL || *text == '\0' || strlen (text) > MAX_NAME_BYTES)
    return refuse (DOOR_FAULT_SCIM_SYNTAX, name, "a short text is expected", error);
  *out = g_strdup (text);
  return true;
}

static bool
read_data (JsonObject *object, DoorScimBulkOp *op, GError **error)
{
  JsonNode *node = door_scim_message_find (object, "data");

  if (op->method == DOOR_SCIM_DELETE)
    return true;
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (DOOR_FAULT_SCIM_SYNTAX, "data", "an object is expected", error);
  op->data = json_object_ref (json_node_get_object (node));
  add_references (op, node);
  return true;
}

/* What is wrong with one operation is the answer to that one (RFC 7644 section 3.7.3). */
static DoorScimBulkOp *
read_op (JsonNode *node)
{
  g_autoptr (DoorScimBulkOp) op = g_new0 (DoorScimBulkOp, 1);
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  op->references = g_ptr_array_new_with_free_func (g_free);
  if (object == NULL)
    refuse (DOOR_FAULT_SCIM_SYNTAX, "Operations", "a list of objects is expected", &op->error);
  else if (read_word (object, "bulkId", &op->bulk_id, &op->error) &&
           read_word (object, "version", &op->version, &op->error) &&
           read_method (object, &op->method, &op->error) && read_path (object, op, &op->error) &&
           read_data (object, op, &op->error) && op->method == DOOR_SCIM_POST && op->bulk_id == NULL)
    refuse (DOOR_FAULT_SCIM_SYNTAX, "bulkId", "a POST has one", &op->error);
  return g_steal_pointer (&op);
}

/* Two of one name would make a reference to it mean either. */
static void
refuse_repeats (GPtrArray *ops)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < ops->len; i++)
    {
      DoorScimBulkOp *op = g_ptr_array_index (ops, i);

      if (op->error == NULL && op->bulk_id != NULL && !g_hash_table_add (seen, op->bulk_id))
        refuse (DOOR_FAULT_SCIM_SYNTAX, "bulkId", "another operation has the same", &op->error);
    }
}

/**
 * door_scim_bulk_parse:
 * @message: a bulk request (RFC 7644 section 3.7)
 * @dialect: what is taken beside the RFCs
 * @error: return location for an error
 *
 * Reads what is to be done. An operation that cannot be done at all has its error, and the others stay. Pure;
 * any thread. The data of the operations is that of @message.
 *
 * Returns: (transfer full): the request, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_SYNTAX or,
 * for more than %DOOR_SCIM_MAX_BULK_OPERATIONS, %DOOR_FAULT_HTTP_TOOLARGE
 */
DoorScimBulk *
door_scim_bulk_parse (JsonObject *message, DoorScimDialect dialect, GError **error)
{
  g_autoptr (DoorScimBulk) bulk = g_new0 (DoorScimBulk, 1);
  JsonNode *node = door_scim_message_find (message, "Operations");
  JsonNode *limit = door_scim_message_find (message, "failOnErrors");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  bulk->ops = g_ptr_array_new_with_free_func ((GDestroyNotify) op_free);
  if (!door_scim_message_check (message, "BulkRequest", dialect, error))
    return NULL;
  if (limit != NULL && !JSON_NODE_HOLDS_NULL (limit))
    {
      bool whole = JSON_NODE_HOLDS_VALUE (limit) && json_node_get_value_type (limit) == G_TYPE_INT64;

      bulk->fail_on_errors = whole ? json_node_get_int (limit) : -1;
      if (bulk->fail_on_errors < 0)
        refuse (DOOR_FAULT_SCIM_SYNTAX, "failOnErrors", "an integer from 0 is expected", error);
    }
  if (bulk->fail_on_errors < 0)
    return NULL;
  if (array == NULL || json_array_get_length (array) > DOOR_SCIM_MAX_BULK_OPERATIONS)
    {
      refuse (array == NULL ? DOOR_FAULT_SCIM_SYNTAX : DOOR_FAULT_HTTP_TOOLARGE, "Operations",
              "a list of at most 10000 operations is expected", error);
      return NULL;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (bulk->ops, read_op (json_array_get_element (array, i)));
  refuse_repeats (bulk->ops);
  return g_steal_pointer (&bulk);
}

typedef struct
{
  DoorScimBulkOp *op;
  guint next; /* of its references */
} Visit;

static GHashTable *
index_names (const DoorScimBulk *self)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->ops->len; i++)
    {
      DoorScimBulkOp *op = g_ptr_array_index (self->ops, i);

      if (op->error == NULL && op->bulk_id != NULL)
        g_hash_table_insert (names, op->bulk_id, op);
    }
  return names;
}

/* Without recursion: a chain may be as long as the request. */
static void
visit (DoorScimBulkOp *first, GHashTable *names, GHashTable *seen, GPtrArray *out)
{
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (Visit));
  Visit begin = { first, 0 };

  if (g_hash_table_add (seen, first))
    g_array_append_val (stack, begin);
  while (stack->len > 0)
    {
      Visit *top = &g_array_index (stack, Visit, stack->len - 1);
      DoorScimBulkOp *other = NULL;

      if (top->next == top->op->references->len)
        {
          g_ptr_array_add (out, top->op);
          g_array_set_size (stack, stack->len - 1);
          continue;
        }
      other = g_hash_table_lookup (names, g_ptr_array_index (top->op->references, top->next++));
      if (other != NULL && g_hash_table_add (seen, other))
        g_array_append_val (stack, ((Visit){ other, 0 }));
    }
}

/**
 * door_scim_bulk_sort:
 * @self: a bulk request
 *
 * Puts an operation behind those that it refers to, and leaves the order as it is otherwise. Where they refer
 * to each other in a circle the first of the circle comes last (RFC 7644 section 3.7.1). Linear in the number
 * of operations and references.
 *
 * Returns: (transfer container) (element-type DoorScimBulkOp): all of them
 */
GPtrArray *
door_scim_bulk_sort (const DoorScimBulk *self)
{
  g_autoptr (GHashTable) names = index_names (self), seen = g_hash_table_new (NULL, NULL);
  GPtrArray *out = g_ptr_array_sized_new (self->ops->len);

  for (guint i = 0; i < self->ops->len; i++)
    visit (g_ptr_array_index (self->ops, i), names, seen, out);
  return out;
}

typedef struct
{
  GHashTable *ids;
  const char *missing;
} Resolve;

static JsonNode *dup_resolved (Resolve *resolve, JsonNode *node);

static JsonNode *
dup_array (Resolve *resolve, JsonArray *from)
{
  g_autoptr (JsonArray) array = json_array_sized_new (json_array_get_length (from));

  for (guint i = 0; i < json_array_get_length (from); i++)
    json_array_add_element (array, dup_resolved (resolve, json_array_get_element (from, i)));
  return json_node_init_array (json_node_alloc (), array);
}

static JsonObject *
dup_object (Resolve *resolve, JsonObject *from)
{
  JsonObject *object = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &member))
    json_object_set_member (object, name, dup_resolved (resolve, member));
  return object;
}

static const char *
find_id (Resolve *resolve, const char *text)
{
  const char *name = find_reference (text);
  const char *id = name != NULL ? g_hash_table_lookup (resolve->ids, name) : NULL;

  if (name != NULL && id == NULL)
    resolve->missing = text;
  return id != NULL ? id : text;
}

/* What was parsed cannot be written to. */
static JsonNode *
dup_resolved (Resolve *resolve, JsonNode *node)
{
  const char *text = door_scim_message_get_text (node);

  if (text != NULL)
    return json_node_init_string (json_node_alloc (), find_id (resolve, text));
  if (JSON_NODE_HOLDS_ARRAY (node))
    return dup_array (resolve, json_node_get_array (node));
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (JsonObject) object = dup_object (resolve, json_node_get_object (node));

      return json_node_init_object (json_node_alloc (), object);
    }
  return json_node_copy (node);
}

/**
 * door_scim_bulk_op_resolve:
 * @self: an operation
 * @ids: (element-type utf8 utf8): ids of resources by the names of the operations that make them
 * @error: return location for an error
 *
 * Puts ids in the place of names, in what is sent too.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_VALUE where a name has no id
 */
bool
door_scim_bulk_op_resolve (DoorScimBulkOp *self, GHashTable *ids, GError **error)
{
  Resolve resolve = { ids, NULL };
  g_autoptr (JsonObject) data = NULL;
  g_autofree char *id = NULL;

  if (self->references->len == 0)
    return true;
  id = g_strdup (find_id (&resolve, self->id));
  data = self->data != NULL ? dup_object (&resolve, self->data) : NULL;
  if (resolve.missing != NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE,
                           "%.100s: no operation of this name has made a resource", resolve.missing);
  g_free (self->id);
  self->id = g_steal_pointer (&id);
  if (data != NULL)
    {
      json_object_unref (self->data);
      self->data = g_steal_pointer (&data);
    }
  return true;
}

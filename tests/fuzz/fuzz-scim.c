/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-json.h"
#include "door-scim-bulk.h"
#include "door-scim-patch.h"
#include "door-scim-search.h"

static const DoorScimResourceType type = {
  .name = "User",
  .endpoint = "Users",
  .schema = &door_scim_user_schema,
  .extensions = { &door_scim_enterprise_schema },
  .n_extensions = 1,
};

static const char anna[] =
    "{\"userName\":\"anna\",\"active\":true,\"name\":{\"givenName\":\"A\"},\"emails\":[{\"value\":\"a\","
    "\"type\":\"work\","
    "\"primary\":true},{\"value\":\"b\"}],\"" DOOR_SCIM_ENTERPRISE_URN "\":{\"department\":\"D\"}}";

static JsonNode *
parse_anna (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (anna, sizeof anna - 1);

  return door_json_parse (bytes, 16, NULL);
}

static void
read_filter (const char *text, DoorScimDialect dialect)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScimFilter) filter = door_scim_filter_parse (&type, dialect, text, &error);
  g_autoptr (JsonNode) node = parse_anna ();

  g_assert_true ((filter == NULL) == (error != NULL));
  if (filter != NULL)
    (void) door_scim_filter_matches (filter, json_node_get_object (node));
}

/* What was read is in its form here: reading it again changes nothing. */
static void
read_resource (const DoorScimReader *reader, JsonObject *from)
{
  const DoorScimReader again = { &type, DOOR_SCIM_NO_SCHEMAS, reader->warnings };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) resource = door_scim_resource_read (reader, from, &error), same = NULL;
  g_autoptr (JsonNode) a = NULL, b = NULL;

  g_assert_true ((resource == NULL) == (error != NULL));
  if (resource == NULL)
    return;
  same = door_scim_resource_read (&again, resource, NULL);
  g_assert_nonnull (same);
  a = json_node_init_object (json_node_alloc (), resource);
  b = json_node_init_object (json_node_alloc (), same);
  g_assert_true (json_node_equal (a, b));
}

static void
apply_patch (const DoorScimReader *reader, JsonObject *message)
{
  const DoorScimReader again = { &type, DOOR_SCIM_NO_SCHEMAS, reader->warnings };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ops = door_scim_patch_parse (reader, message, &error);
  g_autoptr (JsonNode) node = parse_anna ();
  JsonObject *resource = json_node_get_object (node);
  g_autoptr (JsonObject) same = NULL;

  g_assert_true ((ops == NULL) == (error != NULL));
  for (guint i = 0; ops != NULL && i < ops->len; i++)
    if (!door_scim_patch_apply (reader, g_ptr_array_index (ops, i), resource, NULL))
      return;
  if (ops == NULL || !door_scim_resource_check (reader, resource, NULL))
    return;
  same = door_scim_resource_read (&again, resource, &error);
  g_assert_no_error (error);
}

/* The sorted order has each operation once, and what was resolved refers to nothing any more. */
static void
read_bulk (JsonObject *message, DoorScimDialect dialect)
{
  g_autoptr (DoorScimBulk) bulk = door_scim_bulk_parse (message, dialect, NULL);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) sorted = bulk != NULL ? door_scim_bulk_sort (bulk) : NULL;

  g_assert_true (bulk == NULL || sorted->len == bulk->ops->len);
  for (guint i = 0; bulk != NULL && i < sorted->len; i++)
    {
      DoorScimBulkOp *op = g_ptr_array_index (sorted, i);

      for (guint k = 0; k < op->references->len; k++)
        g_hash_table_insert (ids, g_ptr_array_index (op->references, k), (gpointer) "id");
      g_assert_true (op->error != NULL || door_scim_bulk_op_resolve (op, ids, NULL));
      g_hash_table_remove_all (ids);
    }
}

static void
read_search (JsonObject *message, DoorScimDialect dialect)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScimSearch) search = door_scim_search_parse (&type, dialect, message, &error);

  g_assert_true ((search == NULL) == (error != NULL));
  g_assert_true (search == NULL || (search->count >= 0 && search->count <= DOOR_SCIM_MAX_RESULTS));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (JsonNode) node = door_json_parse (bytes, 16, NULL);
  g_autofree char *text = g_strndup ((const char *) data, size);

  for (int i = 0; i < 2; i++)
    {
      const DoorScimReader reader = { &type, i == 0 ? DOOR_SCIM_STRICT : DOOR_SCIM_COMPATIBLE, warnings };

      if (g_utf8_validate (text, -1, NULL))
        read_filter (text, reader.dialect);
      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        continue;
      read_resource (&reader, json_node_get_object (node));
      apply_patch (&reader, json_node_get_object (node));
      read_bulk (json_node_get_object (node), reader.dialect);
      read_search (json_node_get_object (node), reader.dialect);
    }
  return 0;
}

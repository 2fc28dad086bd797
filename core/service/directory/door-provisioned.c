/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a directory is told of a person or a group. */
#include <string.h>

#include "door-directory-member-store.h"
#include "door-provisioning.h"
#include "door-provisioned-private.h"

static void
set_time (JsonObject *object, const char *name, int64_t time_ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_ms / 1000);
  g_autofree char *seconds = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");
  g_autofree char *text = g_strdup_printf ("%s.%03dZ", seconds, (int) (time_ms % 1000));

  json_object_set_string_member (object, name, text);
}

static char *
dup_location (const DoorScimScope *scope, const char *endpoint, const char *id)
{
  return g_strdup_printf ("%s/%s/%s", scope->base_url, endpoint, id);
}

static void
set_meta (const DoorScimScope *scope, const DoorDirectoryResource *resource, JsonObject *object)
{
  g_autofree char *location = dup_location (scope, scope->type->endpoint, resource->id);
  g_autofree char *version = g_strdup_printf ("W/\"%" G_GINT64_FORMAT "\"", resource->version);
  JsonObject *meta = json_object_new ();

  json_object_set_string_member (meta, "resourceType", resource->kind);
  set_time (meta, "created", resource->created_at);
  set_time (meta, "lastModified", resource->updated_at);
  json_object_set_string_member (meta, "location", location);
  json_object_set_string_member (meta, "version", version);
  json_object_set_object_member (object, "meta", meta);
}

static JsonObject *
build_member (const DoorScimScope *scope, const DoorDirectoryMember *member, const char *type)
{
  bool user = g_str_equal (member->kind, DOOR_DIRECTORY_USER);
  g_autofree char *location = dup_location (scope, user ? "Users" : "Groups", member->id);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "value", member->id);
  json_object_set_string_member (object, "$ref", location);
  json_object_set_string_member (object, "display", member->name);
  json_object_set_string_member (object, "type", type != NULL ? type : member->kind);
  return object;
}

/* Of a group there is a list even where nobody is in it: senders compare. */
static bool
set_members (DoorTxn *txn, const DoorScimScope *scope, const DoorDirectoryResource *resource,
             JsonObject *object, GError **error)
{
  const bool user = g_str_equal (resource->kind, DOOR_DIRECTORY_USER);
  g_autoptr (GPtrArray) rows = user ? door_directory_member_store_list_groups (txn, resource->id, error)
                                    : door_directory_member_store_list (txn, resource->id, error);
  JsonArray *array;

  if (rows == NULL || (user && rows->len == 0))
    return rows != NULL;
  array = json_array_sized_new (rows->len);
  for (guint i = 0; i < rows->len; i++)
    json_array_add_object_element (array,
                                   build_member (scope, g_ptr_array_index (rows, i), user ? "direct" : NULL));
  json_object_set_array_member (object, user ? "groups" : "members", array);
  return true;
}

/**
 * door_provisioned_build:
 * @txn: a transaction
 * @scope: the directory, and the kind of resource
 * @resource: a person or a group
 * @projection: what is told of it
 * @error: return location for an error
 *
 * Builds what is answered (RFC 7643 section 3). Members and groups are read where they are told.
 *
 * Returns: (transfer full): the resource, or %NULL with an error
 */
JsonObject *
door_provisioned_build (DoorTxn *txn, const DoorScimScope *scope, const DoorDirectoryResource *resource,
                        const DoorScimProjection *projection, GError **error)
{
  g_autoptr (JsonObject) stored = door_provisioned_parse (resource, error);
  const char *list = g_str_equal (resource->kind, DOOR_DIRECTORY_USER) ? "groups" : "members";
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (stored == NULL)
    return NULL;
  json_object_iter_init (&iter, stored);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (object, name, json_node_copy (node));
  json_object_set_string_member (object, "id", resource->id);
  set_meta (scope, resource, object);
  if (door_scim_projection_wants (projection, list) && !set_members (txn, scope, resource, object, error))
    return NULL;
  return door_scim_projection_apply (projection, object);
}

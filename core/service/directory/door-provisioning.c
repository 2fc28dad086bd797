/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one way by which people and groups of a directory are made, changed and removed. */
#include "door-provisioning.h"

#include <string.h>

#include "door-error.h"
#include "door-json.h"
#include "door-member-change.h"
#include "door-provisioned-private.h"
#include "door-scim-key.h"
#include "door-scim-text.h"

#define MAX_DEPTH 16
#define MAX_NAME_BYTES 1024
#define MEMBERS "members"

/**
 * door_provisioned_clear:
 * @self: what came of something
 */
void
door_provisioned_clear (DoorProvisioned *self)
{
  g_clear_pointer (&self->resource, door_directory_resource_free);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
}

/* A piece of work may run again, after all that it did was taken back. */
static DoorScimReader
begin (const DoorProvisioning *self, DoorProvisioned *out)
{
  door_provisioned_clear (out);
  *out = (DoorProvisioned){ .warnings = g_ptr_array_new_with_free_func (g_free) };
  return (DoorScimReader){ self->scope.type, self->dialect, out->warnings };
}

static const char *
get_name (const DoorProvisioning *self, JsonObject *object)
{
  bool user = g_str_equal (self->scope.type->name, DOOR_DIRECTORY_USER);

  return json_object_get_string_member (object, user ? "userName" : "displayName");
}

/* Which schemas a resource has data of (RFC 7643 section 3). */
static void
set_schemas (const DoorScimResourceType *type, JsonObject *object)
{
  JsonArray *schemas = json_array_new ();

  json_array_add_string_element (schemas, type->schema->urn);
  for (size_t i = 0; i < type->n_extensions; i++)
    if (json_object_has_member (object, type->extensions[i]->urn))
      json_array_add_string_element (schemas, type->extensions[i]->urn);
  json_object_set_array_member (object, "schemas", schemas);
}

static char *
dup_text (JsonObject *object)
{
  g_autoptr (GBytes) bytes = door_json_build_object (object);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  return g_strndup (text, size);
}

/**
 * door_provisioned_parse:
 * @resource: a person or a group
 * @error: return location for an error
 *
 * Returns: (transfer full): what its sender wrote, immutable, or %NULL with an error
 */
JsonObject *
door_provisioned_parse (const DoorDirectoryResource *resource, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (resource->attributes, strlen (resource->attributes));
  const DoorJsonLimits limits = { MAX_DEPTH, G_MAXSIZE, G_MAXSIZE, G_MAXSIZE };
  g_autoptr (JsonNode) node = door_json_parse_within (bytes, &limits, error);

  return node != NULL ? json_object_ref (json_node_get_object (node)) : NULL;
}

static bool
fill (const DoorProvisioning *self, JsonObject *object, DoorDirectoryResource *resource, GError **error)
{
  const char *name = get_name (self, object);

  if (strlen (name) > MAX_NAME_BYTES)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE, "the name is too long");
  set_schemas (self->scope.type, object);
  g_free (resource->name);
  g_free (resource->name_key);
  g_free (resource->attributes);
  resource->name = g_strdup (name);
  resource->name_key = door_scim_text_fold (name);
  resource->attributes = dup_text (object);
  resource->updated_at = self->now_ms;
  return true;
}

static bool
save_values (DoorTxn *txn, const DoorProvisioning *self, JsonObject *object,
             const DoorDirectoryResource *resource, GError **error)
{
  g_autoptr (GPtrArray) keys = door_scim_key_list (self->scope.type, object);

  return door_directory_store_set_values (txn, resource, keys, error);
}

static bool
refuse_name (const DoorDirectoryResource *resource, GError **error)
{
  return door_error_set (
      error, DOOR_ERROR_CONFLICT, DOOR_FAULT_SCIM_UNIQUENESS, "another %s has the name %.100s",
      g_str_equal (resource->kind, DOOR_DIRECTORY_USER) ? "user" : "group", resource->name);
}

/* The members of a group are rows, and no part of what is stored of it. */
static JsonArray *
take_members (JsonObject *object)
{
  JsonArray *members = json_object_has_member (object, MEMBERS)
                           ? json_array_ref (json_object_get_array_member (object, MEMBERS))
                           : NULL;

  json_object_remove_member (object, MEMBERS);
  return members;
}

/**
 * door_provisioning_create:
 * @txn: a transaction
 * @self: what is wanted
 * @from: the resource as it was sent
 * @out: (out): what came of it
 * @error: return location for an error
 *
 * Makes a person or a group (RFC 7644 section 3.3).
 *
 * Returns: false with %DOOR_FAULT_SCIM_VALUE for what cannot be, %DOOR_FAULT_SCIM_UNIQUENESS where the name
 * is taken, or an error of the store
 */
bool
door_provisioning_create (DoorTxn *txn, const DoorProvisioning *self, JsonObject *from, DoorProvisioned *out,
                          GError **error)
{
  const DoorScimReader reader = begin (self, out);
  g_autoptr (JsonObject) object = door_scim_resource_read (&reader, from, error);
  g_autoptr (JsonArray) members = object != NULL ? take_members (object) : NULL;
  g_autoptr (DoorDirectoryResource) resource = g_new0 (DoorDirectoryResource, 1);
  const DoorMemberChange change = { resource, self->change_id };
  bool added = false;

  resource->id = g_strdup (self->id);
  resource->directory = g_strdup (self->scope.directory);
  resource->kind = g_strdup (self->scope.type->name);
  resource->person_id = g_strdup ("");
  resource->version = 1;
  resource->created_at = self->now_ms;
  if (object == NULL || !fill (self, object, resource, error) ||
      !door_directory_store_add (txn, resource, &added, error))
    return false;
  if (!added)
    return refuse_name (resource, error);
  if (!save_values (txn, self, object, resource, error) ||
      (members != NULL && !door_member_change_set (txn, &reader, &change, members, &out->changed, error)))
    return false;
  out->changed = true;
  out->resource = g_steal_pointer (&resource);
  return true;
}

/* The row is this transaction's from here on: two who write at the same time do so one after the other. */
static bool
find (DoorTxn *txn, const DoorProvisioning *self, DoorDirectoryResource **out, GError **error)
{
  if (!door_directory_store_lock (txn, self->id, error) ||
      !door_directory_store_lookup (txn, self->scope.directory, self->scope.type->name, self->id, out, error))
    return false;
  if (*out == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_SCIM_NOTFOUND,
                           "%.100s is none of this directory", self->id);
  return self->version == 0 || self->version == (*out)->version ||
         door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_SCIM_VERSION,
                         "the resource has the version %" G_GINT64_FORMAT " by now", (*out)->version);
}

static bool
is_same (JsonObject *a, JsonObject *b)
{
  g_autoptr (JsonNode) left = json_node_init_object (json_node_alloc (), a);
  g_autoptr (JsonNode) right = json_node_init_object (json_node_alloc (), b);

  return json_node_equal (left, right);
}

static bool
update (DoorTxn *txn, const DoorProvisioning *self, DoorDirectoryResource *resource, JsonObject *object,
        GError **error)
{
  const int64_t before = resource->version;
  bool changed = false;

  resource->version = before + 1;
  if (!fill (self, object, resource, error) ||
      !door_directory_store_update (txn, resource, before, &changed, error))
    return false;
  return changed ? save_values (txn, self, object, resource, error) : refuse_name (resource, error);
}

/* What is as it was gets no new version: a sender that says the same every hour changes nothing. */
static bool
finish (DoorTxn *txn, const DoorProvisioning *self, DoorDirectoryResource **resource, JsonObject *object,
        DoorProvisioned *out, GError **error)
{
  g_autoptr (JsonObject) before = door_provisioned_parse (*resource, error);

  if (before == NULL)
    return false;
  set_schemas (self->scope.type, object);
  out->changed = out->changed || !is_same (before, object);
  if (out->changed && !update (txn, self, *resource, object, error))
    return false;
  out->resource = g_steal_pointer (resource);
  return true;
}

/**
 * door_provisioning_replace:
 * @txn: a transaction
 * @self: what is wanted
 * @from: the resource as it was sent
 * @out: (out): what came of it
 * @error: return location for an error
 *
 * Replaces a person or a group (RFC 7644 section 3.5.1): what is not sent is gone, the members of a group
 * too.
 *
 * Returns: false with an error as door_provisioning_create(), %DOOR_FAULT_SCIM_NOTFOUND or
 * %DOOR_FAULT_SCIM_VERSION
 */
bool
door_provisioning_replace (DoorTxn *txn, const DoorProvisioning *self, JsonObject *from, DoorProvisioned *out,
                           GError **error)
{
  const DoorScimReader reader = begin (self, out);
  g_autoptr (DoorDirectoryResource) resource = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (JsonArray) members = NULL;
  DoorMemberChange change = { NULL, self->change_id };

  if (!find (txn, self, &resource, error))
    return false;
  object = door_scim_resource_read (&reader, from, error);
  if (object == NULL)
    return false;
  members = take_members (object);
  change.group = resource;
  if (g_str_equal (resource->kind, DOOR_DIRECTORY_GROUP) &&
      !door_member_change_set (txn, &reader, &change, members, &out->changed, error))
    return false;
  return finish (txn, self, &resource, object, out, error);
}

static bool
is_of_members (const DoorScimPatchOp *op)
{
  return !op->path.is_extension && g_str_equal (op->path.attribute->name, MEMBERS);
}

/* A resource while it is being changed. */
typedef struct
{
  DoorTxn *txn;
  const DoorScimReader *reader;
  const DoorMemberChange *change;
  JsonObject *object;
} Patch;

static bool
apply (const Patch *patch, GPtrArray *ops, bool *changed, GError **error)
{
  for (guint i = 0; i < ops->len; i++)
    {
      const DoorScimPatchOp *op = g_ptr_array_index (ops, i);

      if (!(is_of_members (op)
                ? door_member_change_apply (patch->txn, patch->reader, patch->change, op, changed, error)
                : door_scim_patch_apply (patch->reader, op, patch->object, error)))
        return false;
    }
  return door_scim_resource_check (patch->reader, patch->object, error);
}

/**
 * door_provisioning_patch:
 * @txn: a transaction
 * @self: what is wanted
 * @message: the changes as they were sent
 * @out: (out): what came of it
 * @error: return location for an error
 *
 * Changes a person or a group (RFC 7644 section 3.5.2): all of it, or with an error nothing. What it costs
 * depends on what is sent, and not on the size of a group.
 *
 * Returns: false with an error as door_provisioning_replace(), or one of door_scim_patch_parse()
 */
bool
door_provisioning_patch (DoorTxn *txn, const DoorProvisioning *self, JsonObject *message,
                         DoorProvisioned *out, GError **error)
{
  const DoorScimReader reader = begin (self, out);
  const DoorScimReader again = { self->scope.type, DOOR_SCIM_NO_SCHEMAS, out->warnings };
  g_autoptr (DoorDirectoryResource) resource = NULL;
  g_autoptr (JsonObject) before = NULL, object = NULL;
  g_autoptr (GPtrArray) ops = NULL;
  DoorMemberChange change = { NULL, self->change_id };
  Patch patch = { txn, &reader, &change, NULL };

  if (!find (txn, self, &resource, error))
    return false;
  ops = door_scim_patch_parse (&reader, message, error);
  before = ops != NULL ? door_provisioned_parse (resource, error) : NULL;
  object = before != NULL ? door_scim_resource_read (&again, before, error) : NULL;
  change.group = resource;
  patch.object = object;
  return object != NULL && apply (&patch, ops, &out->changed, error) &&
         finish (txn, self, &resource, object, out, error);
}

/**
 * door_provisioning_remove:
 * @txn: a transaction
 * @self: what is wanted
 * @out: (out): what came of it
 * @error: return location for an error
 *
 * Removes a person or a group (RFC 7644 section 3.6); its name is free again.
 *
 * Returns: false with %DOOR_FAULT_SCIM_NOTFOUND, %DOOR_FAULT_SCIM_VERSION or an error of the store
 */
bool
door_provisioning_remove (DoorTxn *txn, const DoorProvisioning *self, DoorProvisioned *out, GError **error)
{
  g_autoptr (DoorDirectoryResource) resource = NULL;

  (void) begin (self, out);
  return find (txn, self, &resource, error) &&
         door_directory_store_remove (txn, resource, &out->changed, error);
}

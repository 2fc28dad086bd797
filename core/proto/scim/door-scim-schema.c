/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-schema.h"

/* What every resource has and no schema lists (RFC 7643 section 3.1). */
static const DoorScimAttribute meta_attributes[] = {
  { .name = "resourceType", .mutability = DOOR_SCIM_READ_ONLY, .case_exact = true },
  { .name = "created", .type = DOOR_SCIM_DATE_TIME, .mutability = DOOR_SCIM_READ_ONLY },
  { .name = "lastModified", .type = DOOR_SCIM_DATE_TIME, .mutability = DOOR_SCIM_READ_ONLY },
  { .name = "location", .type = DOOR_SCIM_REFERENCE, .mutability = DOOR_SCIM_READ_ONLY, .case_exact = true },
  { .name = "version", .mutability = DOOR_SCIM_READ_ONLY, .case_exact = true },
};
static const DoorScimAttribute common_attributes[] = {
  { .name = "schemas",
    .type = DOOR_SCIM_REFERENCE,
    .multi_valued = true,
    .required = true,
    .case_exact = true,
    .returned = DOOR_SCIM_RETURNED_ALWAYS },
  { .name = "id",
    .mutability = DOOR_SCIM_READ_ONLY,
    .case_exact = true,
    .returned = DOOR_SCIM_RETURNED_ALWAYS,
    .uniqueness = DOOR_SCIM_UNIQUE_SERVER },
  { .name = "externalId", .case_exact = true },
  { .name = "meta",
    .type = DOOR_SCIM_COMPLEX,
    .mutability = DOOR_SCIM_READ_ONLY,
    .sub_attributes = meta_attributes,
    .n_sub_attributes = G_N_ELEMENTS (meta_attributes) },
};

static const DoorScimAttribute *
find (const DoorScimAttribute *attributes, size_t n_attributes, const char *name)
{
  for (size_t i = 0; i < n_attributes; i++)
    if (g_ascii_strcasecmp (attributes[i].name, name) == 0)
      return &attributes[i];
  return NULL;
}

/**
 * door_scim_schema_find:
 * @self: a schema
 * @name: the name of an attribute
 *
 * Names compare without case (RFC 7643 section 2.1).
 *
 * Returns: (transfer none) (nullable): the attribute
 */
const DoorScimAttribute *
door_scim_schema_find (const DoorScimSchema *self, const char *name)
{
  return find (self->attributes, self->n_attributes, name);
}

/**
 * door_scim_attribute_find:
 * @self: an attribute
 * @name: the name of a part of it
 *
 * Returns: (transfer none) (nullable): the part
 */
const DoorScimAttribute *
door_scim_attribute_find (const DoorScimAttribute *self, const char *name)
{
  return find (self->sub_attributes, self->n_sub_attributes, name);
}

/**
 * door_scim_common_find:
 * @name: the name of an attribute
 *
 * Finds what every resource has: schemas, id, externalId, meta (RFC 7643 section 3.1).
 *
 * Returns: (transfer none) (nullable): the attribute
 */
const DoorScimAttribute *
door_scim_common_find (const char *name)
{
  return find (common_attributes, G_N_ELEMENTS (common_attributes), name);
}

/**
 * door_scim_resource_type_find_schema:
 * @self: a kind of resource
 * @urn: a URN, compared without case
 *
 * Returns: (transfer none) (nullable): the schema of that name, which @self has
 */
const DoorScimSchema *
door_scim_resource_type_find_schema (const DoorScimResourceType *self, const char *urn)
{
  if (g_ascii_strcasecmp (self->schema->urn, urn) == 0)
    return self->schema;
  for (size_t i = 0; i < self->n_extensions; i++)
    if (g_ascii_strcasecmp (self->extensions[i]->urn, urn) == 0)
      return self->extensions[i];
  return NULL;
}

static const char *const data_types[] = {
  [DOOR_SCIM_STRING] = "string",   [DOOR_SCIM_BOOLEAN] = "boolean",    [DOOR_SCIM_DECIMAL] = "decimal",
  [DOOR_SCIM_INTEGER] = "integer", [DOOR_SCIM_DATE_TIME] = "dateTime", [DOOR_SCIM_REFERENCE] = "reference",
  [DOOR_SCIM_BINARY] = "binary",   [DOOR_SCIM_COMPLEX] = "complex",
};
static const char *const mutabilities[] = {
  [DOOR_SCIM_READ_WRITE] = "readWrite",
  [DOOR_SCIM_READ_ONLY] = "readOnly",
  [DOOR_SCIM_IMMUTABLE] = "immutable",
  [DOOR_SCIM_WRITE_ONLY] = "writeOnly",
};
static const char *const returns[] = {
  [DOOR_SCIM_RETURNED_DEFAULT] = "default",
  [DOOR_SCIM_RETURNED_ALWAYS] = "always",
  [DOOR_SCIM_RETURNED_NEVER] = "never",
  [DOOR_SCIM_RETURNED_REQUEST] = "request",
};
static const char *const uniquenesses[] = {
  [DOOR_SCIM_UNIQUE_NONE] = "none",
  [DOOR_SCIM_UNIQUE_SERVER] = "server",
  [DOOR_SCIM_UNIQUE_GLOBAL] = "global",
};

static void
set_strings (JsonObject *object, const char *name, const char *const *texts)
{
  JsonArray *array = NULL;

  if (texts == NULL)
    return;
  array = json_array_new ();
  for (; *texts != NULL; texts++)
    json_array_add_string_element (array, *texts);
  json_object_set_array_member (object, name, array);
}

static JsonArray *dup_attributes (const DoorScimAttribute *attributes, size_t n_attributes);

static JsonObject *
dup_attribute (const DoorScimAttribute *attribute)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", attribute->name);
  json_object_set_string_member (object, "type", data_types[attribute->type]);
  json_object_set_boolean_member (object, "multiValued", attribute->multi_valued);
  json_object_set_string_member (object, "description", attribute->description);
  json_object_set_boolean_member (object, "required", attribute->required);
  json_object_set_boolean_member (object, "caseExact", attribute->case_exact);
  json_object_set_string_member (object, "mutability", mutabilities[attribute->mutability]);
  json_object_set_string_member (object, "returned", returns[attribute->returned]);
  json_object_set_string_member (object, "uniqueness", uniquenesses[attribute->uniqueness]);
  set_strings (object, "canonicalValues", attribute->canonical_values);
  set_strings (object, "referenceTypes", attribute->reference_types);
  if (attribute->type == DOOR_SCIM_COMPLEX)
    json_object_set_array_member (object, "subAttributes",
                                  dup_attributes (attribute->sub_attributes, attribute->n_sub_attributes));
  return object;
}

static JsonArray *
dup_attributes (const DoorScimAttribute *attributes, size_t n_attributes)
{
  JsonArray *array = json_array_sized_new ((guint) n_attributes);

  for (size_t i = 0; i < n_attributes; i++)
    json_array_add_object_element (array, dup_attribute (&attributes[i]));
  return array;
}

/**
 * door_scim_schema_dup_json:
 * @self: a schema
 *
 * Builds what /Schemas tells of it, without its meta (RFC 7643 section 7). No member is null.
 *
 * Returns: (transfer full): the resource
 */
JsonObject *
door_scim_schema_dup_json (const DoorScimSchema *self)
{
  JsonObject *object = json_object_new ();
  JsonArray *schemas = json_array_new ();

  json_array_add_string_element (schemas, "urn:ietf:params:scim:schemas:core:2.0:Schema");
  json_object_set_array_member (object, "schemas", schemas);
  json_object_set_string_member (object, "id", self->urn);
  json_object_set_string_member (object, "name", self->name);
  json_object_set_string_member (object, "description", self->description);
  json_object_set_array_member (object, "attributes", dup_attributes (self->attributes, self->n_attributes));
  return object;
}

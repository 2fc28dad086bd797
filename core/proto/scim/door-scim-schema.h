/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <json-glib/json-glib.h>

#define DOOR_SCIM_USER_URN "urn:ietf:params:scim:schemas:core:2.0:User"
#define DOOR_SCIM_GROUP_URN "urn:ietf:params:scim:schemas:core:2.0:Group"
#define DOOR_SCIM_ENTERPRISE_URN "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

/**
 * DoorScimDataType:
 *
 * Data types of attributes (RFC 7643 section 2.3).
 */
typedef enum
{
  DOOR_SCIM_STRING,
  DOOR_SCIM_BOOLEAN,
  DOOR_SCIM_DECIMAL,
  DOOR_SCIM_INTEGER,
  DOOR_SCIM_DATE_TIME,
  DOOR_SCIM_REFERENCE,
  DOOR_SCIM_BINARY,
  DOOR_SCIM_COMPLEX,
} DoorScimDataType;

/**
 * DoorScimMutability:
 *
 * Who may write an attribute, and when (RFC 7643 section 2.2).
 */
typedef enum
{
  DOOR_SCIM_READ_WRITE,
  DOOR_SCIM_READ_ONLY,
  DOOR_SCIM_IMMUTABLE,
  DOOR_SCIM_WRITE_ONLY,
} DoorScimMutability;

/**
 * DoorScimReturned:
 *
 * When an answer has an attribute (RFC 7643 section 2.2).
 */
typedef enum
{
  DOOR_SCIM_RETURNED_DEFAULT,
  DOOR_SCIM_RETURNED_ALWAYS,
  DOOR_SCIM_RETURNED_NEVER,
  DOOR_SCIM_RETURNED_REQUEST,
} DoorScimReturned;

/**
 * DoorScimUniqueness:
 *
 * Among which resources a value is the only one of its kind (RFC 7643 section 2.2).
 */
typedef enum
{
  DOOR_SCIM_UNIQUE_NONE,
  DOOR_SCIM_UNIQUE_SERVER,
  DOOR_SCIM_UNIQUE_GLOBAL,
} DoorScimUniqueness;

typedef struct _DoorScimAttribute DoorScimAttribute;

/**
 * DoorScimAttribute:
 * @name: as it is written; compared without case
 * @canonical_values: (nullable): values that are suggested
 * @reference_types: (nullable): what a reference may lead to
 * @sub_attributes: (nullable): of a complex attribute, @n_sub_attributes of them
 *
 * One attribute of a schema (RFC 7643 section 7).
 */
struct _DoorScimAttribute
{
  const char *name;
  const char *description;
  DoorScimDataType type;
  DoorScimMutability mutability;
  DoorScimReturned returned;
  DoorScimUniqueness uniqueness;
  bool multi_valued;
  bool required;
  bool case_exact;
  const char *const *canonical_values;
  const char *const *reference_types;
  const DoorScimAttribute *sub_attributes;
  size_t n_sub_attributes;
};

/**
 * DoorScimSchema:
 *
 * A schema by its URN (RFC 7643 section 7).
 */
typedef struct
{
  const char *urn;
  const char *name;
  const char *description;
  const DoorScimAttribute *attributes;
  size_t n_attributes;
} DoorScimSchema;

#define DOOR_SCIM_MAX_EXTENSIONS 16

/**
 * DoorScimResourceType:
 * @endpoint: the last part of its address
 * @extensions: schemas of extensions, @n_extensions of them; none of them required
 *
 * A kind of resource (RFC 7643 section 6).
 */
typedef struct
{
  const char *name;
  const char *endpoint;
  const char *description;
  const DoorScimSchema *schema;
  const DoorScimSchema *extensions[DOOR_SCIM_MAX_EXTENSIONS];
  size_t n_extensions;
} DoorScimResourceType;

extern const DoorScimSchema door_scim_user_schema;
extern const DoorScimSchema door_scim_enterprise_schema;
extern const DoorScimSchema door_scim_group_schema;

const DoorScimAttribute *door_scim_schema_find (const DoorScimSchema *self, const char *name);
const DoorScimAttribute *door_scim_attribute_find (const DoorScimAttribute *self, const char *name);
const DoorScimAttribute *door_scim_common_find (const char *name);
const DoorScimSchema *door_scim_resource_type_find_schema (const DoorScimResourceType *self, const char *urn);
JsonObject *door_scim_schema_dup_json (const DoorScimSchema *self);

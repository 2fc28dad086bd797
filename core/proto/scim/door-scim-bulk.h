/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-json.h"
#include "door-scim-dialect.h"
#include "door-scim-schema.h"

#define DOOR_SCIM_MAX_BULK_OPERATIONS 10000

/**
 * DOOR_SCIM_LIMITS:
 *
 * How large a document of a sender is that has shown its token: ten thousand operations, or changes of ten
 * thousand members. Initializer of a #DoorJsonLimits.
 */
#define DOOR_SCIM_MAX_BYTES (8 * 1024 * 1024)
#define DOOR_SCIM_LIMITS                                                                                     \
  {                                                                                                          \
    16, DOOR_SCIM_MAX_BYTES, 600000, 300000                                                                  \
  }

#define DOOR_SCIM_BULK_ID "bulkId:"

typedef enum
{
  DOOR_SCIM_POST,
  DOOR_SCIM_PUT,
  DOOR_SCIM_PATCH,
  DOOR_SCIM_DELETE,
} DoorScimMethod;

/**
 * DoorScimBulkOp:
 * @endpoint: (nullable): of the kind of resource, as the path has it; %NULL where @error is set
 * @id: (nullable): the resource; %NULL for POST. May be %DOOR_SCIM_BULK_ID and the name of another operation
 * @bulk_id: (nullable): its own name
 * @version: (nullable): which the resource must have
 * @data: (nullable): what is sent; %NULL for DELETE
 * @error: (nullable): why it cannot be done at all
 * @references: (element-type utf8): names of the operations that @id and @data refer to
 *
 * One operation of a bulk request (RFC 7644 section 3.7).
 */
typedef struct
{
  DoorScimMethod method;
  char *endpoint;
  char *id;
  char *bulk_id;
  char *version;
  JsonObject *data;
  GError *error;
  GPtrArray *references;
} DoorScimBulkOp;

/**
 * DoorScimBulk:
 * @fail_on_errors: after how many errors nothing more is done; 0: everything is tried
 * @ops: (element-type DoorScimBulkOp): in their order
 *
 * A bulk request.
 */
typedef struct
{
  int64_t fail_on_errors;
  GPtrArray *ops;
} DoorScimBulk;

DoorScimBulk *door_scim_bulk_parse (JsonObject *message, DoorScimDialect dialect, GError **error);
void door_scim_bulk_free (DoorScimBulk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScimBulk, door_scim_bulk_free)

GPtrArray *door_scim_bulk_sort (const DoorScimBulk *self);
bool door_scim_bulk_op_resolve (DoorScimBulkOp *self, GHashTable *ids, GError **error);

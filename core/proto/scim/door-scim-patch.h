/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-filter.h"
#include "door-scim-resource.h"

#define DOOR_SCIM_MAX_PATCH_OPERATIONS 10000

typedef enum
{
  DOOR_SCIM_ADD,
  DOOR_SCIM_REPLACE,
  DOOR_SCIM_REMOVE,
} DoorScimPatchKind;

/**
 * DoorScimPatchOp:
 * @path: what is changed; its attribute is never %NULL
 * @items: (nullable): which values of a multi-valued attribute, see door_scim_filter_parse_items()
 * @value: (nullable): as it was sent; %NULL for none
 *
 * One change to a resource (RFC 7644 section 3.5.2).
 */
typedef struct
{
  DoorScimPatchKind kind;
  DoorScimPath path;
  DoorScimFilter *items;
  JsonNode *value;
} DoorScimPatchOp;

void door_scim_patch_op_free (DoorScimPatchOp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScimPatchOp, door_scim_patch_op_free)
GPtrArray *door_scim_patch_parse (const DoorScimReader *reader, JsonObject *message, GError **error);
bool door_scim_patch_apply (const DoorScimReader *reader, const DoorScimPatchOp *op, JsonObject *resource,
                            GError **error);

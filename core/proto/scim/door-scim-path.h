/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-schema.h"

#define DOOR_SCIM_MAX_PATH_BYTES 512

/**
 * DoorScimPath:
 * @schema: (nullable): %NULL for what every resource has
 * @attribute: (nullable): %NULL names the whole of @schema
 * @sub: (nullable): a part of @attribute
 * @is_extension: whether @schema is one of the extensions, whose values stand below its URN
 * @is_part: whether it stands within brackets, and so names @sub of an item of @attribute
 *
 * What an attribute path names (RFC 7644 section 3.10). Belongs to the schemas.
 */
typedef struct
{
  const DoorScimSchema *schema;
  const DoorScimAttribute *attribute;
  const DoorScimAttribute *sub;
  bool is_extension;
  bool is_part;
} DoorScimPath;

bool door_scim_path_resolve (const DoorScimResourceType *type, const char *text, size_t length,
                             DoorScimPath *out, GError **error);
bool door_scim_path_resolve_part (const DoorScimAttribute *parent, const char *text, size_t length,
                                  DoorScimPath *out, GError **error);
const DoorScimAttribute *door_scim_path_get_compared (const DoorScimPath *self);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-dialect.h"
#include "door-scim-schema.h"

/**
 * DoorScimReader:
 * @type: the kind of resource
 * @dialect: what is taken beside the RFCs
 * @warnings: (element-type utf8): what was left out and why goes in
 *
 * How what a sender sent is read.
 */
typedef struct
{
  const DoorScimResourceType *type;
  DoorScimDialect dialect;
  GPtrArray *warnings;
} DoorScimReader;

void door_scim_reader_warn (const DoorScimReader *self, const char *name, const char *reason);
JsonObject *door_scim_resource_read (const DoorScimReader *reader, JsonObject *from, GError **error);
bool door_scim_resource_check (const DoorScimReader *reader, JsonObject *resource, GError **error);
bool door_scim_value_read (const DoorScimReader *reader, const DoorScimAttribute *attribute, JsonNode *from,
                           JsonNode **out, GError **error);
bool door_scim_value_read_item (const DoorScimReader *reader, const DoorScimAttribute *attribute,
                                JsonNode *from, JsonNode **out, GError **error);

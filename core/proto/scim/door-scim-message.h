/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-error.h"
#include "door-scim-dialect.h"
#include "door-scim-schema.h"

/**
 * DOOR_SCIM_MESSAGE_URN:
 *
 * How the URN of a message begins (RFC 7644 section 8.2).
 */
#define DOOR_SCIM_MESSAGE_URN "urn:ietf:params:scim:api:messages:2.0:"

/**
 * DoorScimList:
 * @total: how many match
 * @start_index: of the first in this page, from 1; 0 for a page by cursor
 * @resources: (nullable): the page; %NULL where only the number was asked for
 * @next_cursor: (nullable): of the page behind this one
 *
 * What a query found (RFC 7644 section 3.4.2, RFC 9865 section 2).
 */
typedef struct
{
  int64_t total;
  int64_t start_index;
  JsonArray *resources;
  const char *next_cursor;
} DoorScimList;

/**
 * DoorScimService:
 * @base_url: of the endpoints, without a slash at its end
 * @max_results: most resources of one page
 * @default_results: of a page whose size nobody gives
 * @max_operations: most operations of a bulk request
 * @max_payload_bytes: most bytes of one
 * @cursor_timeout_s: how long a cursor lives
 *
 * What the service can do (RFC 7643 section 5, RFC 9865 section 4).
 */
typedef struct
{
  const char *base_url;
  int64_t max_results;
  int64_t default_results;
  int64_t max_operations;
  int64_t max_payload_bytes;
  int64_t cursor_timeout_s;
} DoorScimService;

JsonNode *door_scim_message_find (JsonObject *self, const char *name);
const char *door_scim_message_get_text (JsonNode *node);
bool door_scim_message_check (JsonObject *self, const char *name, DoorScimDialect dialect, GError **error);
JsonObject *door_scim_message_new_error (DoorFault fault, const char *detail);
JsonObject *door_scim_message_new_list (const DoorScimList *list);
JsonObject *door_scim_message_new_service (const DoorScimService *service);
JsonObject *door_scim_message_new_type (const DoorScimService *service, const DoorScimResourceType *type);
JsonObject *door_scim_message_new_schema (const DoorScimService *service, const DoorScimSchema *schema);

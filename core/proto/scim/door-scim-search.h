/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-filter.h"
#include "door-scim-projection.h"

#define DOOR_SCIM_MAX_RESULTS 1000
#define DOOR_SCIM_DEFAULT_RESULTS 100

/**
 * DoorScimSearchWords:
 *
 * The parameters of a query as they stand in its address (RFC 7644 section 3.4.2, RFC 9865 section 2); each
 * is %NULL where it is not given.
 */
typedef struct
{
  const char *filter;
  const char *sort_by;
  const char *sort_order;
  const char *start_index;
  const char *count;
  const char *cursor;
  const char *attributes;
  const char *excluded;
} DoorScimSearchWords;

/**
 * DoorScimSearch:
 * @filter: (nullable): %NULL for all
 * @sort_by: what they are sorted by; its attribute is %NULL for the order of the store
 * @descending: whether the last comes first
 * @by_cursor: whether pages are asked for by cursor; @start_index is 0 then
 * @cursor: (nullable): %NULL for the first page by cursor
 * @start_index: of the first in the page, from 1
 * @count: the most that the page has; 0 asks for the number alone
 * @projection: what is told of each
 *
 * What is looked for among resources of one kind. Its paths belong to the schemas.
 */
typedef struct
{
  DoorScimFilter *filter;
  DoorScimPath sort_by;
  bool descending;
  bool by_cursor;
  char *cursor;
  int64_t start_index;
  int64_t count;
  DoorScimProjection *projection;
} DoorScimSearch;

DoorScimSearch *door_scim_search_new (const DoorScimResourceType *type, DoorScimDialect dialect,
                                      const DoorScimSearchWords *words, GError **error);
DoorScimSearch *door_scim_search_parse (const DoorScimResourceType *type, DoorScimDialect dialect,
                                        JsonObject *message, GError **error);
void door_scim_search_free (DoorScimSearch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScimSearch, door_scim_search_free)

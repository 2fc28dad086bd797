/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-search.h"
#include "door-storage.h"

#define DOOR_SCIM_MAX_SCAN 100000

/**
 * DoorScimScope:
 * @directory: whose resources are looked at
 * @type: of which kind
 * @base_url: of the endpoints, without a slash at its end
 *
 * Where something is looked for.
 */
typedef struct
{
  const char *directory;
  const DoorScimResourceType *type;
  const char *base_url;
} DoorScimScope;

/**
 * DoorScimPlace:
 * @id: (nullable): the resource behind which a page begins, in the order of the store; %NULL for the first
 * page
 * @created_at: when that was made
 * @skip: how many are passed over from there
 * @limit: how many are read
 *
 * Which page is read.
 */
typedef struct
{
  const char *id;
  int64_t created_at;
  int64_t skip;
  int64_t limit;
} DoorScimPlace;

bool door_scim_query_count (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search,
                            int64_t *total, GError **error);
GPtrArray *door_scim_query_list (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search,
                                 const DoorScimPlace *place, GError **error);

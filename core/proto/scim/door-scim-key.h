/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-filter.h"

#define DOOR_SCIM_MAX_KEY_BYTES 1000

/**
 * DoorScimKey:
 * @path: where the value stands: `userName`, `emails.value`, with its URN before it in an extension; for a
 * complex value itself the attribute alone
 * @item: which value of a multi-valued attribute, 0 for the primary one or else the first
 * @text: the value as it is compared; empty for a complex value itself
 * @rank: the order of @text as far as its first eight bytes tell it
 *
 * One of the values by which a resource is found.
 */
typedef struct
{
  char *path;
  int64_t item;
  char *text;
  int64_t rank;
} DoorScimKey;

void door_scim_key_free (DoorScimKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScimKey, door_scim_key_free)

GPtrArray *door_scim_key_list (const DoorScimResourceType *type, JsonObject *resource);
char *door_scim_key_build_path (const DoorScimPath *path, const DoorScimAttribute *part);
char *door_scim_key_build_literal (const DoorScimFilter *filter, const DoorScimAttribute *compared);
int64_t door_scim_key_get_rank (const char *text);

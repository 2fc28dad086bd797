/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/* Changes the row that is no migration: a lock for those that start at the same time, and a write that costs
 * little. SQLite would not write a value that is there already. */
#define DOOR_SCHEMA_TOUCH "UPDATE schema_migration SET applied_at = 1 - applied_at WHERE version = 0"

typedef struct _DoorSchema DoorSchema;

DoorSchema *door_schema_new (GError **error);
DoorSchema *door_schema_new_from_resource (GResource *resource, const char *folder, GError **error);
void door_schema_free (DoorSchema *self);
int64_t door_schema_get_version (const DoorSchema *self);
gboolean door_schema_migrate (DoorStorage *storage, const DoorSchema *schema, int64_t now_ms, GError **error);
gboolean door_schema_check (DoorStorage *storage, const DoorSchema *schema, GError **error);
GPtrArray *door_schema_split (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSchema, door_schema_free)

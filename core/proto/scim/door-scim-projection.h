/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-schema.h"

#define DOOR_SCIM_MAX_NAMES 256

typedef struct _DoorScimProjection DoorScimProjection;

DoorScimProjection *door_scim_projection_new (const DoorScimResourceType *type, const char *const *attributes,
                                              const char *const *excluded);
DoorScimProjection *door_scim_projection_parse (const DoorScimResourceType *type, const char *attributes,
                                                const char *excluded);
void door_scim_projection_free (DoorScimProjection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScimProjection, door_scim_projection_free)
bool door_scim_projection_wants (const DoorScimProjection *self, const char *name);
JsonObject *door_scim_projection_apply (const DoorScimProjection *self, JsonObject *resource);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-pins.h"

/**
 * DoorReadinessPart:
 * @name: "database", or "idp/NAME"
 * @problem: (nullable): what is wrong with it
 * @is_needed: whether nothing works without it
 *
 * One thing the server depends on.
 */
typedef struct
{
  char *name;
  char *problem;
  bool is_needed;
} DoorReadinessPart;

typedef struct _DoorReadiness DoorReadiness;

DoorReadiness *door_readiness_new (const DoorPins *contexts, GError **error);
void door_readiness_free (DoorReadiness *self);
GPtrArray *door_readiness_list (DoorReadiness *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorReadiness, door_readiness_free)

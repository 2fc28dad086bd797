/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-object-host.h"
#include "door-setup.h"

typedef struct _DoorObjects DoorObjects;

DoorObjects *door_objects_new (const DoorSetup *setup, DoorStorage *storage);
void door_objects_free (DoorObjects *self);
void door_objects_set_changed (DoorObjects *self, void (*changed) (gpointer owner), gpointer owner);
const DoorObjectHost *door_objects_get_host (const DoorObjects *self);
DoorConfig *door_objects_reread (DoorObjects *self, GError **error);
bool door_objects_have_changed (DoorObjects *self, bool *changed, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorObjects, door_objects_free)

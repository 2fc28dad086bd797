/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct _DoorBodySlots DoorBodySlots;

DoorBodySlots *door_body_slots_new (size_t max, size_t max_per_origin, size_t n_kept);
void door_body_slots_free (DoorBodySlots *self);
bool door_body_slots_take (DoorBodySlots *self, const char *origin);
void door_body_slots_give_back (DoorBodySlots *self, const char *origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorBodySlots, door_body_slots_free)

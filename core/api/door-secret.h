/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

#define DOOR_TYPE_SECRET (door_secret_get_type ())

GType door_secret_get_type (void);
DoorSecret *door_secret_new (const void *data, size_t size);
DoorSecret *door_secret_new_take (GString *text);
DoorSecret *door_secret_ref (DoorSecret *self);
void door_secret_unref (DoorSecret *self);
const uint8_t *door_secret_get_data (const DoorSecret *self, size_t *size);
const char *door_secret_get_text (const DoorSecret *self);
GBytes *door_secret_dup_bytes (DoorSecret *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSecret, door_secret_unref)

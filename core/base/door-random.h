/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct _DoorRandom DoorRandom;

DoorRandom *door_random_new_system (void);
DoorRandom *door_random_new_fake (uint64_t seed);
DoorRandom *door_random_ref (DoorRandom *self);
void door_random_unref (DoorRandom *self);
void door_random_fill (DoorRandom *self, uint8_t *data, size_t size);
void door_random_fill_readable (DoorRandom *self, char *text, size_t length);
char *door_random_dup_token (DoorRandom *self);
char *door_random_dup_uuid (DoorRandom *self);
char *door_random_dup_ncname (DoorRandom *self);
char *door_random_dup_code (DoorRandom *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorRandom, door_random_unref)

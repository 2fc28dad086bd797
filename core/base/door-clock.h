/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include <glib.h>

typedef struct _DoorClock DoorClock;

DoorClock *door_clock_new_system (void);
DoorClock *door_clock_new_fake (int64_t now_ms);
void door_clock_free (DoorClock *self);
int64_t door_clock_now_ms (DoorClock *self);
int64_t door_clock_monotonic_s (DoorClock *self);
void door_clock_set_fake (DoorClock *self, int64_t now_ms);
char *door_clock_format_iso8601 (int64_t now_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorClock, door_clock_free)

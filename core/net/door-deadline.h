/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

typedef struct _DoorDeadline DoorDeadline;

DoorDeadline *door_deadline_new (unsigned int seconds, GCancellable *outer);
void door_deadline_free (DoorDeadline *self);
GCancellable *door_deadline_get_cancellable (const DoorDeadline *self);
bool door_deadline_has_passed (DoorDeadline *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeadline, door_deadline_free)

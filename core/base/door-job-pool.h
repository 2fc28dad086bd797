/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct _DoorJobPool DoorJobPool;
typedef void (*DoorJobFunc) (gpointer data);

DoorJobPool *door_job_pool_new (const char *name, size_t n_threads, size_t max_queue);
bool door_job_pool_push (DoorJobPool *self, DoorJobFunc func, gpointer data);
bool door_job_pool_is_moving (DoorJobPool *self, uint64_t *begun);
void door_job_pool_free (DoorJobPool *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorJobPool, door_job_pool_free)

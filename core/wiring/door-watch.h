/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _DoorWatch DoorWatch;

/**
 * DoorWatchFunc:
 * @data: as given to door_watch_new()
 *
 * Told that files may have changed. Runs in the main loop; must not block.
 */
typedef void (*DoorWatchFunc) (gpointer data);

DoorWatch *door_watch_new (unsigned int settle_ms, DoorWatchFunc changed, gpointer data);
void door_watch_set_files (DoorWatch *self, const char *const *paths);
void door_watch_free (DoorWatch *self);

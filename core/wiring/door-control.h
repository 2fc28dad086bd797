/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

typedef struct _DoorControl DoorControl;

/**
 * DoorControlReload:
 * @data: as given to door_control_new()
 *
 * Asks for a reload. Runs in the main loop; must not block.
 *
 * Returns: the number with which door_control_answer() answers it, 0 when there is too much to do
 */
typedef unsigned int (*DoorControlReload) (gpointer data);

char *door_control_dup_path (void);
DoorControl *door_control_new (const char *path, DoorControlReload reload, gpointer data, GError **error);
void door_control_answer (DoorControl *self, unsigned int number, const char *text);
void door_control_free (DoorControl *self);

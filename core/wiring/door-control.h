/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What is said on the socket: a line that asks, and an answer whose first line says what came of it. Then
 * come the lines of a reload: what has changed, and behind a prefix what is wrong. */
#define DOOR_CONTROL_RELOAD "reload\n"
#define DOOR_CONTROL_CHANGED "changed\n"
#define DOOR_CONTROL_UNCHANGED "unchanged\n"
#define DOOR_CONTROL_REFUSED "refused\n"
#define DOOR_CONTROL_BUSY "busy\n"
#define DOOR_CONTROL_LATE "late\n"
#define DOOR_CONTROL_UNKNOWN "unknown\n"
#define DOOR_CONTROL_WARNING "warning: "
#define DOOR_CONTROL_ERROR "error: "

/* How long who has asked for a reload waits for what comes of it. */
#define DOOR_CONTROL_PATIENCE_S 60

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
DoorControl *door_control_new (const char *path, unsigned int patience_s, DoorControlReload reload,
                               gpointer data, GError **error);
void door_control_answer (DoorControl *self, unsigned int number, const char *text);
void door_control_free (DoorControl *self);

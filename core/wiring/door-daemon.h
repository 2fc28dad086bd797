/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-log.h"
#include "door-setup.h"

typedef struct _DoorDaemon DoorDaemon;

DoorDaemon *door_daemon_new (const DoorSetup *setup, GPtrArray *problems, GError **error);
void door_daemon_start (DoorDaemon *self, DoorLogOutput *log, GMainLoop *loop);
bool door_daemon_has_failed (const DoorDaemon *self);
bool door_daemon_reload (DoorDaemon *self);
void door_daemon_free (DoorDaemon *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDaemon, door_daemon_free)

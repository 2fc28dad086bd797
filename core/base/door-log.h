/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _DoorLogOutput DoorLogOutput;

DoorLogOutput *door_log_start (void);
void door_log_start_beside (void);
void door_log_set_level (DoorLogOutput *self, const char *word);

/* G_LOG_DOMAIN is set per folder by the build. */
void door_log_event (GLogLevelFlags level, const char *event, const char *message,
                     ...) G_GNUC_NULL_TERMINATED;

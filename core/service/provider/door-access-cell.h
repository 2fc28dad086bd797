/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct _DoorAccessCell DoorAccessCell;

DoorAccessCell *door_access_cell_new (void);
void door_access_cell_free (DoorAccessCell *self);
bool door_access_cell_enter (DoorAccessCell *self, int64_t now_s);
void door_access_cell_leave (DoorAccessCell *self);
void door_access_cell_block (DoorAccessCell *self, int64_t until_s);
char *door_access_cell_dup_token (DoorAccessCell *self, int64_t now_s);
void door_access_cell_set_token (DoorAccessCell *self, const char *token, int64_t until_s);

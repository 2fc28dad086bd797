/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* For the core, and for storage that keeps a file. Not installed. */

/**
 * DoorOwner:
 * @user: 0: whoever the process is
 *
 * As whom files are opened, made and removed.
 */
typedef struct
{
  uid_t user;
  gid_t group;
} DoorOwner;

DoorOwner door_owner_find (const char *path);
bool door_owner_enter (const DoorOwner *self);
void door_owner_leave (const DoorOwner *self);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/**
 * DoorActivation:
 * @fds: (array length=n): listening sockets
 * @names: (array zero-terminated=1): what the units call them; as many as @fds
 * @n: how many
 *
 * What a service manager has opened for us.
 */
typedef struct
{
  int *fds;
  char **names;
  size_t n;
} DoorActivation;

bool door_activation_read (const char *pid, const char *count, const char *names, DoorActivation *activation,
                           GError **error);
void door_activation_clear (DoorActivation *activation);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorActivation, door_activation_clear)

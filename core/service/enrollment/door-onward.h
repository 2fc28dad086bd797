/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/**
 * DoorOnward:
 * @status: HTTP status of the redirect
 * @location: (nullable): where to
 *
 * Where the holder of an access token or a ticket goes next. All 0 at first.
 */
typedef struct
{
  unsigned int status;
  char *location;
} DoorOnward;

void door_onward_clear (DoorOnward *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorOnward, door_onward_clear)

bool door_onward_find (const DoorContext *context, const char *ticket, GCancellable *cancellable,
                       DoorOnward *out, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-fetch.h"
#include "door-types.h"

bool door_soup_fetch (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable,
                      GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

bool door_google_groups_check (const DoorSettings *settings, GError **error);
DoorFetcherAccess *door_google_groups_dup_access (const DoorSettings *settings);
char **door_google_groups_fetch (const DoorSettings *settings, const DoorIdentity *identity,
                                 DoorFetcher *fetcher, GCancellable *cancellable, GError **error);

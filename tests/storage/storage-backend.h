/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/* What a test needs of the backend it is built for; one implementation for each. */

/* (nullable): why the tests cannot run here */
const char *storage_backend_get_skip_reason (void);
/* (transfer full): a place without tables of ours: a file, or the address of a server's database */
char *storage_backend_new_place (void);
void storage_backend_remove_place (const char *place);
/* (transfer full): configured, not open */
DoorStorage *storage_backend_new (const char *place, const char *pool_size, GError **error);

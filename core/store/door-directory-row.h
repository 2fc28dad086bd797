/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files share that read resources of directories. */
#pragma once

#include "door-directory-store.h"
#include "door-row.h"

gpointer door_directory_resource_decode (DoorRow *row);
bool door_directory_read_total (DoorTxn *txn, const char *sql, GVariant *params, int64_t *total,
                                GError **error);

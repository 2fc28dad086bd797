/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-gda-storage.h"

#define DOOR_TYPE_SQLITE_STORAGE (door_sqlite_storage_get_type ())
G_DECLARE_FINAL_TYPE (DoorSqliteStorage, door_sqlite_storage, DOOR, SQLITE_STORAGE, DoorGdaStorage)

const DoorKey *door_sqlite_storage_get_keys (void);

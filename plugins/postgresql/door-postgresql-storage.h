/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-gda-storage.h"

#define DOOR_TYPE_POSTGRESQL_STORAGE (door_postgresql_storage_get_type ())
G_DECLARE_FINAL_TYPE (DoorPostgresqlStorage, door_postgresql_storage, DOOR, POSTGRESQL_STORAGE,
                      DoorGdaStorage)

const DoorKey *door_postgresql_storage_get_keys (void);

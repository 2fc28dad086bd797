/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-dep-store.h"
#include "door-row.h"

#define DOOR_DEP_DEVICE_COLUMNS                                                                              \
  "id, serial, server, model, description, color, asset_tag, family, os, team, chosen, profile_status, "     \
  "profile_uuid, assign_due_at, assign_failures, assign_status, op_date, generation, seen_at, removed_at"

gpointer door_dep_device_decode (DoorRow *row);

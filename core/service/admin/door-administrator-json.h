/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-administrator-store.h"
#include "door-json.h"

JsonObject *door_administrator_json_build (const DoorAdministrator *administrator, const GPtrArray *roles);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-eula-store.h"
#include "door-json.h"

JsonObject *door_eula_json_build (const DoorEulaAcceptance *row);

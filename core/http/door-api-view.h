/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "door-session.h"

JsonObject *door_api_view_administrator (const DoorAdministrator *administrator, const GPtrArray *roles);

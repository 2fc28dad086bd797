/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"

bool door_same_provider (const GPtrArray *connections, DoorConnection *connection, const char *name);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"

DoorConnection *door_connections_lookup (const GPtrArray *connections, const char *name);
GPtrArray *door_connections_choose (const GPtrArray *connections, const char *use, const DoorTeam *team,
                                    const char *domain);

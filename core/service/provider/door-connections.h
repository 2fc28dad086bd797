/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"

/**
 * DoorConnectionTwin:
 * @name: name of a connection
 * @entity_id: entity id of its provider
 * @uses: what people sign in for there, words of Use=
 * @shared: whether the administrator has said that another one may be of the same entity id
 *
 * A connection, compared with others.
 */
typedef struct
{
  const char *name;
  const char *entity_id;
  const char *const *uses;
  bool shared;
} DoorConnectionTwin;

DoorConnection *door_connections_lookup_twin (const GPtrArray *connections, const DoorConnectionTwin *twin);
DoorConnection *door_connections_lookup (const GPtrArray *connections, const char *name);
GPtrArray *door_connections_choose (const GPtrArray *connections, const char *use, const DoorTeam *team,
                                    const char *domain);

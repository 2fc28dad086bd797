/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-ctl-database.h"
#include "door-objects.h"

/**
 * DoorCtlService:
 * @database: the server's data
 * @policy: what the configuration decides
 * @objects: what of the configuration is in the database
 * @actor: who runs the command, for the log
 * @context: what services need; without a state key until door_ctl_service_load_state_key()
 *
 * The part of a server that commands need which change something, beside the server that may run.
 */
typedef struct
{
  DoorCtlDatabase *database;
  DoorPolicy *policy;
  DoorObjects *objects;
  char *actor;
  DoorContext context;
} DoorCtlService;

DoorCtlService *door_ctl_service_open (const DoorCommandLine *line, GError **error);
bool door_ctl_service_load_state_key (DoorCtlService *self, GError **error);
void door_ctl_service_free (DoorCtlService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCtlService, door_ctl_service_free)

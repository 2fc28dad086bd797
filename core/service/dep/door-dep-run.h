/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to door-dep-*.c. */

#include "door-dep-client.h"
#include "door-dep-sync.h"

/* Longer than one question with a new session takes; renewed before each. */
#define DOOR_DEP_LEASE_S 150

/* One round with one server: whoever has its lease. */
typedef struct
{
  const DoorContext *context;
  const DoorDepSyncRequest *request;
  const DoorDepRules *rules;
  DoorDepServer *server;
  DoorDepClient client;
  DoorDepSyncResult *result;
  bool restarted; /* the whole list was begun anew in this round */
} DoorDepRun;

char *door_dep_run_build_lease_name (const char *server);
bool door_dep_run_keep (DoorDepRun *self, GError **error);
void door_dep_run_tell (DoorDepRun *self);
bool door_dep_assign (DoorDepRun *self, GError **error);
bool door_dep_register_discovery (DoorDepRun *self, GError **error);

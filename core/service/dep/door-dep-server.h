/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-dep-store.h"
#include "door-dep-token.h"

DoorDepServer *door_dep_server_ensure (const DoorContext *context, const char *name, bool *made,
                                       GError **error);
bool door_dep_server_import_token (const DoorContext *context, const char *name, GBytes *file,
                                   int64_t *expires_at, GError **error);
DoorSecret *door_dep_server_open_key (const DoorContext *context, const DoorDepServer *server,
                                      GError **error);
DoorDepToken *door_dep_server_open_token (const DoorContext *context, const DoorDepServer *server,
                                          GError **error);
bool door_dep_server_read (const DoorContext *context, const char *name, DoorDepServer **out, GError **error);
bool door_dep_server_assign_team (const DoorContext *context, const char *serial, const char *team,
                                  GError **error);
bool door_dep_server_remove (const DoorContext *context, const char *name, bool keep_profiles,
                             GCancellable *cancellable, GError **error);

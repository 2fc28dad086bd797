/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"

bool door_metadata_kept_recall (const DoorContext *context, DoorConnection *connection, int64_t *fetched_ms,
                                GError **error);
bool door_metadata_kept_look (const DoorContext *context, DoorConnection *connection, GError **error);
bool door_metadata_kept_save (const DoorContext *context, DoorConnection *connection, GBytes *xml,
                              GCancellable *cancellable, GError **error);
bool door_metadata_kept_upload (const DoorContext *context, DoorConnection *connection, GBytes *xml,
                                GCancellable *cancellable, GError **error);

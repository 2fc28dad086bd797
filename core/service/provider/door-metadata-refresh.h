/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-pins.h"

bool door_metadata_refresh_once (const DoorContext *context, DoorConnection *connection,
                                 GCancellable *cancellable, GError **error);
int64_t door_metadata_refresh_round (const DoorContext *context, GCancellable *cancellable);
void door_metadata_refresh_ask (const DoorContext *context, DoorConnection *connection);

DoorMetadataRefresh *door_metadata_refresh_new (void);
void door_metadata_refresh_start (DoorMetadataRefresh *self, const DoorPins *contexts);
void door_metadata_refresh_wake (DoorMetadataRefresh *self);
void door_metadata_refresh_stop (DoorMetadataRefresh *self);

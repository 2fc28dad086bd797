/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-pins.h"

typedef struct _DoorMetadataRefresh DoorMetadataRefresh;

/**
 * DoorMetadataSource:
 * @fetch: fetches a document
 * @allow_http: development mode
 * @cancellable: (nullable): ends a fetch early
 *
 * How metadata is had.
 */
typedef struct
{
  DoorFetchFunc fetch;
  bool allow_http;
  GCancellable *cancellable;
} DoorMetadataSource;

bool door_metadata_refresh_once (const DoorContext *context, DoorConnection *connection, DoorFetchFunc fetch,
                                 bool allow_http, GCancellable *cancellable, GError **error);
bool door_metadata_refresh_recall (const DoorContext *context, DoorConnection *connection, bool allow_http,
                                   GError **error);
int64_t door_metadata_refresh_round (const DoorContext *context, const DoorMetadataSource *source);
DoorMetadataRefresh *door_metadata_refresh_start (const DoorPins *contexts, DoorFetchFunc fetch,
                                                  bool allow_http);
void door_metadata_refresh_wake (DoorMetadataRefresh *self);
void door_metadata_refresh_stop (DoorMetadataRefresh *self);

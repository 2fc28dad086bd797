/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"

typedef struct _DoorMetadataRefresh DoorMetadataRefresh;

/**
 * DoorFetchFunc:
 * @url: what to fetch
 * @max_bytes: largest answer accepted
 * @cancellable: ends it early
 * @error: return location for an error
 *
 * Fetches a document. Blocking.
 *
 * Returns: (transfer full): the document, or %NULL with an error
 */
typedef GBytes *(*DoorFetchFunc) (const char *url, size_t max_bytes, GCancellable *cancellable,
                                  GError **error);

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

/**
 * DoorMetadataDue:
 * @at_s: when it is due, by the clock's monotonic time; 0: never fetched yet
 * @seen_ms: how new the metadata is that this instance has looked at; milliseconds since 1970, UTC
 *
 * When the metadata of one connection is to be fetched again. All 0 at first.
 */
typedef struct
{
  int64_t at_s;
  int64_t seen_ms;
} DoorMetadataDue;

bool door_metadata_refresh_once (const DoorContext *context, DoorConnection *connection, DoorFetchFunc fetch,
                                 bool allow_http, GCancellable *cancellable, GError **error);
bool door_metadata_refresh_recall (const DoorContext *context, DoorConnection *connection, bool allow_http,
                                   GError **error);
int64_t door_metadata_refresh_round (const DoorContext *context, const DoorMetadataSource *source,
                                     DoorMetadataDue *due);
DoorMetadataRefresh *door_metadata_refresh_start (const DoorContext *context, DoorFetchFunc fetch,
                                                  bool allow_http);
void door_metadata_refresh_stop (DoorMetadataRefresh *self);

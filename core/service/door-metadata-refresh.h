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

bool door_metadata_refresh_once (const DoorContext *context, DoorConnection *connection, DoorFetchFunc fetch,
                                 bool allow_http, GCancellable *cancellable, GError **error);
bool door_metadata_refresh_recall (const DoorContext *context, DoorConnection *connection, bool allow_http,
                                   GError **error);
DoorMetadataRefresh *door_metadata_refresh_start (const DoorContext *context, DoorFetchFunc fetch,
                                                  bool allow_http);
void door_metadata_refresh_stop (DoorMetadataRefresh *self);

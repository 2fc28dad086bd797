/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-dep-store.h"

/**
 * DoorDepSyncResult:
 * @busy: nothing was done: another instance is at it
 * @whole: the whole list was read to its end
 * @n_read: devices that were read, those of earlier rounds of the same list included
 * @n_assigned: devices that have got another profile
 * @n_refused: devices for which Apple has refused that for now
 * @n_calls: how often Apple was asked
 * @retry_after_s: after a failure: how long Apple wants to be left alone, 0 when it does not say
 *
 * What came of a round.
 */
typedef struct
{
  bool busy;
  bool whole;
  int64_t n_read;
  int64_t n_assigned;
  int64_t n_refused;
  int64_t n_calls;
  int64_t retry_after_s;
} DoorDepSyncResult;

/**
 * DoorDepProgress:
 * @result: how far it is
 * @data: what was given with it
 *
 * Told after each page and each batch.
 */
typedef void (*DoorDepProgress) (const DoorDepSyncResult *result, gpointer data);

/**
 * DoorDepSyncRequest:
 * @name: name of the server
 * @full: read the whole list, also when changes would do
 * @cancellable: (nullable): ends it early; what was read stays
 * @progress: (nullable): is told how far it is
 * @data: for @progress
 *
 * A round that is wanted.
 */
typedef struct
{
  const char *name;
  bool full;
  GCancellable *cancellable;
  DoorDepProgress progress;
  gpointer data;
} DoorDepSyncRequest;

bool door_dep_sync (const DoorContext *context, const DoorDepSyncRequest *request, DoorDepSyncResult *result,
                    GError **error);
void door_dep_sync_round (const DoorContext *context, GCancellable *cancellable);

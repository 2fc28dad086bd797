/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-push-outcome.h"

typedef struct _DoorPushBatch DoorPushBatch;

/**
 * DoorPushEntry:
 * @batch: what it is in
 * @due: the push
 * @attempt: what came of it
 * @verdict: what follows from that
 * @is_tried: it was sent; otherwise it goes back to where it was until @verdict's time
 *
 * A push that this process sends.
 */
typedef struct
{
  DoorPushBatch *batch;
  const DoorPushDue *due;
  DoorPushAttempt attempt;
  DoorPushVerdict verdict;
  bool is_tried;
} DoorPushEntry;

/**
 * DoorPushBatch:
 * @owner: who has it under way
 * @claim: what marks its rows in the database
 * @until_ms: when somebody else may take them
 * @rows: (element-type DoorPushDue): its pushes
 * @entries: one for each
 * @n_pending: how many have no answer yet; of @owner's lock
 *
 * Pushes that were claimed together and are recorded together.
 */
struct _DoorPushBatch
{
  gpointer owner;
  char *claim;
  int64_t until_ms;
  GPtrArray *rows;
  DoorPushEntry *entries;
  guint n_pending;
};

DoorPushBatch *door_push_batch_claim (const DoorContext *context, int64_t limit, GError **error);
bool door_push_batch_record (const DoorContext *context, DoorPushBatch *self, GError **error);
void door_push_batch_free (DoorPushBatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPushBatch, door_push_batch_free)

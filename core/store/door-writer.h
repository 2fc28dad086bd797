/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

typedef struct _DoorWriter DoorWriter;

/**
 * DoorWork:
 * @txn: the transaction, shared with other pieces of work; never committed or freed by this function
 * @data: what was submitted
 * @error: return location for an error
 *
 * A piece of work: verified input in, rows out. It waits for nothing but the database. It may be run more
 * than once, each time after everything it did was rolled back, so it must keep nothing from an earlier
 * run: results go to @data, written anew each time, and count only when the work is reported as done.
 *
 * Returns: %FALSE to undo what it did and report @error; the other pieces of work are not affected
 */
typedef gboolean (*DoorWork) (DoorTxn *txn, gpointer data, GError **error);

/**
 * DoorWorkDone:
 * @data: what was submitted
 * @error: (nullable): why nothing was changed; %NULL: the changes are durable
 *
 * Reports the outcome, once. Runs in a thread of the writer: it must not block.
 */
typedef void (*DoorWorkDone) (gpointer data, const GError *error);

DoorWriter *door_writer_new (DoorStorage *storage, unsigned int n_threads, unsigned int max_queue,
                             unsigned int max_group);
void door_writer_free (DoorWriter *self);
gboolean door_writer_submit (DoorWriter *self, DoorWork work, gpointer data, DoorWorkDone done,
                             gpointer done_data, GError **error);
gboolean door_writer_run (DoorWriter *self, DoorWork work, gpointer data, GCancellable *cancellable,
                          GError **error);
bool door_writer_answers (DoorWriter *self);
bool door_writer_check (DoorWriter *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorWriter, door_writer_free)

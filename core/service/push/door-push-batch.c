/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-batch.h"

#include "door-error.h"

/* Longer than a push can be under way and its record can take; ends by itself when the process dies. */
#define CLAIM_MS (40 * INT64_C (1000))

/**
 * door_push_batch_free:
 * @self: (transfer full) (nullable): a batch
 */
void
door_push_batch_free (DoorPushBatch *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_free (self->entries);
  g_free (self->claim);
  g_free (self);
}

/* What the writer gets. */
typedef struct
{
  const char *claim;
  int64_t now_ms;
  int64_t until_ms;
  int64_t limit;
  GPtrArray *rows; /* (out) */
} Claim;

static gboolean
write_claim (DoorTxn *txn, gpointer data, GError **error)
{
  Claim *claim = data;

  g_clear_pointer (&claim->rows, g_ptr_array_unref);
  if (!door_push_store_claim (txn, claim->claim, claim->now_ms, claim->until_ms, claim->limit, error))
    return FALSE;
  claim->rows = door_push_store_list_claimed (txn, claim->claim, error);
  return claim->rows != NULL;
}

static bool
is_due (const DoorContext *context, int64_t now_ms, bool *due, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);

  return txn != NULL && door_push_store_is_due (txn, now_ms, due, error);
}

static DoorPushBatch *
make_batch (const DoorContext *context, Claim *claim)
{
  DoorPushBatch *self = g_new0 (DoorPushBatch, 1);

  self->claim = g_strdup (claim->claim);
  self->until_ms = claim->until_ms;
  self->rows = g_steal_pointer (&claim->rows);
  self->entries = g_new0 (DoorPushEntry, self->rows->len);
  self->n_pending = self->rows->len;
  for (guint i = 0; i < self->rows->len; i++)
    {
      DoorPushEntry *entry = &self->entries[i];

      entry->batch = self;
      entry->due = g_ptr_array_index (self->rows, i);
      entry->attempt.attempts = entry->due->attempts;
      entry->attempt.token_updated_at = entry->due->token_updated_at;
      door_random_fill (context->random, (uint8_t *) &entry->attempt.jitter, sizeof entry->attempt.jitter);
    }
  return self;
}

/**
 * door_push_batch_claim:
 * @context: what every service needs
 * @limit: most pushes
 * @error: return location for an error
 *
 * Takes pushes that are due: no other instance sends them. Blocks for a read and, when there are any, for a
 * commit.
 *
 * Returns: (transfer full) (nullable): the pushes, or %NULL: there are none, or with an error
 */
DoorPushBatch *
door_push_batch_claim (const DoorContext *context, int64_t limit, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autofree char *name = NULL;
  Claim claim = { .now_ms = now_ms, .until_ms = now_ms + CLAIM_MS, .limit = limit };
  DoorPushBatch *batch = NULL;
  bool due = false;

  if (!is_due (context, now_ms, &due, error) || !due)
    return NULL;
  name = door_random_dup_uuid (context->random);
  claim.claim = name;
  if (door_writer_run (context->writer, write_claim, &claim, NULL, error) && claim.rows->len > 0)
    batch = make_batch (context, &claim);
  g_clear_pointer (&claim.rows, g_ptr_array_unref);
  return batch;
}

/* Those that were taken are what is left, so they cost one statement together. */
static gboolean
write_record (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorPushBatch *self = data;
  const DoorPushOutcome *sent = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const DoorPushEntry *entry = &self->entries[i];
      const char *channel_id = entry->due->channel_id;

      if (entry->is_tried && entry->attempt.status == 200)
        sent = &entry->verdict.outcome;
      else if (entry->due->is_open == 0 ? !door_push_store_forget (txn, self->claim, channel_id, error)
                                        : !door_push_store_put_outcome (txn, self->claim, channel_id,
                                                                        &entry->verdict.outcome, error))
        return FALSE;
    }
  return sent == NULL || door_push_store_put_rest (txn, self->claim, sent, error);
}

/**
 * door_push_batch_record:
 * @context: what every service needs
 * @self: a batch, all of it answered and judged
 * @error: return location for an error
 *
 * Stores what came of the pushes. Blocks for one commit.
 *
 * Returns: false with an error
 */
bool
door_push_batch_record (const DoorContext *context, DoorPushBatch *self, GError **error)
{
  return door_writer_run (context->writer, write_record, self, NULL, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-store.h"

#include "door-row.h"

/* Nothing is put off for longer than a day. */
#define LATEST_MS (INT64_C (2) * 24 * 60 * 60 * 1000)

/**
 * door_push_due_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_push_due_free (DoorPushDue *self)
{
  if (self == NULL)
    return;
  g_free (self->channel_id);
  g_free (self->topic);
  g_free (self->push_magic);
  g_free (self->push_token);
  g_free (self);
}

/**
 * door_push_wish_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_push_wish_free (DoorPushWish *self)
{
  if (self == NULL)
    return;
  g_free (self->reason);
  g_free (self);
}

/**
 * door_push_store_wish:
 * @txn: a writing transaction
 * @channel_id: id of the enrollment, or of the user channel
 * @enrollment_id: id of the enrollment
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Has the device pushed, so that it polls. While one push is not answered by a poll, no other is added: APNs
 * keeps one for each device, and a device asks until nothing is left.
 *
 * Returns: false with an error
 */
bool
door_push_store_wish (DoorTxn *txn, const char *channel_id, const char *enrollment_id, int64_t now_ms,
                      GError **error)
{
  /* A conflict must change something: then it waits for a poll that is taking the row away at this moment,
   * and adds a new one behind it; DO NOTHING would leave the device without. */
  static const char sql[] =
      "INSERT INTO push_wish (channel_id, enrollment_id, wished_at, due_at, claim, attempts, sent_at, "
      "status, reason) VALUES (:channel_id, :enrollment_id, :now, :now, '', 0, 0, 0, '') "
      "ON CONFLICT (channel_id) DO UPDATE SET enrollment_id = excluded.enrollment_id";

  return door_txn_change (txn, sql,
                          door_params_new ("channel_id", "s", channel_id, "enrollment_id", "s", enrollment_id,
                                           "now", "x", now_ms, NULL),
                          NULL, error);
}

static gpointer
door_push_wish_decode (DoorRow *row)
{
  DoorPushWish *self = g_new0 (DoorPushWish, 1);

  self->wished_at = door_row_get_int (row, "wished_at");
  self->due_at = door_row_get_int (row, "due_at");
  self->attempts = door_row_get_int (row, "attempts");
  self->sent_at = door_row_get_int (row, "sent_at");
  self->status = door_row_get_int (row, "status");
  self->reason = door_row_dup_text (row, "reason");
  return self;
}

/**
 * door_push_store_lookup:
 * @txn: a transaction
 * @channel_id: id of the enrollment, or of the user channel
 * @out: (out) (transfer full) (nullable): the push that is wished; %NULL: none is
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_push_store_lookup (DoorTxn *txn, const char *channel_id, DoorPushWish **out, GError **error)
{
  static const char sql[] = "SELECT wished_at, due_at, attempts, sent_at, status, reason FROM push_wish "
                            "WHERE channel_id = :channel_id";

  return door_txn_lookup (txn, sql, door_params_new ("channel_id", "s", channel_id, NULL),
                          door_push_wish_decode, (gpointer *) out, error);
}

/**
 * door_push_store_poll_seen:
 * @txn: a writing transaction, which reads the queue of the channel after this
 * @channel_id: id of the enrollment, or of the user channel
 * @error: return location for an error
 *
 * The device has polled: what was wished is fulfilled. What is queued while this goes on wishes anew, so the
 * queue is read after it, never before. Where door_push_store_lookup() finds nothing this can be left out.
 *
 * Returns: false with an error
 */
bool
door_push_store_poll_seen (DoorTxn *txn, const char *channel_id, GError **error)
{
  static const char sql[] = "DELETE FROM push_wish WHERE channel_id = :channel_id";

  return door_txn_change (txn, sql, door_params_new ("channel_id", "s", channel_id, NULL), NULL, error);
}

/**
 * door_push_store_token_updated:
 * @txn: a writing transaction, which stores the new token too
 * @channel_id: id of the enrollment, or of the user channel
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * The device has said where to push it (TokenUpdate): what is wished goes there at once, also when the token
 * before was refused for good. What comes of a push that is on its way to the old one counts no more.
 *
 * Returns: false with an error
 */
bool
door_push_store_token_updated (DoorTxn *txn, const char *channel_id, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "UPDATE push_wish SET due_at = :now, claim = '', attempts = 0, sent_at = 0, status = 0, reason = '' "
      "WHERE channel_id = :channel_id";

  return door_txn_change (txn, sql, door_params_new ("channel_id", "s", channel_id, "now", "x", now_ms, NULL),
                          NULL, error);
}

static gpointer
number_decode (DoorRow *row)
{
  int64_t *number = g_new (int64_t, 1);

  *number = door_row_get_int (row, "n");
  return number;
}

/**
 * door_push_store_is_due:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @due: (out): whether there is anything to claim
 * @error: return location for an error
 *
 * Looks at one row of an index, or two. What is due later than anything is ever put off was dated by a clock
 * that was wrong: it is due.
 *
 * Returns: false with an error
 */
bool
door_push_store_is_due (DoorTxn *txn, int64_t now_ms, bool *due, GError **error)
{
  static const char sql[] =
      "SELECT due_at AS n FROM push_wish WHERE due_at > 0 AND (due_at <= :now OR due_at > :latest) LIMIT 1";
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql,
                        door_params_new ("now", "x", now_ms, "latest", "x", now_ms + LATEST_MS, NULL),
                        number_decode, (gpointer *) &found, error))
    return false;
  *due = found != NULL;
  return true;
}

/**
 * door_push_store_claim:
 * @txn: a writing transaction
 * @claim: something that was never used before
 * @now_ms: milliseconds since 1970, UTC
 * @until_ms: when they are due again if nothing is heard of them
 * @limit: most rows
 * @error: return location for an error
 *
 * Takes pushes that are due, as by door_push_store_is_due(), the longest due first. No two callers get the
 * same: what one has taken is not due any more when the other's statement comes to the row.
 *
 * Returns: false with an error
 */
bool
door_push_store_claim (DoorTxn *txn, const char *claim, int64_t now_ms, int64_t until_ms, int64_t limit,
                       GError **error)
{
  /* the condition on the row itself is what a second instance meets after it has waited for the first */
  static const char sql[] =
      "UPDATE push_wish SET due_at = :until, claim = :claim WHERE due_at > 0 AND (due_at <= :now OR "
      "due_at > :latest) AND channel_id IN (SELECT channel_id FROM push_wish WHERE due_at > 0 AND "
      "(due_at <= :now OR due_at > :latest) ORDER BY due_at LIMIT :limit)";

  return door_txn_change (txn, sql,
                          door_params_new ("until", "x", until_ms, "claim", "s", claim, "now", "x", now_ms,
                                           "latest", "x", now_ms + LATEST_MS, "limit", "x", limit, NULL),
                          NULL, error);
}

static gpointer
door_push_due_decode (DoorRow *row)
{
  DoorPushDue *self = g_new0 (DoorPushDue, 1);

  self->channel_id = door_row_dup_text (row, "channel_id");
  self->topic = door_row_dup_text (row, "topic");
  self->push_magic = door_row_dup_text (row, "push_magic");
  self->push_token = door_row_dup_text (row, "push_token");
  self->token_updated_at = door_row_get_int (row, "token_updated_at");
  self->wished_at = door_row_get_int (row, "wished_at");
  self->attempts = door_row_get_int (row, "attempts");
  self->is_open = door_row_get_int (row, "is_open");
  return self;
}

/**
 * door_push_store_list_claimed:
 * @txn: a transaction
 * @claim: as it was given to door_push_store_claim()
 * @error: return location for an error
 *
 * Lists pushes that were taken, with what their channels say now.
 *
 * Returns: (transfer full) (element-type DoorPushDue): the rows, or %NULL with an error
 */
GPtrArray *
door_push_store_list_claimed (DoorTxn *txn, const char *claim, GError **error)
{
  static const char sql[] =
      "SELECT w.channel_id AS channel_id, w.wished_at AS wished_at, w.attempts AS attempts, "
      "COALESCE(u.topic, e.topic) AS topic, COALESCE(u.push_magic, e.push_magic) AS push_magic, "
      "COALESCE(u.push_token, e.push_token) AS push_token, "
      "COALESCE(u.token_updated_at, e.token_updated_at) AS token_updated_at, "
      "CASE WHEN e.ended_at = 0 AND COALESCE(u.ended_at, 0) = 0 AND COALESCE(u.push_token, e.push_token) <> "
      "'' "
      "AND (u.id IS NOT NULL OR w.channel_id = w.enrollment_id) THEN 1 ELSE 0 END AS is_open "
      "FROM push_wish w LEFT JOIN enrollment e ON e.id = w.enrollment_id "
      "LEFT JOIN user_channel u ON u.id = w.channel_id WHERE w.claim = :claim AND w.claim <> ''";

  return door_txn_list (txn, sql, door_params_new ("claim", "s", claim, NULL), door_push_due_decode,
                        (GDestroyNotify) door_push_due_free, error);
}

/**
 * door_push_store_put_outcome:
 * @txn: a writing transaction
 * @claim: under which it was taken
 * @channel_id: whose push it was
 * @outcome: what came of it
 * @error: return location for an error
 *
 * Stores what came of one push, unless it is somebody else's by now: polled, or with a new token.
 *
 * Returns: false with an error
 */
bool
door_push_store_put_outcome (DoorTxn *txn, const char *claim, const char *channel_id,
                             const DoorPushOutcome *outcome, GError **error)
{
  static const char sql[] =
      "UPDATE push_wish SET claim = '', due_at = :due_at, attempts = :attempts, sent_at = :sent_at, "
      "status = :status, reason = :reason WHERE channel_id = :channel_id AND claim = :claim";

  return door_txn_change (txn, sql,
                          door_params_new ("due_at", "x", outcome->due_at, "attempts", "x", outcome->attempts,
                                           "sent_at", "x", outcome->sent_at, "status", "x", outcome->status,
                                           "reason", "s", outcome->reason, "channel_id", "s", channel_id,
                                           "claim", "s", claim, NULL),
                          NULL, error);
}

/**
 * door_push_store_put_rest:
 * @txn: a writing transaction
 * @claim: under which they were taken
 * @outcome: what came of them
 * @error: return location for an error
 *
 * Stores what came of all pushes of a claim that are still in it, in one statement.
 *
 * Returns: false with an error
 */
bool
door_push_store_put_rest (DoorTxn *txn, const char *claim, const DoorPushOutcome *outcome, GError **error)
{
  static const char sql[] =
      "UPDATE push_wish SET claim = '', due_at = :due_at, attempts = :attempts, sent_at = :sent_at, "
      "status = :status, reason = :reason WHERE claim = :claim AND claim <> ''";

  return door_txn_change (txn, sql,
                          door_params_new ("due_at", "x", outcome->due_at, "attempts", "x", outcome->attempts,
                                           "sent_at", "x", outcome->sent_at, "status", "x", outcome->status,
                                           "reason", "s", outcome->reason, "claim", "s", claim, NULL),
                          NULL, error);
}

/**
 * door_push_store_forget:
 * @txn: a writing transaction
 * @claim: under which it was taken
 * @channel_id: a channel that has ended
 * @error: return location for an error
 *
 * Takes a push away that nobody will answer.
 *
 * Returns: false with an error
 */
bool
door_push_store_forget (DoorTxn *txn, const char *claim, const char *channel_id, GError **error)
{
  static const char sql[] = "DELETE FROM push_wish WHERE channel_id = :channel_id AND claim = :claim";

  return door_txn_change (
      txn, sql, door_params_new ("channel_id", "s", channel_id, "claim", "s", claim, NULL), NULL, error);
}

static gpointer
door_push_queue_decode (DoorRow *row)
{
  DoorPushQueue *self = g_new0 (DoorPushQueue, 1);

  self->waiting = door_row_get_int (row, "waiting");
  self->stopped = door_row_get_int (row, "stopped");
  self->unanswered = door_row_get_int (row, "unanswered");
  self->oldest_wished_at = door_row_get_int (row, "oldest_wished_at");
  return self;
}

/**
 * door_push_store_count:
 * @txn: a transaction
 * @out: (out): how many there are
 * @error: return location for an error
 *
 * Reads the whole table, which holds what devices have not answered.
 *
 * Returns: false with an error
 */
bool
door_push_store_count (DoorTxn *txn, DoorPushQueue *out, GError **error)
{
  static const char sql[] =
      "SELECT COUNT(CASE WHEN due_at > 0 AND sent_at = 0 THEN 1 END) AS waiting, "
      "COUNT(CASE WHEN due_at = 0 THEN 1 END) AS stopped, "
      "COUNT(CASE WHEN sent_at > 0 THEN 1 END) AS unanswered, "
      "COALESCE(MIN(CASE WHEN due_at > 0 AND sent_at = 0 THEN wished_at END), 0) AS oldest_wished_at "
      "FROM push_wish";
  g_autofree DoorPushQueue *found = NULL;

  if (!door_txn_lookup (txn, sql, NULL, door_push_queue_decode, (gpointer *) &found, error))
    return false;
  if (found != NULL)
    *out = *found;
  return true;
}

/**
 * door_push_failure_free:
 * @self: (transfer full): how many
 */
void
door_push_failure_free (DoorPushFailure *self)
{
  g_free (self->reason);
  g_free (self);
}

static gpointer
failure_decode (DoorRow *row)
{
  DoorPushFailure *self = g_new0 (DoorPushFailure, 1);

  self->status = door_row_get_int (row, "status");
  self->reason = door_row_dup_text (row, "reason");
  self->count = door_row_get_int (row, "n");
  return self;
}

/**
 * door_push_store_list_failures:
 * @txn: a transaction
 * @limit: most rows
 * @error: return location for an error
 *
 * Tells why pushes wait that were tried, the most frequent first. Those that wait for another token of their
 * device are not among them. Reads the whole table.
 *
 * Returns: (transfer full) (element-type DoorPushFailure): the rows, or %NULL with an error
 */
GPtrArray *
door_push_store_list_failures (DoorTxn *txn, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT status, reason, COUNT(*) AS n FROM push_wish WHERE due_at > 0 AND sent_at = 0 "
      "AND (status <> 0 OR reason <> '') GROUP BY status, reason ORDER BY n DESC, status, reason LIMIT "
      ":limit";

  return door_txn_list (txn, sql, door_params_new ("limit", "x", limit, NULL), failure_decode,
                        (GDestroyNotify) door_push_failure_free, error);
}

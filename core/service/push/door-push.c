/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "door-error.h"
#include "door-log.h"
#include "door-push-batch.h"
#include "door-push-certificates.h"

/* What other processes have wished, and what is due again, is found after this, each time another: of two
 * instances that look in step, one would find everything. */
#define MIN_POLL_MS 1000
#define MAX_POLL_MS 2000
/* Pushes that are under way together, in pieces that are claimed and recorded with one commit each. */
#define BATCH_ROWS 100
#define MAX_BATCHES 4
/* How many find out whether a topic that had to wait may go on. */
#define PROBE_ROWS 4
/* A connection that fails so often in a row is no accident. */
#define LASTING_FAILURES 3
#define COUNT_PAUSE_S 10
/* How long the end of the program waits for what is under way; claims bring the rest back. */
#define STOP_MS INT64_C (3000)

/* What is known of a topic; of the thread alone. */
typedef struct
{
  char *certificate_sha256;
  int64_t pause_until_s; /* on the monotonic clock; 0: it goes on */
  int64_t failures;
  bool has_failed; /* in the batch that is judged */
  char *problem;   /* (nullable): why it has long had to wait */
} Topic;

/* A certificate that the sender does not take, said once. */
typedef struct
{
  char *certificate_sha256;
  char *problem;
} Refusal;

struct _DoorPush
{
  DoorPushSender sender;
  DoorPins contexts;
  GHashTable *topics;   /* name → Topic */
  GHashTable *refusals; /* name of a topic → Refusal */
  int64_t count_at_s;
  pthread_t thread;
  bool started;
  pthread_mutex_t lock; /* guards what follows */
  pthread_cond_t changed;
  bool stopping;
  bool woken;
  GQueue finished; /* DoorPushBatch, answered */
  guint n_batches; /* under way or finished */
  char *problem;   /* (nullable): why a topic waits */
};

static void
topic_free (gpointer data)
{
  Topic *topic = data;

  g_free (topic->problem);
  g_free (topic->certificate_sha256);
  g_free (topic);
}

static void
refusal_free (gpointer data)
{
  Refusal *refusal = data;

  g_free (refusal->problem);
  g_free (refusal->certificate_sha256);
  g_free (refusal);
}

/* What is wrong with any topic is seen by all. */
static void
publish_problem (DoorPush *self)
{
  const char *problem = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->topics);
  while (problem == NULL && g_hash_table_iter_next (&iter, NULL, &value))
    problem = ((Topic *) value)->problem;
  g_hash_table_iter_init (&iter, self->refusals);
  while (problem == NULL && g_hash_table_iter_next (&iter, NULL, &value))
    problem = ((Refusal *) value)->problem;
  pthread_mutex_lock (&self->lock);
  g_free (self->problem);
  self->problem = g_strdup (problem);
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_push_dup_problem:
 * @self: what pushes
 *
 * Any thread; does not block.
 *
 * Returns: (transfer full) (nullable): why no device can be pushed now; %NULL: nothing is known to be wrong
 */
char *
door_push_dup_problem (DoorPush *self)
{
  char *problem;

  pthread_mutex_lock (&self->lock);
  problem = g_strdup (self->problem);
  pthread_mutex_unlock (&self->lock);
  return problem;
}

static bool
hand_over (DoorPush *self, const DoorPushCertificate *certificate, GError **error)
{
  g_autofree char *chain = door_push_certificate_dup_chain_pem (certificate);
  const char *key = door_secret_get_text (door_push_certificate_get_key (certificate));
  g_autoptr (GString) pem = g_string_sized_new (strlen (chain) + strlen (key) + 2);
  g_autoptr (DoorSecret) wiped = NULL;

  g_string_append (pem, chain);
  g_string_append_c (pem, '\n');
  g_string_append (pem, key);
  wiped = door_secret_new_take (g_steal_pointer (&pem));
  return self->sender.set_identity (self->sender.owner, door_push_certificate_get_topic (certificate),
                                    door_secret_get_text (wiped), error);
}

/* It stays as it is however often it is tried, so it is told once, and by the readiness until it is replaced.
 */
static void
note_refusal (DoorPush *self, const char *name, const char *sha256, const GError *why)
{
  Refusal *refusal = g_new0 (Refusal, 1);

  refusal->certificate_sha256 = g_strdup (sha256);
  refusal->problem =
      g_strdup_printf ("the push certificate of %s cannot be used: %s; renew it and import it with doorctl "
                       "apns import",
                       name, why->message);
  g_warning ("%s", refusal->problem);
  g_hash_table_replace (self->refusals, g_strdup (name), refusal);
  publish_problem (self);
}

/* A renewal goes into use at once; what was wrong with the certificate before is forgotten. */
static void
adopt (DoorPush *self, const DoorPushCertificate *certificate)
{
  const char *name = door_push_certificate_get_topic (certificate);
  const char *sha256 = door_certificate_get_sha256 (door_push_certificate_get_leaf (certificate));
  Topic *topic = g_hash_table_lookup (self->topics, name);
  const Refusal *refusal = g_hash_table_lookup (self->refusals, name);
  g_autoptr (GError) error = NULL;

  if (refusal != NULL && strcmp (refusal->certificate_sha256, sha256) == 0)
    return;
  if (topic != NULL && strcmp (topic->certificate_sha256, sha256) == 0)
    {
      if (g_hash_table_remove (self->refusals, name)) /* the former one is back */
        publish_problem (self);
      return;
    }
  if (!hand_over (self, certificate, &error))
    {
      note_refusal (self, name, sha256, error);
      return;
    }
  g_message ("devices with the topic %s are pushed with the certificate %.16s", name, sha256);
  topic = g_new0 (Topic, 1);
  topic->certificate_sha256 = g_strdup (sha256);
  g_hash_table_remove (self->refusals, name);
  g_hash_table_replace (self->topics, g_strdup (name), topic);
  publish_problem (self);
}

static gboolean
is_removed (gpointer name, gpointer refusal, gpointer certificates)
{
  return door_push_certificates_lookup (certificates, name) == NULL;
}

static void
adopt_all (DoorPush *self, const DoorContext *context)
{
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; context->push_certificates != NULL && i < context->push_certificates->len; i++)
    adopt (self, g_ptr_array_index (context->push_certificates, i));
  if (g_hash_table_foreach_remove (self->refusals, is_removed, context->push_certificates) > 0)
    publish_problem (self);
  g_hash_table_iter_init (&iter, self->topics);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (door_push_certificates_lookup (context->push_certificates, name) == NULL)
      {
        self->sender.set_identity (self->sender.owner, name, NULL, NULL); /* taking away cannot fail */
        g_hash_table_iter_remove (&iter);
        publish_problem (self);
      }
}

/* In a thread of the sender. */
static void
answered_cb (gpointer data, const DoorPushAnswer *answer)
{
  DoorPushEntry *entry = data;
  DoorPushBatch *batch = entry->batch;
  DoorPush *self = batch->owner;

  entry->attempt.status = answer->status;
  entry->attempt.retry_after_s = answer->retry_after_s;
  if (answer->body != NULL && answer->status != 200)
    door_push_refusal_parse (answer->body, &entry->attempt.refusal);
  if (answer->failure != NULL)
    g_info ("no answer from APNs: %s", answer->failure);
  pthread_mutex_lock (&self->lock);
  if (--batch->n_pending == 0)
    {
      g_queue_push_tail (&self->finished, batch);
      pthread_cond_signal (&self->changed);
    }
  pthread_mutex_unlock (&self->lock);
}

static bool
may_send (const DoorContext *context, const Topic *topic)
{
  return topic != NULL && topic->pause_until_s <= door_clock_monotonic_s (context->clock);
}

/* One that waits, or whose topic has no certificate here, is due again when that may be over. */
static void
put_back (const DoorContext *context, DoorPushEntry *entry, const Topic *topic)
{
  int64_t wait_s = topic != NULL ? topic->pause_until_s - door_clock_monotonic_s (context->clock) : 60;

  entry->verdict.outcome = (DoorPushOutcome){
    .due_at = door_clock_now_ms (context->clock) + MAX (wait_s, 1) * 1000,
    .attempts = entry->attempt.attempts,
    .reason = topic != NULL ? "TopicWaits" : "NoCertificate",
  };
}

static void
send_one (DoorPush *self, const DoorContext *context, DoorPushEntry *entry)
{
  const DoorPushDue *due = entry->due;
  g_autoptr (GBytes) body = door_push_note_build (due->push_magic);
  const DoorPushMessage message = {
    .topic = due->topic,
    .push_token = due->push_token,
    .body = body,
    .expires_s = door_clock_now_ms (context->clock) / 1000 + 24 * 60 * 60,
  };

  entry->is_tried = true;
  self->sender.send (self->sender.owner, &message, answered_cb, entry);
}

/* An answer may come before this ends, and with the last one the batch is somebody else's. */
static void
send_all (DoorPush *self, const DoorContext *context, DoorPushBatch *batch)
{
  const DoorPushAnswer none = { 0 };
  guint n_rows = batch->rows->len;

  batch->owner = self;
  for (guint i = 0; i < n_rows; i++)
    {
      DoorPushEntry *entry = &batch->entries[i];
      const Topic *topic = g_hash_table_lookup (self->topics, entry->due->topic);

      if (entry->due->is_open != 0 && may_send (context, topic))
        send_one (self, context, entry);
      else
        {
          put_back (context, entry, topic);
          answered_cb (entry, &none);
        }
    }
}

static void
count (const DoorContext *context, const DoorPushAttempt *attempt)
{
  const DoorMetricSample refused = { DOOR_METRIC_FAMILY_PUSHES_REFUSED,
                                     { door_push_name_reason (attempt) },
                                     1 };

  if (context->metrics == NULL)
    return;
  if (attempt->status == 200)
    door_metrics_add (context->metrics, DOOR_METRIC_PUSHES_SENT, 1);
  else
    door_metrics_count (context->metrics, &refused);
}

static void
pause_topic (DoorPush *self, const DoorContext *context, const DoorPushEntry *entry, Topic *topic)
{
  const DoorPushVerdict *verdict = &entry->verdict;
  int64_t until_s = door_clock_monotonic_s (context->clock) + (verdict->pause_ms + 999) / 1000;
  g_autofree char *problem = NULL;

  if (topic->pause_until_s >= until_s)
    return;
  topic->pause_until_s = until_s;
  problem =
      entry->attempt.status == 0
          ? g_strdup_printf ("APNs does not answer, pushes for %s wait; doorctl doctor says which server "
                             "is asked, and doorctl apns test DEVICE what to try",
                             entry->due->topic)
          : g_strdup_printf ("APNs answers %u %s for %s", entry->attempt.status, verdict->outcome.reason,
                             entry->due->topic);
  g_log (G_LOG_DOMAIN, topic->failures == 0 || verdict->is_identity ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_INFO,
         "%s; nothing is sent for %" G_GINT64_FORMAT " s", problem, (verdict->pause_ms + 999) / 1000);
  if (verdict->is_identity || topic->failures >= LASTING_FAILURES)
    {
      g_free (topic->problem);
      topic->problem = g_steal_pointer (&problem);
      publish_problem (self);
    }
}

static void
judge_one (DoorPush *self, const DoorContext *context, DoorPushEntry *entry)
{
  Topic *topic = g_hash_table_lookup (self->topics, entry->due->topic);

  entry->attempt.now_ms = door_clock_now_ms (context->clock);
  entry->attempt.topic_failures = topic != NULL ? topic->failures : 0;
  entry->verdict = door_push_judge (&entry->attempt);
  count (context, &entry->attempt);
  if (topic != NULL && entry->verdict.pause_ms > 0)
    {
      pause_topic (self, context, entry, topic);
      topic->has_failed = true;
    }
  else if (topic != NULL && entry->attempt.status == 200 && topic->failures > 0)
    {
      topic->failures = 0;
      g_clear_pointer (&topic->problem, g_free);
      publish_problem (self);
    }
  if (entry->verdict.is_stopped)
    g_info ("enrollment or channel %s: APNs says %u %s; it is pushed again after its next TokenUpdate",
            entry->due->channel_id, entry->attempt.status, entry->verdict.outcome.reason);
}

/* Of all that were under way when it began, a topic fails once. */
static void
judge (DoorPush *self, const DoorContext *context, DoorPushBatch *batch)
{
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < batch->rows->len; i++)
    if (batch->entries[i].is_tried)
      judge_one (self, context, &batch->entries[i]);
  g_hash_table_iter_init (&iter, self->topics);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Topic *topic = value;

      topic->failures += topic->has_failed ? 1 : 0;
      topic->has_failed = false;
    }
}

static DoorPushBatch *
take_finished (DoorPush *self)
{
  DoorPushBatch *batch;

  pthread_mutex_lock (&self->lock);
  batch = g_queue_pop_head (&self->finished);
  pthread_mutex_unlock (&self->lock);
  return batch;
}

static void
put_away (DoorPush *self, DoorPushBatch *batch)
{
  door_push_batch_free (batch);
  pthread_mutex_lock (&self->lock);
  self->n_batches--;
  pthread_mutex_unlock (&self->lock);
}

/* What cannot be recorded is sent once more when its claim ends. */
static void
record_finished (DoorPush *self, const DoorContext *context)
{
  DoorPushBatch *batch;

  while ((batch = take_finished (self)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      judge (self, context, batch);
      if (!door_push_batch_record (context, batch, &error))
        g_warning ("what came of %u pushes is not recorded: %s", batch->rows->len, error->message);
      put_away (self, batch);
    }
}

/* 0: every topic waits, or there is none. */
static int64_t
choose_limit (DoorPush *self, const DoorContext *context)
{
  GHashTableIter iter;
  gpointer value;
  int64_t limit = 0;

  g_hash_table_iter_init (&iter, self->topics);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (may_send (context, value))
      limit = MAX (limit, ((Topic *) value)->failures > 0 ? PROBE_ROWS : BATCH_ROWS);
  return limit;
}

/* Gives whether there may be more to claim. */
static bool
send_batch (DoorPush *self, const DoorContext *context)
{
  int64_t limit = choose_limit (self, context);
  g_autoptr (GError) error = NULL;
  DoorPushBatch *batch = limit > 0 ? door_push_batch_claim (context, limit, &error) : NULL;
  bool more;

  if (error != NULL)
    g_info ("pushes not looked at: %s", error->message);
  if (batch == NULL)
    return false;
  more = batch->rows->len == limit && limit == BATCH_ROWS;
  pthread_mutex_lock (&self->lock);
  self->n_batches++;
  pthread_mutex_unlock (&self->lock);
  send_all (self, context, batch);
  return more;
}

static void
count_queue (DoorPush *self, const DoorContext *context)
{
  int64_t now_ms = door_clock_now_ms (context->clock), now_s = door_clock_monotonic_s (context->clock);
  g_autoptr (DoorTxn) txn = NULL;
  DoorPushQueue queue = { 0 };

  if (context->metrics == NULL || now_s < self->count_at_s)
    return;
  self->count_at_s = now_s + COUNT_PAUSE_S;
  /* what is known stays when it cannot be counted: that the database is away is told elsewhere */
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, NULL);
  if (txn == NULL || !door_push_store_count (txn, &queue, NULL))
    return;
  door_metrics_set (context->metrics, DOOR_METRIC_PUSHES_WAITING, queue.waiting);
  door_metrics_set (context->metrics, DOOR_METRIC_PUSHES_STOPPED, queue.stopped);
  door_metrics_set (context->metrics, DOOR_METRIC_PUSHES_UNANSWERED, queue.unanswered);
  door_metrics_set (context->metrics, DOOR_METRIC_PUSH_OLDEST,
                    queue.oldest_wished_at > 0 ? MAX (now_ms - queue.oldest_wished_at, 0) / 1000 : 0);
}

static void
add_ms (struct timespec *time, int64_t ms)
{
  time->tv_sec += ms / 1000;
  time->tv_nsec += ms % 1000 * 1000000;
  if (time->tv_nsec >= 1000000000)
    {
      time->tv_sec++;
      time->tv_nsec -= 1000000000;
    }
}

/* What there is to do. */
typedef struct
{
  bool is_time; /* somebody has wished something, or the time is up */
  bool ends;
} Work;

/* @more: pushes wait only for room. */
static Work
wait_for_work (DoorPush *self, bool more, const struct timespec *until)
{
  Work work = { 0 };
  int waited = 0;

  pthread_mutex_lock (&self->lock);
  while (!self->stopping && !self->woken && self->finished.length == 0 &&
         !(more && self->n_batches < MAX_BATCHES) && waited != ETIMEDOUT)
    waited = pthread_cond_timedwait (&self->changed, &self->lock, until);
  work.is_time = self->woken || waited == ETIMEDOUT;
  self->woken = false;
  work.ends = self->stopping;
  pthread_mutex_unlock (&self->lock);
  return work;
}

static bool
has_room (DoorPush *self)
{
  bool room;

  pthread_mutex_lock (&self->lock);
  room = self->n_batches < MAX_BATCHES && !self->stopping;
  pthread_mutex_unlock (&self->lock);
  return room;
}

/* Answers come until the sender ends; those that come soon are recorded. */
static void
finish (DoorPush *self)
{
  gpointer context = self->contexts.pin (self->contexts.owner);
  struct timespec until;
  int waited = 0;

  clock_gettime (CLOCK_MONOTONIC, &until);
  add_ms (&until, STOP_MS);
  while (waited != ETIMEDOUT)
    {
      record_finished (self, context);
      pthread_mutex_lock (&self->lock);
      if (self->n_batches == 0)
        waited = ETIMEDOUT;
      else if (self->finished.length == 0)
        waited = pthread_cond_timedwait (&self->changed, &self->lock, &until);
      pthread_mutex_unlock (&self->lock);
    }
  record_finished (self, context);
  self->contexts.unpin (context);
}

static int64_t
choose_poll_ms (const DoorContext *context)
{
  uint16_t jitter;

  door_random_fill (context->random, (uint8_t *) &jitter, sizeof jitter);
  return MIN_POLL_MS + (int64_t) jitter * (MAX_POLL_MS - MIN_POLL_MS) / UINT16_MAX;
}

static void *
run (void *data)
{
  DoorPush *self = data;
  struct timespec poll_at = { 0 };
  bool more = false;

  pthread_setname_np (pthread_self (), "push");
  for (;;)
    {
      Work work = wait_for_work (self, more, &poll_at);
      gpointer context;

      if (work.ends)
        break;
      context = self->contexts.pin (self->contexts.owner);
      if (work.is_time)
        {
          clock_gettime (CLOCK_MONOTONIC, &poll_at);
          add_ms (&poll_at, choose_poll_ms (context));
        }
      adopt_all (self, context);
      record_finished (self, context);
      more = more || work.is_time;
      while (more && has_room (self))
        more = send_batch (self, context);
      count_queue (self, context);
      self->contexts.unpin (context);
    }
  finish (self);
  return NULL;
}

/**
 * door_push_new:
 * @sender: what sends; must outlive the last push
 *
 * Returns: (transfer full): the handle of a thread that does not run yet
 */
DoorPush *
door_push_new (const DoorPushSender *sender)
{
  DoorPush *self = g_new0 (DoorPush, 1);
  pthread_condattr_t attributes;

  self->sender = *sender;
  self->topics = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, topic_free);
  self->refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, refusal_free);
  g_queue_init (&self->finished);
  pthread_mutex_init (&self->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->changed, &attributes);
  pthread_condattr_destroy (&attributes);
  return self;
}

/**
 * door_push_start:
 * @self: the thread's handle
 * @contexts: gives each round the #DoorContext it works with; its owner must outlive the thread
 *
 * Starts the thread that pushes devices, beginning with what was left when the program last ended. Several
 * instances on one database share the work.
 */
void
door_push_start (DoorPush *self, const DoorPins *contexts)
{
  self->contexts = *contexts;
  self->started = true;
  if (pthread_create (&self->thread, NULL, run, self) != 0)
    g_error ("cannot start the thread that pushes");
}

/**
 * door_push_wake:
 * @context: what every service needs
 *
 * Somebody has wished a push (door_push_store_wish()), and it is committed: without this it goes out two
 * seconds later at most. Any thread; does not block.
 */
void
door_push_wake (const DoorContext *context)
{
  DoorPush *self = context->push;

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  self->woken = true;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_push_stop:
 * @self: the thread's handle
 *
 * Ends the thread. Blocks for seconds, until what is under way has ended. The sender may still report on what
 * takes longer: end it before door_push_free().
 */
void
door_push_stop (DoorPush *self)
{
  pthread_mutex_lock (&self->lock);
  self->stopping = true;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
  if (self->started)
    pthread_join (self->thread, NULL);
  self->started = false;
}

/**
 * door_push_free:
 * @self: (transfer full): the handle of a thread that has ended, and whose sender has
 */
void
door_push_free (DoorPush *self)
{
  g_queue_clear_full (&self->finished, (GDestroyNotify) door_push_batch_free);
  g_hash_table_unref (self->topics);
  g_hash_table_unref (self->refusals);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  g_free (self->problem);
  g_free (self);
}

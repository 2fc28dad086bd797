/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-metadata-refresh.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "door-error.h"
#include "door-expiry.h"
#include "door-lease.h"
#include "door-metadata-kept.h"

/* After a failure: soon while there is no metadata at all, else at leisure. */
#define RETRY_EMPTY_S 15
#define RETRY_S 300
/* What a provider may ask for (cacheDuration) in place of MetadataRefresh=. */
#define MIN_PAUSE_S 300
#define MAX_PAUSE_S (INT64_C (30) * 24 * 60 * 60)
/* For all of a fetch. */
#define FETCH_TIMEOUT_S 30
/* Longer than a fetch; ends by itself when an instance dies on the way. */
#define LEASE_S 60
/* When another instance is just fetching. */
#define RETRY_LEASE_S 5
/* Of several that start together, what one has fetched is as good for the others. */
#define TOGETHER_MS (10 * INT64_C (1000))
/* How soon an instance takes what was stored by another one, or by doorctl. */
#define LOOK_S 60
/* How often one who signs with an unknown key can make us fetch. */
#define ASK_PAUSE_S 300
#define WARN_PAUSE_S (24 * 60 * 60)

struct _DoorMetadataRefresh
{
  DoorPins contexts;
  GCancellable *cancellable; /* ends a fetch when the program ends */
  int64_t warn_at_s;         /* of its thread */
  pthread_t thread;
  bool started;
  pthread_mutex_t lock; /* guards what follows */
  pthread_cond_t wake;
  bool stopping;
  bool woken;
};

static bool
is_fetched (const DoorConnection *connection)
{
  return door_idp_profile_get_metadata_url (door_connection_get_profile (connection)) != NULL;
}

/* Whoever fetches knows nothing of metadata. */
static GBytes *
fetch_xml (const DoorContext *context, const DoorConnection *connection, GCancellable *cancellable,
           GError **error)
{
  const DoorFetchRequest request = {
    .url = door_idp_profile_get_metadata_url (door_connection_get_profile (connection)),
    .max_bytes = DOOR_SAML_METADATA_MAX_BYTES,
    .timeout_s = FETCH_TIMEOUT_S,
    .allow_http = context->development,
    .allow_private = door_connection_may_be_private (connection, context->development),
  };
  g_auto (DoorFetchAnswer) answer = { 0 };
  g_autoptr (GError) local = NULL;

  if (!context->fetch (&request, &answer, cancellable, &local))
    door_error_set (error, local->code, DOOR_FAULT_IDP_METADATA, "%s", local->message);
  else if (answer.status != 200)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA, "%s: answered %u", request.url,
                    answer.status);
  else
    return g_steal_pointer (&answer.body);
  return NULL;
}

/**
 * door_metadata_refresh_once:
 * @context: what every service needs
 * @connection: a connection whose metadata is fetched from an address
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Fetches the metadata, puts it into force and keeps it for the next start. Blocking. After a failure what
 * was in force stays.
 *
 * Returns: false with an error
 */
bool
door_metadata_refresh_once (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (GBytes) xml = fetch_xml (context, connection, cancellable, error);

  if (xml == NULL)
    return false;
  if (door_metadata_kept_save (context, connection, xml, cancellable, error))
    return true;
  g_prefix_error (error, "%s: ", door_connection_get_source (connection));
  return false;
}

/* When to fetch again: the provider may say (cacheDuration; SAML metadata 2.3.2), but always well before
 * what is there is over. */
static int64_t
choose_pause_s (const DoorContext *context, DoorConnection *connection, bool fetched)
{
  g_autoptr (DoorSamlMetadata) known = door_connection_dup_metadata (connection, NULL);
  int64_t now_ms = door_clock_now_ms (context->clock), cache_s, until_ms, pause_s;

  if (known == NULL)
    return RETRY_EMPTY_S;
  if (!fetched)
    return RETRY_S;
  cache_s = door_saml_metadata_get_cache_duration_s (known);
  until_ms = door_saml_metadata_get_valid_until_ms (known);
  pause_s =
      cache_s != 0 ? CLAMP (cache_s, MIN_PAUSE_S, MAX_PAUSE_S) : door_connection_get_refresh_s (connection);
  pause_s = MIN (pause_s, door_connection_get_max_stale_s (connection) / 2);
  if (until_ms != 0)
    pause_s = MIN (pause_s, (until_ms - now_ms) / 2000);
  return MAX (pause_s, MIN_PAUSE_S);
}

static void
warn_of_failure (const DoorConnection *connection, const GError *failure)
{
  DoorFault fault = door_error_get_fault (failure);
  const DoorFaultInfo *info =
      door_fault_get_info (fault != DOOR_FAULT_NONE ? fault : DOOR_FAULT_IDP_METADATA);

  g_warning ("idp/%s: metadata not refreshed: %s (%s: %s)", door_connection_get_name (connection),
             failure->message, info->id, info->fix);
}

/* What another instance has stored since this one looked is as good as its own. Gives the seconds until it
 * is due; 0 when there is nothing new. */
static int64_t
adopt (const DoorContext *context, DoorConnection *connection, DoorMetadataDue *due)
{
  int64_t now_ms = door_clock_now_ms (context->clock), fetched_ms = due->seen_ms, left_s;
  g_autoptr (GError) error = NULL;

  if (!door_metadata_kept_recall (context, connection, &fetched_ms, &error))
    g_info ("idp/%s: stored metadata not used: %s", door_connection_get_name (connection), error->message);
  if (fetched_ms <= due->seen_ms || fetched_ms > now_ms)
    return 0;
  due->seen_ms = fetched_ms;
  left_s = choose_pause_s (context, connection, true) - (now_ms - fetched_ms) / 1000;
  return MAX (left_s, 0);
}

/* The same, if that is not older than what was asked for. */
static int64_t
adopt_asked (const DoorContext *context, DoorConnection *connection, int64_t asked_ms, DoorMetadataDue *due)
{
  int64_t left_s = adopt (context, connection, due);

  return due->seen_ms >= asked_ms ? left_s : 0;
}

/* With the lease, unless another has stored something between the look and the lease. */
static int64_t
fetch_leased (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
              int64_t asked_ms, DoorMetadataDue *due)
{
  int64_t left_s = adopt_asked (context, connection, asked_ms, due);
  g_autoptr (GError) error = NULL;
  bool done;

  if (left_s > 0)
    return left_s;
  due->seen_ms = door_clock_now_ms (context->clock);
  done = door_metadata_refresh_once (context, connection, cancellable, &error);
  if (!done)
    warn_of_failure (connection, error);
  return choose_pause_s (context, connection, done);
}

/* One of several instances fetches, the others take what it has stored. Gives the seconds until the next
 * time. */
static int64_t
refresh_due (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
             int64_t asked_ms, DoorMetadataDue *due)
{
  g_autofree char *lease = g_strconcat ("metadata/", door_connection_get_name (connection), NULL);
  int64_t left_s, now_ms = door_clock_now_ms (context->clock);
  g_autoptr (GError) error = NULL;
  bool taken = false;

  if (due->seen_ms == 0)
    due->seen_ms = now_ms - TOGETHER_MS;
  left_s = adopt_asked (context, connection, asked_ms, due);
  if (left_s > 0)
    return left_s;
  if (!door_lease_take (context, lease, LEASE_S, &taken, &error))
    {
      warn_of_failure (connection, error);
      return choose_pause_s (context, connection, false);
    }
  if (!taken)
    {
      due->seen_ms = now_ms - 1; /* it may be stored in this very millisecond */
      return RETRY_LEASE_S;
    }
  left_s = fetch_leased (context, connection, cancellable, asked_ms, due);
  door_lease_release (context, lease);
  return left_s;
}

/* Gives when it is due next. */
static int64_t
serve (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable)
{
  int64_t now_s = door_clock_monotonic_s (context->clock);
  int64_t asked_ms = door_connection_take_asked_ms (connection);
  DoorMetadataDue due = door_connection_get_due (connection);
  g_autoptr (GError) error = NULL;

  if (!door_metadata_kept_look (context, connection, &error))
    g_info ("idp/%s: stored metadata not used: %s", door_connection_get_name (connection), error->message);
  if (!is_fetched (connection))
    return now_s + LOOK_S;
  if (due.at_s > now_s && asked_ms == 0)
    return due.at_s;
  due.at_s = now_s + refresh_due (context, connection, cancellable, asked_ms, &due);
  door_connection_set_due (connection, due);
  return due.at_s;
}

/**
 * door_metadata_refresh_round:
 * @context: what every service needs
 * @cancellable: (nullable): ends a fetch early
 *
 * Fetches the metadata that is due or was asked for, or takes what another instance on the same database has
 * stored. Blocking.
 *
 * Returns: seconds until the next round
 */
int64_t
door_metadata_refresh_round (const DoorContext *context, GCancellable *cancellable)
{
  const GPtrArray *connections = context->connections;
  int64_t now_s = door_clock_monotonic_s (context->clock);
  int64_t next = now_s + LOOK_S;

  for (guint i = 0; i < connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (connections, i);

      if (door_connection_get_source (connection) != NULL)
        next = MIN (next, serve (context, connection, cancellable));
    }
  return next - now_s;
}

/**
 * door_metadata_refresh_ask:
 * @context: what every service needs
 * @connection: a connection whose provider has signed with a key that is not known
 *
 * Lets the metadata be fetched at once, at most every five minutes: the provider may have changed its key.
 * Any thread; does not block.
 */
void
door_metadata_refresh_ask (const DoorContext *context, DoorConnection *connection)
{
  int64_t now_s = door_clock_monotonic_s (context->clock);

  if (!is_fetched (connection) ||
      !door_connection_ask_refresh (connection, now_s, ASK_PAUSE_S, door_clock_now_ms (context->clock)))
    return;
  g_message ("idp/%s: an answer is signed with no known key; the metadata is read again",
             door_connection_get_name (connection));
  if (context->refresh != NULL)
    door_metadata_refresh_wake (context->refresh);
}

/* False when the program ends. */
static bool
sleep_for (DoorMetadataRefresh *self, int64_t pause_s)
{
  struct timespec until;
  bool go_on;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += pause_s;
  pthread_mutex_lock (&self->lock);
  while (!self->stopping && !self->woken &&
         pthread_cond_timedwait (&self->wake, &self->lock, &until) != ETIMEDOUT)
    continue;
  self->woken = false;
  go_on = !self->stopping;
  pthread_mutex_unlock (&self->lock);
  return go_on;
}

static void
warn_once_a_day (DoorMetadataRefresh *self, const DoorContext *context)
{
  int64_t now_s = door_clock_monotonic_s (context->clock);

  if (self->warn_at_s > now_s)
    return;
  self->warn_at_s = now_s + WARN_PAUSE_S;
  door_expiry_warn (context);
}

static void *
run (void *data)
{
  DoorMetadataRefresh *self = data;
  int64_t pause_s;

  pthread_setname_np (pthread_self (), "metadata");
  do
    {
      gpointer context = self->contexts.pin (self->contexts.owner);

      pause_s = door_metadata_refresh_round (context, self->cancellable);
      warn_once_a_day (self, context);
      self->contexts.unpin (context);
    }
  while (sleep_for (self, pause_s));
  return NULL;
}

/**
 * door_metadata_refresh_new:
 *
 * Returns: (transfer full): the handle of a thread that does not run yet
 */
DoorMetadataRefresh *
door_metadata_refresh_new (void)
{
  DoorMetadataRefresh *self = g_new0 (DoorMetadataRefresh, 1);
  pthread_condattr_t attributes;

  self->cancellable = g_cancellable_new ();
  pthread_mutex_init (&self->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->wake, &attributes);
  pthread_condattr_destroy (&attributes);
  return self;
}

/**
 * door_metadata_refresh_start:
 * @self: the thread's handle
 * @contexts: gives each round the #DoorContext it works with; its owner must outlive the thread
 *
 * Starts the thread that keeps metadata fresh and warns once a day of what ends soon; the first round begins
 * at once.
 */
void
door_metadata_refresh_start (DoorMetadataRefresh *self, const DoorPins *contexts)
{
  self->contexts = *contexts;
  self->started = true;
  if (pthread_create (&self->thread, NULL, run, self) != 0)
    g_error ("cannot start the metadata thread");
}

/**
 * door_metadata_refresh_wake:
 * @self: the thread's handle
 *
 * Lets the next round begin now: there may be new connections, or something to fetch. Any thread; does not
 * block.
 */
void
door_metadata_refresh_wake (DoorMetadataRefresh *self)
{
  pthread_mutex_lock (&self->lock);
  self->woken = true;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_metadata_refresh_stop:
 * @self: (transfer full): the thread's handle
 *
 * Ends the thread. Blocks until a fetch under way has ended.
 */
void
door_metadata_refresh_stop (DoorMetadataRefresh *self)
{
  g_cancellable_cancel (self->cancellable);
  pthread_mutex_lock (&self->lock);
  self->stopping = true;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);
  if (self->started)
    pthread_join (self->thread, NULL);
  pthread_cond_destroy (&self->wake);
  pthread_mutex_destroy (&self->lock);
  g_object_unref (self->cancellable);
  g_free (self);
}

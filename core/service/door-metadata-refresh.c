/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-metadata-refresh.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "door-error.h"
#include "door-lease.h"
#include "door-metadata-store.h"

/* After a failure: soon while there is no metadata at all, else at leisure. */
#define RETRY_EMPTY_S 15
#define RETRY_S 300
/* Of silence, in a fetch. */
#define FETCH_TIMEOUT_S 20
/* Longer than a fetch; ends by itself when an instance dies on the way. */
#define LEASE_S 60
/* When another instance is just fetching. */
#define RETRY_LEASE_S 5

struct _DoorMetadataRefresh
{
  DoorPins contexts;
  DoorMetadataSource source; /* its cancellable ends a fetch when the program ends */
  pthread_t thread;
  pthread_mutex_t lock; /* guards what follows */
  pthread_cond_t wake;
  bool stopping;
  bool woken;
};

static const char *
source_of (const DoorConnection *connection)
{
  return door_idp_profile_get_metadata_url (door_connection_get_profile (connection));
}

static gboolean
write_metadata (DoorTxn *txn, gpointer data, GError **error)
{
  return door_metadata_store_save (txn, data, error);
}

/* The keys of a provider are believed because of where they came from; another name there is another
 * provider. */
static bool
same_entity (DoorConnection *connection, DoorSamlMetadata *fresh, GError **error)
{
  g_autoptr (DoorSamlMetadata) known = door_connection_dup_metadata (connection, NULL);

  if (known == NULL ||
      g_str_equal (door_saml_metadata_get_entity_id (known), door_saml_metadata_get_entity_id (fresh)))
    return true;
  door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_IDP_METADATA,
                  "the entity id changed from %s to %s; if that is right, name the new one in EntityId=",
                  door_saml_metadata_get_entity_id (known), door_saml_metadata_get_entity_id (fresh));
  return false;
}

/* Whoever fetches knows nothing of metadata. */
static GBytes *
fetch_xml (const char *url, DoorFetchFunc fetch, bool allow_http, GCancellable *cancellable, GError **error)
{
  const DoorFetchRequest request = {
    .url = url,
    .max_bytes = DOOR_SAML_METADATA_MAX_BYTES,
    .timeout_s = FETCH_TIMEOUT_S,
    .allow_http = allow_http,
    .allow_private = true,
  };
  g_auto (DoorFetchAnswer) answer = { 0 };
  g_autoptr (GError) local = NULL;

  if (!fetch (&request, &answer, cancellable, &local))
    door_error_set (error, local->code, DOOR_FAULT_IDP_METADATA, "%s", local->message);
  else if (answer.status != 200)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA, "%s: answered %u", url,
                    answer.status);
  else
    return g_steal_pointer (&answer.body);
  return NULL;
}

/**
 * door_metadata_refresh_once:
 * @context: what every service needs
 * @connection: a connection whose metadata is fetched from an address
 * @fetch: fetches it
 * @allow_http: development mode
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Fetches the metadata, puts it into force and keeps it for the next start. Blocking. After a failure what
 * was in force stays.
 *
 * Returns: false with an error
 */
bool
door_metadata_refresh_once (const DoorContext *context, DoorConnection *connection, DoorFetchFunc fetch,
                            bool allow_http, GCancellable *cancellable, GError **error)
{
  const char *url = source_of (connection);
  const char *entity_id = door_idp_profile_get_entity_id (door_connection_get_profile (connection));
  g_autoptr (GBytes) xml = fetch_xml (url, fetch, allow_http, cancellable, error);
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autofree char *text = NULL;
  DoorStoredMetadata row;

  if (xml == NULL)
    return false;
  metadata = door_saml_metadata_parse (xml, entity_id, allow_http, error);
  if (metadata == NULL)
    g_prefix_error (error, "%s: ", url);
  if (metadata == NULL || !same_entity (connection, metadata, error))
    return false;
  text = g_strndup (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml));
  row = (DoorStoredMetadata){
    .connection = (char *) door_connection_get_name (connection),
    .source = (char *) url,
    .entity_id = (char *) door_saml_metadata_get_entity_id (metadata),
    .xml = text,
    .fetched_at = door_clock_now_ms (context->clock),
  };
  if (!door_writer_run (context->writer, write_metadata, &row, cancellable, error))
    return false;
  door_connection_set_fetched (connection, metadata, row.fetched_at);
  return true;
}

static bool
use_row (DoorConnection *connection, const DoorStoredMetadata *row, bool allow_http, GError **error)
{
  const char *entity_id = door_idp_profile_get_entity_id (door_connection_get_profile (connection));
  g_autoptr (GBytes) xml = g_bytes_new (row->xml, strlen (row->xml));
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, entity_id, allow_http, error);

  if (metadata == NULL)
    return false;
  door_connection_set_fetched (connection, metadata, row->fetched_at);
  return true;
}

/* NULL without error when nothing was kept, or from another source. */
static bool
lookup_row (const DoorContext *context, DoorConnection *connection, DoorStoredMetadata **out, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);

  if (txn == NULL || !door_metadata_store_lookup (txn, door_connection_get_name (connection), out, error))
    return false;
  if (*out != NULL && !g_str_equal ((*out)->source, door_connection_get_source (connection)))
    g_clear_pointer (out, door_stored_metadata_free);
  return true;
}

/**
 * door_metadata_refresh_recall:
 * @context: what every service needs
 * @connection: a connection whose metadata is fetched from an address or uploaded
 * @allow_http: development mode
 * @error: return location for an error
 *
 * Puts the last good metadata into force, if it came from the same source. Blocking.
 *
 * Returns: false with an error; true also when nothing was kept
 */
bool
door_metadata_refresh_recall (const DoorContext *context, DoorConnection *connection, bool allow_http,
                              GError **error)
{
  g_autoptr (DoorStoredMetadata) row = NULL;

  if (!lookup_row (context, connection, &row, error))
    return false;
  return row == NULL || use_row (connection, row, allow_http, error);
}

/* When to fetch again: the provider may want it sooner (cacheDuration; SAML metadata 2.3.2). */
static int64_t
choose_pause_s (const DoorConnection *connection, const DoorSamlMetadata *known, bool fetched)
{
  int64_t pause_s = door_connection_get_refresh_s (connection);
  int64_t cache_s = known != NULL ? door_saml_metadata_get_cache_duration_s (known) : 0;

  if (!fetched)
    return known != NULL ? RETRY_S : RETRY_EMPTY_S;
  return cache_s != 0 ? MIN (pause_s, MAX (cache_s, RETRY_S)) : pause_s;
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

static int64_t
pause_after (DoorConnection *connection, bool fetched)
{
  g_autoptr (DoorSamlMetadata) known = door_connection_dup_metadata (connection, NULL);

  return choose_pause_s (connection, known, fetched);
}

/* What another instance has fetched since this one looked is as good as its own. Gives the seconds until it
 * is due; 0 when there is nothing new. */
static int64_t
adopt (const DoorContext *context, DoorConnection *connection, bool allow_http, DoorMetadataDue *due)
{
  int64_t now_ms = door_clock_now_ms (context->clock), left_s;
  g_autoptr (DoorStoredMetadata) row = NULL;
  g_autoptr (GError) error = NULL;

  if (!lookup_row (context, connection, &row, &error) || row == NULL || row->fetched_at <= due->seen_ms ||
      row->fetched_at > now_ms || !use_row (connection, row, allow_http, &error))
    {
      if (error != NULL)
        g_info ("idp/%s: stored metadata not used: %s", door_connection_get_name (connection),
                error->message);
      return 0;
    }
  due->seen_ms = row->fetched_at;
  left_s = pause_after (connection, true) - (now_ms - row->fetched_at) / 1000;
  return MAX (left_s, 0);
}

/* One of several instances fetches, the others take what it has stored. Gives the seconds until the next
 * time. */
static int64_t
refresh_due (const DoorContext *context, DoorConnection *connection, const DoorMetadataSource *source,
             DoorMetadataDue *due)
{
  g_autofree char *lease = g_strconcat ("metadata/", door_connection_get_name (connection), NULL);
  int64_t left_s = due->seen_ms != 0 ? adopt (context, connection, source->allow_http, due) : 0;
  g_autoptr (GError) error = NULL;
  bool taken = false, done = false;

  if (left_s > 0)
    return left_s;
  due->seen_ms = door_clock_now_ms (context->clock);
  if (door_lease_take (context, lease, LEASE_S, &taken, &error) && !taken)
    {
      due->seen_ms--; /* it may be stored in this very millisecond */
      return RETRY_LEASE_S;
    }
  if (taken)
    {
      done = door_metadata_refresh_once (context, connection, source->fetch, source->allow_http,
                                         source->cancellable, &error);
      door_lease_release (context, lease);
    }
  if (!done)
    warn_of_failure (connection, error);
  return pause_after (connection, done);
}

/**
 * door_metadata_refresh_round:
 * @context: what every service needs
 * @source: how metadata is had
 *
 * Fetches the metadata that is due, or takes what another instance on the same database has fetched.
 * Blocking.
 *
 * Returns: seconds until the next round
 */
int64_t
door_metadata_refresh_round (const DoorContext *context, const DoorMetadataSource *source)
{
  const GPtrArray *connections = context->connections;
  int64_t now_s = door_clock_monotonic_s (context->clock);
  int64_t next = now_s + RETRY_S;

  for (guint i = 0; i < connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (connections, i);
      DoorMetadataDue due;

      if (source_of (connection) == NULL)
        continue;
      due = door_connection_get_due (connection);
      if (due.at_s <= now_s)
        {
          due.at_s = now_s + refresh_due (context, connection, source, &due);
          door_connection_set_due (connection, due);
        }
      next = MIN (next, due.at_s);
    }
  return next - now_s;
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

static void *
run (void *data)
{
  DoorMetadataRefresh *self = data;
  int64_t pause_s;

  pthread_setname_np (pthread_self (), "metadata");
  do
    {
      gpointer context = self->contexts.pin (self->contexts.owner);

      pause_s = door_metadata_refresh_round (context, &self->source);
      self->contexts.unpin (context);
    }
  while (sleep_for (self, pause_s));
  return NULL;
}

/**
 * door_metadata_refresh_start:
 * @contexts: gives each round the #DoorContext it works with; its owner must outlive the thread
 * @fetch: fetches a document
 * @allow_http: development mode
 *
 * Starts the thread that keeps metadata fresh; the first round begins at once.
 *
 * Returns: (transfer full): the thread's handle
 */
DoorMetadataRefresh *
door_metadata_refresh_start (const DoorPins *contexts, DoorFetchFunc fetch, bool allow_http)
{
  DoorMetadataRefresh *self = g_new0 (DoorMetadataRefresh, 1);
  pthread_condattr_t attributes;

  self->contexts = *contexts;
  self->source = (DoorMetadataSource){ fetch, allow_http, g_cancellable_new () };
  pthread_mutex_init (&self->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->wake, &attributes);
  pthread_condattr_destroy (&attributes);
  if (pthread_create (&self->thread, NULL, run, self) != 0)
    g_error ("cannot start the metadata thread");
  return self;
}

/**
 * door_metadata_refresh_wake:
 * @self: the thread's handle
 *
 * Lets the next round begin now: there may be new connections. Does not block.
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
  g_cancellable_cancel (self->source.cancellable);
  pthread_mutex_lock (&self->lock);
  self->stopping = true;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);
  pthread_join (self->thread, NULL);
  pthread_cond_destroy (&self->wake);
  pthread_mutex_destroy (&self->lock);
  g_object_unref (self->source.cancellable);
  g_free (self);
}

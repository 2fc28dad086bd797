/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-daemon.h"

#include <unistd.h>

#include "door-connection.h"
#include "door-context.h"
#include "door-error.h"
#include "door-housekeeping.h"
#include "door-job-pool.h"
#include "door-keys.h"
#include "door-listen.h"
#include "door-metadata-refresh.h"
#include "door-monitor.h"
#include "door-saml.h"
#include "door-schema.h"
#include "door-soup-fetcher.h"
#include "door-web.h"

#define FETCH_TIMEOUT_S 20
#define STOP_DEADLINE_S 20
#define HOUSEKEEPING_S 600
/* SQLite has one writing connection; on PostgreSQL one group is built while the other commits */
#define WRITER_THREADS 2
#define WRITER_QUEUE 4096
#define WRITER_GROUP 512

struct _DoorDaemon
{
  bool development;
  DoorPolicy *policy;
  DoorContext context;
  char *topic;
  GPtrArray *directories; /* DoorDirectory: configured, but nothing is read from them yet */
  bool saml_ready;
  DoorWeb web;
  DoorRouter *router;
  DoorMonitor *monitor;
  DoorHttpEngine *engine;
  DoorMetadataRefresh *refresh;
  DoorJobPool *chores; /* what must not hold up the main loop */
  guint housekeeping_source;
};

static bool
migrate (DoorDaemon *self, GError **error)
{
  g_autoptr (DoorSchema) schema = door_schema_new (error);

  return schema != NULL &&
         door_schema_migrate (self->context.storage, schema, door_clock_now_ms (self->context.clock), error);
}

/* While it runs the server outlives an error of the database; here it ends, so the next step is another. */
static bool
open_database (DoorDaemon *self, const DoorSetup *setup, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->context.storage = door_setup_open_storage (setup, &local);
  if (self->context.storage != NULL && migrate (self, &local))
    return true;
  if (door_error_get_fault (local) == DOOR_FAULT_DB_UNAVAILABLE)
    return door_error_set (error, local->code, DOOR_FAULT_DB_START, "%s", local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static bool
open_keys (DoorDaemon *self, const DoorSetup *setup, GError **error)
{
  const DoorConfig *config = door_setup_get_config (setup);
  const char *state_folder = door_setup_get_state_folder (setup);
  DoorSettings *apple = door_config_get_settings (config, "apple");
  DoorContext *context = &self->context;

  context->state_key = door_keys_load_state_key (door_config_get_settings (config, "database"), state_folder,
                                                 context->random, error);
  if (context->state_key == NULL)
    return false;
  context->authority = door_keys_load_authority (door_config_get_settings (config, "scep"),
                                                 door_policy_get_organization (self->policy, NULL),
                                                 state_folder, door_clock_now_ms (context->clock), error);
  if (context->authority == NULL)
    return false;
  context->profile_signer = door_keys_load_signer (apple, context->authority, self->development, error);
  if (context->profile_signer == NULL)
    return false;
  self->topic = door_keys_dup_topic (apple, context->state_key, self->development, error);
  context->topic = self->topic;
  return self->topic != NULL;
}

/* A provider whose files are wrong stays in the list without metadata: it answers with its own error page. */
static void
load_connections (DoorDaemon *self)
{
  for (guint i = 0; i < self->context.connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (self->context.connections, i);
      bool fetched = door_idp_profile_get_metadata_url (door_connection_get_profile (connection)) != NULL;
      g_autoptr (GError) error = NULL;
      bool done = fetched
                      ? door_metadata_refresh_recall (&self->context, connection, self->development, &error)
                      : door_connection_load (connection, self->development, &error);

      if (!done)
        g_warning ("%s", error->message);
    }
}

/* What is wrong but forbids no start must not go unseen. */
static void
warn_of_switched_off (const DoorConfig *config)
{
  const GPtrArray *problems = door_config_get_problems (config);

  for (size_t i = 0; i < problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (problems, i);

      g_warning ("[%s] is switched off: %s:%u: %s", problem->group, problem->file, problem->line,
                 problem->text);
    }
}

static bool
open_all (DoorDaemon *self, const DoorSetup *setup, GError **error)
{
  const DoorConfig *config = door_setup_get_config (setup);
  DoorSettings *listen = door_config_get_settings (config, "listen");
  DoorContext *context = &self->context;

  warn_of_switched_off (config);
  self->directories = door_setup_make_directories (setup, error);
  if (self->directories == NULL)
    return false;
  if (self->directories->len > 0)
    g_message ("[directory/NAME] is checked only: this version reads nothing from directories");
  if (!open_database (self, setup, error) || !open_keys (self, setup, error) || !door_saml_init (error))
    return false;
  self->saml_ready = true;
  context->writer = door_writer_new (context->storage, WRITER_THREADS, WRITER_QUEUE, WRITER_GROUP);
  context->connections = door_setup_make_connections (setup, self->policy);
  context->sign_in_limit = door_rate_limit_new (door_settings_get_integer (listen, "SignInsPerMinute"));
  if (context->connections->len == 0)
    g_warning ("nobody can sign in: there is no usable [idp/NAME]; see doorctl config check");
  load_connections (self);
  self->web.service = context;
  self->web.translations = door_translations_new (error);
  self->web.pages = self->web.translations != NULL ? door_pages_new (self->web.translations, error) : NULL;
  if (self->web.pages == NULL)
    return false;
  self->router = door_router_new (door_routes, door_n_routes, &self->web, door_web_render_error, error);
  if (self->router == NULL)
    return false;
  self->monitor = door_monitor_new (listen, context, self->router, door_n_routes, error);
  if (self->monitor == NULL)
    return false;
  self->engine = door_listen_make_engine (listen, self->router, context,
                                          door_monitor_get_times (self->monitor), self->development, error);
  return self->engine != NULL;
}

/**
 * door_daemon_new:
 * @setup: configuration and plugins
 * @error: return location for an error
 *
 * Opens everything the server needs, its listening sockets last. Blocking.
 *
 * Returns: (transfer full): the daemon, or %NULL with an error
 */
DoorDaemon *
door_daemon_new (const DoorSetup *setup, GError **error)
{
  g_autoptr (DoorDaemon) self = g_new0 (DoorDaemon, 1);

  self->development = door_setup_is_development (setup);
  self->policy = door_setup_make_policy (setup);
  self->context.policy = self->policy;
  self->context.clock = door_clock_new_system ();
  self->context.random = door_random_new_system ();
  self->context.metrics = door_metrics_new ();
  if (!open_all (self, setup, error))
    return NULL;
  return g_steal_pointer (&self);
}

static GBytes *
fetch (const char *url, size_t max_bytes, GCancellable *cancellable, GError **error)
{
  DoorFetchRequest request = { .url = url, .max_bytes = max_bytes, .timeout_s = FETCH_TIMEOUT_S };

  return door_soup_fetch (&request, cancellable, error);
}

static GBytes *
fetch_development (const char *url, size_t max_bytes, GCancellable *cancellable, GError **error)
{
  DoorFetchRequest request = {
    .url = url, .max_bytes = max_bytes, .timeout_s = FETCH_TIMEOUT_S, .allow_http = true
  };

  return door_soup_fetch (&request, cancellable, error);
}

static void
sweep (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (GError) error = NULL;

  if (!door_housekeeping_run (&self->context, &error))
    g_warning ("what has expired could not be removed: %s", error->message);
}

static gboolean
sweep_cb (gpointer data)
{
  DoorDaemon *self = data;

  /* a full queue: the last sweep is not done yet, so this one is not needed */
  door_job_pool_push (self->chores, sweep, self);
  return G_SOURCE_CONTINUE;
}

/**
 * door_daemon_start:
 * @self: a daemon
 *
 * Begins to serve. Does not block.
 */
void
door_daemon_start (DoorDaemon *self)
{
  self->refresh = door_metadata_refresh_start (&self->context, self->development ? fetch_development : fetch,
                                               self->development);
  self->chores = door_job_pool_new ("chores", 1, 1);
  self->housekeeping_source = g_timeout_add_seconds (HOUSEKEEPING_S, sweep_cb, self);
  door_http_engine_start (self->engine);
  door_monitor_start (self->monitor);
}

/**
 * door_daemon_free:
 * @self: (transfer full): a daemon
 *
 * Stops listening, lets the requests under way end, then closes everything. Blocking.
 */
void
door_daemon_free (DoorDaemon *self)
{
  DoorContext *context = &self->context;

  if (self->engine != NULL)
    door_http_engine_stop (self->engine, STOP_DEADLINE_S);
  g_clear_pointer (&self->engine, door_http_engine_free);
  g_clear_pointer (&self->monitor, door_monitor_free);
  g_clear_handle_id (&self->housekeeping_source, g_source_remove);
  g_clear_pointer (&self->chores, door_job_pool_free);
  g_clear_pointer (&self->refresh, door_metadata_refresh_stop);
  g_clear_pointer (&self->router, door_router_unref);
  g_clear_pointer (&self->web.pages, door_pages_unref);
  g_clear_pointer (&self->web.translations, door_translations_unref);
  g_clear_pointer (&context->sign_in_limit, door_rate_limit_free);
  g_clear_pointer (&context->connections, g_ptr_array_unref);
  g_clear_pointer (&context->writer, door_writer_free);
  g_clear_object (&context->storage);
  g_clear_pointer (&context->profile_signer, door_cms_signer_unref);
  g_clear_pointer (&context->authority, door_certificate_authority_unref);
  g_clear_pointer (&context->state_key, door_secret_unref);
  g_clear_pointer (&context->metrics, door_metrics_unref);
  g_clear_pointer (&context->random, door_random_unref);
  g_clear_pointer (&context->clock, door_clock_unref);
  g_clear_pointer (&self->policy, door_policy_free);
  g_clear_pointer (&self->directories, g_ptr_array_unref);
  if (self->saml_ready)
    door_saml_shutdown ();
  g_free (self->topic);
  g_free (self);
}

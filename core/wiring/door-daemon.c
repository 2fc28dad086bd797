/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-daemon-private.h"
#include "door-dep-sync.h"
#include "door-error.h"
#include "door-declarations.h"
#include "door-housekeeping.h"
#include "door-identity-renewal.h"
#include "door-keys.h"
#include "door-listen.h"
#include "door-liveness.h"
#include "door-metadata-refresh.h"
#include "door-monitor.h"
#include "door-outbound.h"
#include "door-push.h"
#include "door-saml.h"
#include "door-schema.h"
#include "door-setup-assistant.h"
#include "door-software-updates.h"
#include "door-soup-fetcher.h"
#include "door-state-key.h"

/* Certificates whose owners speak often; docs/performance.md says what they cost. */
#define MAX_SIGNERS 2048
#define STOP_DEADLINE_S 20
#define MAX_CHORES 8
/* What another instance has changed is in force here after this and a reload. */
#define OBJECTS_POLL_S 2
#define DEVICES_POLL_S 2
#define RELOAD_PATIENCE_S 10
/* How late a provider is asked about a session. */
#define LIVENESS_POLL_S 5
/* How late Apple is asked about devices. */
#define DEP_POLL_S 2
/* SQLite has one writing connection; on PostgreSQL one group is built while the other commits */
#define WRITER_THREADS 2
#define WRITER_QUEUE 4096
#define WRITER_GROUP 512

static bool
migrate (DoorDaemon *self, GError **error)
{
  g_autoptr (DoorSchema) schema = door_schema_new (error);

  return schema != NULL &&
         door_schema_migrate (self->lasting.storage, schema, door_clock_now_ms (self->lasting.clock), error);
}

/* While it runs the server outlives an error of the database; here it ends, so the next step is another. */
static bool
open_database (DoorDaemon *self, const DoorSetup *setup, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->lasting.storage = door_setup_open_storage (setup, &local);
  if (self->lasting.storage != NULL && migrate (self, &local))
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
  const char *organization =
      door_settings_get_string (door_config_get_settings (config, "doorward"), "OrganizationName");
  DoorContext *lasting = &self->lasting;
  const DoorStateKeyPlace place = { lasting->storage, door_config_get_settings (config, "database"),
                                    state_folder };

  lasting->state_key =
      door_state_key_ensure (&place, lasting->random, door_clock_now_ms (lasting->clock), error);
  if (lasting->state_key == NULL)
    return false;
  lasting->authority = door_keys_load_authority (door_config_get_settings (config, "scep"), organization,
                                                 state_folder, door_clock_now_ms (lasting->clock), error);
  if (lasting->authority == NULL)
    return false;
  lasting->signers = door_signer_cache_new (lasting->authority, MAX_SIGNERS);
  return true;
}

static const char *
get_consequence (const char *group)
{
  if (g_str_has_prefix (group, "idp/"))
    return "the provider is switched off, and nobody can sign in there, until it is mended";
  if (g_str_has_prefix (group, "eula/"))
    return "nobody can agree to it, or enroll where that is needed, until it is mended";
  if (g_str_has_prefix (group, "ade/"))
    return "no profile is made from it until it is mended";
  return "it does not work until it is mended";
}

/* What is wrong but forbids no start must not go unseen. */
static void
warn_of_problems (const DoorConfig *config)
{
  const GPtrArray *problems = door_config_get_problems (config);
  const GPtrArray *warnings = door_config_get_warnings (config);

  for (size_t i = 0; i < problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (problems, i);

      g_warning ("[%s] is switched off: %s:%u: %s", problem->group, problem->file, problem->line,
                 problem->text);
    }
  for (size_t i = 0; i < warnings->len; i++)
    {
      g_autofree char *line = door_config_problem_dup_line (g_ptr_array_index (warnings, i));

      g_warning ("%s", line);
    }
}

/* The same of what the configuration refers to. */
static void
warn_of_references (const DoorDaemon *self, const DoorConfig *config)
{
  g_auto (DoorInspection) inspection = { NULL };

  door_setup_begin_inspection (self->setup, config, &inspection);
  door_inspect_providers (&inspection);
  door_inspect_rest (&inspection);
  for (guint i = 0; i < inspection.problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (inspection.problems, i);
      g_autofree char *line = door_config_problem_dup_line (problem);

      g_warning ("[%s]: %s; %s", problem->group, line, get_consequence (problem->group));
    }
}

/* What can be said of the configuration before anything is opened is said at once. */
static bool
check_config (DoorDaemon *self, const DoorConfig *config, GPtrArray *problems, GError **error)
{
  g_auto (GStrv) directories = door_config_list_instances (config, "directory");
  g_auto (DoorInspection) inspection = { NULL };
  const DoorConfigProblem *fatal;

  door_setup_begin_inspection (self->setup, config, &inspection);
  door_inspect_storage (&inspection);
  door_inspect_rest (&inspection);
  fatal = door_inspection_find_fatal (&inspection);
  if (fatal == NULL && directories[0] != NULL)
    g_message ("[directory/NAME] is checked only: this version reads nothing from directories");
  if (fatal == NULL)
    return true;
  if (problems != NULL)
    door_setup_list_problems (self->setup, problems);
  return door_config_problem_set_error (fatal, error);
}

static bool
open_pages (DoorDaemon *self, GError **error)
{
  self->translations = door_translations_new (error);
  self->pages = self->translations != NULL ? door_pages_new (self->translations, error) : NULL;
  self->parts = (DoorGenerationParts){ self->setup, &self->lasting, self->pages, self->translations };
  return self->pages != NULL;
}

static bool
open_first_generation (DoorDaemon *self, DoorConfig *config, GError **error)
{
  DoorGeneration *first = door_generations_make (self->generations, &self->parts, config, error);

  if (first == NULL)
    return false;
  if (first->context.connections->len == 0)
    g_warning ("nobody can sign in: there is no usable [idp/NAME]; see doorctl config check");
  door_generations_put (self->generations, first);
  return true;
}

static void
reload_cb (gpointer self)
{
  door_daemon_reload_wait (self, RELOAD_PATIENCE_S);
}

/* What the files refer to may be kept in the database. */
static DoorConfig *
open_objects (DoorDaemon *self, GError **error)
{
  g_autoptr (DoorConfig) config = NULL;

  self->objects = door_objects_new (self->setup, self->lasting.storage);
  door_objects_set_changed (self->objects, reload_cb, self);
  self->lasting.objects = door_objects_get_host (self->objects);
  config = door_objects_reread (self->objects, error);
  if (config == NULL || !door_config_check (config, error))
    return NULL;
  warn_of_problems (config);
  return g_steal_pointer (&config);
}

static bool
open_push (DoorDaemon *self, const DoorConfig *config, GError **error)
{
  DoorPushSender sender;

  self->apns = door_outbound_open_apns (door_config_get_settings (config, "apple"), self->development, error);
  if (self->apns == NULL)
    return false;
  sender = door_apns_get_sender (self->apns);
  self->lasting.push = door_push_new (&sender);
  return true;
}

static bool
open_all (DoorDaemon *self, GPtrArray *problems, GError **error)
{
  g_autoptr (DoorConfig) complete = NULL;
  DoorConfig *config = door_setup_get_config (self->setup);
  DoorSettings *listen = door_config_get_settings (config, "listen");
  DoorContext *lasting = &self->lasting;
  DoorPins webs = door_generations_get_webs (self->generations);
  DoorPins contexts = door_generations_get_contexts (self->generations);

  if (!check_config (self, config, problems, error) || !open_push (self, config, error) ||
      !open_database (self, self->setup, error))
    return false;
  complete = open_objects (self, error);
  if (complete == NULL || !open_keys (self, self->setup, error) || !door_saml_init (error))
    return false;
  self->saml_ready = true;
  warn_of_references (self, complete);
  lasting->writer = door_writer_new (lasting->storage, WRITER_THREADS, WRITER_QUEUE, WRITER_GROUP);
  lasting->updates = door_software_updates_new ();
  lasting->sign_in_limit = door_rate_limit_new (door_settings_get_integer (listen, "SignInsPerMinute"));
  lasting->osquery_limit = door_rate_limit_new (door_settings_get_integer (listen, "SignInsPerMinute"));
  lasting->password_gate = door_password_gate_new ();
  if (!open_pages (self, error) || !open_first_generation (self, complete, error))
    return false;
  self->router = door_router_new_pinned (door_routes, door_n_routes, &webs, door_web_render_error, error);
  if (self->router == NULL)
    return false;
  self->monitor = door_monitor_new (listen, lasting, &contexts, self->router, door_n_routes, error);
  if (self->monitor == NULL)
    return false;
  self->engine = door_listen_make_engine (listen, self->router, lasting,
                                          door_monitor_get_times (self->monitor), self->development, error);
  return self->engine != NULL;
}

/**
 * door_daemon_new:
 * @setup: configuration and plugins; must outlive the daemon
 * @problems: (nullable) (element-type utf8): takes a line for each problem of a configuration that does not
 * let the server start
 * @error: return location for an error
 *
 * Opens everything the server needs, its listening sockets last. Blocking.
 *
 * Returns: (transfer full): the daemon, or %NULL with an error
 */
DoorDaemon *
door_daemon_new (const DoorSetup *setup, GPtrArray *problems, GError **error)
{
  g_autoptr (DoorDaemon) self = g_new0 (DoorDaemon, 1);

  self->setup = setup;
  self->development = door_setup_is_development (setup);
  self->generations = door_generations_new ();
  door_daemon_init_said (self);
  self->liveness_end = g_cancellable_new ();
  self->lasting.clock = door_clock_new_system ();
  self->lasting.random = door_random_new_system ();
  self->lasting.instance = door_random_dup_uuid (self->lasting.random);
  self->lasting.fetch = door_soup_fetch;
  self->lasting.refresh = door_metadata_refresh_new ();
  self->lasting.development = self->development;
  self->lasting.metrics = door_metrics_new ();
  door_metrics_set (self->lasting.metrics, DOOR_METRIC_START_TIME,
                    door_clock_now_ms (self->lasting.clock) / 1000);
  if (!open_all (self, problems, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* What is left goes behind the chores that wait, such as a reload; when the server stops it is left for the
 * next time. */
static void
sweep (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);
  g_autoptr (GError) error = NULL;
  bool more = false;

  if (!door_housekeeping_run (&generation->context, &more, &error))
    g_warning ("what has expired could not be removed: %s", error->message);
  if (!more || !door_job_pool_push (self->chores, sweep, self))
    atomic_store (&self->sweeping, false);
}

static gboolean
sweep_cb (gpointer data)
{
  DoorDaemon *self = data;

  /* the sweep before is not done yet, or there is too much to do at once: the next one does it */
  if (!atomic_exchange (&self->sweeping, true) && !door_job_pool_push (self->chores, sweep, self))
    atomic_store (&self->sweeping, false);
  return G_SOURCE_CONTINUE;
}

static void
look_at_setups (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);
  g_autoptr (GError) error = NULL;

  if (!door_setup_assistant_round (&generation->context, &error))
    g_warning ("devices in Setup Assistant not looked at: %s", error->message);
  atomic_store (&self->setting_up, false);
}

static gboolean
look_at_setups_cb (gpointer data)
{
  DoorDaemon *self = data;

  if (!atomic_exchange (&self->setting_up, true) && !door_job_pool_push (self->devices, look_at_setups, self))
    atomic_store (&self->setting_up, false);
  return G_SOURCE_CONTINUE;
}

static void
check_sessions (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);

  door_liveness_round (&generation->context, self->liveness_end);
  atomic_store (&self->checking, false);
}

static gboolean
check_sessions_cb (gpointer data)
{
  DoorDaemon *self = data;

  if (!atomic_exchange (&self->checking, true) && !door_job_pool_push (self->liveness, check_sessions, self))
    atomic_store (&self->checking, false);
  return G_SOURCE_CONTINUE;
}

/* What is done every other second and fails each time, since the database is away, is told when that begins
 * and when it ends. */
static void
note_round (atomic_bool *failing, const char *what, const GError *error)
{
  bool before = atomic_exchange (failing, error != NULL);

  if (error != NULL)
    g_log (G_LOG_DOMAIN, before ? G_LOG_LEVEL_INFO : G_LOG_LEVEL_WARNING, "%s: %s", what, error->message);
  else if (before)
    g_message ("%s: it works again", what);
}

/* Devices of a team whose declarations have changed; what is left waits for the next look. */
static void
tell_devices (DoorDaemon *self)
{
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);
  g_autoptr (GError) error = NULL;
  bool more = false;

  door_declarations_run (&generation->context, &more, &error);
  note_round (&self->telling_fails, "devices are not told of their declarations", error);
}

/* Devices whose identity certificate ends soon; what is left waits for the next look. */
static void
renew_identities (DoorDaemon *self)
{
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);
  g_autoptr (GError) error = NULL;

  door_identity_renewal_run (&generation->context, &error);
  note_round (&self->renewing_fails, "devices are not asked to renew their identity", error);
}

static void
look_after_devices (gpointer data)
{
  DoorDaemon *self = data;

  tell_devices (self);
  renew_identities (self);
  atomic_store (&self->looking_after, false);
}

static gboolean
look_after_devices_cb (gpointer data)
{
  DoorDaemon *self = data;

  if (!atomic_exchange (&self->looking_after, true) &&
      !door_job_pool_push (self->devices, look_after_devices, self))
    atomic_store (&self->looking_after, false);
  return G_SOURCE_CONTINUE;
}

static void
sync_devices (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);

  door_software_updates_round (&generation->context, self->liveness_end);
  door_dep_sync_round (&generation->context, self->liveness_end);
  atomic_store (&self->syncing, false);
}

static gboolean
sync_devices_cb (gpointer data)
{
  DoorDaemon *self = data;

  if (!atomic_exchange (&self->syncing, true) && !door_job_pool_push (self->dep, sync_devices, self))
    atomic_store (&self->syncing, false);
  return G_SOURCE_CONTINUE;
}

/* Whatever it would seal from now on could not be opened after its end. */
static void
fail (DoorDaemon *self, const GError *error)
{
  const DoorFaultInfo *info = door_fault_get_info (door_error_get_fault (error));
  g_autofree char *message = g_strdup_printf ("the server ends: %s", error->message);

  if (atomic_exchange (&self->failed, true))
    return;
  door_log_event (G_LOG_LEVEL_CRITICAL, "state-key", message, "DOORWARD_FAULT", info->id, NULL);
  if (self->loop != NULL)
    g_main_loop_quit (self->loop);
}

static void
look_for_objects (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (GError) error = NULL;
  bool changed = false;

  if (!door_state_key_check (self->lasting.storage, self->lasting.state_key, &error) &&
      door_error_get_fault (error) == DOOR_FAULT_CFG_STATEKEY)
    {
      fail (self, error);
      g_clear_error (&error);
    }
  else if (error == NULL)
    door_objects_have_changed (self->objects, &changed, &error);
  note_round (&self->looking_fails, "objects of the configuration are not looked at", error);
  atomic_store (&self->looking, false);
  if (changed)
    door_daemon_reload (self);
}

static gboolean
look_for_objects_cb (gpointer data)
{
  DoorDaemon *self = data;

  if (!atomic_exchange (&self->looking, true) && !door_job_pool_push (self->chores, look_for_objects, self))
    atomic_store (&self->looking, false);
  return G_SOURCE_CONTINUE;
}

/**
 * door_daemon_start:
 * @self: a daemon
 * @log: where the level of the log is set when it changes
 * @loop: (nullable): what is quit when the server cannot go on, see door_daemon_has_failed(); outlives @self
 *
 * Begins to serve. Does not block.
 */
void
door_daemon_start (DoorDaemon *self, DoorLogOutput *log, GMainLoop *loop)
{
  DoorPins contexts = door_generations_get_contexts (self->generations);
  int64_t watchdog_us = door_watchdog_parse_us (g_getenv ("WATCHDOG_USEC"), g_getenv ("WATCHDOG_PID"));

  self->log = log;
  self->loop = loop;
  door_metadata_refresh_start (self->lasting.refresh, &contexts);
  door_push_start (self->lasting.push, &contexts);
  self->chores = door_job_pool_new ("chores", 1, MAX_CHORES);
  self->devices = door_job_pool_new ("devices", 1, 2);
  self->devices_source = g_timeout_add_seconds (DEVICES_POLL_S, look_after_devices_cb, self);
  self->liveness = door_job_pool_new ("liveness", 1, 1);
  self->liveness_source = g_timeout_add_seconds (LIVENESS_POLL_S, check_sessions_cb, self);
  self->dep = door_job_pool_new ("dep", 1, 1);
  self->dep_source = g_timeout_add_seconds (DEP_POLL_S, sync_devices_cb, self);
  self->housekeeping_source = g_timeout_add_seconds (DOOR_HOUSEKEEPING_S, sweep_cb, self);
  self->setup_source = g_timeout_add_seconds (DOOR_SETUP_ASSISTANT_ROUND_S, look_at_setups_cb, self);
  self->objects_source = g_timeout_add_seconds (OBJECTS_POLL_S, look_for_objects_cb, self);
  door_daemon_note_config (self, true);
  door_http_engine_start (self->engine);
  door_monitor_start (self->monitor);
  door_daemon_open_control (self);
  door_daemon_watch (self);
  if (watchdog_us > 0)
    self->watchdog = door_watchdog_start (watchdog_us, self->engine, self->lasting.writer);
}

/**
 * door_daemon_has_failed:
 * @self: a daemon
 *
 * Returns: whether it cannot go on, as when the state key of its database was replaced; the log says why
 */
bool
door_daemon_has_failed (const DoorDaemon *self)
{
  return atomic_load (&self->failed);
}

/* What is still under way when the thread has ended is reported to its handle. */
static void
end_push (DoorDaemon *self)
{
  if (self->lasting.push != NULL)
    door_push_stop (self->lasting.push);
  g_clear_pointer (&self->apns, door_apns_free);
  g_clear_pointer (&self->lasting.push, door_push_free);
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
  DoorContext *lasting = &self->lasting;

  g_clear_pointer (&self->watchdog, door_watchdog_stop);
  g_clear_pointer (&self->watch, door_watch_free);
  g_clear_pointer (&self->control, door_control_free);
  if (self->engine != NULL)
    door_http_engine_stop (self->engine, STOP_DEADLINE_S);
  g_clear_pointer (&self->engine, door_http_engine_free);
  g_clear_pointer (&self->monitor, door_monitor_free);
  g_clear_handle_id (&self->liveness_source, g_source_remove);
  g_clear_handle_id (&self->dep_source, g_source_remove);
  g_clear_handle_id (&self->housekeeping_source, g_source_remove);
  g_clear_handle_id (&self->setup_source, g_source_remove);
  g_clear_handle_id (&self->objects_source, g_source_remove);
  g_clear_handle_id (&self->devices_source, g_source_remove);
  end_push (self);
  g_cancellable_cancel (self->liveness_end);
  g_clear_pointer (&self->liveness, door_job_pool_free);
  g_clear_pointer (&self->dep, door_job_pool_free);
  g_clear_pointer (&self->devices, door_job_pool_free);
  g_clear_object (&self->liveness_end);
  if (self->chores != NULL)
    door_job_pool_free (self->chores); /* they look for the pool to the end */
  while (g_idle_remove_by_data (self)) /* what the chores have left for the main loop */
    continue;
  door_daemon_clear_said (self);
  g_clear_object (&self->certificate);
  g_clear_pointer (&lasting->refresh, door_metadata_refresh_stop);
  g_clear_pointer (&self->router, door_router_unref);
  g_clear_pointer (&self->generations, door_generations_free);
  g_clear_pointer (&self->pages, door_pages_free);
  g_clear_pointer (&self->translations, door_translations_unref);
  g_clear_pointer (&self->objects, door_objects_free);
  g_clear_pointer (&lasting->updates, door_software_updates_free);
  g_clear_pointer (&lasting->sign_in_limit, door_rate_limit_free);
  g_clear_pointer (&lasting->osquery_limit, door_rate_limit_free);
  g_clear_pointer (&lasting->password_gate, door_password_gate_free);
  g_clear_pointer (&lasting->writer, door_writer_free);
  g_clear_object (&lasting->storage);
  g_clear_pointer (&lasting->signers, door_signer_cache_free);
  g_clear_pointer (&lasting->authority, door_certificate_authority_unref);
  g_clear_pointer (&lasting->state_key, door_secret_unref);
  g_clear_pointer (&lasting->metrics, door_metrics_unref);
  g_clear_pointer (&lasting->instance, g_free);
  g_clear_pointer (&lasting->random, door_random_unref);
  g_clear_pointer (&lasting->clock, door_clock_free);
  if (self->saml_ready)
    door_saml_shutdown ();
  g_free (self);
}

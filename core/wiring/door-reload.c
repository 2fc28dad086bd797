/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-config-diff.h"
#include "door-daemon-private.h"
#include "door-error.h"
#include "door-eula-document.h"
#include "door-listen.h"
#include "door-notify.h"
#include "door-text.h"

#define MAX_LINE_BYTES 1000

/* What a reload is about to put into force. */
typedef struct
{
  DoorConfig *config;
  GTlsCertificate *certificate; /* NULL: a proxy does TLS */
  DoorGeneration *generation;
  GString *said;      /* lines for who has asked */
  bool named_problem; /* they say what is wrong */
} Next;

/* What came of a reload, for those who have asked for it. */
typedef struct
{
  unsigned int number;
  char *text;
} Said;

static void
say (Next *self, const char *kind, const char *text)
{
  g_autofree char *line = door_text_dup_line (text, MAX_LINE_BYTES);

  g_string_append_printf (self->said, "%s%s\n", kind, line);
}

static void
say_problem (Next *self, const char *text)
{
  say (self, DOOR_CONTROL_ERROR, text);
  self->named_problem = true;
}

static void
say_warnings (Next *self)
{
  const GPtrArray *warnings = door_config_get_warnings (self->config);

  for (guint i = 0; i < warnings->len; i++)
    {
      g_autofree char *line = door_config_problem_dup_line (g_ptr_array_index (warnings, i));

      g_warning ("%s", line);
      say (self, DOOR_CONTROL_WARNING, line);
    }
}

static void
say_all (Next *self, const GPtrArray *problems)
{
  for (guint i = 0; i < problems->len; i++)
    {
      g_autofree char *line = door_config_problem_dup_line (g_ptr_array_index (problems, i));

      g_warning ("%s", line);
      say_problem (self, line);
    }
}

/* Other than a start, a reload has something to fall back on: it takes a configuration without errors only,
 * and says all of them at once. */
static bool
check_problems (const DoorDaemon *daemon, Next *self, GError **error)
{
  const GPtrArray *problems = door_config_get_problems (self->config);
  g_autoptr (DoorGeneration) before = door_generations_pin (daemon->generations);
  g_auto (DoorInspection) inspection = { NULL };

  door_setup_begin_inspection (daemon->setup, self->config, &inspection);
  inspection.known = before->context.connections;
  door_inspect_storage (&inspection);
  door_inspect_providers (&inspection);
  door_inspect_rest (&inspection);
  say_all (self, problems);
  say_all (self, inspection.problems);
  if (problems->len == 0)
    problems = inspection.problems;
  return problems->len == 0 || door_config_problem_set_error (g_ptr_array_index (problems, 0), error);
}

/* What a plugin brings cannot be used before the plugin is loaded. */
static void
explain_plugins (const DoorDaemon *self, Next *next, GError **error)
{
  const DoorConfig *started = door_setup_get_config (self->setup);

  if (door_config_same_plugins (started, next->config))
    return;
  g_prefix_error (error, "[plugins] Load has changed, which needs a restart; ");
  say_problem (next, "[plugins] Load has changed, which needs a restart; run: systemctl restart doorward");
}

static bool
prepare (DoorDaemon *self, Next *next, GError **error)
{
  const DoorConfig *started = door_setup_get_config (self->setup);

  next->config = door_objects_reread (self->objects, error);
  if (next->config == NULL)
    return false;
  say_warnings (next);
  if (!check_problems (self, next, error))
    {
      explain_plugins (self, next, error);
      return false;
    }
  if (door_listen_is_direct (door_config_get_settings (started, "listen")) &&
      door_listen_is_direct (door_config_get_settings (next->config, "listen")))
    {
      next->certificate =
          door_listen_load_certificate (door_config_get_settings (next->config, "listen"), error);
      if (next->certificate == NULL)
        return false;
    }
  next->generation = door_generations_make (self->generations, &self->parts, next->config, error);
  return next->generation != NULL;
}

static gboolean
watch_cb (gpointer data)
{
  door_daemon_watch (data);
  return G_SOURCE_REMOVE;
}

/* Nothing here can fail. */
static unsigned int
put_in_force (DoorDaemon *self, Next *next)
{
  const DoorSettings *doorward = door_config_get_settings (next->config, "doorward");
  const DoorSettings *listen = door_config_get_settings (next->config, "listen");
  unsigned int number = next->generation->number;

  if (next->certificate != NULL)
    door_http_engine_set_certificate (self->engine, next->certificate);
  g_set_object (&self->certificate, next->certificate);
  door_rate_limit_set (self->lasting.sign_in_limit, door_settings_get_integer (listen, "SignInsPerMinute"));
  door_rate_limit_set (self->lasting.osquery_limit, door_settings_get_integer (listen, "SignInsPerMinute"));
  door_log_set_level (self->log, door_settings_get_string (doorward, "LogLevel"));
  door_generations_put (self->generations, g_steal_pointer (&next->generation));
  door_metadata_refresh_wake (self->lasting.refresh);
  g_idle_add (watch_cb, self);
  return number;
}

static void
clear (Next *next)
{
  g_clear_pointer (&next->generation, door_generation_unpin);
  g_clear_object (&next->certificate);
  g_clear_pointer (&next->config, door_config_unref);
  g_string_free (next->said, TRUE);
}

static void
report_done (Next *next, const GPtrArray *changes, unsigned int number)
{
  const char *shown = changes->len == 0 ? "nothing has changed" : g_ptr_array_index (changes, 0);
  g_autofree char *text = NULL;

  for (guint i = 0; i < changes->len; i++)
    {
      g_message ("reload: %s", (const char *) g_ptr_array_index (changes, i));
      say (next, "", g_ptr_array_index (changes, i));
    }
  g_string_prepend (next->said, changes->len > 0 ? DOOR_CONTROL_CHANGED : DOOR_CONTROL_UNCHANGED);
  text = g_strdup_printf ("configuration reloaded, generation %u: %s%s", number, shown,
                          changes->len > 1 ? " and more" : "");
  door_log_event (G_LOG_LEVEL_MESSAGE, "reload", text, NULL);
  door_notify_status ("READY=1", text);
}

static void
report_failed (Next *next, const GError *error)
{
  DoorFault fault = door_error_get_fault (error);
  const char *id = fault != DOOR_FAULT_NONE ? door_fault_get_info (fault)->id : NULL;
  g_autofree char *text =
      g_strdup_printf ("reload refused, the configuration before stays in force: %s", error->message);

  door_log_event (G_LOG_LEVEL_WARNING, "reload-failed", text, "DOORWARD_FAULT", id, NULL);
  door_notify_status ("READY=1", text);
  /* the problems of the files stand there already, all of them */
  if (!next->named_problem)
    {
      g_autofree char *line =
          g_strconcat (id != NULL ? id : "", id != NULL ? ": " : "", error->message, NULL);

      say_problem (next, line);
    }
  g_string_prepend (next->said, DOOR_CONTROL_REFUSED);
}

static void
said_free (gpointer data)
{
  Said *self = data;

  g_free (self->text);
  g_free (self);
}

/**
 * door_daemon_init_said:
 * @self: a daemon that is being made
 *
 * Makes the place for what came of reloads.
 */
void
door_daemon_init_said (DoorDaemon *self)
{
  pthread_condattr_t attributes;

  self->said = g_ptr_array_new_with_free_func (said_free);
  pthread_mutex_init (&self->said_lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->done, &attributes);
  pthread_condattr_destroy (&attributes);
}

/**
 * door_daemon_clear_said:
 * @self: a daemon whose chores have ended
 */
void
door_daemon_clear_said (DoorDaemon *self)
{
  g_ptr_array_unref (self->said);
  pthread_cond_destroy (&self->done);
  pthread_mutex_destroy (&self->said_lock);
}

static gboolean
pass_on_cb (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (GPtrArray) said = NULL;

  pthread_mutex_lock (&self->said_lock);
  said = self->said;
  self->said = g_ptr_array_new_with_free_func (said_free);
  pthread_mutex_unlock (&self->said_lock);
  for (guint i = 0; i < said->len && self->control != NULL; i++)
    {
      const Said *one = g_ptr_array_index (said, i);

      door_control_answer (self->control, one->number, one->text);
    }
  return G_SOURCE_REMOVE;
}

/* To the main loop, where the control socket is, and to those who wait. */
static void
pass_on (DoorDaemon *self, unsigned int number, const char *text)
{
  Said *said = g_new0 (Said, 1);

  said->number = number;
  said->text = g_strdup (text);
  pthread_mutex_lock (&self->said_lock);
  g_ptr_array_add (self->said, said);
  self->n_done = number;
  pthread_cond_broadcast (&self->done);
  pthread_mutex_unlock (&self->said_lock);
  g_idle_add (pass_on_cb, self);
}

/**
 * door_daemon_note_config:
 * @self: a daemon
 * @good: whether the configuration was taken
 *
 * Keeps account of starts and reloads for the operator. Any thread.
 */
void
door_daemon_note_config (DoorDaemon *self, bool good)
{
  DoorMetrics *metrics = self->lasting.metrics;

  door_metrics_set (metrics, DOOR_METRIC_CONFIG_RELOADED, good);
  if (good)
    door_metrics_set (metrics, DOOR_METRIC_CONFIG_TIME, door_clock_now_ms (self->lasting.clock) / 1000);
}

static void
reload (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (DoorGeneration) before = door_generations_pin (self->generations);
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  Next next = { .said = g_string_new (NULL) };
  unsigned int number;
  bool good;

  atomic_store (&self->reload_waits, false);
  /* who asks from now on gets a reload of his own */
  number = atomic_load (&self->n_asked);
  door_notify_reloading ();
  good = prepare (self, &next, &error);
  if (good)
    {
      changes = door_config_diff (before->config, door_setup_get_config (self->setup), next.config);
      door_eula_documents_diff (before->context.eulas, next.generation->context.eulas, changes);
      report_done (&next, changes, put_in_force (self, &next));
    }
  else
    report_failed (&next, error);
  door_daemon_note_config (self, good);
  pass_on (self, number, next.said->str);
  clear (&next);
}

/**
 * door_daemon_reload:
 * @self: a daemon that serves
 *
 * Reads the configuration again, in a thread of its own, and puts it into force as a whole: requests under
 * way go on with what they began with. If anything in it is wrong nothing changes. Does not block.
 *
 * Returns: false when there is too much to do at once, and no reload comes of it
 */
bool
door_daemon_reload (DoorDaemon *self)
{
  if (atomic_exchange (&self->reload_waits, true) || door_job_pool_push (self->chores, reload, self))
    return true;
  atomic_store (&self->reload_waits, false);
  g_warning ("too much to do at once: this reload is not done, ask again");
  return false;
}

static unsigned int
ask (DoorDaemon *self)
{
  unsigned int number = atomic_fetch_add (&self->n_asked, 1) + 1;

  return door_daemon_reload (self) ? number : 0;
}

/**
 * door_daemon_reload_wait:
 * @self: a daemon that serves
 * @patience_s: seconds to wait at most
 *
 * Asks for a reload and waits until it is done, so that whoever has changed something can be told so when it
 * is in force. Not in the thread of the chores. Blocking.
 *
 * Returns: whether it is done, taken or refused; false when that takes longer: it is done later
 */
bool
door_daemon_reload_wait (DoorDaemon *self, unsigned int patience_s)
{
  unsigned int number = ask (self);
  struct timespec until;
  int waited = 0;
  bool done;

  if (number == 0)
    return false;
  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += patience_s;
  pthread_mutex_lock (&self->said_lock);
  while ((int) (self->n_done - number) < 0 && waited == 0)
    waited = pthread_cond_timedwait (&self->done, &self->said_lock, &until);
  done = (int) (self->n_done - number) >= 0;
  pthread_mutex_unlock (&self->said_lock);
  if (!done)
    g_info ("the reload after a change is not done yet");
  return done;
}

static unsigned int
asked_cb (gpointer data)
{
  return ask (data);
}

/**
 * door_daemon_open_control:
 * @self: a daemon that serves
 *
 * Opens the socket on which doorctl asks for a reload. Where that cannot be, the server works without. In
 * development mode there is one where $RUNTIME_DIRECTORY says so, and none in the place of the service.
 */
void
door_daemon_open_control (DoorDaemon *self)
{
  g_autofree char *path = door_control_dup_path ();
  g_autoptr (GError) error = NULL;

  if (self->development && g_getenv ("RUNTIME_DIRECTORY") == NULL)
    return;
  self->control = door_control_new (path, DOOR_CONTROL_PATIENCE_S, asked_cb, self, &error);
  if (self->control == NULL)
    g_message ("doorctl config reload does not reach this server, SIGHUP does: %s", error->message);
}

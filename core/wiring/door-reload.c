/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-config-diff.h"
#include "door-daemon-private.h"
#include "door-error.h"
#include "door-listen.h"
#include "door-notify.h"

/* What a reload is about to put into force. */
typedef struct
{
  DoorConfig *config;
  GTlsCertificate *certificate; /* NULL: a proxy does TLS */
  DoorGeneration *generation;
} Next;

/* Other than a start, a reload has something to fall back on: it takes a configuration without errors only.
 */
static bool
check_problems (const DoorConfig *config, GError **error)
{
  const GPtrArray *problems = door_config_get_problems (config);
  const DoorConfigProblem *first = NULL;

  for (guint i = 0; i < problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (problems, i);

      g_warning ("%s:%u: %s: %s", problem->file != NULL ? problem->file : "-", problem->line,
                 door_fault_get_info (problem->fault)->id, problem->text);
      first = first != NULL ? first : problem;
    }
  if (first == NULL)
    return true;
  door_error_set (error, DOOR_ERROR_CONFIG, first->fault, "%s", first->text);
  if (first->line > 0)
    g_prefix_error (error, "%s:%u: ", first->file, first->line);
  else if (first->file != NULL)
    g_prefix_error (error, "%s: ", first->file);
  return false;
}

/* What a plugin brings cannot be used before the plugin is loaded. */
static void
explain_plugins (const DoorDaemon *self, const DoorConfig *config, GError **error)
{
  const DoorConfig *started = door_setup_get_config (self->setup);

  if (g_strcmp0 (door_config_lookup_text (started, "plugins", "Load"),
                 door_config_lookup_text (config, "plugins", "Load")) != 0)
    g_prefix_error (error, "[plugins] Load has changed, which needs a restart; ");
}

static bool
prepare (DoorDaemon *self, Next *next, GError **error)
{
  const DoorConfig *started = door_setup_get_config (self->setup);
  g_autoptr (GPtrArray) directories = NULL;

  next->config = door_setup_reread (self->setup);
  if (!check_problems (next->config, error))
    {
      explain_plugins (self, next->config, error);
      return false;
    }
  directories = door_setup_make_directories (self->setup, next->config, error);
  if (directories == NULL)
    return false;
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
  door_log_set_level (self->log, door_settings_get_string (doorward, "LogLevel"));
  door_generations_put (self->generations, g_steal_pointer (&next->generation));
  door_metadata_refresh_wake (self->refresh);
  g_idle_add (watch_cb, self);
  return number;
}

static void
clear (Next *next)
{
  g_clear_pointer (&next->generation, door_generation_unpin);
  g_clear_object (&next->certificate);
  g_clear_pointer (&next->config, door_config_unref);
}

static void
report_done (DoorDaemon *self, const GPtrArray *changes, unsigned int number)
{
  const char *shown = changes->len == 0 ? "nothing has changed" : g_ptr_array_index (changes, 0);
  g_autofree char *text = NULL;

  for (guint i = 0; i < changes->len; i++)
    g_message ("reload: %s", (const char *) g_ptr_array_index (changes, i));
  text = g_strdup_printf ("configuration reloaded, generation %u: %s%s", number, shown,
                          changes->len > 1 ? " and more" : "");
  door_log_event (G_LOG_LEVEL_MESSAGE, "reload", text, NULL);
  door_notify_status ("READY=1", text);
}

static void
report_failed (const GError *error)
{
  DoorFault fault = door_error_get_fault (error);
  g_autofree char *text =
      g_strdup_printf ("reload refused, the configuration before stays in force: %s", error->message);

  door_log_event (G_LOG_LEVEL_WARNING, "reload-failed", text, "DOORWARD_FAULT",
                  fault != DOOR_FAULT_NONE ? door_fault_get_info (fault)->id : NULL, NULL);
  door_notify_status ("READY=1", text);
}

static void
reload (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (DoorGeneration) before = door_generations_pin (self->generations);
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GError) error = NULL;
  Next next = { NULL };

  atomic_store (&self->reload_waits, false);
  door_notify_reloading ();
  if (prepare (self, &next, &error))
    {
      changes = door_config_diff (before->config, door_setup_get_config (self->setup), next.config);
      report_done (self, changes, put_in_force (self, &next));
    }
  else
    report_failed (error);
  clear (&next);
}

/**
 * door_daemon_reload:
 * @self: a daemon that serves
 *
 * Reads the configuration again, in a thread of its own, and puts it into force as a whole: requests under
 * way go on with what they began with. If anything in it is wrong nothing changes. Does not block.
 */
void
door_daemon_reload (DoorDaemon *self)
{
  if (!atomic_exchange (&self->reload_waits, true) && !door_job_pool_push (self->chores, reload, self))
    {
      atomic_store (&self->reload_waits, false);
      g_warning ("too much to do at once: this reload is not done, ask again");
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-fleet.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim-error.h"
#include "sim-options.h"

/* What has become of the devices so far. */
typedef struct
{
  const SimFleetOptions *options;
  const char *program;
  GMainLoop *loop;
  int started;
  int running;
  int good;
  int failed;
  GArray *times_us; /* int64_t, of those that enrolled */
  char *first_failure;
} Fleet;

typedef struct
{
  Fleet *fleet;
  int64_t began_us;
} Device;

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_USAGE, text);
  return FALSE;
}

static gboolean
check (const SimFleetOptions *self, GError **error)
{
  if (self->count < 1 || self->count > SIM_FLEET_MAX_DEVICES)
    return fail (error, "-n is 1 to 100000 devices");
  if (self->concurrency < 1 || self->concurrency > SIM_FLEET_MAX_CONCURRENCY)
    return fail (error, "--concurrency is 1 to 256");
  if (self->way != NULL && !sim_options_is_way (self->way))
    return fail (error, "--way is byod, oauth2, adde, unbox, enroll-link or ota");
  return TRUE;
}

static GOptionContext *
build_context (SimFleetOptions *self)
{
  const GOptionEntry entries[] = {
    { "number", 'n', 0, G_OPTION_ARG_INT, &self->count, "how many devices (10)", "N" },
    { "concurrency", 0, 0, G_OPTION_ARG_INT, &self->concurrency, "how many at once (4)", "N" },
    { "way", 0, 0, G_OPTION_ARG_STRING, &self->way, "how they come to it (byod)", "SUBCOMMAND" },
    { "report", 0, 0, G_OPTION_ARG_NONE, &self->report, "how long it took", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "one JSON document on stdout", NULL },
    { NULL },
  };
  GOptionContext *context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, "Enrolls many simulated devices, each a process of its own.");
  g_option_context_set_description (context,
                                    "All other options are the devices': see doorward-sim WAY --help.\n");
  return context;
}

/**
 * sim_fleet_dup_help:
 *
 * Returns: (transfer full): the help text of `doorward-sim fleet`
 */
char *
sim_fleet_dup_help (void)
{
  g_autoptr (SimFleetOptions) self = g_new0 (SimFleetOptions, 1);
  g_autoptr (GOptionContext) context = build_context (self);

  return g_option_context_get_help (context, FALSE, NULL);
}

/* What is wrong for one device is wrong for all: it is said once, before any begins. */
static bool
check_device (const SimFleetOptions *self, GError **error)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) line = NULL;
  g_autoptr (SimOptions) options = NULL;

  g_strv_builder_add (words, self->way);
  g_strv_builder_addv (words, (const char **) self->device);
  line = g_strv_builder_end (words);
  options = sim_options_parse (line, error);
  return options != NULL;
}

/**
 * sim_fleet_options_parse:
 * @argv: (array zero-terminated=1): "fleet" and what follows it
 * @error: return location for an error
 *
 * Takes the options of a fleet; all others are the devices', and must be such that one could begin.
 *
 * Returns: (transfer full): the options, or %NULL with %SIM_ERROR_USAGE
 */
SimFleetOptions *
sim_fleet_options_parse (char **argv, GError **error)
{
  g_autoptr (SimFleetOptions) self = g_new0 (SimFleetOptions, 1);
  g_autoptr (GOptionContext) context = build_context (self);
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) words = g_strdupv (argv);

  self->count = 10;
  self->concurrency = 4;
  if (!g_option_context_parse_strv (context, &words, &local))
    {
      fail (error, local->message);
      return NULL;
    }
  if (!check (self, error))
    return NULL;
  self->device = g_strdupv (words + 1);
  if (self->way == NULL)
    self->way = g_strdup ("byod");
  return check_device (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * sim_fleet_options_free:
 * @self: (transfer full): options
 */
void
sim_fleet_options_free (SimFleetOptions *self)
{
  g_strfreev (self->device);
  g_free (self->way);
  g_free (self);
}

static void start_devices (Fleet *self);

static void
end_device (Device *device, GSubprocess *process, const char *complaint)
{
  Fleet *self = device->fleet;
  int64_t took_us = g_get_monotonic_time () - device->began_us;

  self->running--;
  if (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 0)
    {
      self->good++;
      g_array_append_val (self->times_us, took_us);
    }
  else
    {
      self->failed++;
      if (self->first_failure == NULL)
        self->first_failure = g_strdup (complaint);
    }
  g_free (device);
  start_devices (self);
}

static void
ended_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GSubprocess) process = G_SUBPROCESS (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *complaint = NULL;

  if (!g_subprocess_communicate_utf8_finish (process, result, NULL, &complaint, &error))
    complaint = g_strdup (error->message);
  end_device (data, process, complaint);
}

static void
start_device (Fleet *self)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  GSubprocess *process;
  Device *device;

  g_ptr_array_add (words, (gpointer) self->program);
  g_ptr_array_add (words, self->options->way);
  for (size_t i = 0; self->options->device[i] != NULL; i++)
    g_ptr_array_add (words, self->options->device[i]);
  g_ptr_array_add (words, (gpointer) "--quiet");
  g_ptr_array_add (words, NULL);
  process = g_subprocess_newv ((const char *const *) words->pdata, G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  if (process == NULL)
    {
      self->failed++;
      if (self->first_failure == NULL)
        self->first_failure = g_strdup (error->message);
      return;
    }
  device = g_new0 (Device, 1);
  device->fleet = self;
  device->began_us = g_get_monotonic_time ();
  self->running++;
  g_subprocess_communicate_utf8_async (process, NULL, NULL, ended_cb, device);
}

static void
start_devices (Fleet *self)
{
  while (self->running < self->options->concurrency && self->started < self->options->count)
    {
      self->started++;
      start_device (self);
    }
  if (self->running == 0)
    g_main_loop_quit (self->loop);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return x < y ? -1 : x > y;
}

static int64_t
percentile (const Fleet *self, unsigned int percent)
{
  return self->times_us->len == 0
             ? 0
             : g_array_index (self->times_us, int64_t, self->times_us->len * percent / 100) / 1000;
}

static void
print (Fleet *self, double seconds)
{
  g_array_sort (self->times_us, compare_times);
  if (self->options->json)
    printf ("{\"devices\": %d, \"concurrency\": %d, \"enrolled\": %d, \"failed\": %d, \"seconds\": %.3f, "
            "\"per_second\": %.2f, \"p50_ms\": %" G_GINT64_FORMAT ", \"p99_ms\": %" G_GINT64_FORMAT "}\n",
            self->options->count, self->options->concurrency, self->good, self->failed, seconds,
            self->good / seconds, percentile (self, 50), percentile (self, 99));
  else if (self->options->report && self->good > 0)
    printf ("%d enrolled, %d failed in %.1f s, %d at once: %.2f enrollments per second, half within "
            "%" G_GINT64_FORMAT " ms, 99 of 100 within %" G_GINT64_FORMAT " ms\n",
            self->good, self->failed, seconds, self->options->concurrency, self->good / seconds,
            percentile (self, 50), percentile (self, 99));
  else
    printf ("%d enrolled, %d failed\n", self->good, self->failed);
  fflush (stdout);
  if (self->first_failure != NULL)
    fprintf (stderr, "doorward-sim: the first that failed: %s\n", g_strchomp (self->first_failure));
}

/**
 * sim_fleet_run:
 * @options: how many, and what each does
 * @program: this program
 *
 * Enrolls devices, each in a process of its own, and says how it went. Blocks until the last has ended; each
 * ends by the time limits of its requests.
 *
 * Returns: exit status: success when all have done what was expected of one
 */
int
sim_fleet_run (const SimFleetOptions *options, const char *program)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (int64_t));
  Fleet self = { .options = options, .program = program, .loop = loop, .times_us = times };
  int64_t from_us = g_get_monotonic_time ();

  start_devices (&self);
  if (self.running > 0)
    g_main_loop_run (loop);
  print (&self, (double) (g_get_monotonic_time () - from_us) / G_USEC_PER_SEC);
  g_free (self.first_failure);
  return self.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <gio/gio.h>
#include <glib-unix.h>

#include "door-command-line.h"
#include "door-daemon.h"
#include "door-error.h"
#include "door-log.h"
#include "door-notify.h"
#include "door-version.h"

#define EXIT_USAGE 64

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
reload_cb (gpointer data)
{
  door_daemon_reload (data);
  return G_SOURCE_CONTINUE;
}

static int
serve (const DoorSetup *setup, DoorLogOutput *log, GPtrArray *problems, GError **error)
{
  const DoorSettings *settings = door_config_get_settings (door_setup_get_config (setup), "doorward");
  const char *url = door_settings_get_string (settings, "ExternalUrl");
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (DoorDaemon) daemon = NULL;

  door_log_set_level (log, door_settings_get_string (settings, "LogLevel"));
  daemon = door_daemon_new (setup, problems, error);
  if (daemon == NULL)
    return EXIT_FAILURE;
  g_unix_signal_add (SIGTERM, quit_cb, loop);
  g_unix_signal_add (SIGINT, quit_cb, loop);
  g_unix_signal_add (SIGHUP, reload_cb, daemon);
  door_daemon_start (daemon, log, loop);
  printf ("ready %s\n", url);
  fflush (stdout);
  door_notify_status ("READY=1", url);
  g_message ("doorward %s serves %s", DOOR_VERSION, url);
  g_main_loop_run (loop);
  door_notify ("STOPPING=1");
  g_message ("stopping");
  return door_daemon_has_failed (daemon) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void
explain_failure (const GPtrArray *problems, const GError *error)
{
  DoorFault fault = door_error_get_fault (error);
  const DoorFaultInfo *info = fault != DOOR_FAULT_NONE ? door_fault_get_info (fault) : NULL;

  for (guint i = 0; problems->len > 1 && i < problems->len; i++)
    g_warning ("%s", (const char *) g_ptr_array_index (problems, i));
  door_log_event (G_LOG_LEVEL_CRITICAL, "start-failed", error->message, "DOORWARD_FAULT",
                  info != NULL ? info->id : NULL, NULL);
  fprintf (stderr, "doorward: cannot start: %s\n", error->message);
  if (info != NULL)
    fprintf (stderr, "  %s: %s\n", info->id, info->fix);
  if (problems->len > 1)
    fprintf (stderr, "  %u problems in all:\n", problems->len);
  for (guint i = 0; problems->len > 1 && i < problems->len; i++)
    fprintf (stderr, "  %s\n", (const char *) g_ptr_array_index (problems, i));
  if (problems->len <= 1 && info != NULL && g_str_has_prefix (info->id, "DW-CFG-") &&
      fault != DOOR_FAULT_CFG_STATEKEY) /* which is not in the files that are checked */
    fputs ("  There may be more: doorctl config check lists everything\n", stderr);
}

static int
run (const DoorCommandLine *line)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  DoorSetupOptions options = {
    .config_file = door_command_line_get_value (line, "config"),
    .state_folder = door_command_line_get_value (line, "state-dir"),
    .plugin_folder = door_command_line_get_value (line, "plugin-dir"),
    .development = door_command_line_has (line, "dev"),
    .problems = problems,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSetup) setup = NULL;
  DoorLogOutput *log = door_log_start ();
  int status = EXIT_FAILURE;

  if (options.development)
    g_message ("development mode: do not expose this server");
  setup = door_setup_new (&options, &error);
  if (setup != NULL)
    status = serve (setup, log, problems, &error);
  if (error != NULL)
    explain_failure (problems, error);
  return status;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCommandLine) line = NULL;

  setlocale (LC_ALL, "");
  /* A file that may not grow any more (setrlimit) is an error to report, not a reason to end. */
  signal (SIGXFSZ, SIG_IGN);
  /* GIO asks the desktop's settings for a proxy, whose store wants a home folder to write to */
  g_setenv ("GSETTINGS_BACKEND", "memory", FALSE);
  line = door_command_line_parse (door_command_line_list_daemon_options (), (const char *const *) argv + 1,
                                  &error);
  if (line == NULL || door_command_line_get_words (line)[0] != NULL)
    {
      fprintf (stderr, "doorward: %s\nTry: doorward --help\n",
               error != NULL ? error->message : "unexpected argument");
      return EXIT_USAGE;
    }
  if (door_command_line_has (line, "version"))
    {
      printf ("doorward %s\n", DOOR_VERSION);
      return EXIT_SUCCESS;
    }
  if (door_command_line_has (line, "help"))
    {
      g_autofree char *help = door_command_line_dup_help (door_command_line_list_daemon_options ());

      printf ("usage: doorward [OPTION]…\nIdentity check for device enrollment; see doorward(8).\n\n%s",
              help);
      return EXIT_SUCCESS;
    }
  return run (line);
}

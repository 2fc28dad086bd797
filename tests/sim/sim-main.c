/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim-error.h"
#include "sim-fleet.h"
#include "sim-journey.h"
#include "sim-misbehaviour.h"

#define EXIT_USAGE 64
#define EXIT_UNREACHABLE 69

/* What an error means for whoever called. A refusal is success where the scenario provokes one. */
static void
judge (const SimJourney *journey, const GError *error, SimVerdict *verdict)
{
  verdict->error = error;
  verdict->exit_status = EXIT_FAILURE;
  verdict->outcome = "failed";
  if (error == NULL)
    {
      verdict->exit_status = EXIT_SUCCESS;
      verdict->outcome = journey->options->only_until < SIM_STEP_TOKEN_UPDATE ? "stopped" : "enrolled";
    }
  else if (g_error_matches (error, SIM_ERROR, SIM_ERROR_REFUSED))
    {
      verdict->outcome = "refused";
      if (journey->misbehaviour->expects_refusal && journey->answer != NULL)
        verdict->exit_status = EXIT_SUCCESS;
    }
  else if (g_error_matches (error, SIM_ERROR, SIM_ERROR_UNREACHABLE))
    {
      verdict->outcome = "unreachable";
      verdict->exit_status = EXIT_UNREACHABLE;
    }
  else if (g_error_matches (error, SIM_ERROR, SIM_ERROR_USAGE))
    {
      verdict->outcome = "usage";
      verdict->exit_status = EXIT_USAGE;
    }
}

static int
run (const SimOptions *options)
{
  g_autoptr (SimReport) report = sim_report_new (options->quiet, options->json);
  g_autoptr (GError) error = NULL;
  g_autoptr (SimJourney) journey = sim_journey_new (options, report, &error);
  SimVerdict verdict = { .account = *options->account != '\0' ? options->account : options->user };

  if (journey != NULL)
    {
      sim_journey_run (journey, &error);
      verdict.enrollment_id = sim_device_get_enrollment_id (journey->device);
    }
  judge (journey, error, &verdict);
  sim_report_finish (report, &verdict);
  return verdict.exit_status;
}

static int
complain (bool json, const GError *error)
{
  g_autoptr (SimReport) report = sim_report_new (false, json);
  const SimVerdict verdict = { .outcome = "usage", .exit_status = EXIT_USAGE, .error = error };

  sim_report_finish (report, &verdict);
  return EXIT_USAGE;
}

static int
run_fleet (char **words, bool json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SimFleetOptions) options = sim_fleet_options_parse (words, &error);

  return options != NULL ? sim_fleet_run (options, "/proc/self/exe") : complain (json, error);
}

static int
make_device_ca (const char *folder)
{
  g_autoptr (GError) error = NULL;

  return sim_device_make_authority (folder, &error) ? EXIT_SUCCESS : complain (false, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (SimOptions) options = NULL;
  g_autoptr (GError) error = NULL;
  const char *const *words = (const char *const *) argv;

  g_set_prgname ("doorward-sim");
  setlocale (LC_CTYPE, "C.UTF-8");
  if (g_strv_contains (words, "--help") || g_strv_contains (words, "-h"))
    {
      g_autofree char *help = NULL, *name = NULL;

      if (argc >= 2 && g_str_equal (argv[1], "device-ca"))
        {
          puts ("Usage: doorward-sim device-ca FOLDER\n\nMakes an authority of a maker of devices, for "
                "--device-ca.");
          return EXIT_SUCCESS;
        }
      name = g_strdup_printf ("doorward-sim %s", argc >= 2 && *argv[1] != '-' ? argv[1] : "WAY");
      g_set_prgname (name);
      help = argc >= 2 && g_str_equal (argv[1], "fleet") ? sim_fleet_dup_help () : sim_options_dup_help ();
      fputs (help, stdout);
      return EXIT_SUCCESS;
    }
  if (g_strv_contains (words, "--version"))
    {
      puts ("doorward-sim " SIM_VERSION);
      return EXIT_SUCCESS;
    }
  if (argc >= 2 && g_str_equal (argv[1], "fleet"))
    return run_fleet (argv + 1, g_strv_contains (words, "--json"));
  if (argc == 3 && g_str_equal (argv[1], "device-ca"))
    return make_device_ca (argv[2]);
  if (argc < 2 || !sim_options_is_way (argv[1]))
    g_set_error_literal (
        &error, SIM_ERROR, SIM_ERROR_USAGE,
        "the subcommands are byod, oauth2, adde, unbox, enroll-link, ota, fleet and device-ca; "
        "see --help");
  else
    options = sim_options_parse (argv + 1, &error);
  return options != NULL ? run (options) : complain (g_strv_contains (words, "--json"), error);
}

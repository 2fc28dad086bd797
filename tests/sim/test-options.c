/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sim-error.h"
#include "sim-fleet.h"
#include "sim-options.h"

static SimOptions *
parse (const char *line, GError **error)
{
  g_auto (GStrv) argv = NULL;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, NULL));
  return sim_options_parse (argv, error);
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SimOptions) options = parse ("byod --account anna.chao@example.test --password x", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (options->discovery, ==, "https://example.test");
  g_assert_cmpstr (options->user, ==, "anna.chao");
  g_assert_cmpstr (options->product, ==, "iPhone15,4");
  g_assert_cmpstr (options->language, ==, "en");
  g_assert_cmpint (options->only_until, ==, SIM_STEP_ALL);
  g_assert_cmpint (options->timeout_s, ==, 30);
}

static void
test_server_and_discovery (void)
{
  g_autoptr (SimOptions) server = parse (
      "byod --account a@b.test --password x --server https://door.test:8443/ --header 'A: b' --header 'C: d'",
      NULL);
  g_autoptr (SimOptions) both = parse (
      "byod --account a@b.test --only-until challenge --server https://x.test --discovery https://y.test",
      NULL);

  g_assert_cmpstr (server->discovery, ==, "https://door.test:8443");
  g_assert_cmpuint (g_strv_length (server->headers), ==, 2);
  g_assert_cmpstr (both->discovery, ==, "https://y.test");
  g_assert_cmpint (both->only_until, ==, SIM_STEP_CHALLENGE);
}

/* A way without an account begins with a page. */
static void
test_ways (void)
{
  g_autoptr (SimOptions) unbox =
      parse ("unbox --user anna --password x --server https://door.test/ --model-family Mac", NULL);
  g_autoptr (SimOptions) link =
      parse ("enroll-link --user anna --password x --link https://door.test/enroll/t", NULL);
  g_autoptr (SimOptions) adde = parse ("adde --account a@b.test --password x", NULL);
  g_autoptr (SimOptions) oauth2 = parse ("oauth2 --account a@b.test --password x --refresh-after 5", NULL);

  g_assert_cmpstr (unbox->start, ==, "https://door.test/mdm/sso");
  g_assert_cmpstr (unbox->product, ==, "Mac15,7");
  g_assert_cmpint (unbox->wait_s, ==, 60);
  g_assert_true (sim_options_is_whole (unbox));
  g_assert_false (sim_options_is_account_driven (unbox));
  g_assert_cmpint (link->way, ==, SIM_WAY_LINK);
  g_assert_true (sim_options_is_whole (link));
  g_assert_true (sim_options_is_whole (adde));
  g_assert_true (sim_options_is_account_driven (adde));
  g_assert_false (sim_options_is_whole (oauth2));
  g_assert_cmpint (oauth2->refresh_after_s, ==, 5);
  g_assert_true (sim_options_is_way ("enroll-link"));
  g_assert_false (sim_options_is_way ("fleet"));
}

/* What no device would take is refused before the first begins. */
static void
test_fleet (void)
{
  static const struct
  {
    const char *line;
    const char *complaint; /* NULL: none */
  } lines[] = {
    { "fleet -n 3 --way adde --account a@b.test --password x", NULL },
    { "fleet --account a@b.test --password x --nosuch", "--nosuch" },
    { "fleet -n 3", "--account" },
    { "fleet --way walk --account a@b.test --password x", "--way is " },
    { "fleet -n 0 --account a@b.test --password x", "-n is " },
  };
  g_autofree char *help = sim_fleet_dup_help ();

  g_assert_nonnull (strstr (help, "--concurrency"));
  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i].line, " ", -1);
      g_autoptr (GError) error = NULL;
      g_autoptr (SimFleetOptions) options = sim_fleet_options_parse (words, &error);

      g_assert_true ((options != NULL) == (lines[i].complaint == NULL));
      g_assert_true (options != NULL || strstr (error->message, lines[i].complaint) != NULL);
    }
}

/* Whichever of the two is named, the other one fits. */
static void
test_device (void)
{
  static const char *const given[][3] = {
    { "--model-family iPad", "iPad", "iPad14,8" },
    { "--model-family RealityDevice", "RealityDevice", "RealityDevice14,1" },
    { "--product iPad13,1", "iPad", "iPad13,1" },
    { "--product iMac21,1", "Mac", "iMac21,1" },
    { "--product iPad13,1 --model-family iPad", "iPad", "iPad13,1" },
    { "--product Prototype1,1 --model-family iPad", "iPad", "Prototype1,1" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (given); i++)
    {
      g_autofree char *line = g_strconcat ("byod --account a@b.test --password x ", given[i][0], NULL);
      g_autoptr (SimOptions) options = parse (line, NULL);

      g_assert_nonnull (options);
      g_assert_cmpstr (options->model_family, ==, given[i][1]);
      g_assert_cmpstr (options->product, ==, given[i][2]);
    }
}

static void
test_bad (void)
{
  static const char *const bad[] = {
    "byod",
    "byod --account anna --password x",
    "byod --account @b.test --password x",
    "byod --account a@ --password x",
    "byod --account a@b.test",
    "byod --account a@b.test --password x --password-file /nowhere",
    "byod --account a@b.test --password-file /nowhere",
    "byod --account a@b.test --password x extra",
    "byod --account a@b.test --password x --frobnicate",
    "byod --account a@b.test --password x --server http://b.test",
    "byod --account a@b.test --password x --enroll-url http://b.test",
    "byod --account a@b.test --password x --only-until lunch",
    "byod --account a@b.test --password x --misbehave nicely",
    "unbox --user anna --password x --server https://door.test --misbehave wrong-user",
    "unbox --user anna --password x --server https://door.test --misbehave no-bearer",
    "byod --account a@b.test --password x --misbehave stolen-challenge --only-until profile",
    "byod --account a@b.test --password x --misbehave no-bearer --model-family Mac",
    "byod --account a@b.test --password x --renew --only-until scep",
    "byod --account a@b.test --password x --check-out --only-until authenticate",
    "byod --account a@b.test --password x --delay 121",
    "byod --account a@b.test --password x --delay -1",
    "byod --account a@b.test --password x --refresh-after 5",
    "oauth2 --account a@b.test --password x --refresh-after -1",
    "oauth2 --account a@b.test --password x --refresh-after 901",
    "oauth2 --account a@b.test --password x --refresh-after 5 --only-until profile",
    "byod --account a@b.test --password x --timeout 0",
    "byod --account a@b.test --password x --model-family Android",
    "byod --account a@b.test --password x --model-family iPad --product iPhone15,4",
    "byod --account a@b.test --password x --mdm-signature md5",
    "byod --account a@b.test --password x --device-info-digest md5",
    "byod --account a@b.test --password x --escrow",
    "adde --account a@b.test --password x --escrow --only-until profile",
    "unbox --user anna --password x",
    "unbox --password x --server https://door.test",
    "unbox --user anna --password x --server http://door.test",
    "unbox --user anna --password x --server https://door.test --account a@b.test",
    "unbox --user anna --password x --server https://door.test --wait 0",
    "enroll-link --user anna --password x --server https://door.test",
    "adde --user anna --password x --server https://door.test",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (bad[i], &error));
      g_assert_error (error, SIM_ERROR, SIM_ERROR_USAGE);
    }
}

/* Whoever names what there is not is told what there is. */
static void
test_choices (void)
{
  g_autoptr (GError) scenario = NULL, station = NULL;

  g_assert_null (parse ("byod --account a@b.test --password x --misbehave nosuch", &scenario));
  g_assert_nonnull (strstr (scenario->message, "there are late-login, replay, "));
  g_assert_null (parse ("byod --account a@b.test --password x --only-until nosuch", &station));
  g_assert_nonnull (strstr (station->message, "there are discovery, "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/options/defaults", test_defaults);
  g_test_add_func ("/sim/options/server-and-discovery", test_server_and_discovery);
  g_test_add_func ("/sim/options/ways", test_ways);
  g_test_add_func ("/sim/options/fleet", test_fleet);
  g_test_add_func ("/sim/options/device", test_device);
  g_test_add_func ("/sim/options/bad", test_bad);
  g_test_add_func ("/sim/options/choices", test_choices);
  return g_test_run ();
}

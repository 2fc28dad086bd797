/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-error.h"
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
  g_autoptr (SimOptions) oauth2 = parse ("oauth2 --account a@b.test --password x", NULL);

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
  g_assert_true (sim_options_is_way ("enroll-link"));
  g_assert_false (sim_options_is_way ("fleet"));
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
    "byod --account a@b.test --password x --timeout 0",
    "byod --account a@b.test --password x --model-family Android",
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/options/defaults", test_defaults);
  g_test_add_func ("/sim/options/server-and-discovery", test_server_and_discovery);
  g_test_add_func ("/sim/options/ways", test_ways);
  g_test_add_func ("/sim/options/bad", test_bad);
  return g_test_run ();
}

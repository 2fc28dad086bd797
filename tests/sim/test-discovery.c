/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sim-discovery.h"
#include "sim-error.h"

static void
test_challenge_good (void)
{
  const char *const good[] = {
    "Bearer method=\"apple-as-web\", url=\"https://a.test/sso?x=1,2\"",
    "Bearer method=\"apple-as-web\" url=\"https://a.test/sso?x=1,2\"",
    "bearer  url=\"https://a.test/sso?x=1,2\",method=\"apple-as-web\"",
    "Bearer realm=\"x\", METHOD=\"apple\\-as-web\", url=\"https://a.test/sso?x=1,2\", error=\"a=\\\"b\\\"\"",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SimChallenge) challenge = sim_challenge_parse (good[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (challenge->method, ==, "apple-as-web");
      g_assert_cmpstr (challenge->url, ==, "https://a.test/sso?x=1,2");
    }
}

/* All parameters but the scope are needed. */
static void
test_challenge_oauth2 (void)
{
  const char *const parts[] = { "authorization-url=\"https://a.test/a\"", "token-url=\"https://a.test/t\"",
                                "redirect-url=\"apple-remotemanagement-user-login:/back\"",
                                "client-id=\"c\"" };
  g_autofree char *all = g_strjoin (", ", "Bearer method=\"apple-oauth2\"", parts[0], parts[1], parts[2],
                                    parts[3], "scope=\"mdm\"", NULL);
  g_autoptr (SimChallenge) challenge = sim_challenge_parse (all, NULL);

  g_assert_nonnull (challenge);
  g_assert_cmpstr (challenge->token_url, ==, "https://a.test/t");
  g_assert_cmpstr (challenge->redirect_url, ==, "apple-remotemanagement-user-login:/back");
  g_assert_cmpstr (challenge->scope, ==, "mdm");
  for (size_t missing = 0; missing < G_N_ELEMENTS (parts); missing++)
    {
      g_autoptr (GString) text = g_string_new ("Bearer method=\"apple-oauth2\"");

      for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
        if (i != missing)
          g_string_append_printf (text, ", %s", parts[i]);
      g_assert_null (sim_challenge_parse (text->str, NULL));
    }
}

static void
test_challenge_bad (void)
{
  const char *const bad[] = {
    "",
    "Bearer",
    "Bearer ",
    "Basic realm=\"x\"",
    "Bearer method=\"apple-as-web\"",
    "Bearer url=\"https://a.test/\"",
    "Bearer method=\"apple-oauth2\", url=\"https://a.test/\"",
    "Bearer method=\"apple-as-web\", url=\"http://a.test/\"",
    "Bearer method=apple-as-web, url=https://a.test/",
    "Bearer method=\"apple-as-web\"url=\"https://a.test/\"",
    "Bearer method=\"apple-as-web\",, url=\"https://a.test/\"",
    "Bearer method=\"apple-as-web\", url=\"https://a.test/",
    "Bearer method=\"apple-as-web\", url=\"https://a.test/\\",
    "Bearer method=\"apple-as-web\", url=\"https://a.test/\", url=\"https://b.test/\"",
    "Bearer =\"apple-as-web\", url=\"https://a.test/\"",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (sim_challenge_parse (bad[i], &error));
      g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
    }
}

static char *
parse_discovery (const char *json, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, strlen (json));

  return sim_discovery_parse (bytes, "mdm-byod", error);
}

static void
test_document_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url =
      parse_discovery ("{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\"}]}", &error);

  g_autofree char *other = parse_discovery (
      "\n{ \"Servers\" : [ { \"BaseURL\" : \"https:\\/\\/a.test\\/e\", \"Version\" : \"mdm-byod\" } ] }\n",
      NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, "https://a.test/e");
  g_assert_cmpstr (other, ==, "https://a.test/e");
}

static void
test_document_bad (void)
{
  const char *const bad[] = {
    "",
    "{",
    "[]",
    "null",
    "{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\"}]} {}",
    "{\"Servers\":[{\"Version\":\"mdm-byod\",/*x*/\"BaseURL\":\"https://a.test/e\"}]}",
    "{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\"}],\"x\":1}",
    "{\"Servers\":[{\"BaseURL\":\"https://a.test/e\",\"BaseURL\":\"https://a.test/e\"}]}",
    "{'Servers':[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\"}]}",
    "{\"Servers\":{}}",
    "{\"Servers\":[]}",
    "{\"Servers\":[1]}",
    "{\"servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\"}]}",
    "{\"Servers\":[{\"Version\":\"mdm-adde\",\"BaseURL\":\"https://a.test/e\"}]}",
    "{\"Servers\":[{\"Version\":1,\"BaseURL\":\"https://a.test/e\"}]}",
    "{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"http://a.test/e\"}]}",
    "{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":null}]}",
    "{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\",\"More\":1}]}",
    "{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\"},"
    "{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://a.test/e\"}]}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse_discovery (bad[i], &error));
      g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/challenge/good", test_challenge_good);
  g_test_add_func ("/sim/discovery/challenge-oauth2", test_challenge_oauth2);
  g_test_add_func ("/sim/challenge/bad", test_challenge_bad);
  g_test_add_func ("/sim/discovery/good", test_document_good);
  g_test_add_func ("/sim/discovery/bad", test_document_bad);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-cookies.h"
#include "sim-error.h"

typedef struct
{
  SimCookies *jar;
  GDateTime *now;
  GUri *door;
  GUri *plain;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->jar = sim_cookies_new ();
  fixture->now = g_date_time_new_utc (2025, 4, 29, 18, 58, 21);
  fixture->door = g_uri_parse ("https://door.example.test:8443/a/b", SOUP_HTTP_URI_FLAGS, NULL);
  fixture->plain = g_uri_parse ("http://door.example.test/a/b", SOUP_HTTP_URI_FLAGS, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sim_cookies_free (fixture->jar);
  g_date_time_unref (fixture->now);
  g_uri_unref (fixture->door);
  g_uri_unref (fixture->plain);
}

static void
assert_sent (Fixture *fixture, GUri *uri, const char *method, SimSite site, const char *wanted)
{
  g_autofree char *header = sim_cookies_dup_header (fixture->jar, uri, method, site, fixture->now);

  g_assert_cmpstr (header, ==, wanted);
}

static void
test_same_site (Fixture *fixture, gconstpointer data)
{
  const char *const cookies[] = { "n=1; Secure; SameSite=None; Path=/", "l=2; SameSite=Lax; Path=/",
                                  "s=3; SameSite=Strict; Path=/", "d=4; Path=/" };

  for (size_t i = 0; i < G_N_ELEMENTS (cookies); i++)
    g_assert_true (sim_cookies_store (fixture->jar, fixture->door, cookies[i], fixture->now, NULL));
  assert_sent (fixture, fixture->door, "GET", SIM_SITE_NONE, "n=1; l=2; s=3; d=4");
  assert_sent (fixture, fixture->door, "POST", SIM_SITE_SAME_ORIGIN, "n=1; l=2; s=3; d=4");
  assert_sent (fixture, fixture->door, "POST", SIM_SITE_SAME_SITE, "n=1; l=2; s=3; d=4");
  assert_sent (fixture, fixture->door, "GET", SIM_SITE_CROSS_SITE, "n=1; l=2; d=4");
  assert_sent (fixture, fixture->door, "POST", SIM_SITE_CROSS_SITE, "n=1");
  assert_sent (fixture, fixture->plain, "GET", SIM_SITE_NONE, "l=2; s=3; d=4");
}

static void
test_scope (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GUri) sibling = g_uri_parse ("https://idp.example.test/a/b", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) root = g_uri_parse ("https://door.example.test/", SOUP_HTTP_URI_FLAGS, NULL);

  g_assert_true (sim_cookies_store (fixture->jar, fixture->door, "host=1; Path=/", fixture->now, NULL));
  g_assert_true (sim_cookies_store (fixture->jar, fixture->door, "deep=2", fixture->now, NULL));
  g_assert_true (sim_cookies_store (fixture->jar, fixture->door, "wide=3; Domain=example.test; Path=/",
                                    fixture->now, NULL));
  assert_sent (fixture, fixture->door, "GET", SIM_SITE_NONE, "host=1; deep=2; wide=3");
  assert_sent (fixture, root, "GET", SIM_SITE_NONE, "host=1; wide=3");
  assert_sent (fixture, sibling, "GET", SIM_SITE_NONE, "wide=3");
}

static void
test_replace_and_expire (Fixture *fixture, gconstpointer data)
{
  g_assert_true (sim_cookies_store (fixture->jar, fixture->door, "a=1; Path=/", fixture->now, NULL));
  g_assert_true (sim_cookies_store (fixture->jar, fixture->door, "a=2; Path=/", fixture->now, NULL));
  assert_sent (fixture, fixture->door, "GET", SIM_SITE_NONE, "a=2");
  g_assert_true (sim_cookies_store (
      fixture->jar, fixture->door, "a=3; Path=/; Expires=Tue, 29 Apr 2025 18:58:20 GMT", fixture->now, NULL));
  assert_sent (fixture, fixture->door, "GET", SIM_SITE_NONE, NULL);
}

static void
test_dropped (Fixture *fixture, gconstpointer data)
{
  const char *const bad[] = {
    "__Host-a=1; Path=/",
    "__Host-a=1; Secure",
    "__Host-a=1; Secure; Path=/a",
    "__Host-a=1; Secure; Path=/; Domain=door.example.test",
    "__host-a=1; Path=/; Secure; Domain=door.example.test",
    "__Secure-a=1; Path=/",
    "a=1; SameSite=None",
    "a=1; Domain=other.test",
    "",
  };
  g_autoptr (GUri) london = g_uri_parse ("https://a.co.uk/", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GError) over_http = NULL;
  g_autoptr (GError) everywhere = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_false (sim_cookies_store (fixture->jar, fixture->door, bad[i], fixture->now, &error));
      g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
    }
  g_assert_false (sim_cookies_store (fixture->jar, fixture->plain, "a=1; Secure", fixture->now, &over_http));
  g_assert_error (over_http, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_false (sim_cookies_store (fixture->jar, london, "a=1; Domain=co.uk", fixture->now, &everywhere));
  g_assert_error (everywhere, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  assert_sent (fixture, fixture->door, "GET", SIM_SITE_NONE, NULL);
  g_assert_true (sim_cookies_store (fixture->jar, fixture->plain, "p=1; SameSite=None", fixture->now, NULL));
  g_assert_true (sim_cookies_store (fixture->jar, fixture->door, "__Host-a=1; Secure; path=/; SameSite=None",
                                    fixture->now, NULL));
}

static void
test_sites (void)
{
  static const struct
  {
    const char *from;
    const char *to;
    SimSite site;
  } cases[] = {
    { "https://a.localhost:1/x", "https://a.localhost:1/y", SIM_SITE_SAME_ORIGIN },
    { "https://a.localhost:1/", "https://a.localhost:2/", SIM_SITE_SAME_SITE },
    { "https://doorward.localhost:1/", "https://idp.localhost:1/", SIM_SITE_CROSS_SITE },
    { "https://a.example.com/", "https://b.example.com/", SIM_SITE_SAME_SITE },
    { "http://a.example.com/", "https://a.example.com/", SIM_SITE_CROSS_SITE },
    { "https://127.0.0.1/", "https://127.0.0.2/", SIM_SITE_CROSS_SITE },
    { "https://a.co.uk/", "https://b.co.uk/", SIM_SITE_CROSS_SITE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GUri) from = g_uri_parse (cases[i].from, SOUP_HTTP_URI_FLAGS, NULL);
      g_autoptr (GUri) to = g_uri_parse (cases[i].to, SOUP_HTTP_URI_FLAGS, NULL);

      g_assert_cmpint (sim_site_between (from, to), ==, cases[i].site);
      g_assert_cmpint (sim_site_between (NULL, to), ==, SIM_SITE_NONE);
    }
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/sim/cookies/same-site", test_same_site);
  ADD ("/sim/cookies/scope", test_scope);
  ADD ("/sim/cookies/replace-and-expire", test_replace_and_expire);
  ADD ("/sim/cookies/dropped", test_dropped);
  g_test_add_func ("/sim/cookies/sites", test_sites);
  return g_test_run ();
}

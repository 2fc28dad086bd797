/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cookie.h"
#include "door-error.h"

static void
test_found (void)
{
  static const struct
  {
    const char *header, *value;
  } cases[] = {
    { "__Host-dw_flow=abc", "abc" },
    { "a=1; __Host-dw_flow=abc; b=2", "abc" },
    { "a=1;__Host-dw_flow=abc;b=2", "abc" },
    { "odd; =; \"x\"; __Host-dw_flow=abc ", "abc" },
    { "other=\x80\"; __Host-dw_flow=", "" },
    { "x__Host-dw_flow=1; __Host-dw_flowx=2; __host-dw_flow=3", NULL },
    { "__Host-dw_flow", NULL },
    { "", NULL },
    { NULL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *value = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (door_cookie_lookup (cases[i].header, "__Host-dw_flow", &value, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (value, ==, cases[i].value);
    }
}

static void
test_rejected (void)
{
  static const char *const bad[] = {
    "a=1; a=2", "a=1; b=2; a=1", "a=\"quoted\"", "a=x y", "a=x\\y", "a=x,y", "a=\x80",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *value = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (door_cookie_lookup (bad[i], "a", &value, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_null (value);
    }
}

static void
test_build (void)
{
  g_autofree char *flow = door_cookie_build ("__Host-dw_flow", "abc", DOOR_SAME_SITE_NONE, 86400);
  g_autofree char *admin =
      door_cookie_build ("__Host-dw_admin", "x", DOOR_SAME_SITE_LAX, DOOR_COOKIE_SESSION);
  g_autofree char *gone =
      door_cookie_build ("__Host-dw_admin", "", DOOR_SAME_SITE_STRICT, DOOR_COOKIE_DELETE);

  g_assert_cmpstr (flow, ==, "__Host-dw_flow=abc; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=86400");
  g_assert_cmpstr (admin, ==, "__Host-dw_admin=x; Path=/; Secure; HttpOnly; SameSite=Lax");
  g_assert_cmpstr (gone, ==, "__Host-dw_admin=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
}

static void
test_build_misuse (void)
{
  static const char *const bad[][2] = { { "dw_flow", "abc" },
                                        { "__Host-a", "x;y" },
                                        { "__Host-a", "x\r\ny" } };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_expect_message ("doorward-http", G_LOG_LEVEL_CRITICAL, "*assertion*failed*");
      g_assert_null (door_cookie_build (bad[i][0], bad[i][1], DOOR_SAME_SITE_LAX, 1));
      g_test_assert_expected_messages ();
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/cookie/found", test_found);
  g_test_add_func ("/http/cookie/rejected", test_rejected);
  g_test_add_func ("/http/cookie/build", test_build);
  g_test_add_func ("/http/cookie/build-misuse", test_build_misuse);
  return g_test_run ();
}

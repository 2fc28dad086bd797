/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the service manager says in the environment. */
#include <unistd.h>

#include "door-activation.h"
#include "door-error.h"
#include "door-watchdog.h"

static void
test_activation (void)
{
  g_autofree char *own = g_strdup_printf ("%d", (int) getpid ()),
                  *other = g_strdup_printf ("%d", (int) getppid ());
  g_autoptr (GError) error = NULL;
  g_auto (DoorActivation) two = { NULL, NULL, 0 }, unnamed = { NULL, NULL, 0 }, none = { NULL, NULL, 0 };

  g_assert_true (door_activation_read (own, "2", "proxy:http", &two, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (two.n, ==, 2);
  g_assert_cmpint (two.fds[0], ==, 3);
  g_assert_cmpint (two.fds[1], ==, 4);
  g_assert_cmpstr (two.names[0], ==, "proxy");
  g_assert_cmpstr (two.names[1], ==, "http");
  g_assert_true (door_activation_read (own, "1", NULL, &unnamed, &error));
  g_assert_cmpuint (unnamed.n, ==, 1);
  g_assert_cmpstr (unnamed.names[0], ==, "");
  /* inherited by a child, or not there at all */
  g_assert_true (door_activation_read (other, "2", NULL, &none, &error));
  g_assert_cmpuint (none.n, ==, 0);
  g_assert_true (door_activation_read (NULL, "2", NULL, &none, &error));
  g_assert_true (door_activation_read (own, NULL, NULL, &none, &error));
  g_assert_true (door_activation_read (own, "0", "", &none, &error));
  g_assert_cmpuint (none.n, ==, 0);
}

static void
test_activation_wrong (void)
{
  static const struct
  {
    const char *pid, *count, *names;
  } wrong[] = {
    { "x", "1", NULL },   { "", "1", NULL },        { "-1", "1", NULL },  { NULL, "1x", NULL },
    { NULL, "-1", NULL }, { NULL, "100000", NULL }, { NULL, "2", "one" }, { NULL, "1", "one:two" },
  };
  g_autofree char *own = g_strdup_printf ("%d", (int) getpid ());

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (DoorActivation) passed = { NULL, NULL, 0 };
      g_autoptr (GError) error = NULL;

      g_test_message ("%zu", i);
      g_assert_false (door_activation_read (wrong[i].pid != NULL ? wrong[i].pid : own, wrong[i].count,
                                            wrong[i].names, &passed, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      g_assert_cmpuint (passed.n, ==, 0);
    }
}

static void
test_watchdog_time (void)
{
  g_autofree char *own = g_strdup_printf ("%d", (int) getpid ()),
                  *other = g_strdup_printf ("%d", (int) getppid ());

  g_assert_cmpint (door_watchdog_parse_us (NULL, NULL), ==, 0);
  g_assert_cmpint (door_watchdog_parse_us ("30000000", NULL), ==, 30000000);
  g_assert_cmpint (door_watchdog_parse_us ("30000000", own), ==, 30000000);
  g_assert_cmpint (door_watchdog_parse_us ("30000000", other), ==, 0);
  g_assert_cmpint (door_watchdog_parse_us ("30000000", "x"), ==, 0);
  g_assert_cmpint (door_watchdog_parse_us ("0", NULL), ==, 0);
  g_assert_cmpint (door_watchdog_parse_us ("30s", NULL), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-manager/activation", test_activation);
  g_test_add_func ("/service-manager/activation/wrong", test_activation_wrong);
  g_test_add_func ("/service-manager/watchdog-time", test_watchdog_time);
  return g_test_run ();
}

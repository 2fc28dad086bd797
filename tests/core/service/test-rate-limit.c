/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>

#include "door-rate-limit.h"

static void
test_bucket (void)
{
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func ((GDestroyNotify) door_rate_limit_free);
  DoorRateLimit *limit = door_rate_limit_new (2), *none = door_rate_limit_new (0);

  g_ptr_array_add (owned, limit);
  g_ptr_array_add (owned, none);
  g_assert_true (door_rate_limit_take (limit, "a", 0));
  g_assert_true (door_rate_limit_take (limit, "a", 0));
  g_assert_false (door_rate_limit_take (limit, "a", 29999));
  g_assert_true (door_rate_limit_take (limit, "b", 29999));
  g_assert_true (door_rate_limit_take (limit, "a", 30000));
  door_rate_limit_give_back (limit, "a");
  g_assert_true (door_rate_limit_take (limit, "a", 30000));
  g_assert_false (door_rate_limit_take (limit, "a", 30000));
  for (int i = 0; i < 5; i++)
    door_rate_limit_give_back (limit, "a"); /* never more than there was */
  g_assert_true (door_rate_limit_take (limit, "a", 30000));
  g_assert_true (door_rate_limit_take (limit, "a", 30000));
  g_assert_false (door_rate_limit_take (limit, "a", 30000));
  door_rate_limit_give_back (limit, "nobody");
  for (int i = 0; i < 100; i++)
    g_assert_true (door_rate_limit_take (none, "a", 0));
}

static void
test_key (void)
{
  static const struct
  {
    const char *address;
    const char *key;
  } cases[] = {
    { "192.0.2.1", "x 192.0.2.1" },
    { "local", "x local" },
    { "2001:db8:1:2::1", "x 2001:db8:1:2::" },
    { "2001:db8:1:2:ffff:ffff:ffff:ffff", "x 2001:db8:1:2::" },
    { "2001:db8:1:3::1", "x 2001:db8:1:3::" },
    { "::1", "x ::" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = door_rate_limit_dup_key ("x", cases[i].address);

      g_assert_cmpstr (key, ==, cases[i].key);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-limit/bucket", test_bucket);
  g_test_add_func ("/rate-limit/key", test_key);
  return g_test_run ();
}

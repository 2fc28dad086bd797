/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>

#include "door-backoff.h"

static void
test_double (void)
{
  static const struct
  {
    int64_t first, times, most, expected;
  } rows[] = {
    { 5, 0, 100, 5 },
    { 5, 1, 100, 10 },
    { 5, 4, 100, 80 },
    { 5, 5, 100, 100 },
    { 5, 6, 100, 100 },
    { 50, 1, 100, 100 },
    { 500, 0, 100, 100 },
    { 5, -1, 100, 5 },
    /* neither many failures nor a long limit overflow */
    { 1, 62, INT64_MAX, INT64_C (1) << 62 },
    { 1, 63, INT64_MAX, INT64_MAX },
    { 1, INT64_MAX, INT64_MAX, INT64_MAX },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (door_backoff_double (rows[i].first, rows[i].times, rows[i].most), ==, rows[i].expected);
}

static void
test_spread (void)
{
  g_assert_cmpint (door_backoff_spread (1000, 0), ==, 750);
  g_assert_cmpint (door_backoff_spread (1000, UINT32_MAX), ==, 1250);
  g_assert_cmpint (door_backoff_spread (1000, UINT32_MAX / 2), >=, 999);
  g_assert_cmpint (door_backoff_spread (1000, UINT32_MAX / 2), <=, 1000);
  g_assert_cmpint (door_backoff_spread (0, UINT32_MAX), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/backoff/double", test_double);
  g_test_add_func ("/base/backoff/spread", test_spread);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-form.h"

static DoorForm *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  DoorForm *form = door_form_parse (text, strlen (text), 8, &error);

  g_assert_no_error (error);
  return form;
}

static void
test_accepted (void)
{
  static const struct
  {
    const char *text, *name, *value;
  } cases[] = {
    { "a=1", "a", "1" },
    { "a=1&b=2&", "b", "2" },
    { "&&a=1", "a", "1" },
    { "a", "a", "" },
    { "a=", "a", "" },
    { "a=b=c", "a", "b=c" },
    { "a=x+y", "a", "x y" },
    { "a=x%2By", "a", "x+y" },
    { "a=%c3%A4", "a", "\xc3\xa4" },
    { "a=1%0D%0A2%09", "a", "1\r\n2\t" },
    { "n%61me=v", "name", "v" },
    { "a=%2526", "a", "%26" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorForm) form = parse (cases[i].text);
      const char *value = NULL;

      g_assert_true (door_form_lookup (form, cases[i].name, &value, NULL));
      g_assert_cmpstr (value, ==, cases[i].value);
    }
}

static void
test_rejected (void)
{
  static const char *const bad[] = {
    "=1",
    "a=%",
    "a=%4",
    "a=%4g",
    "a=%00",
    "a=%01",
    "a=%7f",
    "a=%c3",
    "a=%ff",
    "a=\xc3\xa4",
    "a=x y",
    "a=\n",
    "a=\x7f",
    "%ff=1",
    "a=1&b=%",
    "a=%ed%a0%80",
    "a=1&b=2&c&d&e&f&g&h&i",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_form_parse (bad[i], strlen (bad[i]), 8, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_not_terminated (void)
{
  const char text[] = { 'a', '=', '%', '4' };
  g_autoptr (GError) error = NULL;

  g_assert_null (door_form_parse (text, sizeof text, 8, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

static void
test_duplicate (void)
{
  g_autoptr (DoorForm) form = parse ("a=1&b=2&%61=3");
  g_autoptr (GError) error = NULL;
  const char *value = "unchanged";

  g_assert_false (door_form_lookup (form, "a", &value, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpstr (value, ==, "unchanged");
  g_assert_true (door_form_lookup (form, "c", &value, NULL));
  g_assert_null (value);
  g_assert_cmpuint (door_form_get_count (form), ==, 3);
  g_assert_cmpstr (door_form_get_name (form, 2), ==, "a");
  g_assert_cmpstr (door_form_get_value (form, 2), ==, "3");
}

static void
test_empty (void)
{
  g_autoptr (DoorForm) form = parse ("");

  g_assert_cmpuint (door_form_get_count (form), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/form/accepted", test_accepted);
  g_test_add_func ("/http/form/rejected", test_rejected);
  g_test_add_func ("/http/form/not-terminated", test_not_terminated);
  g_test_add_func ("/http/form/duplicate", test_duplicate);
  g_test_add_func ("/http/form/empty", test_empty);
  return g_test_run ();
}

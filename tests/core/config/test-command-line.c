/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-command-line.h"
#include "door-error.h"

static const DoorCommandOption options[] = {
  { "root", "DIR", "a folder", false },
  { "file", "FILE", "files", true, "document" },
  { "json", NULL, "a switch", false },
  { "team", "NAME", "a name, or nothing", false, NULL, true },
  { NULL },
};

static void
test_good (void)
{
  static const char *const words[] = { "config",       "--root=/x", "--file", "a", "check", "--json",
                                       "--document=b", "--",        "--json", "-", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCommandLine) line = door_command_line_parse (options, words, &error);
  const char *const *files, *const *rest;

  g_assert_no_error (error);
  g_assert_true (door_command_line_has (line, "json"));
  g_assert_cmpstr (door_command_line_get_value (line, "root"), ==, "/x");
  files = door_command_line_get_values (line, "file");
  g_assert_cmpstr (files[0], ==, "a");
  g_assert_cmpstr (files[1], ==, "b");
  g_assert_null (files[2]);
  rest = door_command_line_get_words (line);
  g_assert_cmpuint (g_strv_length ((char **) rest), ==, 4);
  g_assert_cmpstr (rest[0], ==, "config");
  g_assert_cmpstr (rest[3], ==, "-");
}

static void
test_empty (void)
{
  static const char *const glued[] = { "--team=", NULL }, *const apart[] = { "--team", "", NULL },
                           *const missing[] = { "--team", NULL };
  g_autoptr (DoorCommandLine) line = door_command_line_parse (options, glued, NULL);
  g_autoptr (DoorCommandLine) other = door_command_line_parse (options, apart, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (door_command_line_get_value (line, "team"), ==, "");
  g_assert_cmpstr (door_command_line_get_value (other, "team"), ==, "");
  g_assert_null (door_command_line_parse (options, missing, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

static void
test_absent (void)
{
  static const char *const words[] = { NULL };
  g_autoptr (DoorCommandLine) line = door_command_line_parse (options, words, NULL);

  g_assert_false (door_command_line_has (line, "json"));
  g_assert_null (door_command_line_get_value (line, "root"));
  g_assert_null (door_command_line_get_values (line, "file"));
  g_assert_null (door_command_line_get_words (line)[0]);
}

static void
test_bad (void)
{
  static const struct
  {
    const char *words[4];
    const char *needle;
  } bad[] = {
    { { "--jsno" }, "did you mean \"--json\"?" },
    { { "--nonesuch" }, "no option --nonesuch" },
    { { "--json=yes" }, "takes no value" },
    { { "--root" }, "--root=DIR" },
    { { "--root=" }, "needs a value" },
    { { "--root=a", "--root=b" }, "stands twice" },
    { { "--json", "--json" }, "stands twice" },
    { { "-j" }, "two dashes" },
    { { "--=x" }, "no option" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_command_line_parse (options, bad[i].words, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_nonnull (strstr (error->message, bad[i].needle));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command-line/good", test_good);
  g_test_add_func ("/command-line/absent", test_absent);
  g_test_add_func ("/command-line/empty", test_empty);
  g_test_add_func ("/command-line/bad", test_bad);
  return g_test_run ();
}

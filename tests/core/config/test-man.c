/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-command-line.h"
#include "door-fault.h"
#include "door-options.h"

static char *
read_page (const char *name)
{
  g_autofree char *path = g_build_filename (TEST_MAN, name, NULL), *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, "%%")); /* no marker is left */
  return g_steal_pointer (&text);
}

static void
assert_has (const char *page, const char *format, const char *name)
{
  g_autofree char *needle = g_strdup_printf ("``%s%s``", name, format);

  if (strstr (page, needle) == NULL)
    g_test_message ("missing: %s", needle);
  g_assert_nonnull (strstr (page, needle));
}

static void
test_keys (void)
{
  g_autofree char *page = read_page ("doorward.conf.5.rst");

  for (const DoorOptionGroup *group = door_options_list (); group->name != NULL; group++)
    {
      g_autofree char *title =
          g_strdup_printf ("\n[%s%s]\n---", group->name, group->has_instances ? "/NAME" : "");

      g_assert_nonnull (strstr (page, title));
      for (const DoorKey *key = group->keys; key->name != NULL; key++)
        assert_has (page, "=", key->name);
    }
}

/* sqlite and saml are always built */
static void
test_plugin_keys (void)
{
  g_autofree char *page = read_page ("doorward.conf.5.rst");

  g_assert_nonnull (strstr (page, "\n[database] with Driver=sqlite\n---"));
  assert_has (page, "=", "Path");
  g_assert_nonnull (strstr (page, "\n[idp/NAME] with Type=saml\n---"));
}

static void
test_faults (void)
{
  g_autofree char *page = read_page ("doorward-errors.7.rst");

  for (int fault = DOOR_FAULT_NONE + 1; fault < DOOR_N_FAULTS; fault++)
    assert_has (page, "", door_fault_get_info ((DoorFault) fault)->id);
}

static void
test_daemon (void)
{
  g_autofree char *page = read_page ("doorward.8.rst");

  for (const DoorCommandOption *option = door_command_line_list_daemon_options (); option->name != NULL;
       option++)
    {
      g_autofree char *needle = g_strconcat ("``--", option->name, NULL);

      g_assert_nonnull (strstr (page, needle));
    }
}

static void
assert_command (const char *page, const char *line)
{
  g_autofree char *name = g_strndup (line, (size_t) (strstr (line, "  ") - line));
  g_autofree char *title = g_strconcat ("\ndoorctl ", name, NULL);

  g_assert_nonnull (strstr (page, title));
}

/* What doorctl itself says it can do. */
static void
test_commands (void)
{
  g_autofree char *page = read_page ("doorctl.1.rst"), *help = NULL;
  char *argv[] = { (char *) TEST_DOORCTL, (char *) "--help", NULL };
  g_auto (GStrv) lines = NULL;
  unsigned int n_commands = 0;

  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &help, NULL, NULL, NULL));
  *strstr (help, "\nOptions\n") = '\0';
  lines = g_strsplit (help, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      if (!g_str_has_prefix (*line, "  "))
        continue; /* a heading */
      n_commands++;
      assert_command (page, *line + 2);
    }
  g_assert_cmpuint (n_commands, >=, 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/man/keys", test_keys);
  g_test_add_func ("/man/plugin-keys", test_plugin_keys);
  g_test_add_func ("/man/faults", test_faults);
  g_test_add_func ("/man/daemon", test_daemon);
  g_test_add_func ("/man/commands", test_commands);
  return g_test_run ();
}

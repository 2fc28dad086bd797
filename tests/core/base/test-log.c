/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-log.h"

static void
log_all (void)
{
  g_log_structured ("t", G_LOG_LEVEL_CRITICAL, "MESSAGE", "a bug");
  g_log_structured ("t", G_LOG_LEVEL_WARNING, "MESSAGE", "a warning");
  door_log_event (G_LOG_LEVEL_INFO, "sign-in", "an \"event\"\n\xff", "DOORWARD_CODE", "K7Q4-9XMD", NULL);
  g_log_structured ("t", G_LOG_LEVEL_DEBUG, "MESSAGE", "a detail");
}

/* Only a process of its own can say where its messages go. */
static void
test_level (gconstpointer data)
{
  static const char *const lines[] = {
    "*\"MESSAGE\":\"a bug\"*", "*\"MESSAGE\":\"a warning\"*",
    "*an \\\"event\\\"\\u000a\xef\xbf\xbd\",*\"DOORWARD_CODE\":\"K7Q4-9XMD\"}*", "*\"MESSAGE\":\"a detail\"*"
  };
  static const char *const words[] = { "error", "warning", "info", "debug" };
  const char *word = data;

  if (g_test_subprocess ())
    {
      DoorLogOutput *output = door_log_start ();

      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      door_log_set_level (output, word);
      log_all ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  for (size_t i = 0, shown = 1; i < G_N_ELEMENTS (words); i++)
    {
      if (shown)
        g_test_trap_assert_stderr (lines[i]);
      else
        g_test_trap_assert_stderr_unmatched (lines[i]);
      if (g_str_equal (words[i], word))
        shown = 0;
    }
}

int
main (int argc, char **argv)
{
  g_unsetenv ("G_DEBUG"); /* the messages are the point here */
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/base/log/error", "error", test_level);
  g_test_add_data_func ("/base/log/warning", "warning", test_level);
  g_test_add_data_func ("/base/log/info", "info", test_level);
  g_test_add_data_func ("/base/log/debug", "debug", test_level);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-push-note.h"

static void
test_build (void)
{
  g_autoptr (GBytes) note = door_push_note_build ("7B8A04B0-E9B8");
  g_autoptr (GBytes) hostile = door_push_note_build ("\"}, \"aps\": {\"alert\": \"x");
  gsize size;

  g_assert_cmpmem (g_bytes_get_data (note, NULL), g_bytes_get_size (note), "{\"mdm\":\"7B8A04B0-E9B8\"}", 23);
  g_assert_nonnull (strstr (g_bytes_get_data (hostile, &size), "\\\"}, \\\"aps\\\""));
}

static void
parse (const char *text, DoorPushRefusal *out)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  door_push_refusal_parse (body, out);
}

static void
test_refusal (void)
{
  DoorPushRefusal refusal;

  parse ("{\"reason\":\"Unregistered\",\"timestamp\":1700000000000}", &refusal);
  g_assert_cmpstr (refusal.reason, ==, "Unregistered");
  g_assert_cmpint (refusal.at_ms, ==, INT64_C (1700000000000));
  parse ("{\"reason\":\"BadDeviceToken\"}", &refusal);
  g_assert_cmpstr (refusal.reason, ==, "BadDeviceToken");
  g_assert_cmpint (refusal.at_ms, ==, 0);
}

/* Whatever stands there, nothing of it gets into a log or a metric but a word. */
static void
test_no_refusal (void)
{
  static const char *const bodies[] = {
    "",
    "<html>busy</html>",
    "[]",
    "{\"timestamp\":5}",
    "{\"reason\":5,\"timestamp\":5}",
    "{\"reason\":\"\",\"timestamp\":5}",
    "{\"reason\":\"two words\",\"timestamp\":5}",
    "{\"reason\":\"a\\nb\",\"timestamp\":5}",
    "{\"reason\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"timestamp\":5}",
    "{\"reason\":\"a\"",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      DoorPushRefusal refusal = { "x", 1 };

      parse (bodies[i], &refusal);
      g_assert_cmpstr (refusal.reason, ==, "");
      g_assert_cmpint (refusal.at_ms, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/push-note/build", test_build);
  g_test_add_func ("/push-note/refusal", test_refusal);
  g_test_add_func ("/push-note/no-refusal", test_no_refusal);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-osquery-message.h"

static GBytes *
bytes (const char *text)
{
  return g_bytes_new_static (text, strlen (text));
}

static void
assert_text (GBytes *json, const char *expected)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));

  g_assert_cmpstr (text, ==, expected);
}

static void
test_enroll (void)
{
  g_autoptr (GBytes) body =
      bytes ("{\"enroll_secret\":\"s-1\",\"host_identifier\":\"h-1\",\"platform_type\":\"21\","
             "\"host_details\":{\"system_info\":{\"uuid\":\"U\"}}}");
  g_auto (DoorOsqueryEnroll) message = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_osquery_enroll_parse (body, &message, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (message.secret, ==, "s-1");
  g_assert_cmpstr (message.host_identifier, ==, "h-1");
}

static void
test_bad_enroll (void)
{
  g_autofree char *long_name = g_strnfill (256, 'x');
  g_autofree char *too_long =
      g_strdup_printf ("{\"enroll_secret\":\"s\",\"host_identifier\":\"%s\"}", long_name);
  const char *const bad[] = {
    "",
    "[]",
    "{}",
    "{\"enroll_secret\":\"s\"}",
    "{\"host_identifier\":\"h\"}",
    "{\"enroll_secret\":\"\",\"host_identifier\":\"h\"}",
    "{\"enroll_secret\":1,\"host_identifier\":\"h\"}",
    "{\"enroll_secret\":\"s\",\"host_identifier\":\"a\\nb\"}",
    "{\"enroll_secret\":\"s\",\"host_identifier\":\"a\\u007f\"}",
    "{\"enroll_secret\":\"s\",\"host_identifier\":\"a\\u009b2J\"}",
    "{\"enroll_secret\":\"s\",\"host_identifier\":\"a\\u202egpj\"}",
    "{\"a\":[[[[[[[[[1]]]]]]]]],\"enroll_secret\":\"s\",\"host_identifier\":\"h\"}",
    too_long,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) body = bytes (bad[i]);
      g_auto (DoorOsqueryEnroll) message = { NULL };
      g_autoptr (GError) error = NULL;

      g_assert_false (door_osquery_enroll_parse (body, &message, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_report (void)
{
  g_autoptr (GBytes) body = bytes (
      "{\"node_key\":\"k\",\"queries\":{\"doorward_system\":[{\"hardware_serial\":\"C02\",\"uuid\":\"U-1\","
      "\"hostname\":\"ada.local\"}],\"doorward_mdm\":[{\"enrolled\":\"true\",\"server_url\":\"https://m/"
      "x\"}],"
      "\"other\":[{\"a\":\"b\"}]},\"statuses\":{\"doorward_system\":0}}");
  g_auto (DoorOsqueryReport) report = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_osquery_report_parse (body, &report, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (report.node_key, ==, "k");
  g_assert_cmpstr (report.serial, ==, "C02");
  g_assert_cmpstr (report.uuid, ==, "U-1");
  g_assert_cmpstr (report.hostname, ==, "ada.local");
  g_assert_cmpstr (report.mdm_url, ==, "https://m/x");
  g_assert_true (report.managed);
}

/* What is missing or no text is as if it were not told; what is no rows at all is refused. */
static void
test_poor_report (void)
{
  g_autoptr (GBytes) none = bytes ("{\"node_key\":\"k\"}");
  g_autoptr (GBytes) poor =
      bytes ("{\"node_key\":\"k\",\"queries\":{\"doorward_system\":[{\"hardware_serial\":5,"
             "\"uuid\":\"a\\tb\"}],\"doorward_mdm\":\"\"}}");
  g_autoptr (GBytes) bad = bytes ("{\"node_key\":\"k\",\"queries\":{\"doorward_system\":[1]}}");
  g_autoptr (GBytes) rows = bytes ("{\"node_key\":\"k\",\"queries\":{\"doorward_mdm\":{}}}");
  g_auto (DoorOsqueryReport) first = { NULL };
  g_auto (DoorOsqueryReport) second = { NULL };
  g_auto (DoorOsqueryReport) third = { NULL };
  g_auto (DoorOsqueryReport) fourth = { NULL };

  g_assert_true (door_osquery_report_parse (none, &first, NULL));
  g_assert_cmpstr (first.uuid, ==, "");
  g_assert_true (door_osquery_report_parse (poor, &second, NULL));
  g_assert_cmpstr (second.serial, ==, "");
  g_assert_cmpstr (second.uuid, ==, "");
  g_assert_cmpstr (second.mdm_url, ==, "");
  g_assert_false (second.managed);
  g_assert_false (door_osquery_report_parse (bad, &third, NULL));
  g_assert_false (door_osquery_report_parse (rows, &fourth, NULL));
}

static void
test_answers (void)
{
  g_autoptr (GBytes) enrolled = door_osquery_build_enrolled ("k"), unknown = door_osquery_build_unknown ();
  g_autoptr (GBytes) config = door_osquery_build_config (), nothing = door_osquery_build_questions (false);
  g_autoptr (GBytes) questions = door_osquery_build_questions (true), taken = door_osquery_build_taken ();

  assert_text (enrolled, "{\"node_key\":\"k\",\"node_invalid\":false}");
  assert_text (unknown, "{\"node_invalid\":true}");
  assert_text (config, "{\"node_invalid\":false,\"schedule\":{}}");
  assert_text (nothing, "{\"node_invalid\":false,\"queries\":{}}");
  assert_text (questions,
               "{\"node_invalid\":false,\"queries\":{\"doorward_system\":\"SELECT hardware_serial, uuid, "
               "hostname FROM system_info\",\"doorward_mdm\":\"SELECT enrolled, server_url FROM mdm\"}}");
  assert_text (taken, "{\"node_invalid\":false}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/osquery-message/enroll", test_enroll);
  g_test_add_func ("/osquery-message/bad-enroll", test_bad_enroll);
  g_test_add_func ("/osquery-message/report", test_report);
  g_test_add_func ("/osquery-message/poor-report", test_poor_report);
  g_test_add_func ("/osquery-message/answers", test_answers);
  return g_test_run ();
}

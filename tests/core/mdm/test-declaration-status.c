/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declaration-status.h"

#include <string.h>

#include "door-error.h"

#define NOW_MS (INT64_C (1800014400) * 1000)

static const char *const known[] = { "a", "b", NULL };

static char *
merge (const char *before, const char *report)
{
  g_autoptr (GBytes) bytes = g_bytes_new (report, strlen (report));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = door_declaration_status_parse (bytes, &error);

  g_assert_no_error (error);
  return door_declaration_status_merge (before, node, known, NOW_MS);
}

static char *
dup_report (const char *entries)
{
  return g_strdup_printf (
      "{\"StatusItems\":{\"management\":{\"declarations\":{\"configurations\":[%s]}}},\"Errors\":[]}",
      entries);
}

static JsonObject *
get_only (JsonArray *array)
{
  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  return json_array_get_object_element (array, 0);
}

static void
test_kept (void)
{
  g_autofree char *report = dup_report (
      "{\"identifier\":\"b\",\"active\":false,\"valid\":\"invalid\",\"server-token\":\"t1\",\"who\":\"Anna\","
      "\"reasons\":[{\"code\":\"Error.X\",\"description\":\"no\\u001b[2J\",\"details\":{\"who\":\"Anna\"}}]"
      "}");
  g_autofree char *kept = merge ("", report);
  g_autoptr (JsonArray) view = door_declaration_status_view (kept, known);
  JsonObject *entry = get_only (view), *reason;

  g_assert_cmpstr (json_object_get_string_member (entry, "identifier"), ==, "b");
  g_assert_false (json_object_get_boolean_member (entry, "active"));
  g_assert_cmpstr (json_object_get_string_member (entry, "valid"), ==, "invalid");
  g_assert_cmpstr (json_object_get_string_member (entry, "server_token"), ==, "t1");
  g_assert_cmpstr (json_object_get_string_member (entry, "reported_at"), ==, "2027-01-15T12:00:00Z");
  reason = get_only (json_object_get_array_member (entry, "reasons"));
  g_assert_cmpstr (json_object_get_string_member (reason, "code"), ==, "Error.X");
  g_assert_null (strchr (json_object_get_string_member (reason, "description"), 0x1b));
  g_assert_null (strstr (kept, "Anna"));
}

/* A report says what has changed. */
static void
test_merged (void)
{
  g_autofree char *first = dup_report ("{\"identifier\":\"a\",\"active\":true,\"valid\":\"valid\"}");
  g_autofree char *second = dup_report ("{\"identifier\":\"b\",\"active\":true,\"valid\":\"valid\"}");
  g_autofree char *third = dup_report ("{\"identifier\":\"a\",\"active\":false,\"valid\":\"unknown\"}");
  g_autofree char *one = merge ("", first), *two = merge (one, second), *three = merge (two, third);
  g_autoptr (JsonArray) view = door_declaration_status_view (three, known);
  static const char *const left[] = { "b", NULL };
  g_autoptr (JsonArray) fewer = door_declaration_status_view (three, left);

  g_assert_cmpuint (json_array_get_length (view), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (view, 0), "valid"), ==,
                   "unknown");
  g_assert_cmpstr (json_object_get_string_member (get_only (fewer), "identifier"), ==, "b");
}

/* However much a device says. */
static void
test_bounded (void)
{
  g_autoptr (GString) entries = g_string_new (NULL);
  g_autofree char *text = g_strnfill (5000, 'x');
  g_autofree char *report = NULL, *kept = NULL;

  for (int i = 0; i < 1000; i++)
    g_string_append_printf (entries, "{\"identifier\":\"u%d\",\"valid\":\"valid\"},", i);
  g_string_append_printf (
      entries, "{\"identifier\":\"a\",\"valid\":\"%s\",\"server-token\":\"%s\",\"reasons\":[", text, text);
  for (int i = 0; i < 100; i++)
    g_string_append_printf (entries, "%s{\"code\":\"%s\",\"description\":\"%s\"}", i > 0 ? "," : "", text,
                            text);
  g_string_append (entries, "]}");
  report = dup_report (entries->str);
  kept = merge ("", report);
  g_assert_cmpuint (strlen (kept), <, 2500);
  g_assert_null (strstr (kept, "u1"));
}

static void
test_strange (void)
{
  static const char *const strange[] = {
    "{}",
    "{\"StatusItems\":1}",
    "{\"StatusItems\":{\"management\":[]}}",
    "{\"StatusItems\":{\"management\":{\"declarations\":{\"assets\":{}}}}}",
    "{\"StatusItems\":{\"management\":{\"declarations\":{\"assets\":[1,null,[],{},{\"identifier\":1}]}}}}",
  };
  static const char *const bad[] = { "", "[]", "1", "{" };

  for (size_t i = 0; i < G_N_ELEMENTS (strange); i++)
    {
      g_autofree char *kept = merge ("", strange[i]);

      g_assert_cmpstr (kept, ==, "[]");
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (bad[i], strlen (bad[i]));
      g_autoptr (GError) error = NULL;

      g_assert_null (door_declaration_status_parse (bytes, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/declaration-status/kept", test_kept);
  g_test_add_func ("/declaration-status/merged", test_merged);
  g_test_add_func ("/declaration-status/bounded", test_bounded);
  g_test_add_func ("/declaration-status/strange", test_strange);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>

#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

#define DEPTH 4

static JsonNode *
parse_bytes (const char *text, size_t length, GError **error)
{
  /* of just that size, for the address sanitizer */
  g_autoptr (GBytes) bytes = g_bytes_new (text, length);

  return door_json_parse (bytes, DEPTH, error);
}

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = parse_bytes (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

static void
assert_refused (const char *text, size_t length, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse_bytes (text, length, &error);

  if (node != NULL)
    g_error ("accepted: %.200s", text);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_BADREQUEST);
  if (strstr (error->message, reason) == NULL)
    g_error ("%.200s: refused for another reason: %s", text, error->message);
}

static void
test_values (void)
{
  static const struct
  {
    const char *text;
    const char *printed;
  } rows[] = {
    { "{}", "{}" },
    { " \t\r\n[ ] ", "[]" },
    { "null", "null" },
    { "true", "true" },
    { "\"\"", "\"\"" },
    { "[1,-1,0,-0]", "[1,-1,0,0]" },
    { "9223372036854775807", "9223372036854775807" },
    { "-9223372036854775808", "-9223372036854775808" },
    { "{\"a\" : [ {\"b\":null} , false ]}", "{\"a\":[{\"b\":null},false]}" },
    { "\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", "\"a\\\"\\\\/\\b\\f\\n\\r\\tz\"" },
    { "\"Gr\\u00f6\\u00dfe \\ud83d\\ude00\"", "\"Größe 😀\"" },
    { "[[[[]]]]", "[[[[]]]]" },
    { "{\"a\":1,\"A\":2,\"\":3}", "{\"a\":1,\"A\":2,\"\":3}" },
    { "{\"a\":{\"a\":1},\"b\":{\"a\":2}}", "{\"a\":{\"a\":1},\"b\":{\"a\":2}}" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (JsonNode) node = parse (rows[i].text);
      g_autofree char *printed = json_to_string (node, FALSE);

      g_assert_cmpstr (printed, ==, rows[i].printed);
      g_assert_true (json_node_is_immutable (node));
    }
}

static void
test_decimals (void)
{
  static const struct
  {
    const char *text;
    double value;
  } rows[] = { { "0.5", 0.5 },    { "-1.25", -1.25 }, { "1e3", 1000 },  { "1E+3", 1000 },
               { "25e-2", 0.25 }, { "-0.0e0", 0 },    { "1.5e2", 150 }, { "0e9", 0 } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (JsonNode) node = parse (rows[i].text);

      g_assert_true (fabs (json_node_get_double (node) - rows[i].value) < 1e-9);
    }
}

static const struct
{
  const char *text;
  const char *reason;
} refused[] = {
  { "", "value expected" },
  { "   ", "value expected" },
  { "\xef\xbb\xbf{}", "value expected" },
  { "\"\xff\"", "not UTF-8" },
  { "\"\xed\xa0\x80\"", "not UTF-8" },
  { "{} {}", "text after" },
  { "{}x", "text after" },
  { "1 2", "text after" },
  { "{\"a\":1,\"a\":2}", "same name" },
  { "{\"a\":1,\"\\u0061\":2}", "same name" },
  { "{\"b\":{\"c\":1,\"d\":2,\"c\":3}}", "same name" },
  { "[1,]", "value expected" },
  { "[,1]", "value expected" },
  { "{\"a\":1,}", "name expected" },
  { "{a:1}", "name expected" },
  { "{'a':1}", "name expected" },
  { "{1:1}", "name expected" },
  { "{\"a\" 1}", "colon" },
  { "{\"a\"}", "colon" },
  { "{\"a\":}", "value expected" },
  { "{\"a\":1 \"b\":2}", "comma or } expected" },
  { "[1 2]", "comma or ] expected" },
  { "[1", "comma or ] expected" },
  { "{\"a\":1", "comma or } expected" },
  { "[1}", "comma or ] expected" },
  { "\"a", "does not end" },
  { "\"a\\", "does not end" },
  { "'a'", "value expected" },
  { "/* c */ 1", "value expected" },
  { "1 // c", "text after" },
  { "var a = 1", "value expected" },
  { "True", "value expected" },
  { "nul", "value expected" },
  { "NaN", "value expected" },
  { "Infinity", "value expected" },
  { "-Infinity", "malformed number" },
  { "+1", "value expected" },
  { "- 1", "malformed number" },
  { "01", "malformed number" },
  { "-01", "malformed number" },
  { ".5", "value expected" },
  { "1.", "malformed number" },
  { "1.e1", "malformed number" },
  { "1e", "malformed number" },
  { "1e+", "malformed number" },
  { "0x10", "text after" },
  { "9223372036854775808", "too large" },
  { "-9223372036854775809", "too large" },
  { "18446744073709551616", "too large" },
  { "1e999", "too large" },
  { "-1e999", "too large" },
  { "0.00000000000000000000000000000000000000000000000000000000000000001", "too long" },
  { "\"\t\"", "control character" },
  { "\"\n\"", "control character" },
  { "\"\\x41\"", "unknown escape" },
  { "\"\\'\"", "unknown escape" },
  { "\"\\u12\"", "malformed escape" },
  { "\"\\u12g4\"", "malformed escape" },
  { "\"\\u0000\"", "NUL" },
  { "{\"\\u0000\":1}", "NUL" },
  { "\"\\ud83d\"", "half a character" },
  { "\"\\ud83dx\"", "half a character" },
  { "\"\\ud83d\\u0041\"", "half a character" },
  { "\"\\ude00\"", "half a character" },
  { "\"\\ude00\\ude00\"", "half a character" },
  { "[[[[[]]]]]", "nested too deeply" },
  { "{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}", "nested too deeply" },
  { "[\v1]", "value expected" },
  { "[\xc2\xa0"
    "1]",
    "value expected" },
};

/* json-glib writes decimals that have an exponent and no point in a form that is not JSON. */
static void
test_written (void)
{
  static const char *const texts[] = { "2e+18",
                                       "[1e+22,-3e+17]",
                                       "{\"e9.0\":2e+18}",
                                       "\"1e+18.0\"",
                                       "\"\\\"e\"",
                                       "[true,false]",
                                       "1.5",
                                       "12",
                                       "[\"\\\\\",3e+20]",
                                       "\"a\\u001fb\\u001e\\\"\"",
                                       "[\"\\u001f\",\"\\u001f\\u001f\"]",
                                       "\"\\u009b2J \\u202e\\u2066\"",
                                       "\"\xc3\xa9 \xe2\x80\x99 \xf0\x9f\x93\xb1\"" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = parse (texts[i]);
      g_autoptr (GBytes) written = door_json_build (node);

      g_assert_cmpmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written), texts[i],
                       strlen (texts[i]));
    }
}

static void
test_written_for_people (void)
{
  static const char expected[] = "{\n  \"a\" : 2e+18,\n  \"b\" : true\n}";
  g_autoptr (JsonNode) node = parse ("{\"a\":2e18,\"b\":true}");
  g_autoptr (GBytes) written = door_json_build_pretty (node);

  g_assert_cmpmem (g_bytes_get_data (written, NULL), g_bytes_get_size (written), expected, strlen (expected));
}

static void
test_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    assert_refused (refused[i].text, strlen (refused[i].text), refused[i].reason);
  assert_refused ("\"a\0b\"", 5, "NUL");
  assert_refused ("{}\0", 3, "NUL");
}

static GString *
make_object (size_t names, size_t objects)
{
  GString *text = g_string_new ("[");

  for (size_t i = 0; i < objects; i++)
    {
      g_string_append (text, i == 0 ? "{" : ",{");
      for (size_t k = 0; k < names; k++)
        g_string_append_printf (text, "%s\"%zu\":0", k == 0 ? "" : ",", k);
      g_string_append_c (text, '}');
    }
  g_string_append_c (text, ']');
  return text;
}

static void
test_limits (void)
{
  g_autoptr (GString) many = make_object (512, 64), wide = make_object (513, 1),
                      total = make_object (512, 65);
  g_autoptr (GString) values = g_string_new ("[0"), large = g_string_new ("\""), name = g_string_new ("{\"");
  g_autoptr (JsonNode) node = parse (many->str);

  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 64);
  assert_refused (wide->str, wide->len, "too many names");
  assert_refused (total->str, total->len, "too many names");
  for (size_t i = 0; i < DOOR_JSON_MAX_VALUES; i++)
    g_string_append (values, ",0");
  g_string_append_c (values, ']');
  assert_refused (values->str, values->len, "too many values");
  for (size_t i = 0; i < DOOR_JSON_MAX_BYTES; i++)
    g_string_append_c (large, 'a');
  g_string_append_c (large, '"');
  assert_refused (large->str, large->len, "too large");
  for (size_t i = 0; i < 1025; i++)
    g_string_append_c (name, 'a');
  g_string_append (name, "\":1}");
  assert_refused (name->str, name->len, "a name is too long");
}

/* Each number is of its own: what fits it is read, and one more is not. */
static void
test_own_limits (void)
{
  static const struct
  {
    const char *text;
    DoorJsonLimits limits;
    bool fits;
  } cases[] = {
    { "[{\"a\":1}]", { 2, 9, 3, 1 }, true },  { "[{\"a\":1}]", { 1, 9, 3, 1 }, false },
    { "[{\"a\":1}]", { 2, 8, 3, 1 }, false }, { "[{\"a\":1}]", { 2, 9, 2, 1 }, false },
    { "[{\"a\":1}]", { 2, 9, 3, 0 }, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (cases[i].text, strlen (cases[i].text));
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = door_json_parse_within (bytes, &cases[i].limits, &error);

      g_assert_cmpint (node != NULL, ==, cases[i].fits);
      g_assert_cmpint (error == NULL, ==, cases[i].fits);
    }
}

static void
test_deep (void)
{
  g_autofree char *text = g_strnfill (1 << 20, '[');
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, 1 << 20);

  g_assert_null (door_json_parse (bytes, 64, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

static void
test_members (void)
{
  g_autoptr (JsonNode) node = parse (
      "{\"s\":\"x\",\"i\":5,\"d\":5.5,\"b\":true,\"l\":[\"a\",\"b\"],\"m\":[\"a\",1],\"o\":{},\"n\":null}");
  JsonObject *object = json_node_get_object (node), *inner = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) list = NULL;
  JsonArray *array = NULL;
  const char *text = NULL;
  int64_t number = 7;
  bool flag = false;

  g_assert_true (door_json_member_read_string (object, "s", &text, &error));
  g_assert_cmpstr (text, ==, "x");
  g_assert_true (door_json_member_read_string (object, "absent", &text, &error));
  g_assert_null (text);
  g_assert_true (door_json_member_read_integer (object, "absent", &number, &error));
  g_assert_cmpint (number, ==, 7);
  g_assert_true (door_json_member_read_integer (object, "i", &number, &error));
  g_assert_cmpint (number, ==, 5);
  g_assert_true (door_json_member_read_boolean (object, "b", &flag, &error));
  g_assert_true (flag);
  g_assert_true (door_json_member_read_strings (object, "l", &list, &error));
  g_assert_cmpuint (g_strv_length (list), ==, 2);
  g_assert_true (door_json_member_read_object (object, "o", &inner, &error));
  g_assert_nonnull (inner);
  g_assert_true (door_json_member_read_array (object, "m", &array, &error));
  g_assert_nonnull (array);
  g_assert_no_error (error);
}

static void
test_wrong_members (void)
{
  g_autoptr (JsonNode) node = parse ("{\"s\":\"x\",\"i\":5,\"d\":5.5,\"m\":[\"a\",1],\"n\":null}");
  JsonObject *object = json_node_get_object (node), *inner = NULL;
  g_auto (GStrv) list = NULL;
  JsonArray *array = NULL;
  const char *text = NULL;
  static const char *const all[] = { "n", "m", "d", "i", "s", "z", NULL }, *const some[] = { "s", "i", "d",
                                                                                             "m", NULL };
  int64_t number = 7;
  bool flag = false;

  g_assert_true (door_json_member_check_names (object, all, NULL));
  g_assert_false (door_json_member_check_names (object, some, NULL));
  g_assert_false (door_json_member_read_string (object, "i", &text, NULL));
  g_assert_false (door_json_member_read_string (object, "n", &text, NULL));
  g_assert_false (door_json_member_read_integer (object, "s", &number, NULL));
  g_assert_false (door_json_member_read_integer (object, "d", &number, NULL));
  g_assert_false (door_json_member_read_boolean (object, "i", &flag, NULL));
  g_assert_false (door_json_member_read_strings (object, "m", &list, NULL));
  g_assert_false (door_json_member_read_strings (object, "s", &list, NULL));
  g_assert_false (door_json_member_read_object (object, "s", &inner, NULL));
  g_assert_false (door_json_member_read_array (object, "s", &array, NULL));
  g_assert_cmpint (number, ==, 7);
  g_assert_null (text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/values", test_values);
  g_test_add_func ("/json/decimals", test_decimals);
  g_test_add_func ("/json/written", test_written);
  g_test_add_func ("/json/written-for-people", test_written_for_people);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/limits", test_limits);
  g_test_add_func ("/json/own-limits", test_own_limits);
  g_test_add_func ("/json/deep", test_deep);
  g_test_add_func ("/json/members", test_members);
  g_test_add_func ("/json/wrong-members", test_wrong_members);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-declaration.h"
#include "door-error.h"

#define GOOD(identifier, payload)                                                                            \
  "{\"Identifier\":\"" identifier                                                                            \
  "\",\"Type\":\"com.apple.configuration.passcode.settings\",\"Payload\":" payload "}"

static DoorDeclaration *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) json = g_bytes_new (text, strlen (text));

  return door_declaration_parse (json, error);
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDeclaration) one = parse (GOOD ("a.b", "{ \"x\": 1 }"), &error);
  g_autoptr (DoorDeclaration) same = parse (GOOD ("a.b", "{\"x\":1}"), &error);
  g_autoptr (DoorDeclaration) other = parse (GOOD ("a.b", "{\"x\":2}"), &error);

  g_assert_no_error (error);
  g_assert_cmpstr (one->identifier, ==, "a.b");
  g_assert_cmpstr (one->payload, ==, "{\"x\":1}");
  g_assert_cmpint (one->kind, ==, DOOR_DECLARATION_CONFIGURATION);
  g_assert_cmpstr (one->server_token, ==, same->server_token);
  g_assert_cmpstr (one->server_token, !=, other->server_token);
}

static void
test_refused (void)
{
  g_autofree char *long_id = g_strnfill (129, 'a'), *deep = g_strnfill (20, '['),
                  *shallow = g_strnfill (20, ']');
  g_autofree char *too_long =
      g_strdup_printf ("{\"Identifier\":\"%s\",\"Type\":\"com.apple.asset.x\",\"Payload\":{}}", long_id);
  g_autofree char *too_deep = g_strdup_printf (
      "{\"Identifier\":\"a\",\"Type\":\"com.apple.asset.x\",\"Payload\":{\"x\":%s%s}}", deep, shallow);
  g_autofree char *wide = g_strnfill (65 * 1024, 'x');
  g_autofree char *too_large = g_strdup_printf (
      "{\"Identifier\":\"a\",\"Type\":\"com.apple.asset.x\",\"Payload\":{\"x\":\"%s\"}}", wide);
  const char *const bad[] = {
    "",
    "[]",
    "{}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.asset.x\"}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.asset.x\",\"Payload\":[]}",
    "{\"Identifier\":\"a\",\"Payload\":{}}",
    "{\"Type\":\"com.apple.asset.x\",\"Payload\":{}}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.asset.\",\"Payload\":{}}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.other.x\",\"Payload\":{}}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.asset.x/y\",\"Payload\":{}}",
    "{\"Identifier\":\"a/b\",\"Type\":\"com.apple.asset.x\",\"Payload\":{}}",
    "{\"Identifier\":\"a b\",\"Type\":\"com.apple.asset.x\",\"Payload\":{}}",
    "{\"Identifier\":\"\",\"Type\":\"com.apple.asset.x\",\"Payload\":{}}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.asset.x\",\"Payload\":{},\"ServerToken\":\"1\"}",
    "{\"Identifier\":\"a\",\"Identifier\":\"b\",\"Type\":\"com.apple.asset.x\",\"Payload\":{}}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.activation.simple\",\"Payload\":{}}",
    "{\"Identifier\":\"a\",\"Type\":\"com.apple.activation.simple\",\"Payload\":{\"StandardConfigurations\":["
    "1]}}",
    too_long,
    too_deep,
    too_large,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (bad[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

/* A name that is nearly one is told. */
static void
test_misspelt (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse ("{\"Identifer\":\"a\",\"Type\":\"com.apple.asset.x\",\"Payload\":{}}", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpstr (error->message, ==, "there is no member Identifer; did you mean Identifier?");
}

/* A set is known by what it has, in whatever order it is read. */
static void
test_digest (void)
{
  const DoorDeclarationItem a = { "a", "t", "1" }, b = { "b", "t", "2" }, c = { "b", "t", "3" };
  g_autoptr (GArray) ab = g_array_new (FALSE, FALSE, sizeof a), ba = g_array_new (FALSE, FALSE, sizeof a);
  g_autoptr (GArray) ac = g_array_new (FALSE, FALSE, sizeof a), none = g_array_new (FALSE, FALSE, sizeof a);
  g_autofree char *first = NULL, *second = NULL, *third = NULL, *empty = NULL;

  g_array_append_val (ab, a);
  g_array_append_val (ab, b);
  g_array_append_val (ba, b);
  g_array_append_val (ba, a);
  g_array_append_val (ac, a);
  g_array_append_val (ac, c);
  first = door_declaration_digest (ab);
  second = door_declaration_digest (ba);
  third = door_declaration_digest (ac);
  empty = door_declaration_digest (none);
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpstr (first, !=, third);
  g_assert_cmpstr (first, !=, empty);
}

static void
test_activation (void)
{
  static const char payload[] = "{\"StandardConfigurations\":[\"one\",\"two\"]}";

  g_assert_true (door_declaration_names_configuration ("com.apple.activation.simple", payload, "two"));
  g_assert_false (door_declaration_names_configuration ("com.apple.activation.simple", payload, "three"));
  g_assert_false (door_declaration_names_configuration ("com.apple.configuration.x", payload, "two"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/declaration/good", test_good);
  g_test_add_func ("/declaration/refused", test_refused);
  g_test_add_func ("/declaration/misspelt", test_misspelt);
  g_test_add_func ("/declaration/digest", test_digest);
  g_test_add_func ("/declaration/activation", test_activation);
  return g_test_run ();
}

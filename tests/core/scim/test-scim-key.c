/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-key.h"
#include "scim.h"

/* The keys of a resource, a line for each. */
static char *
dup_keys (const char *text)
{
  g_autoptr (JsonObject) object = parse_object (text);
  g_autoptr (GPtrArray) keys = door_scim_key_list (&user_type, object);
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < keys->len; i++)
    {
      const DoorScimKey *key = keys->pdata[i];

      g_assert_cmpint (key->rank, ==, door_scim_key_get_rank (key->text));
      g_string_append_printf (lines, "%s %" G_GINT64_FORMAT " %s\n", key->path, key->item, key->text);
    }
  return g_string_free (g_steal_pointer (&lines), FALSE);
}

/* All that is there and may be asked for; a password may not. */
static void
test_list (void)
{
  g_autofree char *keys =
      dup_keys ("{'schemas':['" DOOR_SCIM_USER_URN "'],'externalId':'00U','userName':'Anna','active':true,"
                "'password':'secret','name':{'givenName':'Zoe'},'emails':[{'value':'W@x','type':'work'},"
                "{'value':'h@x','primary':true}],'" DOOR_SCIM_ENTERPRISE_URN
                "':{'department':'Sales','manager':{'value':'M7'}}}");

  g_assert_cmpstr (keys, ==,
                   "externalId 0 00U\n"
                   "schemas 0 " DOOR_SCIM_USER_URN "\n"
                   "userName 0 anna\n"
                   "name 0 \n"
                   "name.givenName 0 zoe\n"
                   "active 0 true\n"
                   "emails 1 \n"
                   "emails.value 1 w@x\n"
                   "emails.type 1 work\n"
                   "emails 0 \n"
                   "emails.value 0 h@x\n"
                   "emails.primary 0 true\n" DOOR_SCIM_ENTERPRISE_URN
                   ":department 0 sales\n" DOOR_SCIM_ENTERPRISE_URN ":manager 0 \n" DOOR_SCIM_ENTERPRISE_URN
                   ":manager.value 0 M7\n");
}

/* The order of ranks is that of the bytes, signs and other scripts included. */
static void
test_ranks (void)
{
  static const char *const texts[] = { "",         "\x01", " ", "a",      "a\x01",  "ab",        "abcdefg",
                                       "abcdefgh", "b",    "z", "\u00e5", "\u674e", "\U0001f600" };

  for (size_t i = 1; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpint (door_scim_key_get_rank (texts[i - 1]), <, door_scim_key_get_rank (texts[i]));
  g_assert_cmpint (door_scim_key_get_rank ("abcdefgh"), ==, door_scim_key_get_rank ("abcdefghi"));
}

static char *
dup_literal (DoorScimLiteralKind kind, double number, int64_t time_us)
{
  static const DoorScimAttribute times = { .name = "t", .type = DOOR_SCIM_DATE_TIME };
  static const DoorScimAttribute decimals = { .name = "d", .type = DOOR_SCIM_DECIMAL };
  const DoorScimFilter filter = { .literal = kind, .number = number, .time_us = time_us };

  return door_scim_key_build_literal (&filter, kind == DOOR_SCIM_LITERAL_TEXT ? &times : &decimals);
}

/* Numbers and times compare as texts do. */
static void
test_numbers (void)
{
  static const double numbers[] = { -G_MAXDOUBLE, -1e9, -2, -1.5, -1e-300,    0, 1e-300, 1,
                                    1.5,          2,    10, 1e9,  G_MAXDOUBLE };
  static const int64_t times[] = { G_MININT64, -62135596800000000, -1,        0, 1,
                                   1000,       1764000000000000,   G_MAXINT64 };
  g_autofree char *zero = dup_literal (DOOR_SCIM_LITERAL_NUMBER, 0, 0);
  g_autofree char *minus = dup_literal (DOOR_SCIM_LITERAL_NUMBER, -0.0, 0);

  g_assert_cmpstr (zero, ==, minus);
  for (size_t i = 1; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *a = dup_literal (DOOR_SCIM_LITERAL_NUMBER, numbers[i - 1], 0);
      g_autofree char *b = dup_literal (DOOR_SCIM_LITERAL_NUMBER, numbers[i], 0);

      g_assert_cmpstr (a, <, b);
    }
  for (size_t i = 1; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *a = dup_literal (DOOR_SCIM_LITERAL_TEXT, 0, times[i - 1]);
      g_autofree char *b = dup_literal (DOOR_SCIM_LITERAL_TEXT, 0, times[i]);

      g_assert_cmpstr (a, <, b);
    }
}

/* What no index takes is cut between characters, and stays another for another end. */
static void
test_long (void)
{
  g_autoptr (GString) text = g_string_new ("a");
  g_autofree char *same = NULL, *first = NULL, *other = NULL;
  DoorScimFilter filter = { .literal = DOOR_SCIM_LITERAL_TEXT };
  const DoorScimAttribute *name = door_scim_schema_find (&door_scim_user_schema, "userName");

  while (text->len < 2 * DOOR_SCIM_MAX_KEY_BYTES)
    g_string_append (text, "\u674e");
  filter.text = text->str;
  first = door_scim_key_build_literal (&filter, name);
  same = door_scim_key_build_literal (&filter, name);
  g_string_append_c (text, 'b');
  filter.text = text->str;
  other = door_scim_key_build_literal (&filter, name);
  g_assert_cmpuint (strlen (first), <=, DOOR_SCIM_MAX_KEY_BYTES);
  g_assert_cmpuint (strlen (first), >, DOOR_SCIM_MAX_KEY_BYTES - 4);
  g_assert_true (g_utf8_validate (first, -1, NULL));
  g_assert_cmpstr (first, ==, same);
  g_assert_cmpstr (first, !=, other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/key/list", test_list);
  g_test_add_func ("/scim/key/ranks", test_ranks);
  g_test_add_func ("/scim/key/numbers", test_numbers);
  g_test_add_func ("/scim/key/long", test_long);
  return g_test_run ();
}

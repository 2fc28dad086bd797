/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-schema.h"

static void
test_split (void)
{
  static const struct
  {
    const char *text;
    const char *expected; /* joined by | */
  } table[] = {
    { "", "" },
    { "\n-- only a comment;\n  -- and another\n", "" },
    { "CREATE TABLE a (x BIGINT);\n", "CREATE TABLE a (x BIGINT)" },
    { "A;\nB;\r\nC", "A|B|C" },
    { "A\n  -- not the end;\n  B; \t\nC;", "A\n  B|C" },
    { "INSERT 'a; b';\nD;\n;\n", "INSERT 'a; b'|D" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GPtrArray) statements = door_schema_split (table[i].text);
      g_autofree char *joined = NULL;

      g_ptr_array_add (statements, NULL);
      joined = g_strjoinv ("|", (char **) statements->pdata);
      g_assert_cmpstr (joined, ==, table[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schema/split", test_split);
  return g_test_run ();
}

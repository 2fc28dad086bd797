/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-keyfile.h"

/* the fuzz target runs over its corpus as an ordinary test */
#include "../../fuzz/fuzz-keyfile.c"

static DoorKeyfile *
parse (const char *text)
{
  return door_keyfile_parse (text, strlen (text));
}

static void
test_good (void)
{
  g_autoptr (DoorKeyfile) file = parse ("# comment\n\n[a]\r\nKey = one # two \n"
                                        "  Key[de_AT@x]=\xc3\xbc\\;b\n \t# c\n[idp/x y]\nKey=\n");
  const DoorKeyfileEntry *entry;
  const DoorKeyfileGroup *group;

  g_assert_cmpuint (file->problems->len, ==, 0);
  g_assert_cmpuint (file->groups->len, ==, 2);
  g_assert_cmpuint (file->entries->len, ==, 3);
  entry = g_ptr_array_index (file->entries, 0);
  g_assert_cmpstr (entry->group, ==, "a");
  g_assert_cmpstr (entry->key, ==, "Key");
  g_assert_cmpstr (entry->text, ==, "one # two");
  g_assert_cmpuint (entry->line, ==, 4);
  entry = g_ptr_array_index (file->entries, 1);
  g_assert_cmpstr (entry->key, ==, "Key[de_AT@x]");
  g_assert_cmpstr (entry->text, ==, "\xc3\xbc\\;b");
  group = g_ptr_array_index (file->groups, 1);
  g_assert_cmpstr (group->name, ==, "idp/x y");
  g_assert_cmpuint (group->line, ==, 7);
  entry = g_ptr_array_index (file->entries, 2);
  g_assert_cmpstr (entry->text, ==, "");
}

static void
test_bad (void)
{
  static const struct
  {
    const char *text;
    DoorFault fault;
    unsigned int line;
    const char *group;
  } bad[] = {
    { "Key=x\n", DOOR_FAULT_CFG_SYNTAX, 1, NULL },
    { "[a\nKey=x\nMore=y\n", DOOR_FAULT_CFG_SYNTAX, 1, NULL },
    { "[]\n", DOOR_FAULT_CFG_SYNTAX, 1, NULL },
    { "[a] # b\n", DOOR_FAULT_CFG_SYNTAX, 1, NULL },
    { "[a]b]\n", DOOR_FAULT_CFG_SYNTAX, 1, NULL },
    { "[a]\nnonsense\n", DOOR_FAULT_CFG_SYNTAX, 2, "a" },
    { "[a]\n\n=x\n", DOOR_FAULT_CFG_SYNTAX, 3, "a" },
    { "[a]\nK y=x\n", DOOR_FAULT_CFG_SYNTAX, 2, "a" },
    { "[a]\nKey[=x\n", DOOR_FAULT_CFG_SYNTAX, 2, "a" },
    { "[a]\nKey[]=x\n", DOOR_FAULT_CFG_SYNTAX, 2, "a" },
    { "[a]\nKey[d e]=x\n", DOOR_FAULT_CFG_SYNTAX, 2, "a" },
    { "[a]\nKey[de]x=x\n", DOOR_FAULT_CFG_SYNTAX, 2, "a" },
    { "[a]\n; old comment\n", DOOR_FAULT_CFG_SYNTAX, 2, "a" },
    { "[a]\nKey=x\nKey=y\n", DOOR_FAULT_CFG_DUPLICATE, 3, "a" },
    { "[a]\nKey=x\n[b]\n[a]\n", DOOR_FAULT_CFG_DUPLICATE, 4, "a" },
    { "[a]\nKey=\xff\n", DOOR_FAULT_CFG_SYNTAX, 2, NULL },
    { "\xef\xbb\xbf[a]\nKey=x\n", DOOR_FAULT_CFG_SYNTAX, 1, NULL },
    { "[a]\nEncoding=latin1\n", DOOR_FAULT_CFG_SYNTAX, 1, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DoorKeyfile) file = parse (bad[i].text);
      const DoorKeyfileProblem *problem;

      g_test_message ("case %zu", i);
      g_assert_cmpuint (file->problems->len, ==, 1);
      problem = g_ptr_array_index (file->problems, 0);
      g_assert_cmpint (problem->fault, ==, bad[i].fault);
      g_assert_cmpuint (problem->line, ==, bad[i].line);
      g_assert_cmpstr (problem->group, ==, bad[i].group);
    }
}

static void
test_nul (void)
{
  static const char data[] = "[a]\nKey=x\0y\n";
  g_autoptr (DoorKeyfile) file = door_keyfile_parse (data, sizeof data - 1);
  g_autoptr (DoorKeyfile) empty = door_keyfile_parse ("", 0);

  g_assert_cmpuint (file->problems->len, ==, 1);
  g_assert_cmpuint (file->entries->len, ==, 0);
  g_assert_cmpuint (empty->problems->len, ==, 0);
}

static void
test_corpus (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "data", "config", "fuzz-keyfile", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  unsigned int n_files = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL), *data = NULL;
      size_t size = 0;

      g_assert_true (g_file_get_contents (path, &data, &size, NULL));
      g_assert_cmpint (LLVMFuzzerTestOneInput ((const uint8_t *) data, size), ==, 0);
      n_files++;
    }
  g_assert_cmpuint (n_files, >=, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyfile/good", test_good);
  g_test_add_func ("/keyfile/bad", test_bad);
  g_test_add_func ("/keyfile/nul", test_nul);
  g_test_add_func ("/keyfile/corpus", test_corpus);
  return g_test_run ();
}

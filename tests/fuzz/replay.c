/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a fuzz target over its corpus as an ordinary test. Arguments: folders of files, whose names are the
 * tests. */
#include "fuzz.h"

#include <string.h>

#define SPOTS 24

#pragma weak LLVMFuzzerInitialize

static void
replay (gconstpointer path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = 0;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  LLVMFuzzerTestOneInput ((const uint8_t *) text, size);
  /* cut anywhere, and with any of its bytes spoiled in turn */
  for (gsize i = 0; i < size; i += size / SPOTS + 1)
    {
      g_autofree char *part = g_malloc (MAX (i, 1)); /* of just that size, for the address sanitizer */
      char kept = text[i];

      memcpy (part, text, i);
      LLVMFuzzerTestOneInput ((const uint8_t *) part, i);
      text[i] ^= 0x11;
      LLVMFuzzerTestOneInput ((const uint8_t *) text, size);
      text[i] = kept;
    }
}

static unsigned int
add_folder (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  g_autofree char *base = g_path_get_basename (folder);
  const char *name;
  unsigned int count = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *test = g_strdup_printf ("/replay/%s/%s", base, name);

      if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
        continue;
      g_test_add_data_func_full (test, g_steal_pointer (&path), replay, g_free);
      count++;
    }
  return count;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (LLVMFuzzerInitialize != NULL)
    g_assert_cmpint (LLVMFuzzerInitialize (&argc, &argv), ==, 0);
  g_assert_cmpint (argc, >, 1);
  for (int i = 1; i < argc; i++)
    g_assert_cmpuint (add_folder (argv[i]), >, 0);
  return g_test_run ();
}

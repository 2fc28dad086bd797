/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cms-fixture.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The fixtures are the corpus of the fuzz target; here each runs once, as it is and cut in half. */
static void
test_corpus (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "data", "cms", NULL);
  g_autoptr (GError) error = NULL;
  GDir *dir = g_dir_open (folder, 0, &error);
  const char *name;
  unsigned int count = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autoptr (GBytes) bytes = fixture_load (name);
      size_t size;
      const uint8_t *data = g_bytes_get_data (bytes, &size);

      LLVMFuzzerTestOneInput (data, size);
      LLVMFuzzerTestOneInput (data, size / 2);
      count++;
    }
  g_dir_close (dir);
  g_assert_cmpuint (count, >, 40);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fuzz/corpus", test_corpus);
  return g_test_run ();
}

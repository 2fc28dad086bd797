/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a fuzz target over files of tests/data as an ordinary test. Argument: the folder under data/saml. */
#include <glib.h>

#include "fuzz-saml.h"

static void
replay (gconstpointer data)
{
  const char *path = data;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = 0;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  /* cut anywhere, and with any of its bytes spoiled in turn */
  LLVMFuzzerTestOneInput ((const uint8_t *) text, size);
  for (gsize i = 0; i < size; i += size / 64 + 1)
    {
      char kept = text[i];

      LLVMFuzzerTestOneInput ((const uint8_t *) text, i);
      text[i] ^= 0x11;
      LLVMFuzzerTestOneInput ((const uint8_t *) text, size);
      text[i] = kept;
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  g_assert_cmpint (LLVMFuzzerInitialize (&argc, &argv), ==, 0);
  folder = g_test_build_filename (G_TEST_DIST, "data", "saml", argv[1], NULL);
  dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *test = g_strdup_printf ("/saml/replay/%s/%s", argv[1], name);

      g_test_add_data_func_full (test, g_build_filename (folder, name, NULL), replay, g_free);
    }
  return g_test_run ();
}

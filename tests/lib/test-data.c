/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-data.h"

/* A file of tests/data. */
char *
test_data_path (const char *folder, const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", folder, name, NULL);
}

GBytes *
test_data_load (const char *folder, const char *name)
{
  g_autofree char *path = test_data_path (folder, name);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize size = 0;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}

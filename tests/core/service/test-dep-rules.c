/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door-dep-rules.h"
#include "door-error.h"

#define MAX_BYTES (256 * 1024)

static void
assert_refused (const char *path, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) profile = door_dep_rules_read_profile (path, &error);

  g_assert_null (profile);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEP_PROFILE);
  g_assert_nonnull (strstr (error->message, why));
}

/* The bound holds before the file is judged: a larger one is not read to its end. */
static void
test_profile_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("doorward-XXXXXX", &error);
  g_autofree char *path = g_build_filename (directory, "profile.json", NULL);
  g_autoptr (GBytes) profile = NULL;

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, "", 0, &error));
  g_assert_cmpint (truncate (path, MAX_BYTES), ==, 0);
  profile = door_dep_rules_read_profile (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (profile), ==, MAX_BYTES);
  g_assert_cmpint (truncate (path, MAX_BYTES + 1), ==, 0);
  assert_refused (path, "is larger than 256 KiB");
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_refused (path, "cannot be opened");
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  assert_refused (path, "is not a regular file");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dep-rules/profile-size", test_profile_size);
  return g_test_run ();
}

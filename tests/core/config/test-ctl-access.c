/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-access.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define USER "nobody"

static void
test_can_read (void)
{
  g_autofree char *folder = g_dir_make_tmp ("door-access-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  g_assert_true (door_ctl_access_has (USER, path, R_OK));
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_cmpint (door_ctl_access_has (USER, path, R_OK), ==, geteuid () != 0);
  g_assert_true (door_ctl_access_has ("no such user", path, R_OK));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
  g_assert_cmpint (door_ctl_access_has (USER, path, R_OK), ==, geteuid () != 0);
  g_remove (path);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  g_assert_true (door_ctl_access_has (USER, path, R_OK));
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-access/can-read", test_can_read);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door-config.h"
#include "door-error.h"

#define ETC DOOR_SYSCONFDIR "/conf.d/"
#define RUN "/run/doorward/conf.d/"
#define VENDOR DOOR_VENDOR_CONFDIR "/"

typedef struct
{
  char *root;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->root = g_dir_make_tmp ("door-config-XXXXXX", NULL);
  g_assert_nonnull (fixture->root);
}

static int
remove_cb (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  return g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (nftw (fixture->root, remove_cb, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
  g_free (fixture->root);
}

static char *
path_in (Fixture *fixture, const char *path)
{
  return g_build_filename (fixture->root, path, NULL);
}

static void
put (Fixture *fixture, const char *name, const char *text, mode_t mode)
{
  g_autofree char *path = path_in (fixture, name), *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, (int) mode), ==, 0);
}

static DoorConfigFiles *
read_root (Fixture *fixture)
{
  const DoorConfigSource source = { .root = fixture->root };

  return door_config_files_read (&source);
}

static void
assert_plugins (Fixture *fixture, const char *expected)
{
  g_autoptr (DoorConfigFiles) files = read_root (fixture);
  g_auto (GStrv) names = door_config_files_dup_plugins (files);
  g_autofree char *joined = g_strjoinv (",", names);

  g_assert_cmpuint (files->problems->len, ==, 0);
  g_assert_cmpstr (joined, ==, expected);
}

static void
test_precedence (Fixture *fixture, gconstpointer data)
{
  assert_plugins (fixture, "");
  put (fixture, VENDOR "50-a.conf", "[plugins]\nLoad=vendor\n", 0644);
  assert_plugins (fixture, "vendor");
  put (fixture, DOOR_SYSCONFDIR "/doorward.conf", "[plugins]\nLoad=main\n", 0640);
  assert_plugins (fixture, "main");
  put (fixture, RUN "20-b.conf", "[plugins]\nLoad=run20\n", 0640);
  assert_plugins (fixture, "run20");
  put (fixture, ETC "10-c.conf", "[plugins]\nLoad=etc10\n", 0640);
  assert_plugins (fixture, "run20");
  put (fixture, ETC "30-d.conf", "[plugins]\nLoad=etc30\n", 0640);
  assert_plugins (fixture, "etc30");
  put (fixture, RUN "40-e.conf", "[plugins]\nLoad=run40\n", 0640);
  assert_plugins (fixture, "run40");
  put (fixture, ETC "40-e.conf", "[doorward]\n", 0640);
  assert_plugins (fixture, "etc30");
  put (fixture, ETC "99-f.conf~", "[plugins]\nLoad=backup\n", 0640);
  put (fixture, ETC ".99-g.conf", "[plugins]\nLoad=hidden\n", 0640);
  assert_plugins (fixture, "etc30");
}

static void
test_shadow (Fixture *fixture, gconstpointer data)
{
  g_autofree char *etc = path_in (fixture, ETC "50-a.conf");

  put (fixture, VENDOR "50-a.conf", "[plugins]\nLoad=vendor\n", 0644);
  put (fixture, ETC "50-a.conf", "", 0640);
  assert_plugins (fixture, "");
  g_assert_cmpint (g_remove (etc), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", etc), ==, 0);
  assert_plugins (fixture, "");
  g_assert_cmpint (g_remove (etc), ==, 0);
  assert_plugins (fixture, "vendor");
}

static void
assert_problem (const DoorConfigFiles *files, DoorFault fault, const char *needle)
{
  const DoorConfigFileProblem *problem;

  g_assert_cmpuint (files->problems->len, ==, 1);
  problem = g_ptr_array_index (files->problems, 0);
  g_assert_cmpint (problem->fault, ==, fault);
  g_assert_nonnull (strstr (problem->text, needle));
  g_assert_cmpuint (files->files->len, ==, 0);
}

static void
test_permissions (Fixture *fixture, gconstpointer data)
{
  static const mode_t modes[] = { 0644, 0604, 0602, 0620, 0660, 0666 };
  g_autofree char *path = path_in (fixture, DOOR_SYSCONFDIR "/doorward.conf");
  g_autofree char *advice = g_strdup_printf ("chmod 0640 %s", path);

  for (size_t i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (DoorConfigFiles) files = NULL;

      put (fixture, DOOR_SYSCONFDIR "/doorward.conf", "[plugins]\nLoad=x\n", modes[i]);
      files = read_root (fixture);
      assert_problem (files, DOOR_FAULT_CFG_PERMISSIONS, advice);
    }
}

static void
test_permissions_fatal (Fixture *fixture, gconstpointer data)
{
  const DoorConfigSource source = { .root = fixture->root };
  g_autoptr (DoorConfigFiles) files = NULL;
  g_autoptr (DoorConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  put (fixture, ETC "10-x.conf", "[team/x]\n", 0644);
  files = door_config_files_read (&source);
  config = door_config_new (files, NULL, NULL);
  g_assert_false (door_config_check (config, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

static void
test_permissions_vendor (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DoorConfigFiles) files = NULL;

  put (fixture, VENDOR "10-x.conf", "[plugins]\nLoad=x\n", 0664);
  files = read_root (fixture);
  assert_problem (files, DOOR_FAULT_CFG_PERMISSIONS, "chmod 0644");
}

static void
test_permissions_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DoorConfigFiles) files = NULL;
  g_autofree char *folder = path_in (fixture, DOOR_SYSCONFDIR "/conf.d");

  put (fixture, ETC "10-x.conf", "[plugins]\nLoad=x\n", 0640);
  g_assert_cmpint (g_chmod (folder, 0775), ==, 0);
  files = read_root (fixture);
  assert_problem (files, DOOR_FAULT_CFG_PERMISSIONS, "chmod go-w");
}

static void
test_owner (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DoorConfigFiles) files = NULL;
  g_autofree char *path = path_in (fixture, DOOR_SYSCONFDIR "/doorward.conf");

  put (fixture, DOOR_SYSCONFDIR "/doorward.conf", "[plugins]\nLoad=x\n", 0640);
  if (chown (path, 4711, 4711) != 0)
    {
      g_test_skip ("giving a file away takes root");
      return;
    }
  files = read_root (fixture);
  assert_problem (files, DOOR_FAULT_CFG_PERMISSIONS, "chown root");
}

static void
test_skip_permissions (Fixture *fixture, gconstpointer data)
{
  const DoorConfigSource source = { .root = fixture->root, .skip_permissions = true };
  g_autoptr (DoorConfigFiles) files = NULL;

  put (fixture, DOOR_SYSCONFDIR "/doorward.conf", "[plugins]\nLoad=x\n", 0666);
  files = door_config_files_read (&source);
  g_assert_cmpuint (files->problems->len, ==, 0);
  g_assert_cmpuint (files->files->len, ==, 1);
}

static void
test_named_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *a = path_in (fixture, "a"), *b = path_in (fixture, "b"), *none = path_in (fixture, "none");
  const char *const both[] = { a, b, NULL }, *const absent[] = { none, NULL },
                    *const folder[] = { fixture->root, NULL };
  DoorConfigSource source = { .root = fixture->root, .files = both };
  g_autoptr (DoorConfigFiles) files = NULL;
  g_auto (GStrv) names = NULL;

  put (fixture, DOOR_SYSCONFDIR "/doorward.conf", "[plugins]\nLoad=system\n", 0640);
  put (fixture, "a", "[plugins]\nLoad=one\n", 0640);
  put (fixture, "b", "[plugins]\nLoad=two;three\n", 0600);
  files = door_config_files_read (&source);
  names = door_config_files_dup_plugins (files);
  g_assert_cmpuint (files->files->len, ==, 2);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_clear_pointer (&files, door_config_files_free);
  source.files = absent;
  files = door_config_files_read (&source);
  assert_problem (files, DOOR_FAULT_CFG_REQUIRED, "No such file");
  g_clear_pointer (&files, door_config_files_free);
  source.files = folder;
  files = door_config_files_read (&source);
  assert_problem (files, DOOR_FAULT_CFG_SYNTAX, "not a regular file");
}

static void
test_special_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = path_in (fixture, DOOR_SYSCONFDIR "/doorward.conf");
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, '\n');
  g_autoptr (DoorConfigFiles) files = NULL;

  put (fixture, DOOR_SYSCONFDIR "/doorward.conf", large, 0640);
  files = read_root (fixture);
  assert_problem (files, DOOR_FAULT_CFG_SYNTAX, "1 MiB");
  g_clear_pointer (&files, door_config_files_free);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  files = read_root (fixture);
  assert_problem (files, DOOR_FAULT_CFG_SYNTAX, "not a regular file");
}

static void
test_bad_plugin_list (Fixture *fixture, gconstpointer data)
{
  put (fixture, DOOR_SYSCONFDIR "/doorward.conf", "[plugins]\nLoad=a\\b\n", 0640);
  assert_plugins (fixture, "");
}

static void
assert_only_problem (DoorConfigFiles *files, DoorFault fault, const char *part)
{
  g_autoptr (DoorConfig) config = door_config_new (files, NULL, NULL);
  const GPtrArray *problems = door_config_get_problems (config);
  const DoorConfigProblem *problem;

  g_assert_cmpuint (problems->len, ==, 1);
  problem = g_ptr_array_index (problems, 0);
  g_assert_cmpint (problem->fault, ==, fault);
  g_assert_nonnull (strstr (problem->text, part));
  g_assert_true (problem->fatal);
}

/* What a file that is not used would have said is not reported as missing. */
static void
test_consequences (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DoorConfigFiles) files = NULL;

  put (fixture, DOOR_SYSCONFDIR "/doorward.conf", "[plugins]\nLoad=x\n", 0644);
  put (fixture, ETC "50-idp.conf", "[idp/work]\nType=saml\n[enrollment]\nIdps=other\n", 0640);
  files = read_root (fixture);
  assert_only_problem (files, DOOR_FAULT_CFG_PERMISSIONS, "chmod 0640");
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (DoorConfigFiles) files = read_root (fixture);

  assert_only_problem (files, DOOR_FAULT_CFG_REQUIRED, "there is no configuration");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/config-files/precedence", test_precedence },
    { "/config-files/shadow", test_shadow },
    { "/config-files/permissions/file", test_permissions },
    { "/config-files/permissions/fatal", test_permissions_fatal },
    { "/config-files/permissions/vendor", test_permissions_vendor },
    { "/config-files/permissions/folder", test_permissions_folder },
    { "/config-files/permissions/owner", test_owner },
    { "/config-files/permissions/skip", test_skip_permissions },
    { "/config-files/named", test_named_files },
    { "/config-files/special", test_special_files },
    { "/config-files/consequences", test_consequences },
    { "/config-files/nothing", test_nothing },
    { "/config-files/bad-plugin-list", test_bad_plugin_list },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}

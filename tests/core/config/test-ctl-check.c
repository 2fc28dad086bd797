/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `doorctl config check` finds on the system around the configuration. */
#include "door-ctl-check.h"
#include "door-inspect.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* Of a service that was never started, whatever this machine has. */
#define STATE_FOLDER "/nonexistent/doorward"
#define USER "nobody"
#define TOPIC "Topic=com.apple.mgmt.External.11111111-2222-3333-4444-555555555555\n"
#define BASE                                                                                                 \
  "[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=X\nSupportEmail=it@example.com\n"

typedef struct
{
  char *folder;
  char *file;
  char *key; /* as the server wants it: nobody else may read it */
} Place;

static void
copy_key (const char *to)
{
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "data", "cms", "rsa-2048.key", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (to, text, -1, NULL));
  g_assert_cmpint (g_chmod (to, 0600), ==, 0);
}

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("door-check-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
  place->file = g_build_filename (place->folder, "x.conf", NULL);
  place->key = g_build_filename (place->folder, "x.key", NULL);
  copy_key (place->key);
}

static void
tear_down (Place *place, gconstpointer data)
{
  g_unlink (place->file);
  g_unlink (place->key);
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->file);
  g_free (place->key);
}

static const DoorKey *
keys_cb (const char *kind, const char *type, gpointer user_data)
{
  static const DoorKey keys[] = {
    { "Path", DOOR_KEY_PATH, DOOR_KEY_FLAG_WRITTEN, STATE_FOLDER "/doorward.db", NULL, "A database." },
    { NULL },
  };

  return keys;
}

static DoorCtlWorld *
read_world (const Place *place, const char *config)
{
  g_autofree char *text = g_strconcat (BASE, config, NULL);
  const char *const files[] = { place->file, NULL };
  const DoorConfigSource source = { .files = files, .skip_permissions = true };
  DoorCtlWorld *world = g_new0 (DoorCtlWorld, 1);

  g_assert_true (g_file_set_contents (place->file, text, -1, NULL));
  g_assert_cmpint (g_chmod (place->file, 0644), ==, 0);
  g_assert_cmpint (g_chmod (place->folder, 0755), ==, 0);
  world->files = door_config_files_read (&source);
  world->registry = door_plugin_registry_new ();
  world->loader = door_plugin_loader_new (world->registry, place->folder, true);
  world->plugin_errors = g_ptr_array_new ();
  world->config = door_config_new (world->files, keys_cb, NULL);
  g_assert_cmpuint (door_config_get_problems (world->config)->len, ==, 0);
  return world;
}

/* Exactly one thing is found, or nothing where @needle is %NULL. */
static void
assert_found (const GPtrArray *problems, const char *needle)
{
  for (guint i = 0; i < problems->len; i++)
    g_test_message ("%s", ((const DoorConfigProblem *) g_ptr_array_index (problems, i))->text);
  g_assert_cmpuint (problems->len, ==, needle != NULL ? 1 : 0);
  if (needle != NULL)
    g_assert_nonnull (strstr (((const DoorConfigProblem *) g_ptr_array_index (problems, 0))->text, needle));
}

static void
assert_access (const Place *place, const char *config, mode_t file_mode, const char *needle)
{
  g_autoptr (DoorCtlWorld) world = read_world (place, config);
  g_autoptr (DoorCtlFindings) found = door_ctl_findings_new ();
  const DoorCtlSite site = { .user = USER, .state_folder = STATE_FOLDER };

  g_assert_cmpint (g_chmod (place->file, file_mode), ==, 0);
  door_ctl_check_access (found, world, &site);
  assert_found (found->problems, needle);
}

/* What another user may do only root can find out. */
static const char *
if_root (const char *needle)
{
  return geteuid () == 0 ? needle : NULL;
}

static void
test_files (Place *place, gconstpointer data)
{
  g_autofree char *key =
      g_strdup_printf ("[scep]\nCaCertificate=%s\nCaKey=file:%s\n", place->file, place->key);
  g_autofree char *by_hand =
      g_strdup_printf ("[idp/hand]\nType=saml\nEntityId=urn:x\nSsoUrl=https://idp.example.com/sso\n"
                       "Certificates=%s;%s\n",
                       place->file, place->key);

  assert_access (place, "", 0644, NULL);
  assert_access (place, "", 0600, if_root ("may not read it; run: chgrp nobody /"));
  assert_access (place, key, 0644, if_root ("may not read it"));
  assert_access (place, by_hand, 0644, if_root ("may not read it"));
}

static void
assert_eula (const Place *place, const char *file, const char *needle)
{
  g_autofree char *config =
      g_strdup_printf ("[eula/use]\nFile=%s\nVersion=1\n[enrollment]\nEula=use\n", file);
  g_autoptr (DoorCtlWorld) world = read_world (place, config);
  g_auto (DoorInspection) inspection = { NULL };

  door_inspection_init (&inspection, world->config, world->registry, world->development);
  door_inspect_eulas (&inspection);
  assert_found (inspection.problems, needle);
}

static void
test_eulas (Place *place, gconstpointer data)
{
  static const struct
  {
    const char *text, *needle;
  } cases[] = {
    { "<!DOCTYPE html><p>Be careful.", NULL },
    { "%PDF-1.7\n", NULL },
    { "Be careful.", "neither PDF nor HTML" },
    { "", "is empty" },
  };
  g_autofree char *file = g_build_filename (place->folder, "use", NULL);
  g_autofree char *large = g_strnfill (2 * 1024 * 1024 + 1, '<');

  assert_eula (place, "/nonexistent/use.html", "/nonexistent/use.html");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_file_set_contents (file, cases[i].text, -1, NULL));
      assert_eula (place, file, cases[i].needle);
    }
  g_assert_true (g_file_set_contents (file, large, -1, NULL));
  assert_eula (place, file, "is larger than 2 MiB");
  g_unlink (file);
}

static void
assert_dep_profile (const Place *place, const char *text, const char *needle, guint n_notes)
{
  g_autofree char *file = g_build_filename (place->folder, "profile.json", NULL);
  g_autofree char *config = g_strdup_printf ("[ade/school]\nProfile=%s\n", file);
  g_autoptr (DoorCtlWorld) world = read_world (place, config);
  g_auto (DoorInspection) inspection = { NULL };

  if (text != NULL)
    g_assert_true (g_file_set_contents (file, text, -1, NULL));
  door_inspection_init (&inspection, world->config, world->registry, world->development);
  door_inspect_dep_profiles (&inspection);
  assert_found (inspection.problems, needle);
  g_assert_cmpuint (inspection.notes->len, ==, n_notes);
  g_unlink (file);
}

static void
test_dep_profiles (Place *place, gconstpointer data)
{
  assert_dep_profile (place, NULL, "profile.json", 0);
  assert_dep_profile (place, "{\"department\":\"IT\",\"skip_setup_items\":[\"Siri\"]}", NULL, 0);
  assert_dep_profile (place, "{\"skip_setup_items\":[\"Siri\",\"Nonsense\"]}", NULL, 1);
  assert_dep_profile (place, "[]", "is not a JSON object", 0);
  assert_dep_profile (place, "{\"department\":7}", "department", 0);
}

static void
test_socket_group (Place *place, gconstpointer data)
{
  assert_access (place, "[listen]\nSocketGroup=no-such-group\n", 0644,
                 "there is no group no-such-group; run: groupadd --system no-such-group");
  assert_access (place, "[listen]\nSocketGroup=root\n", 0644, NULL);
}

static void
test_database_folder (Place *place, gconstpointer data)
{
  const struct passwd *user = getpwnam (USER);
  g_autofree char *missing = g_strdup_printf ("[database]\nPath=%s/none/x.db\n", place->folder);
  g_autofree char *here = g_strdup_printf ("[database]\nPath=%s/x.db\n", place->folder);
  g_autofree char *file = g_strdup_printf ("[database]\nPath=%s/x.db\n", place->key);

  assert_access (place, missing, 0644, "run: install -d -o nobody -g nobody -m 0700 ");
  assert_access (place, file, 0644, "is no folder");
  assert_access (place, here, 0644, if_root ("may not write in it; run: chown nobody: "));
  if (geteuid () == 0)
    g_assert_cmpint (chown (place->folder, user->pw_uid, user->pw_gid), ==, 0);
  assert_access (place, here, 0644, NULL);
}

static void
test_state_folder (Place *place, gconstpointer data)
{
  const struct passwd *user = getpwnam (USER);
  const struct
  {
    mode_t mode;
    gid_t gid;
    const char *needle;
  } cases[] = { { 0700, 0, NULL },
                { 0755, 0, NULL },
                { 0702, 0, "may be written by others; run: chmod 0700 " },
                { 0720, 0, "may be written by others; run: chmod 0700 " },
                { 0720, user->pw_gid, NULL } };
  g_autofree char *here = g_strdup_printf ("[database]\nPath=%s/x.db\n", "/tmp");
  const DoorCtlSite site = { .user = USER, .state_folder = place->folder };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorCtlWorld) world = read_world (place, here);
      g_autoptr (DoorCtlFindings) found = door_ctl_findings_new ();

      if (chown (place->folder, (uid_t) -1, cases[i].gid) != 0)
        continue; /* not root */
      /* the folder above is another's, so who reads the file is not looked at here */
      g_ptr_array_set_size (world->files->files, 0);
      g_assert_cmpint (g_chmod (place->folder, cases[i].mode), ==, 0);
      door_ctl_check_access (found, world, &site);
      assert_found (found->problems, cases[i].needle);
    }
}

/* The folder of the service is made when it starts. */
static void
test_state_folder_absent (Place *place, gconstpointer data)
{
  g_autofree char *state = g_build_filename (place->folder, "state", NULL);
  g_autofree char *config = g_strdup_printf ("[database]\nPath=%s/x.db\n", state);
  g_autoptr (DoorCtlWorld) world = read_world (place, config);
  g_autoptr (DoorCtlFindings) found = door_ctl_findings_new ();
  const DoorCtlSite site = { .user = USER, .state_folder = state };

  door_ctl_check_access (found, world, &site);
  assert_found (found->problems, NULL);
  g_assert_cmpuint (found->notes->len, ==, 1);
}

static void
assert_signing (const Place *place, const char *config, const char *needle)
{
  g_autoptr (DoorCtlWorld) world = read_world (place, config);
  g_auto (DoorInspection) inspection = { NULL };

  door_inspection_init (&inspection, world->config, world->registry, world->development);
  door_inspect_signing (&inspection);
  assert_found (inspection.problems, needle);
  g_assert_cmpint (door_inspection_find_fatal (&inspection) != NULL, ==, needle != NULL);
}

static void
test_signing (Place *place, gconstpointer data)
{
  g_autofree char *own = g_test_build_filename (G_TEST_DIST, "data", "cms", "rsa-2048.pem", NULL);
  g_autofree char *other = g_test_build_filename (G_TEST_DIST, "data", "cms", "ca.pem", NULL);
  g_autofree char *good =
      g_strdup_printf ("[apple]\n" TOPIC "SigningCertificate=%s\nSigningKey=file:%s\n", own, place->key);
  g_autofree char *no_topic =
      g_strdup_printf ("[apple]\nSigningCertificate=%s\nSigningKey=file:%s\n", own, place->key);
  g_autofree char *wrong_topic = g_strconcat (no_topic, "Topic=wrong\n", NULL);
  g_autofree char *no_push =
      g_strdup_printf ("%sPushCertificate=%s\nPushKey=file:%s\n", no_topic, own, place->key);
  g_autofree char *not_its_key =
      g_strdup_printf ("[apple]\n" TOPIC "SigningCertificate=%s\nSigningKey=file:%s\n", other, place->key);
  g_autofree char *absent =
      g_strdup_printf ("[apple]\n" TOPIC "SigningCertificate=/none\nSigningKey=file:%s\n", place->key);
  g_autofree char *no_key =
      g_strdup_printf ("[apple]\n" TOPIC "SigningCertificate=%s\nSigningKey=file:/none\n", own);

  assert_signing (place, good, NULL);
  assert_signing (place, no_topic, NULL); /* it follows from a certificate in the database */
  assert_signing (place, wrong_topic, "Topic must be");
  assert_signing (place, no_push, "not a push certificate");
  assert_signing (place, "[apple]\n" TOPIC, "SigningCertificate");
  assert_signing (place, not_its_key, "SigningCertificate, SigningKey");
  assert_signing (place, absent, "/none");
  assert_signing (place, no_key, NULL); /* the check of the secrets says it */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/ctl-check/files", Place, NULL, set_up, test_files, tear_down);
  g_test_add ("/ctl-check/eulas", Place, NULL, set_up, test_eulas, tear_down);
  g_test_add ("/ctl-check/dep-profiles", Place, NULL, set_up, test_dep_profiles, tear_down);
  g_test_add ("/ctl-check/socket-group", Place, NULL, set_up, test_socket_group, tear_down);
  g_test_add ("/ctl-check/database-folder", Place, NULL, set_up, test_database_folder, tear_down);
  g_test_add ("/ctl-check/state-folder", Place, NULL, set_up, test_state_folder, tear_down);
  g_test_add ("/ctl-check/state-folder-absent", Place, NULL, set_up, test_state_folder_absent, tear_down);
  g_test_add ("/ctl-check/signing", Place, NULL, set_up, test_signing, tear_down);
  return g_test_run ();
}

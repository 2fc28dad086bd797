/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an administrator reads when the server does not start. */
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "door-daemon.h"
#include "door-error.h"

#define BASE                                                                                                 \
  "[plugins]\nLoad=list\n[doorward]\nExternalUrl=http://mdm.localhost:1\nOrganizationName=X\n"               \
  "SupportEmail=it@example.com\n"

typedef struct
{
  char *folder;
  char *file;
} Place;

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("door-start-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
  place->file = g_build_filename (place->folder, "x.conf", NULL);
}

static void
tear_down (Place *place, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (place->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (place->folder, name, NULL);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->file);
}

static DoorSetup *
read_setup (Place *place, const char *config)
{
  const DoorSetupOptions options = { .config_file = place->file,
                                     .state_folder = place->folder,
                                     .plugin_folder = TEST_DIRECTORY,
                                     .development = true };
  g_autoptr (GError) error = NULL;
  DoorSetup *setup;

  g_assert_true (g_file_set_contents (place->file, config, -1, NULL));
  g_assert_cmpint (g_chmod (place->file, 0600), ==, 0);
  setup = door_setup_new (&options, &error);
  g_assert_no_error (error);
  return setup;
}

static void
assert_ends_with (DoorSetup *setup, DoorFault fault, const char *needle)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDaemon) daemon = door_daemon_new (setup, NULL, &error);

  g_assert_null (daemon);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
  g_assert_nonnull (strstr (error->message, needle));
}

/* The server is not there any more, so it cannot recover by itself. */
static void
test_database (Place *place, gconstpointer data)
{
  g_autofree char *config = g_strdup_printf (BASE "[database]\nPath=%s/x.db\n", place->folder);
  g_autofree char *database = g_build_filename (place->folder, "x.db", NULL);
  g_autoptr (DoorSetup) setup = read_setup (place, config);

  g_assert_true (
      g_file_set_contents (database, "this is no database, although it is long enough for one", -1, NULL));
  assert_ends_with (setup, DOOR_FAULT_DB_START, "file is not a database");
  g_assert_null (strstr (door_fault_get_info (DOOR_FAULT_DB_START)->fix, "by itself"));
}

static void
test_port_in_use (Place *place, gconstpointer data)
{
  g_autoptr (GSocketListener) other = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0), address = NULL;
  g_autofree char *config = NULL, *shown = NULL;
  g_autoptr (DoorSetup) setup = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (other, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &address,
                                 &error);
  g_assert_no_error (error);
  shown = g_strdup_printf ("127.0.0.1:%u", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  config = g_strdup_printf (BASE "[database]\nPath=%s/x.db\n[listen]\nHttp=%s\n", place->folder, shown);
  setup = read_setup (place, config);
  assert_ends_with (setup, DOOR_FAULT_CFG_INUSE, shown);
  g_assert_nonnull (strstr (door_fault_get_info (DOOR_FAULT_CFG_INUSE)->fix, "ss -ltnp"));
}

/* The first address is fine, and nothing listens there all the same. */
static void
test_development (Place *place, gconstpointer data)
{
  g_autofree char *config = g_strdup_printf (BASE "[database]\nPath=%s/x.db\n[listen]\nHttp=127.0.0.1:0;%s\n",
                                             place->folder, (const char *) data);
  g_autoptr (DoorSetup) setup = read_setup (place, config);

  assert_ends_with (setup, DOOR_FAULT_CFG_VALUE, "--dev listens on loopback only");
}

#define DIRECTORY_BASE BASE "[directory/staff]\nType=list\nAddress="

static guint
count_problems (const DoorSetup *setup)
{
  g_auto (DoorInspection) inspection = { NULL };

  door_setup_begin_inspection (setup, door_setup_get_config (setup), &inspection);
  door_inspect_rest (&inspection);
  return inspection.problems->len;
}

static void
test_directory (Place *place, gconstpointer data)
{
  g_autoptr (DoorSetup) setup = read_setup (place, DIRECTORY_BASE "https://staff.example\n");

  g_assert_cmpuint (count_problems (setup), ==, 0);
}

static void
test_directory_wrong (Place *place, gconstpointer data)
{
  g_autoptr (DoorSetup) setup = read_setup (place, DIRECTORY_BASE "staff.example\n");

  assert_ends_with (setup, DOOR_FAULT_CFG_VALUE, "[directory/staff] Address: staff.example is not https");
}

/* Who corrects one and starts again should not meet the next. */
static void
test_all_at_once (Place *place, gconstpointer data)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  const DoorSetupOptions options = { .config_file = place->file,
                                     .state_folder = place->folder,
                                     .plugin_folder = TEST_DIRECTORY,
                                     .development = true,
                                     .problems = problems };
  static const char *const needles[] = { "DW-CFG-PLUGIN: plugin lits: ", "(did you mean \"list\"?)",
                                         "DW-CFG-PLUGIN: plugin absent: ",
                                         ":3: DW-CFG-REQUIRED: [doorward] needs the key OrganizationName",
                                         ":5: DW-CFG-UNKNOWNKEY: [sign-in] has no key ClockSkw" };
  g_autofree char *all = NULL, *line = g_strconcat ("--config=", place->file, NULL), *err = NULL;
  const char *const argv[] = { TEST_DOORWARD, "--dev", "--plugin-dir=" TEST_DIRECTORY, line, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_assert_true (g_file_set_contents (
      place->file, "[plugins]\nLoad=lits;absent\n[doorward]\n[sign-in]\nClockSkw=1s\n", -1, NULL));
  g_assert_cmpint (g_chmod (place->file, 0600), ==, 0);
  g_assert_null (door_setup_new (&options, &error));
  g_assert_nonnull (strstr (error->message, "lits"));
  g_clear_error (&error);
  g_ptr_array_add (problems, NULL);
  all = g_strjoinv ("\n", (char **) problems->pdata);
  g_test_message ("%s", all);
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &err, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, !=, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (needles); i++)
    {
      g_assert_nonnull (strstr (all, needles[i]));
      g_assert_nonnull (strstr (err, needles[i]));
    }
  g_assert_nonnull (strstr (err, " problems in all:\n"));
}

static void
test_directories_wrong (Place *place, gconstpointer data)
{
  g_autoptr (DoorSetup) setup = read_setup (
      place, DIRECTORY_BASE "staff.example\n[directory/pupils]\nType=list\nAddress=pupils.example\n");

  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *all = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (door_daemon_new (setup, problems, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_VALUE);
  g_assert_cmpuint (problems->len, ==, 2);
  g_ptr_array_add (problems, NULL);
  all = g_strjoinv ("\n", (char **) problems->pdata);
  g_assert_nonnull (
      strstr (all, ":11: DW-CFG-VALUE: [directory/pupils] Address: pupils.example is not https"));
  g_assert_nonnull (strstr (all, ":8: DW-CFG-VALUE: [directory/staff] Address: staff.example is not https"));
}

/* What the configuration refers to is told with what forbids the start, not after it. */
static void
test_references_at_once (Place *place, gconstpointer data)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  const DoorSetupOptions options = { .config_file = place->file,
                                     .state_folder = place->folder,
                                     .plugin_folder = TEST_DIRECTORY,
                                     .development = true,
                                     .problems = problems };
  static const char *const needles[] = { ":8: DW-CFG-TYPE: ", ":10: DW-CFG-VALUE: [eula/use] File: ",
                                         ":13: DW-DEP-PROFILE: " };
  g_autofree char *all = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (place->file,
                                      BASE "[sign-in]\nClockSkew=no time\n[eula/use]\nFile=/nonexistent/x\n"
                                           "Version=1\n[ade/school]\nProfile=/nonexistent/y\n",
                                      -1, NULL));
  g_assert_cmpint (g_chmod (place->file, 0600), ==, 0);
  g_assert_null (door_setup_new (&options, &error));
  g_ptr_array_add (problems, NULL);
  all = g_strjoinv ("\n", (char **) problems->pdata);
  g_test_message ("%s", all);
  for (size_t i = 0; i < G_N_ELEMENTS (needles); i++)
    g_assert_nonnull (strstr (all, needles[i]));
}

/* An error in the group itself switches the directory off, as it does with an identity provider. */
static void
test_directory_off (Place *place, gconstpointer data)
{
  g_autoptr (DoorSetup) setup = read_setup (place, DIRECTORY_BASE "https://staff.example\nAdress=x\n");

  g_assert_cmpuint (count_problems (setup), ==, 0);
}

static void
test_directory_listed (Place *place, gconstpointer data)
{
  g_autofree char *config = g_strdup_printf ("--config=%s", place->file), *out = NULL;
  const char *const argv[] = { TEST_DOORCTL, "plugin", "list", "--plugin-dir=" TEST_DIRECTORY, config, NULL };
  g_autoptr (DoorSetup) setup = read_setup (place, DIRECTORY_BASE "https://staff.example\n");
  g_autoptr (GError) error = NULL;
  int status = 1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_nonnull (strstr (out, "directory list, storage sqlite\n"));
}

static void
test_directory_checked (Place *place, gconstpointer data)
{
  g_autofree char *config = g_strdup_printf ("--config=%s", place->file), *out = NULL;
  const char *const argv[] = {
    TEST_DOORCTL, "config", "check", "--plugin-dir=" TEST_DIRECTORY, config, NULL
  };
  g_autoptr (DoorSetup) setup = read_setup (place, DIRECTORY_BASE "staff.example\n");
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (out, "Address: staff.example is not https"));
  g_assert_nonnull (strstr (out, "the server would not start"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* the server warns that nobody can sign in yet */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  g_test_add ("/start/database", Place, NULL, set_up, test_database, tear_down);
  g_test_add ("/start/port-in-use", Place, NULL, set_up, test_port_in_use, tear_down);
  g_test_add ("/start/development/ipv4", Place, "0.0.0.0:0", set_up, test_development, tear_down);
  g_test_add ("/start/development/ipv6", Place, "[::]:0", set_up, test_development, tear_down);
  g_test_add ("/start/directory", Place, NULL, set_up, test_directory, tear_down);
  g_test_add ("/start/directory-wrong", Place, NULL, set_up, test_directory_wrong, tear_down);
  g_test_add ("/start/all-at-once", Place, NULL, set_up, test_all_at_once, tear_down);
  g_test_add ("/start/directories-wrong", Place, NULL, set_up, test_directories_wrong, tear_down);
  g_test_add ("/start/references-at-once", Place, NULL, set_up, test_references_at_once, tear_down);
  g_test_add ("/start/directory-off", Place, NULL, set_up, test_directory_off, tear_down);
  g_test_add ("/start/directory-listed", Place, NULL, set_up, test_directory_listed, tear_down);
  g_test_add ("/start/directory-checked", Place, NULL, set_up, test_directory_checked, tear_down);
  return g_test_run ();
}

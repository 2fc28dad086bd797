/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

#include "door-error.h"
#include "door-keys.h"
#include "door-options.h"
#include "door-setup.h"

typedef struct
{
  char *folder;
  char *path; /* of the state key */
  DoorRandom *random;
  DoorSettings *database;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  const DoorKey *tables[] = { door_options_lookup ("database")->keys, NULL };
  const DoorSettingsSource source = { .group = "database", .tables = tables };
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("door-keys-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "state.key", NULL);
  self->random = door_random_new_fake (1);
  self->database = door_settings_new (&source, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  unlink (self->path);
  rmdir (self->folder);
  g_free (self->path);
  g_free (self->folder);
  door_random_unref (self->random);
  door_settings_unref (self->database);
}

static DoorSecret *
load (Fixture *self, GError **error)
{
  return door_keys_load_state_key (self->database, self->folder, self->random, error);
}

static void
test_made_once (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) first = load (self, &error);
  g_autoptr (DoorSecret) second = load (self, &error);
  struct stat info;

  g_assert_no_error (error);
  g_assert_cmpstr (door_secret_get_text (first), ==, door_secret_get_text (second));
  g_assert_cmpint (stat (self->path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
}

static void
assert_refused (Fixture *self, DoorFault fault)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load (self, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
  g_assert_nonnull (strstr (error->message, self->path));
}

static void
test_readable_by_others (Fixture *self, gconstpointer data)
{
  g_autoptr (DoorSecret) first = load (self, NULL);

  g_assert_nonnull (first);
  g_assert_cmpint (chmod (self->path, 0644), ==, 0);
  assert_refused (self, DOOR_FAULT_CFG_PERMISSIONS);
}

/* A key that is there and cannot be read must never be taken for one that is not there yet. */
static void
test_unreadable (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (symlink ("state.key", self->path), ==, 0);
  assert_refused (self, DOOR_FAULT_CFG_SECRET);
}

/* Somebody starts the server by hand before the service manager has made its folder. */
static void
test_no_folder (Fixture *self, gconstpointer data)
{
  g_autofree char *absent = g_build_filename (self->folder, "absent", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_keys_load_state_key (self->database, absent, self->random, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_PERMISSIONS);
  g_assert_nonnull (strstr (error->message, "run: install -d -o "));
  g_assert_nonnull (strstr (error->message, absent));
}

/* what others see of the key must not be a plain hash of it */
static void
test_topic (Fixture *self, gconstpointer data)
{
  const DoorKey *tables[] = { door_options_lookup ("apple")->keys, NULL };
  const DoorSettingsSource source = { .group = "apple", .tables = tables };
  g_autoptr (DoorSettings) apple = door_settings_new (&source, NULL);
  g_autoptr (DoorSecret) key = load (self, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *topic = door_keys_dup_topic (apple, NULL, key, true, &error);
  g_autofree char *again = door_keys_dup_topic (apple, NULL, key, true, NULL);
  g_autofree char *refused = NULL;
  g_autofree char *expected = NULL;
  GHmac *hmac;

  g_assert_no_error (error);
  hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guchar *) door_secret_get_text (key),
                     strlen (door_secret_get_text (key)));
  g_hmac_update (hmac, (const guchar *) "development topic", sizeof "development topic");
  expected = g_strdup_printf ("com.apple.mgmt.External.%.32s", g_hmac_get_string (hmac));
  g_hmac_unref (hmac);
  g_assert_cmpstr (topic, ==, expected);
  g_assert_cmpstr (again, ==, expected);
  refused = door_keys_dup_topic (apple, NULL, key, false, &error);
  g_assert_null (refused);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/wiring/keys/made-once", test_made_once);
  ADD ("/wiring/keys/readable-by-others", test_readable_by_others);
  ADD ("/wiring/keys/unreadable", test_unreadable);
  ADD ("/wiring/keys/no-folder", test_no_folder);
  ADD ("/wiring/keys/topic", test_topic);
  return g_test_run ();
}

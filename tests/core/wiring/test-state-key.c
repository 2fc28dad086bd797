/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Instances that begin together on one database. */
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "door-error.h"
#include "door-schema.h"
#include "door-setup.h"
#include "door-state-key-store.h"
#include "door-state-key.h"

#define POLL_US (5 * G_TIME_SPAN_MILLISECOND)
#define N_POLLS 6000

typedef struct
{
  char *folder;
  DoorSetup *setup;
  DoorStateKeyPlace place;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *file = NULL, *text = NULL;
  DoorSetupOptions options = { .plugin_folder = TEST_PLUGINS, .development = true };
  g_autoptr (DoorSchema) schema = door_schema_new (NULL);
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("door-state-key-XXXXXX", &error);
  g_assert_no_error (error);
  file = g_build_filename (self->folder, "doorward.conf", NULL);
  text = g_strdup_printf (
      "[plugins]\nLoad=sqlite\n[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
      "SupportEmail=it@example.com\n[database]\nDriver=sqlite\nPath=%s/x.db\n",
      self->folder);
  g_assert_true (g_file_set_contents_full (file, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  options.config_file = file;
  options.state_folder = self->folder;
  self->setup = door_setup_new (&options, &error);
  g_assert_no_error (error);
  self->place.storage = door_setup_open_storage (self->setup, &error);
  g_assert_no_error (error);
  g_assert_true (door_schema_migrate (self->place.storage, schema, 1, &error));
  self->place.database = door_config_get_settings (door_setup_get_config (self->setup), "database");
  self->place.state_folder = self->folder;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);

  g_object_unref (self->place.storage);
  door_setup_free (self->setup);
  for (const char *name = g_dir_read_name (folder); name != NULL; name = g_dir_read_name (folder))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
}

static gpointer
begin (gpointer data)
{
  const Fixture *self = data;
  g_autoptr (DoorRandom) random = door_random_new_fake (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) key = door_state_key_ensure (&self->place, random, 1, &error);

  return key != NULL ? NULL : g_steal_pointer (&error);
}

/* It has seen a database without a mark, and made a key: only the writing is left. */
static void
wait_for_key (const Fixture *self)
{
  g_autofree char *path = g_build_filename (self->folder, "state.key", NULL);

  for (unsigned int i = 0; i < N_POLLS && !g_file_test (path, G_FILE_TEST_EXISTS); i++)
    g_usleep (POLL_US);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static GError *
begin_while_marked (Fixture *self, const char *mark)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (self->place.storage, DOOR_TXN_WRITE, NULL, &error);
  GThread *thread;

  g_assert_no_error (error);
  thread = g_thread_new ("instance", begin, self);
  wait_for_key (self);
  door_state_key_store_add (txn, mark, 1, &error);
  g_assert_no_error (error);
  door_txn_commit (txn, &error);
  g_assert_no_error (error);
  g_clear_pointer (&txn, door_txn_free);
  return g_thread_join (thread);
}

/* The other was first: what this one would seal, that one could not open. */
static void
test_only_the_first_marks (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = begin_while_marked (self, "the mark of another key");

  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_STATEKEY);
}

static char *
dup_mark (const Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (self->place.storage, DOOR_TXN_READ, NULL, &error);
  char *mark = NULL;

  g_assert_no_error (error);
  g_assert_true (door_state_key_store_lookup (txn, &mark, &error));
  return mark;
}

/* A first start marks, and the next with the same key goes on. */
static void
test_the_same_goes_on (Fixture *self, gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL;

  g_assert_null (begin (self));
  first = dup_mark (self);
  g_assert_nonnull (first);
  g_assert_null (begin (self));
  second = dup_mark (self);
  g_assert_cmpstr (first, ==, second);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/state-key/only-the-first-marks", Fixture, NULL, set_up, test_only_the_first_marks, tear_down);
  g_test_add ("/state-key/the-same-goes-on", Fixture, NULL, set_up, test_the_same_goes_on, tear_down);
  return g_test_run ();
}

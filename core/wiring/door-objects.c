/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-objects.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "door-error.h"
#include "door-object-store.h"

#define PAGE_ROWS 500

struct _DoorObjects
{
  const DoorSetup *setup;
  DoorStorage *storage;
  DoorObjectHost host;
  pthread_mutex_t lock; /* one reads the files at a time */
  _Atomic int64_t revision;
  void (*changed) (gpointer owner);
  gpointer changed_owner;
};

static bool
read_pages (DoorTxn *txn, GPtrArray *objects, GError **error)
{
  g_autofree char *after = g_strdup ("");
  guint n_rows = PAGE_ROWS;

  while (n_rows == PAGE_ROWS)
    {
      g_autoptr (GPtrArray) rows = door_object_store_list (txn, after, PAGE_ROWS, error);

      if (rows == NULL)
        return false;
      n_rows = rows->len;
      for (guint i = 0; i < rows->len; i++)
        {
          const DoorStoredObject *row = g_ptr_array_index (rows, i);

          g_ptr_array_add (objects, door_config_object_new (row->name, row->content));
          g_free (after);
          after = g_strdup (row->name);
        }
    }
  return true;
}

static GPtrArray *
read_objects (DoorObjects *self, int64_t *revision, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (self->storage, DOOR_TXN_READ, NULL, error);
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify) door_config_object_free);

  if (txn == NULL || !door_object_store_get_revision (txn, revision, error) ||
      !read_pages (txn, objects, error))
    return NULL;
  return g_steal_pointer (&objects);
}

/**
 * door_objects_have_changed:
 * @self: the objects
 * @changed: (out): whether there are newer ones than door_objects_reread() has seen
 * @error: return location for an error
 *
 * One look at one row. Blocks for the database.
 *
 * Returns: false with an error
 */
bool
door_objects_have_changed (DoorObjects *self, bool *changed, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (self->storage, DOOR_TXN_SINGLE, NULL, error);
  int64_t revision = 0;

  if (txn == NULL || !door_object_store_get_revision (txn, &revision, error))
    return false;
  *changed = revision != atomic_load (&self->revision);
  return true;
}

static DoorConfig *
reread (DoorObjects *self, const GPtrArray *objects)
{
  DoorConfig *config;

  pthread_mutex_lock (&self->lock);
  config = door_setup_reread (self->setup, objects);
  pthread_mutex_unlock (&self->lock);
  return config;
}

static char *
dup_file_cb (gpointer owner, const char *group)
{
  g_autoptr (DoorConfig) config = reread (owner, NULL);

  return g_strdup (door_config_lookup_file (config, group));
}

static void
put_object (GPtrArray *objects, const char *group, const char *content)
{
  for (guint i = 0; i < objects->len; i++)
    {
      const DoorConfigObject *object = g_ptr_array_index (objects, i);

      if (strcmp (object->group, group) == 0)
        {
          g_ptr_array_remove_index (objects, i);
          break;
        }
    }
  g_ptr_array_add (objects, door_config_object_new (group, content));
}

/* What is wrong elsewhere is not the fault of this one; a warning of it is, since nobody would read it. */
static void
collect_texts (const GPtrArray *problems, const char *group, GString *text)
{
  for (guint i = 0; i < problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (problems, i);

      if (g_strcmp0 (problem->group, group) == 0)
        g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", problem->text);
    }
}

static bool
check_cb (gpointer owner, const char *group, const char *content, GError **error)
{
  DoorObjects *self = owner;
  int64_t revision = 0;
  g_autoptr (GPtrArray) objects = read_objects (self, &revision, error);
  g_autoptr (DoorConfig) config = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (objects == NULL)
    return false;
  put_object (objects, group, content);
  config = reread (self, objects);
  collect_texts (door_config_get_problems (config), group, text);
  collect_texts (door_config_get_warnings (config), group, text);
  if (text->len > 0)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "%s", text->str);
  return door_setup_check_connection (self->setup, config, group, error);
}

static void
changed_cb (gpointer owner)
{
  const DoorObjects *self = owner;

  if (self->changed != NULL)
    self->changed (self->changed_owner);
}

/**
 * door_objects_new:
 * @setup: configuration and plugins; must outlive the objects
 * @storage: where they are kept
 *
 * Returns: (transfer full): what keeps parts of the configuration in a database
 */
DoorObjects *
door_objects_new (const DoorSetup *setup, DoorStorage *storage)
{
  DoorObjects *self = g_new0 (DoorObjects, 1);

  self->setup = setup;
  self->storage = g_object_ref (storage);
  self->host = (DoorObjectHost){ self, dup_file_cb, check_cb, changed_cb };
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

/**
 * door_objects_free:
 * @self: (transfer full): the objects
 */
void
door_objects_free (DoorObjects *self)
{
  pthread_mutex_destroy (&self->lock);
  g_object_unref (self->storage);
  g_free (self);
}

/**
 * door_objects_set_changed:
 * @self: the objects
 * @changed: called by whoever has changed one; may block until it is in force
 * @owner: handed to it
 *
 * Before any thread uses @self.
 */
void
door_objects_set_changed (DoorObjects *self, void (*changed) (gpointer owner), gpointer owner)
{
  self->changed = changed;
  self->changed_owner = owner;
}

/**
 * door_objects_get_host:
 * @self: the objects
 *
 * Returns: (transfer none): what services need of them
 */
const DoorObjectHost *
door_objects_get_host (const DoorObjects *self)
{
  return &self->host;
}

/**
 * door_objects_reread:
 * @self: the objects
 * @error: return location for an error
 *
 * Reads the configuration once more, from files and database, and remembers how new the objects are.
 * Blocking.
 *
 * Returns: (transfer full): the configuration, whatever its problems, or %NULL with an error of the database
 */
DoorConfig *
door_objects_reread (DoorObjects *self, GError **error)
{
  int64_t revision = 0;
  g_autoptr (GPtrArray) objects = read_objects (self, &revision, error);

  if (objects == NULL)
    return NULL;
  atomic_store (&self->revision, revision);
  return reread (self, objects);
}

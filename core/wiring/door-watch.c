/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-watch.h"

struct _DoorWatch
{
  GPtrArray *monitors; /* GFileMonitor */
  unsigned int settle_ms;
  guint source;
  DoorWatchFunc changed;
  gpointer data;
};

static void
monitor_free (gpointer monitor)
{
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}

/**
 * door_watch_new:
 * @settle_ms: how long after a change one waits for more: certificate and key are two files
 * @changed: told once for all changes within that time
 * @data: its argument
 *
 * Returns: (transfer full): a watch of no files yet; main loop only, as all that is done with it
 */
DoorWatch *
door_watch_new (unsigned int settle_ms, DoorWatchFunc changed, gpointer data)
{
  DoorWatch *self = g_new0 (DoorWatch, 1);

  self->monitors = g_ptr_array_new_with_free_func (monitor_free);
  self->settle_ms = settle_ms;
  self->changed = changed;
  self->data = data;
  return self;
}

/**
 * door_watch_free:
 * @self: (transfer full): a watch
 */
void
door_watch_free (DoorWatch *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_ptr_array_unref (self->monitors);
  g_free (self);
}

static gboolean
settled_cb (gpointer data)
{
  DoorWatch *self = data;

  self->source = 0;
  self->changed (self->data);
  return G_SOURCE_REMOVE;
}

/* The time runs from the first change: a file that is written to all the time is looked at all the same. */
static void
changed_cb (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
  DoorWatch *self = data;

  if (self->source == 0)
    self->source = g_timeout_add (self->settle_ms, settled_cb, self);
}

/**
 * door_watch_set_files:
 * @self: a watch
 * @paths: (array zero-terminated=1): the files to watch from now on; one need not exist yet
 *
 * A file that is replaced by renaming another over it, or by a new link, is seen as one that is written to.
 */
void
door_watch_set_files (DoorWatch *self, const char *const *paths)
{
  g_ptr_array_set_size (self->monitors, 0);
  for (; *paths != NULL; paths++)
    {
      g_autoptr (GFile) file = g_file_new_for_path (*paths);
      g_autoptr (GError) error = NULL;
      GFileMonitor *monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, &error);

      if (monitor == NULL)
        {
          g_warning ("%s is not watched, reload after a change: %s", *paths, error->message);
          continue;
        }
      g_signal_connect (monitor, "changed", G_CALLBACK (changed_cb), self);
      g_ptr_array_add (self->monitors, monitor);
    }
}

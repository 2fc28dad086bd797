/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-storage.h"

#include <pthread.h>

#include "door-error.h"

struct _FakeStorage
{
  GObject parent_instance;

  pthread_mutex_t lock;
  FakeCounts counts;
  const char *fail;    /* (nullable): what fails next */
  unsigned int n_pass; /* after so many that still work */
  unsigned int n_fail;
};

static void iface_init (DoorStorageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeStorage, fake_storage, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DOOR_TYPE_STORAGE, iface_init))

/* Counts a call, and says whether it works. */
static gboolean
count (FakeStorage *self, const char *what, unsigned int *counter, GError **error)
{
  gboolean works = TRUE;

  pthread_mutex_lock (&self->lock);
  if (self->n_fail > 0 && g_strcmp0 (self->fail, what) == 0)
    {
      works = self->n_pass > 0;
      *(works ? &self->n_pass : &self->n_fail) -= 1;
    }
  if (works && counter != NULL)
    (*counter)++;
  pthread_mutex_unlock (&self->lock);
  if (!works)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE, "told to fail");
  return works;
}

static gpointer
begin (DoorStorage *storage, DoorTxnMode mode, GCancellable *cancellable, GError **error)
{
  FakeStorage *self = FAKE_STORAGE (storage);

  return count (self, "begin", &self->counts.n_begun, error) ? self : NULL;
}

static int64_t
execute (DoorStorage *storage, gpointer handle, const char *sql, GVariant *params, GError **error)
{
  FakeStorage *self = FAKE_STORAGE (storage);
  gboolean undo = g_str_has_prefix (sql, "ROLLBACK TO");

  return count (self, sql, undo ? &self->counts.n_undone : NULL, error) ? 0 : -1;
}

static gboolean
end (DoorStorage *storage, gpointer handle, gboolean commit, GError **error)
{
  FakeStorage *self = FAKE_STORAGE (storage);

  if (!commit)
    return count (self, "rollback", &self->counts.n_rolled_back, error);
  return count (self, "commit", &self->counts.n_committed, error);
}

static void
iface_init (DoorStorageInterface *iface)
{
  iface->begin = begin;
  iface->execute = execute;
  iface->end = end;
}

static void
fake_storage_finalize (GObject *object)
{
  pthread_mutex_destroy (&FAKE_STORAGE (object)->lock);
  G_OBJECT_CLASS (fake_storage_parent_class)->finalize (object);
}

static void
fake_storage_class_init (FakeStorageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_storage_finalize;
}

static void
fake_storage_init (FakeStorage *self)
{
  pthread_mutex_init (&self->lock, NULL);
}

FakeStorage *
fake_storage_new (void)
{
  return g_object_new (FAKE_TYPE_STORAGE, NULL);
}

void
fake_storage_fail (FakeStorage *self, const char *what, unsigned int n_pass, unsigned int n_fail)
{
  pthread_mutex_lock (&self->lock);
  self->fail = what;
  self->n_pass = n_pass;
  self->n_fail = n_fail;
  pthread_mutex_unlock (&self->lock);
}

FakeCounts
fake_storage_get_counts (FakeStorage *self)
{
  FakeCounts counts;

  pthread_mutex_lock (&self->lock);
  counts = self->counts;
  pthread_mutex_unlock (&self->lock);
  return counts;
}

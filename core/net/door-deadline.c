/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-deadline.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

/* Whoever sends a byte now and then is never silent, so that a timeout of the socket does not end it. Only
 * another thread can end what blocks. */
struct _DoorDeadline
{
  GCancellable *inner;
  GCancellable *outer;
  gulong outer_handler;
  struct timespec until;
  pthread_t thread;
  pthread_mutex_t lock; /* guards what follows */
  pthread_cond_t changed;
  bool done;
  bool passed;
};

static void *
watch (void *data)
{
  DoorDeadline *self = data;
  bool passed;

  pthread_setname_np (pthread_self (), "deadline");
  pthread_mutex_lock (&self->lock);
  while (!self->done && !self->passed)
    self->passed = pthread_cond_timedwait (&self->changed, &self->lock, &self->until) == ETIMEDOUT;
  passed = self->passed && !self->done;
  pthread_mutex_unlock (&self->lock);
  if (passed)
    g_cancellable_cancel (self->inner);
  return NULL;
}

static void
outer_cb (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

/**
 * door_deadline_new:
 * @seconds: from now
 * @outer: (nullable): ends it earlier
 *
 * Begins a time after which what uses its cancellable is ended. Any thread.
 *
 * Returns: (transfer full): the deadline
 */
DoorDeadline *
door_deadline_new (unsigned int seconds, GCancellable *outer)
{
  DoorDeadline *self = g_new0 (DoorDeadline, 1);
  pthread_condattr_t attributes;

  self->inner = g_cancellable_new ();
  clock_gettime (CLOCK_MONOTONIC, &self->until);
  self->until.tv_sec += seconds;
  pthread_mutex_init (&self->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->changed, &attributes);
  pthread_condattr_destroy (&attributes);
  if (outer != NULL)
    {
      self->outer = g_object_ref (outer);
      self->outer_handler = g_cancellable_connect (outer, G_CALLBACK (outer_cb), self->inner, NULL);
    }
  if (pthread_create (&self->thread, NULL, watch, self) != 0)
    g_error ("cannot start a thread");
  return self;
}

/**
 * door_deadline_free:
 * @self: (transfer full): a deadline
 *
 * Ends it; nothing is cancelled afterwards.
 */
void
door_deadline_free (DoorDeadline *self)
{
  pthread_mutex_lock (&self->lock);
  self->done = true;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
  pthread_join (self->thread, NULL);
  if (self->outer != NULL)
    g_cancellable_disconnect (self->outer, self->outer_handler);
  g_clear_object (&self->outer);
  g_object_unref (self->inner);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/**
 * door_deadline_get_cancellable:
 * @self: a deadline
 *
 * Returns: (transfer none): what is cancelled when it passes
 */
GCancellable *
door_deadline_get_cancellable (const DoorDeadline *self)
{
  return self->inner;
}

/**
 * door_deadline_has_passed:
 * @self: a deadline
 *
 * Returns: whether the time was over before it was freed
 */
bool
door_deadline_has_passed (DoorDeadline *self)
{
  bool passed;

  pthread_mutex_lock (&self->lock);
  passed = self->passed;
  pthread_mutex_unlock (&self->lock);
  return passed;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-job-pool.h"

#include <pthread.h>

typedef struct
{
  DoorJobFunc func;
  gpointer data;
} Job;

struct _DoorJobPool
{
  pthread_mutex_t lock; /* guards everything below; pthread, so that TSan sees it */
  pthread_cond_t wake;
  Job *ring;
  size_t capacity;
  size_t head;
  size_t count;
  uint64_t begun;
  bool stopping;
  pthread_t *threads;
  size_t n_threads;
  char *name;
};

static bool
take (DoorJobPool *self, Job *job)
{
  bool got = false;

  pthread_mutex_lock (&self->lock);
  while (self->count == 0 && !self->stopping)
    pthread_cond_wait (&self->wake, &self->lock);
  if (self->count > 0)
    {
      *job = self->ring[self->head];
      self->head = (self->head + 1) % self->capacity;
      self->count--;
      self->begun++;
      got = true;
    }
  pthread_mutex_unlock (&self->lock);
  return got;
}

static void *
run (void *data)
{
  DoorJobPool *self = data;
  Job job;

  pthread_setname_np (pthread_self (), self->name);
  while (take (self, &job))
    job.func (job.data);
  return NULL;
}

/**
 * door_job_pool_new:
 * @name: name of the threads, at most 15 bytes
 * @n_threads: how many threads run jobs, at least 1
 * @max_queue: most jobs that wait, at least 1
 *
 * Starts a pool of threads with a bounded queue.
 *
 * Returns: (transfer full): the pool
 */
DoorJobPool *
door_job_pool_new (const char *name, size_t n_threads, size_t max_queue)
{
  DoorJobPool *self = g_new0 (DoorJobPool, 1);

  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->wake, NULL);
  self->ring = g_new0 (Job, max_queue);
  self->capacity = max_queue;
  self->name = g_strdup (name);
  self->threads = g_new0 (pthread_t, n_threads);
  for (; self->n_threads < n_threads; self->n_threads++)
    if (pthread_create (&self->threads[self->n_threads], NULL, run, self) != 0)
      g_error ("cannot start thread %s", name);
  return self;
}

/**
 * door_job_pool_push:
 * @self: a pool
 * @func: what to run in one of the pool's threads
 * @data: its argument
 *
 * Never blocks beyond the queue's lock. May be called from any thread.
 *
 * Returns: false when the queue is full or the pool is stopping; @func will then not run
 */
bool
door_job_pool_push (DoorJobPool *self, DoorJobFunc func, gpointer data)
{
  bool taken = false;

  pthread_mutex_lock (&self->lock);
  if (!self->stopping && self->count < self->capacity)
    {
      self->ring[(self->head + self->count) % self->capacity] = (Job){ func, data };
      self->count++;
      taken = true;
    }
  pthread_mutex_unlock (&self->lock);
  /* behind the lock: who wakes takes it at once */
  if (taken)
    pthread_cond_signal (&self->wake);
  return taken;
}

/**
 * door_job_pool_is_moving:
 * @self: a pool
 * @begun: (inout): what it was told at the last call; 0 at first
 *
 * For a watchdog. Never blocks beyond the queue's lock. May be called from any thread.
 *
 * Returns: false when jobs wait and none was begun since the last call
 */
bool
door_job_pool_is_moving (DoorJobPool *self, uint64_t *begun)
{
  bool moving;

  pthread_mutex_lock (&self->lock);
  moving = self->count == 0 || self->begun != *begun;
  *begun = self->begun;
  pthread_mutex_unlock (&self->lock);
  return moving;
}

/**
 * door_job_pool_free:
 * @self: (transfer full): a pool
 *
 * Blocks until every job that was accepted has run.
 */
void
door_job_pool_free (DoorJobPool *self)
{
  pthread_mutex_lock (&self->lock);
  self->stopping = true;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);

  for (size_t i = 0; i < self->n_threads; i++)
    pthread_join (self->threads[i], NULL);
  pthread_cond_destroy (&self->wake);
  pthread_mutex_destroy (&self->lock);
  g_free (self->threads);
  g_free (self->ring);
  g_free (self->name);
  g_free (self);
}

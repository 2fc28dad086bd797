/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-job-pool.h"

#include <pthread.h>

typedef struct
{
  DoorJobFunc func;
  gpointer data;
} Job;

/* A call costs more than many a job, and who was called takes what has come meanwhile: so few are on their
 * way at a time. */
#define MAX_CALLED 2

/* A thread of the pool. */
typedef struct _Worker
{
  DoorJobPool *pool;
  pthread_t thread;
  pthread_cond_t wake;
  bool called;
  struct _Worker *below; /* the one that has slept for longer */
} Worker;

struct _DoorJobPool
{
  pthread_mutex_t lock;  /* guards everything below; pthread, so that TSan sees it */
  Worker *asleep;        /* the last one to fall asleep: what it needs is still in the processor's caches */
  unsigned int n_called; /* were called and have not come yet; who comes calls the next if there is need */
  Job *ring;
  size_t capacity;
  size_t head;
  size_t count;
  uint64_t begun;
  bool stopping;
  Worker *workers;
  size_t n_workers;
  char *name;
};

/* With the lock held. */
static Worker *
pop_sleeper (DoorJobPool *self)
{
  Worker *sleeper = self->asleep;

  if (sleeper == NULL)
    return NULL;
  self->asleep = sleeper->below;
  sleeper->called = true;
  self->n_called++;
  return sleeper;
}

/* With the lock held: who is to be called now. */
static Worker *
choose_sleeper (DoorJobPool *self)
{
  return self->count > 0 && self->n_called < MAX_CALLED ? pop_sleeper (self) : NULL;
}

/* With the lock held. */
static void
sleep_until_called (Worker *worker)
{
  DoorJobPool *self = worker->pool;

  worker->called = false;
  worker->below = self->asleep;
  self->asleep = worker;
  while (!worker->called)
    pthread_cond_wait (&worker->wake, &self->lock);
  self->n_called--;
}

static bool
take (Worker *worker, Job *job)
{
  DoorJobPool *self = worker->pool;
  Worker *next = NULL;
  bool got = false;

  pthread_mutex_lock (&self->lock);
  while (self->count == 0 && !self->stopping)
    sleep_until_called (worker);
  if (self->count > 0)
    {
      *job = self->ring[self->head];
      self->head = (self->head + 1) % self->capacity;
      self->count--;
      self->begun++;
      got = true;
    }
  next = choose_sleeper (self);
  pthread_mutex_unlock (&self->lock);
  if (next != NULL)
    pthread_cond_signal (&next->wake);
  return got;
}

static void *
run (void *data)
{
  Worker *worker = data;
  Job job;

  pthread_setname_np (pthread_self (), worker->pool->name);
  while (take (worker, &job))
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
  self->ring = g_new0 (Job, max_queue);
  self->capacity = max_queue;
  self->name = g_strdup (name);
  self->workers = g_new0 (Worker, n_threads);
  for (; self->n_workers < n_threads; self->n_workers++)
    {
      Worker *worker = &self->workers[self->n_workers];

      worker->pool = self;
      pthread_cond_init (&worker->wake, NULL);
      if (pthread_create (&worker->thread, NULL, run, worker) != 0)
        g_error ("cannot start thread %s", name);
    }
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
  Worker *sleeper = NULL;
  bool taken = false;

  pthread_mutex_lock (&self->lock);
  if (!self->stopping && self->count < self->capacity)
    {
      self->ring[(self->head + self->count) % self->capacity] = (Job){ func, data };
      self->count++;
      taken = true;
      sleeper = choose_sleeper (self);
    }
  pthread_mutex_unlock (&self->lock);
  /* behind the lock: who wakes takes it at once */
  if (sleeper != NULL)
    pthread_cond_signal (&sleeper->wake);
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
  for (Worker *sleeper = pop_sleeper (self); sleeper != NULL; sleeper = pop_sleeper (self))
    pthread_cond_signal (&sleeper->wake);
  pthread_mutex_unlock (&self->lock);

  for (size_t i = 0; i < self->n_workers; i++)
    pthread_join (self->workers[i].thread, NULL);
  /* not before all have ended: until then any of them may be about to call any other */
  for (size_t i = 0; i < self->n_workers; i++)
    pthread_cond_destroy (&self->workers[i].wake);
  pthread_mutex_destroy (&self->lock);
  g_free (self->workers);
  g_free (self->ring);
  g_free (self->name);
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-writer.h"

#include <pthread.h>

#include "door-error.h"
#include "door-schema.h"

typedef struct
{
  DoorWork work;
  gpointer data;
  DoorWorkDone done;
  gpointer done_data;
  GError *error; /* of the latest run */
} Job;

/* After a job has spoiled the work of its group, so many groups give each job a savepoint from the start:
 * whoever makes one fail may make the next one fail too. */
#define CAREFUL_GROUPS 32

/* How an attempt to write a group ended. */
typedef enum
{
  GROUP_COMMITTED,
  GROUP_REFUSED,   /* its only job failed, and its error says why */
  GROUP_UNTOUCHED, /* for certain: COMMIT was never sent */
  GROUP_UNCERTAIN, /* COMMIT was sent and not confirmed */
} GroupOutcome;

/* How jobs under one savepoint ended. */
typedef enum
{
  ATTEMPT_DONE,
  ATTEMPT_FAILED, /* and was taken back */
  ATTEMPT_LOST,   /* the transaction is of no use any more */
} Attempt;

/* What one thread of the writer works on. */
typedef struct
{
  DoorStorage *storage;
  Job *jobs;
  size_t n_jobs;
  unsigned int careful; /* groups to come that use a savepoint for each job */
  DoorWriter *writer;
  bool was_failing; /* the group before, or one beside it, could not be written */
} Group;

struct _DoorWriter
{
  DoorStorage *storage;
  pthread_mutex_t lock; /* guards everything below; pthread, so that TSan sees it */
  pthread_cond_t wake;
  Job *ring;
  size_t capacity;
  size_t head;
  size_t count;
  size_t max_group;
  bool stopping;
  bool asked;    /* a question of door_writer_answers() is on its way */
  bool probing;  /* one of door_writer_check() is */
  char *problem; /* why nothing can be written at the moment; NULL: nothing is known against it */
  pthread_t *threads;
  size_t n_threads;
};

/* Blocks until something is queued; false when there is nothing left and never will be. */
static bool
wait_for_jobs (DoorWriter *self)
{
  bool any;

  pthread_mutex_lock (&self->lock);
  while (self->count == 0 && !self->stopping)
    pthread_cond_wait (&self->wake, &self->lock);
  any = self->count > 0;
  pthread_mutex_unlock (&self->lock);
  return any;
}

/* Takes as many as go into one group; another thread may have left none. */
static size_t
take_jobs (DoorWriter *self, Job *jobs)
{
  size_t n;

  pthread_mutex_lock (&self->lock);
  n = MIN (self->count, self->max_group);
  for (size_t i = 0; i < n; i++)
    {
      jobs[i] = self->ring[self->head];
      self->head = (self->head + 1) % self->capacity;
    }
  self->count -= n;
  pthread_mutex_unlock (&self->lock);
  return n;
}

static bool
run_statement (DoorTxn *txn, const char *sql)
{
  g_autoptr (GError) error = NULL;

  if (door_txn_execute (txn, sql, NULL, &error) >= 0)
    return true;
  g_debug ("%s: %s", sql, error->message);
  return false;
}

static bool
do_work (DoorTxn *txn, Job *job)
{
  g_clear_error (&job->error);
  if (job->work (txn, job->data, &job->error))
    return true;
  if (job->error == NULL)
    door_error_set (&job->error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the work failed without an error");
  return false;
}

/* Runs jobs under one savepoint: all of them or none. */
static Attempt
attempt (DoorTxn *txn, Job *jobs, size_t n)
{
  g_autoptr (GError) error = NULL;
  bool done = true;

  if (!run_statement (txn, "SAVEPOINT door_work"))
    return ATTEMPT_LOST;
  for (size_t i = 0; i < n && done; i++)
    done = do_work (txn, &jobs[i]);
  /* A job may say yes after a statement of its failed; the release then finds out. */
  if (done && door_txn_execute (txn, "RELEASE SAVEPOINT door_work", NULL, &error) >= 0)
    return ATTEMPT_DONE;
  if (done && n == 1)
    jobs[0].error = g_steal_pointer (&error);
  return run_statement (txn, "ROLLBACK TO SAVEPOINT door_work") &&
                 run_statement (txn, "RELEASE SAVEPOINT door_work")
             ? ATTEMPT_FAILED
             : ATTEMPT_LOST;
}

static bool
is_unavailable (const GError *error)
{
  return g_error_matches (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
}

/* A deadlock or a lock that came too late chooses one job and leaves the transaction intact: what it
 * waited for has moved on by now. */
static Attempt
run_job (DoorTxn *txn, Job *job)
{
  Attempt result = attempt (txn, job, 1);

  return result == ATTEMPT_FAILED && is_unavailable (job->error) ? attempt (txn, job, 1) : result;
}

static GroupOutcome
commit (DoorTxn *txn, GError **error)
{
  return door_txn_commit (txn, error) ? GROUP_COMMITTED : GROUP_UNCERTAIN;
}

/* Nobody else's work is in danger, so it needs no savepoint. */
static GroupOutcome
write_single (DoorTxn *txn, Job *job, GError **error)
{
  if (do_work (txn, job))
    return commit (txn, error);
  if (!is_unavailable (job->error))
    return GROUP_REFUSED;
  g_propagate_error (error, g_error_copy (job->error));
  return GROUP_UNTOUCHED;
}

static bool
is_failing (DoorWriter *self)
{
  bool failing;

  pthread_mutex_lock (&self->lock);
  failing = self->problem != NULL;
  pthread_mutex_unlock (&self->lock);
  return failing;
}

/* One line when it begins and one when it is over, however many are refused meanwhile. */
static void
note_outcome (DoorWriter *self, bool was_failing, GroupOutcome outcome, const GError *error)
{
  bool failed =
      (outcome == GROUP_UNTOUCHED || outcome == GROUP_UNCERTAIN) &&
      door_error_get_fault (error) == DOOR_FAULT_DB_UNAVAILABLE; /* else it is the affair of a job */
  bool over = was_failing && outcome == GROUP_COMMITTED, begins = false;

  pthread_mutex_lock (&self->lock);
  begins = failed && self->problem == NULL;
  over = over && self->problem != NULL;
  if (over)
    g_clear_pointer (&self->problem, g_free);
  if (failed)
    {
      g_free (self->problem);
      self->problem = g_strdup (error->message);
    }
  pthread_mutex_unlock (&self->lock);
  if (begins)
    g_warning ("the database cannot be written: %s; what needs that is refused with 503 until it can. %s",
               error->message, door_fault_get_info (DOOR_FAULT_DB_WRITE)->fix);
  if (over)
    g_message ("the database can be written again");
}

/* All under one savepoint, as nearly always nothing fails; else each under its own, so that one that fails
 * takes nothing from the others. */
static GroupOutcome
write_group (DoorTxn *txn, Group *group, GError **error)
{
  Attempt result = ATTEMPT_FAILED;

  /* What did not work before is tried for certain: a group that changes nothing would be committed on a file
   * system that is read-only. */
  if (group->was_failing && door_txn_execute (txn, DOOR_SCHEMA_TOUCH, NULL, error) < 0)
    return GROUP_UNTOUCHED;
  if (group->n_jobs == 1)
    return write_single (txn, group->jobs, error);
  if (group->careful == 0)
    {
      result = attempt (txn, group->jobs, group->n_jobs);
      group->careful = result == ATTEMPT_FAILED ? CAREFUL_GROUPS : 0;
    }
  else
    group->careful--;
  if (result == ATTEMPT_DONE)
    return commit (txn, error);
  for (size_t i = 0; i < group->n_jobs && result != ATTEMPT_LOST; i++)
    result = run_job (txn, &group->jobs[i]);
  if (result != ATTEMPT_LOST)
    return commit (txn, error);
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE, "the transaction was lost");
  return GROUP_UNTOUCHED;
}

/* Nobody learns more than that nothing may be relied on, whatever his own work said. */
static void
fail_all (Job *jobs, size_t n, const GError *reason)
{
  for (size_t i = 0; i < n; i++)
    {
      g_clear_error (&jobs[i].error);
      door_error_set (&jobs[i].error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_WRITE, "not written: %s",
                      reason->message);
    }
}

static void
report (Job *jobs, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      jobs[i].done (jobs[i].done_data, jobs[i].error);
      g_clear_error (&jobs[i].error);
    }
}

/* A transaction that ended before its COMMIT is tried once more. */
static GroupOutcome
write_durably (Group *group, DoorTxn *first, GError **error)
{
  g_autoptr (DoorTxn) txn = first;
  GroupOutcome outcome = write_group (txn, group, error);

  if (outcome != GROUP_UNTOUCHED)
    return outcome;
  g_clear_pointer (&txn, door_txn_free);
  g_clear_error (error);
  txn = door_storage_begin (group->storage, DOOR_TXN_WRITE, NULL, error);
  return txn != NULL ? write_group (txn, group, error) : GROUP_UNTOUCHED;
}

/* False when nothing may be relied on. */
static bool
settle (Group *group, DoorTxn *txn)
{
  g_autoptr (GError) error = NULL;
  GroupOutcome outcome;

  group->was_failing = is_failing (group->writer);
  outcome = write_durably (group, txn, &error);
  note_outcome (group->writer, group->was_failing, outcome, error);
  if (outcome == GROUP_COMMITTED || outcome == GROUP_REFUSED)
    return true;
  fail_all (group->jobs, group->n_jobs, error);
  return false;
}

/* Two groups can wait for each other in a circle again and again; who is alone cannot. */
static void
repeat_alone (const Group *group)
{
  bool going = group->n_jobs > 1;

  for (size_t i = 0; i < group->n_jobs && going; i++)
    if (is_unavailable (group->jobs[i].error))
      {
        DoorTxn *txn = door_storage_begin (group->storage, DOOR_TXN_WRITE, NULL, NULL); /* the job has one */
        Group alone = {
          .writer = group->writer, .storage = group->storage, .jobs = &group->jobs[i], .n_jobs = 1
        };

        going = txn != NULL && settle (&alone, txn);
      }
}

/* The transaction comes first and the jobs after: while one thread commits, the others wait for the
 * database, and what is queued meanwhile becomes one group. */
static void
write_next (DoorWriter *self, Group *group)
{
  g_autoptr (GError) error = NULL;
  DoorTxn *txn = door_storage_begin (group->storage, DOOR_TXN_WRITE, NULL, &error);

  group->n_jobs = take_jobs (self, group->jobs);
  if (txn == NULL && group->n_jobs > 0)
    note_outcome (self, false, GROUP_UNTOUCHED, error);
  if (txn == NULL)
    fail_all (group->jobs, group->n_jobs, error);
  else if (group->n_jobs == 0)
    door_txn_free (txn);
  else if (settle (group, txn))
    repeat_alone (group);
  report (group->jobs, group->n_jobs);
}

static void *
run_thread (void *data)
{
  DoorWriter *self = data;
  g_autofree Job *jobs = g_new0 (Job, self->max_group);
  Group group = { .writer = self, .storage = self->storage, .jobs = jobs };

  pthread_setname_np (pthread_self (), "writer");
  while (wait_for_jobs (self))
    write_next (self, &group);
  return NULL;
}

/**
 * door_writer_new:
 * @storage: an open storage
 * @n_threads: how many threads write, at least 1. Two keep a backend with one writing connection busy;
 *   more help only where transactions can be committed side by side
 * @max_queue: most pieces of work that wait, at least 1
 * @max_group: most pieces of work in one transaction, at least 1
 *
 * Starts the writer. Everything that changes the database goes through it: work that arrives while a
 * transaction is being committed shares the next one, and so the cost of making it durable.
 *
 * Returns: (transfer full): the writer
 */
DoorWriter *
door_writer_new (DoorStorage *storage, unsigned int n_threads, unsigned int max_queue, unsigned int max_group)
{
  DoorWriter *self = g_new0 (DoorWriter, 1);

  self->storage = g_object_ref (storage);
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->wake, NULL);
  self->ring = g_new0 (Job, max_queue);
  self->capacity = max_queue;
  self->max_group = max_group;
  self->threads = g_new0 (pthread_t, n_threads);
  for (; self->n_threads < n_threads; self->n_threads++)
    if (pthread_create (&self->threads[self->n_threads], NULL, run_thread, self) != 0)
      g_error ("cannot start a thread of the writer");
  return self;
}

/**
 * door_writer_free:
 * @self: (transfer full): a writer
 *
 * Blocks until everything that was accepted has been written and reported.
 */
void
door_writer_free (DoorWriter *self)
{
  pthread_mutex_lock (&self->lock);
  self->stopping = true;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);

  for (size_t i = 0; i < self->n_threads; i++)
    pthread_join (self->threads[i], NULL);
  pthread_cond_destroy (&self->wake);
  pthread_mutex_destroy (&self->lock);
  g_object_unref (self->storage);
  g_free (self->threads);
  g_free (self->ring);
  g_free (self->problem);
  g_free (self);
}

/**
 * door_writer_submit:
 * @self: a writer
 * @work: what to do in a transaction
 * @data: its argument; stays valid until @done ran
 * @done: told how it ended
 * @done_data: its argument
 * @error: return location for an error
 *
 * Queues work. Never blocks beyond the queue's lock. May be called from any thread, also from @done.
 *
 * Returns: %FALSE with %DOOR_ERROR_UNAVAILABLE when the queue is full or the writer is stopping; @done
 *   will then not run
 */
gboolean
door_writer_submit (DoorWriter *self, DoorWork work, gpointer data, DoorWorkDone done, gpointer done_data,
                    GError **error)
{
  bool taken = false;

  pthread_mutex_lock (&self->lock);
  if (!self->stopping && self->count < self->capacity)
    {
      self->ring[(self->head + self->count) % self->capacity] = (Job){ work, data, done, done_data, NULL };
      self->count++;
      taken = true;
    }
  pthread_mutex_unlock (&self->lock);
  /* behind the lock: who wakes takes it at once */
  if (taken)
    pthread_cond_signal (&self->wake);
  if (!taken)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY, "the queue of the writer is full");
  return taken;
}

/* A caller of door_writer_run() that waits; lives on its stack. */
typedef struct
{
  DoorWriter *writer;
  pthread_mutex_t lock;
  pthread_cond_t ended;
  bool has_ended;
  GError *error;
} Waiter;

static void
end_wait (gpointer data, const GError *error)
{
  Waiter *waiter = data;

  pthread_mutex_lock (&waiter->lock);
  waiter->error = error != NULL ? g_error_copy (error) : NULL;
  waiter->has_ended = true;
  pthread_cond_signal (&waiter->ended);
  pthread_mutex_unlock (&waiter->lock);
}

/* Takes the waiter's work out of the queue; false when a thread of the writer has it already. */
static bool
take_back (DoorWriter *self, const Waiter *waiter)
{
  bool found = false;

  pthread_mutex_lock (&self->lock);
  for (size_t i = 0; i < self->count; i++)
    {
      Job *job = &self->ring[(self->head + i) % self->capacity];

      if (found)
        self->ring[(self->head + i - 1) % self->capacity] = *job;
      else
        found = job->done == end_wait && job->done_data == waiter;
    }
  if (found)
    self->count--;
  pthread_mutex_unlock (&self->lock);
  return found;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  Waiter *waiter = data;
  g_autoptr (GError) error = NULL;

  if (!take_back (waiter->writer, waiter))
    return;
  door_error_set (&error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                  "waiting to write was cancelled");
  end_wait (waiter, error);
}

/**
 * door_writer_run:
 * @self: a writer
 * @work: what to do in a transaction
 * @data: its argument
 * @cancellable: (nullable): takes the work back as long as no transaction has begun for it
 * @error: return location for an error
 *
 * Does work and waits for it. Blocks until the changes are durable, or certainly not to be relied on. Not
 * to be called from the writer's own threads.
 *
 * Returns: %FALSE with the error of @work, or with %DOOR_ERROR_UNAVAILABLE when the queue is full, the work
 *   was taken back or the database failed
 */
gboolean
door_writer_run (DoorWriter *self, DoorWork work, gpointer data, GCancellable *cancellable, GError **error)
{
  Waiter waiter = { .writer = self, .has_ended = false };
  gboolean success = FALSE;
  gulong id = 0;

  pthread_mutex_init (&waiter.lock, NULL);
  pthread_cond_init (&waiter.ended, NULL);
  if (door_writer_submit (self, work, data, end_wait, &waiter, error))
    {
      if (cancellable != NULL) /* at once, if it is cancelled already */
        id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), &waiter, NULL);
      pthread_mutex_lock (&waiter.lock);
      while (!waiter.has_ended)
        pthread_cond_wait (&waiter.ended, &waiter.lock);
      pthread_mutex_unlock (&waiter.lock);
      g_cancellable_disconnect (cancellable, id);
      success = waiter.error == NULL;
      if (!success)
        g_propagate_error (error, waiter.error);
    }
  pthread_cond_destroy (&waiter.ended);
  pthread_mutex_destroy (&waiter.lock);
  return success;
}

static gboolean
answer_nothing (DoorTxn *txn, gpointer data, GError **error)
{
  return TRUE;
}

/* That the database is away is an answer too. */
static void
note_answer (gpointer data, const GError *error)
{
  DoorWriter *self = data;

  pthread_mutex_lock (&self->lock);
  self->asked = false;
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_writer_answers:
 * @self: a writer
 *
 * For a watchdog: asks the writer for an empty piece of work, unless it still owes the answer to the last
 * question. Never blocks beyond the queue's lock. One thread at a time.
 *
 * Returns: whether the last question, if there was one, has been answered, and this one could be asked
 */
bool
door_writer_answers (DoorWriter *self)
{
  bool owed;

  pthread_mutex_lock (&self->lock);
  owed = self->asked;
  self->asked = true;
  pthread_mutex_unlock (&self->lock);
  if (owed)
    return false;
  if (door_writer_submit (self, answer_nothing, NULL, note_answer, self, NULL)) /* a full queue says enough */
    return true;
  note_answer (self, NULL);
  return false;
}

/* How it ended is noted by then. */
static void
end_probe (gpointer data, const GError *error)
{
  DoorWriter *self = data;

  pthread_mutex_lock (&self->lock);
  self->probing = false;
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_writer_check:
 * @self: a writer
 * @error: return location for an error
 *
 * Says whether the last attempt to write worked. If not, it also has the writer try again, so that who asks
 * from time to time learns that it is over even when nobody else writes. Never blocks beyond the queue's
 * lock. Any thread.
 *
 * Returns: false with %DOOR_FAULT_DB_WRITE
 */
bool
door_writer_check (DoorWriter *self, GError **error)
{
  g_autofree char *problem = NULL;
  bool probe;

  pthread_mutex_lock (&self->lock);
  problem = g_strdup (self->problem);
  probe = problem != NULL && !self->probing;
  self->probing = self->probing || probe;
  pthread_mutex_unlock (&self->lock);
  if (problem == NULL)
    return true;
  if (probe && !door_writer_submit (self, answer_nothing, NULL, end_probe, self, NULL)) /* others try */
    end_probe (self, NULL);
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_WRITE, "it cannot be written: %s",
                         problem);
}

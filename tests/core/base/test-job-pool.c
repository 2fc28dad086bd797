/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <stdatomic.h>

#include <glib.h>

#include "door-job-pool.h"

#define N_THREADS 8
#define N_ROUNDS 300
#define N_PUSHERS 4
#define N_PUSHES 5000

/* Holds up who comes until it is opened. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned int n_waiting;
  unsigned int n_left;
  bool open;
} Gate;

static void
gate_init (Gate *gate)
{
  *gate = (Gate){ .open = false };
  pthread_mutex_init (&gate->lock, NULL);
  pthread_cond_init (&gate->changed, NULL);
}

static void
gate_open (Gate *gate)
{
  pthread_mutex_lock (&gate->lock);
  gate->open = true;
  pthread_cond_broadcast (&gate->changed);
  pthread_mutex_unlock (&gate->lock);
}

static void
gate_await (Gate *gate, const unsigned int *what, unsigned int n)
{
  pthread_mutex_lock (&gate->lock);
  while (*what < n)
    pthread_cond_wait (&gate->changed, &gate->lock);
  pthread_mutex_unlock (&gate->lock);
}

static void
wait_at_gate (gpointer data)
{
  Gate *gate = data;

  pthread_mutex_lock (&gate->lock);
  gate->n_waiting++;
  pthread_cond_broadcast (&gate->changed);
  while (!gate->open)
    pthread_cond_wait (&gate->changed, &gate->lock);
  gate->n_left++;
  pthread_cond_broadcast (&gate->changed);
  pthread_mutex_unlock (&gate->lock);
}

static void
count_up (gpointer data)
{
  atomic_fetch_add ((_Atomic unsigned int *) data, 1);
}

/* Whoever calls the threads one after the other: where there are as many jobs as threads, all run. */
static void
test_all_at_once (void)
{
  DoorJobPool *pool = door_job_pool_new ("test", N_THREADS, N_THREADS);

  for (int round = 0; round < N_ROUNDS; round++)
    {
      Gate gate;

      gate_init (&gate);
      for (int i = 0; i < N_THREADS; i++)
        while (!door_job_pool_push (pool, wait_at_gate, &gate)) /* those of the last round may still go */
          g_thread_yield ();
      gate_await (&gate, &gate.n_waiting, N_THREADS);
      gate_open (&gate);
      gate_await (&gate, &gate.n_left, N_THREADS);
    }
  door_job_pool_free (pool);
}

typedef struct
{
  DoorJobPool *pool;
  _Atomic unsigned int n_run;
  _Atomic unsigned int n_taken;
} Crowd;

static void *
push_many (void *data)
{
  Crowd *crowd = data;

  for (int i = 0; i < N_PUSHES; i++)
    if (door_job_pool_push (crowd->pool, count_up, &crowd->n_run))
      atomic_fetch_add (&crowd->n_taken, 1);
  return NULL;
}

/* What was accepted runs, and only that, also when the pool ends right after. */
static void
test_many_pushers (void)
{
  Crowd crowd = { .pool = door_job_pool_new ("test", N_THREADS, 64) };
  pthread_t threads[N_PUSHERS];

  for (int i = 0; i < N_PUSHERS; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, push_many, &crowd), ==, 0);
  for (int i = 0; i < N_PUSHERS; i++)
    pthread_join (threads[i], NULL);
  door_job_pool_free (crowd.pool);
  g_assert_cmpuint (crowd.n_run, ==, crowd.n_taken);
  g_assert_cmpuint (crowd.n_taken, >=, 64);
}

static void
test_full (void)
{
  DoorJobPool *pool = door_job_pool_new ("test", 1, 2);
  unsigned int accepted = 0;
  Gate gate;

  gate_init (&gate);
  g_assert_true (door_job_pool_push (pool, wait_at_gate, &gate));
  gate_await (&gate, &gate.n_waiting, 1);
  for (int i = 0; i < 10; i++)
    accepted += door_job_pool_push (pool, wait_at_gate, &gate);
  g_assert_cmpuint (accepted, ==, 2);
  gate_open (&gate);
  door_job_pool_free (pool);
  g_assert_cmpuint (gate.n_left, ==, 3);
}

typedef struct
{
  Gate gate;
  GHashTable *n_jobs; /* of each thread that had one */
} Seen;

static void
note_thread (gpointer data)
{
  Seen *seen = data;

  gpointer thread = (gpointer) pthread_self ();

  pthread_mutex_lock (&seen->gate.lock);
  g_hash_table_insert (seen->n_jobs, thread,
                       GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (seen->n_jobs, thread)) + 1));
  seen->gate.n_left++;
  pthread_cond_broadcast (&seen->gate.changed);
  pthread_mutex_unlock (&seen->gate.lock);
}

static int
compare_busy (gconstpointer a, gconstpointer b)
{
  return (int) GPOINTER_TO_UINT (b) - (int) GPOINTER_TO_UINT (a);
}

/* Jobs that come one after the other stay with few threads: those whose memory is at hand. A thread that is
 * only starting may take one on its way to sleep; were the longest asleep called first, all would have as
 * many. */
static void
test_last_asleep_first (void)
{
  DoorJobPool *pool = door_job_pool_new ("test", 4 * N_THREADS, 8);
  Seen seen = { .n_jobs = g_hash_table_new (NULL, NULL) };
  g_autoptr (GList) counts = NULL;
  unsigned int n_few = 0;

  gate_init (&seen.gate);
  for (unsigned int i = 0; i < N_ROUNDS; i++)
    {
      g_assert_true (door_job_pool_push (pool, note_thread, &seen));
      gate_await (&seen.gate, &seen.gate.n_left, i + 1);
    }
  door_job_pool_free (pool);
  counts = g_list_sort (g_hash_table_get_values (seen.n_jobs), compare_busy);
  for (unsigned int i = 0; i < N_THREADS; i++)
    n_few += GPOINTER_TO_UINT (g_list_nth_data (counts, i));
  g_assert_cmpuint (n_few, >, N_ROUNDS / 2);
  g_hash_table_unref (seen.n_jobs);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job-pool/all-at-once", test_all_at_once);
  g_test_add_func ("/job-pool/many-pushers", test_many_pushers);
  g_test_add_func ("/job-pool/full", test_full);
  g_test_add_func ("/job-pool/last-asleep-first", test_last_asleep_first);
  return g_test_run ();
}

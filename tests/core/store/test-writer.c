/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>

#include "door-error.h"
#include "door-schema.h"
#include "door-writer.h"
#include "fake-storage.h"

/* What one piece of work does, and what became of it. */
typedef struct
{
  unsigned int n_fail; /* so many runs fail */
  DoorError code;      /* in this way */
  bool silent;         /* or without an error */
  unsigned int n_run;
  unsigned int n_done;
  GError *error;
} Item;

/* Holds up the writer until the test has queued what it wants to see in one group. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool entered;
  bool open;
} Gate;

static void
gate_init (Gate *gate)
{
  pthread_mutex_init (&gate->lock, NULL);
  pthread_cond_init (&gate->changed, NULL);
  gate->entered = gate->open = false;
}

static void
gate_set (Gate *gate, bool *what)
{
  pthread_mutex_lock (&gate->lock);
  *what = true;
  pthread_cond_broadcast (&gate->changed);
  pthread_mutex_unlock (&gate->lock);
}

static void
gate_wait (Gate *gate, const bool *what)
{
  pthread_mutex_lock (&gate->lock);
  while (!*what)
    pthread_cond_wait (&gate->changed, &gate->lock);
  pthread_mutex_unlock (&gate->lock);
}

static gboolean
work_wait (DoorTxn *txn, gpointer data, GError **error)
{
  Gate *gate = data;

  gate_set (gate, &gate->entered);
  gate_wait (gate, &gate->open);
  return TRUE;
}

static gboolean
work_cancel (DoorTxn *txn, gpointer data, GError **error)
{
  g_cancellable_cancel (data);
  return TRUE;
}

static void
done_nothing (gpointer data, const GError *error)
{
}

static gboolean
work_item (DoorTxn *txn, gpointer data, GError **error)
{
  Item *item = data;

  if (item->n_run++ >= item->n_fail)
    return door_txn_execute (txn, "INSERT", NULL, error) >= 0;
  if (!item->silent)
    door_error_set (error, item->code, DOOR_FAULT_ID_NOTALLOWED, "as the test wants");
  return FALSE;
}

static void
done_item (gpointer data, const GError *error)
{
  Item *item = data;

  item->n_done++;
  item->error = error != NULL ? g_error_copy (error) : NULL;
}

/* Holds up a writer of one thread, so that what is queued from now on waits. */
static void
gate_hold (Gate *gate, DoorWriter *writer)
{
  g_autoptr (GError) error = NULL;

  gate_init (gate);
  g_assert_true (door_writer_submit (writer, work_wait, gate, done_nothing, NULL, &error));
  g_assert_no_error (error);
  gate_wait (gate, &gate->entered);
}

static void
submit_item (DoorWriter *writer, Item *item)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (door_writer_submit (writer, work_item, item, done_item, item, &error));
  g_assert_no_error (error);
}

/* Queues the items while the writer is held up, so that they are one group; the gate's own transaction is
 * not counted. */
static FakeCounts
run_group (FakeStorage *storage, Item *items, size_t n)
{
  DoorWriter *writer = door_writer_new (DOOR_STORAGE (storage), 1, (unsigned int) n + 1, 512);
  FakeCounts counts;
  Gate gate;

  gate_hold (&gate, writer);
  for (size_t i = 0; i < n; i++)
    submit_item (writer, &items[i]);
  gate_set (&gate, &gate.open);
  door_writer_free (writer);
  counts = fake_storage_get_counts (storage);
  counts.n_begun--;
  counts.n_committed--;
  return counts;
}

static void
assert_item (Item *item, unsigned int n_run, const char *error)
{
  g_assert_cmpuint (item->n_run, ==, n_run);
  g_assert_cmpuint (item->n_done, ==, 1);
  if (error == NULL)
    g_assert_no_error (item->error);
  else
    g_assert_nonnull (item->error);
  if (error != NULL && item->error != NULL)
    g_assert_nonnull (strstr (item->error->message, error));
  g_clear_error (&item->error);
}

static void
assert_unavailable (Item *item)
{
  g_assert_cmpuint (item->n_done, ==, 1);
  g_assert_error (item->error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_cmpint (door_error_get_fault (item->error), ==, DOOR_FAULT_DB_WRITE);
  g_clear_error (&item->error);
}

/* once, before the next group that works */
static void
expect_told (void)
{
  g_test_expect_message ("doorward-store", G_LOG_LEVEL_WARNING, "the database cannot be written: *");
}

static void
test_one_commit (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[100] = { 0 };
  FakeCounts counts = run_group (storage, items, G_N_ELEMENTS (items));

  g_assert_cmpuint (counts.n_begun, ==, 1);
  g_assert_cmpuint (counts.n_committed, ==, 1);
  g_assert_cmpuint (counts.n_undone, ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    assert_item (&items[i], 1, NULL);
}

static void
test_group_size (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[1025] = { 0 };
  FakeCounts counts = run_group (storage, items, G_N_ELEMENTS (items));

  g_assert_cmpuint (counts.n_committed, ==, 3);
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    assert_item (&items[i], 1, NULL);
}

static void
test_failure_alone (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[3] = { { 0 }, { .n_fail = 9, .code = DOOR_ERROR_NOT_ALLOWED }, { 0 } };
  FakeCounts counts = run_group (storage, items, G_N_ELEMENTS (items));

  g_assert_cmpuint (counts.n_begun, ==, 1);
  g_assert_cmpuint (counts.n_committed, ==, 1);
  g_assert_cmpuint (counts.n_undone, ==, 2); /* all together, and then the one that failed */
  assert_item (&items[0], 2, NULL);
  g_assert_error (items[1].error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
  g_assert_cmpint (door_error_get_fault (items[1].error), ==, DOOR_FAULT_ID_NOTALLOWED);
  assert_item (&items[1], 2, "as the test wants");
  assert_item (&items[2], 1, NULL);
}

/* Who makes one group fail does not make all that follow run twice. */
static void
test_failure_careful (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[1024] = { [511] = { .n_fail = 9, .code = DOOR_ERROR_NOT_ALLOWED },
                       [1023] = { .n_fail = 9, .code = DOOR_ERROR_NOT_ALLOWED } };
  FakeCounts counts = run_group (storage, items, G_N_ELEMENTS (items));

  g_assert_cmpuint (counts.n_committed, ==, 2);
  assert_item (&items[0], 2, NULL);
  assert_item (&items[511], 2, "as the test wants");
  assert_item (&items[512], 1, NULL);
  assert_item (&items[1023], 1, "as the test wants");
}

/* Work without company needs no savepoint. */
static void
test_single (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item item = { 0 };
  FakeCounts counts;

  fake_storage_fail (storage, "SAVEPOINT door_work", 0, 9);
  counts = run_group (storage, &item, 1);
  g_assert_cmpuint (counts.n_begun, ==, 1);
  g_assert_cmpuint (counts.n_committed, ==, 1);
  assert_item (&item, 1, NULL);
}

static void
test_single_refused (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item item = { .n_fail = 9, .code = DOOR_ERROR_NOT_ALLOWED };
  FakeCounts counts = run_group (storage, &item, 1);

  g_assert_cmpuint (counts.n_committed, ==, 0);
  g_assert_cmpuint (counts.n_rolled_back, ==, 1);
  g_assert_error (item.error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
  assert_item (&item, 1, "as the test wants");
}

static void
test_single_busy (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item item = { .n_fail = 1, .code = DOOR_ERROR_UNAVAILABLE };
  FakeCounts counts = run_group (storage, &item, 1);

  g_assert_cmpuint (counts.n_begun, ==, 2);
  g_assert_cmpuint (counts.n_rolled_back, ==, 1);
  g_assert_cmpuint (counts.n_committed, ==, 1);
  assert_item (&item, 2, NULL);
}

static void
test_failure_silent (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item item = { .n_fail = 9, .silent = true };

  run_group (storage, &item, 1);
  assert_item (&item, 1, "without an error");
}

/* A statement failed, and the work did not look. */
static void
test_failure_hidden (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[2] = { 0 };
  FakeCounts counts;

  fake_storage_fail (storage, "RELEASE SAVEPOINT door_work", 0, 1);
  counts = run_group (storage, items, G_N_ELEMENTS (items));
  g_assert_cmpuint (counts.n_committed, ==, 1);
  g_assert_cmpuint (counts.n_undone, ==, 1);
  assert_item (&items[0], 2, NULL);
  assert_item (&items[1], 2, NULL);
}

/* The same where each has its own savepoint. */
static void
test_failure_hidden_alone (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[2] = { { .n_fail = 1, .code = DOOR_ERROR_NOT_ALLOWED }, { 0 } };
  FakeCounts counts;

  fake_storage_fail (storage, "RELEASE SAVEPOINT door_work", 1, 1);
  counts = run_group (storage, items, G_N_ELEMENTS (items));
  g_assert_cmpuint (counts.n_committed, ==, 1);
  g_assert_cmpuint (counts.n_undone, ==, 2);
  assert_item (&items[0], 3, NULL); /* refused, unavailable, and again */
  assert_item (&items[1], 1, NULL);
}

/* A deadlock ends well the second time, or when nobody else is in the transaction. */
static void
test_busy (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[3] = { { .n_fail = 2, .code = DOOR_ERROR_UNAVAILABLE },
                    { .n_fail = 2, .code = DOOR_ERROR_UNAVAILABLE },
                    { 0 } };
  FakeCounts counts = run_group (storage, items, G_N_ELEMENTS (items));

  g_assert_cmpuint (counts.n_begun, ==, 2);
  g_assert_cmpuint (counts.n_committed, ==, 2);
  assert_item (&items[0], 3, NULL);
  assert_item (&items[1], 3, NULL);
  assert_item (&items[2], 1, NULL);
}

/* But nobody waits for one after the other to find out that it does not. */
static void
test_busy_for_ever (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[3] = { { .n_fail = 99, .code = DOOR_ERROR_UNAVAILABLE },
                    { .n_fail = 99, .code = DOOR_ERROR_UNAVAILABLE },
                    { 0 } };
  FakeCounts counts = run_group (storage, items, G_N_ELEMENTS (items));

  g_assert_cmpuint (counts.n_begun, ==, 3);
  g_assert_cmpuint (counts.n_committed, ==, 1);
  assert_item (&items[0], 5, "as the test wants");
  assert_item (&items[1], 2, "as the test wants");
  assert_item (&items[2], 1, NULL);
}

/* The connection went before COMMIT: everything is done once more, from the start. */
static void
test_lost_once (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[3] = { { 0 }, { .n_fail = 2, .code = DOOR_ERROR_NOT_ALLOWED }, { 0 } };
  FakeCounts counts;

  fake_storage_fail (storage, "SAVEPOINT door_work", 3, 1);
  counts = run_group (storage, items, G_N_ELEMENTS (items));
  g_assert_cmpuint (counts.n_begun, ==, 2);
  g_assert_cmpuint (counts.n_rolled_back, ==, 1);
  g_assert_cmpuint (counts.n_committed, ==, 1);
  assert_item (&items[0], 3, NULL);
  assert_item (&items[1], 3, NULL); /* the verdict of the run that counts */
  assert_item (&items[2], 1, NULL);
}

static void
test_lost_twice (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[2] = { 0 };
  FakeCounts counts;

  expect_told ();
  fake_storage_fail (storage, "SAVEPOINT door_work", 0, 2);
  counts = run_group (storage, items, G_N_ELEMENTS (items));
  g_assert_cmpuint (counts.n_begun, ==, 2);
  g_assert_cmpuint (counts.n_committed, ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    assert_unavailable (&items[i]);
}

/* COMMIT was sent: nobody knows, so nothing is repeated and nothing acknowledged. */
static void
test_commit_fails (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[3] = { { .n_fail = 9, .code = DOOR_ERROR_NOT_ALLOWED }, { 0 }, { 0 } };
  FakeCounts counts;

  expect_told ();
  fake_storage_fail (storage, "commit", 1, 1);
  counts = run_group (storage, items, G_N_ELEMENTS (items));
  g_assert_cmpuint (counts.n_begun, ==, 1);
  g_assert_cmpuint (counts.n_committed, ==, 0);
  g_assert_cmpuint (items[0].n_run, ==, 2);
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    assert_unavailable (&items[i]);
  g_assert_cmpuint (items[1].n_run, ==, 1);
  g_assert_cmpuint (items[2].n_run, ==, 1);
}

static void
test_single_commit_fails (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item item = { 0 };
  FakeCounts counts;

  expect_told ();
  fake_storage_fail (storage, "commit", 1, 1);
  counts = run_group (storage, &item, 1);
  g_assert_cmpuint (counts.n_begun, ==, 1);
  g_assert_cmpuint (item.n_run, ==, 1);
  assert_unavailable (&item);
}

static void
test_begin_fails (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Item items[2] = { 0 };
  FakeCounts counts;

  expect_told ();
  fake_storage_fail (storage, "begin", 1, 1);
  counts = run_group (storage, items, G_N_ELEMENTS (items));
  g_assert_cmpuint (counts.n_begun, ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_assert_cmpuint (items[i].n_run, ==, 0);
      assert_unavailable (&items[i]);
    }
}

static void
run_item (DoorWriter *writer, bool works)
{
  g_autoptr (GError) error = NULL;
  Item item = { 0 };

  g_assert_cmpint (door_writer_run (writer, work_item, &item, NULL, &error), ==, works);
  g_assert_cmpint (door_error_get_fault (error), ==, works ? DOOR_FAULT_NONE : DOOR_FAULT_DB_WRITE);
}

/* Said when it begins and when it is over. Until something was written for certain it is not over, and who
 * only asks has that tried. */
static void
test_told_once (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  DoorWriter *writer = door_writer_new (DOOR_STORAGE (storage), 1, 8, 512);
  g_autoptr (GError) error = NULL;

  g_assert_true (door_writer_check (writer, &error));
  expect_told ();
  fake_storage_fail (storage, "commit", 0, 1);
  run_item (writer, false);
  g_test_assert_expected_messages ();
  fake_storage_fail (storage, DOOR_SCHEMA_TOUCH, 0, 2);
  run_item (writer, false); /* and no second line, which would be fatal */
  g_assert_false (door_writer_check (writer, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  for (size_t i = 0; i < 10000 && !door_writer_check (writer, NULL); i++)
    g_usleep (100);
  fake_storage_fail (storage, DOOR_SCHEMA_TOUCH, 0, 1);
  run_item (writer, true); /* nothing more than was asked for when all is well */
  g_assert_true (door_writer_check (writer, &error));
  door_writer_free (writer);
}

static void
test_queue_full (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  DoorWriter *writer = door_writer_new (DOOR_STORAGE (storage), 1, 2, 512);
  g_autoptr (GError) error = NULL;
  Item items[3] = { 0 };
  Gate gate;

  gate_hold (&gate, writer);
  submit_item (writer, &items[0]);
  submit_item (writer, &items[1]);
  g_assert_false (door_writer_run (writer, work_item, &items[2], NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_BUSY);
  gate_set (&gate, &gate.open);
  door_writer_free (writer);
  assert_item (&items[0], 1, NULL);
  assert_item (&items[1], 1, NULL);
  g_assert_cmpuint (items[2].n_run, ==, 0);
}

/* What a watchdog sees of a writer that hangs, and of one that goes on. */
static void
test_answers (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  DoorWriter *writer = door_writer_new (DOOR_STORAGE (storage), 1, 2, 512);
  g_autoptr (GError) error = NULL;
  Item items[2] = { 0 };
  Gate gate;

  gate_hold (&gate, writer);
  g_assert_true (door_writer_answers (writer));
  g_assert_false (door_writer_answers (writer));
  g_assert_false (door_writer_answers (writer));
  gate_set (&gate, &gate.open);
  g_assert_true (door_writer_run (writer, work_item, &items[0], NULL, &error));
  g_assert_true (door_writer_answers (writer));
  g_assert_true (door_writer_run (writer, work_item, &items[1], NULL, &error));
  g_assert_true (door_writer_answers (writer));
  door_writer_free (writer);
}

typedef struct
{
  DoorWriter *writer;
  GCancellable *cancellable;
  Item item;
  GError *error;
} Caller;

static void *
call (void *data)
{
  Caller *caller = data;

  g_assert_false (
      door_writer_run (caller->writer, work_item, &caller->item, caller->cancellable, &caller->error));
  return NULL;
}

/* Work whose caller has gone is not done, makes room in the queue, and leaves the order of the others. */
static void
test_cancel (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  DoorWriter *writer = door_writer_new (DOOR_STORAGE (storage), 1, 3, 512);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Caller waiting = { writer, cancellable, { 0 }, NULL }, late = { writer, cancellable, { 0 }, NULL };
  Item items[3] = { 0 };
  pthread_t thread;
  Gate gate;

  gate_hold (&gate, writer);
  submit_item (writer, &items[0]);
  g_assert_cmpint (pthread_create (&thread, NULL, call, &waiting), ==, 0);
  submit_item (writer, &items[1]);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  g_assert_error (waiting.error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_cmpint (door_error_get_fault (waiting.error), ==, DOOR_FAULT_DB_UNAVAILABLE);
  call (&late);
  g_assert_error (late.error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_cmpint (door_error_get_fault (late.error), ==, DOOR_FAULT_DB_UNAVAILABLE);
  submit_item (writer, &items[2]);
  gate_set (&gate, &gate.open);
  door_writer_free (writer);
  for (size_t i = 0; i < G_N_ELEMENTS (items); i++)
    assert_item (&items[i], 1, NULL);
  g_assert_cmpuint (waiting.item.n_run + late.item.n_run, ==, 0);
  g_error_free (waiting.error);
  g_error_free (late.error);
}

/* Once begun, work is finished: its caller hears what became of it. */
static void
test_cancel_late (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  g_autoptr (DoorWriter) writer = door_writer_new (DOOR_STORAGE (storage), 1, 3, 512);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (door_writer_run (writer, work_cancel, cancellable, cancellable, &error));
  g_assert_no_error (error);
}

static void
test_run (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  g_autoptr (DoorWriter) writer = door_writer_new (DOOR_STORAGE (storage), 1, 4, 4);
  g_autoptr (GError) error = NULL;
  Item good = { 0 }, bad = { .n_fail = 1, .code = DOOR_ERROR_CONFLICT };

  g_assert_true (door_writer_run (writer, work_item, &good, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (door_writer_run (writer, work_item, &bad, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFLICT);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_ID_NOTALLOWED);
}

typedef struct
{
  DoorWriter *writer;
  unsigned int n_works; /* only touched in transactions, of which the test's storage allows several */
  pthread_mutex_t lock;
} Crowd;

static gboolean
work_count (DoorTxn *txn, gpointer data, GError **error)
{
  Crowd *crowd = data;

  pthread_mutex_lock (&crowd->lock);
  crowd->n_works++;
  pthread_mutex_unlock (&crowd->lock);
  return TRUE;
}

static void *
run_many (void *data)
{
  Crowd *crowd = data;

  for (int i = 0; i < 500; i++)
    g_assert_true (door_writer_run (crowd->writer, work_count, crowd, NULL, NULL));
  return NULL;
}

static void
test_many_threads (void)
{
  g_autoptr (FakeStorage) storage = fake_storage_new ();
  Crowd crowd = { door_writer_new (DOOR_STORAGE (storage), 3, 64, 16), 0, PTHREAD_MUTEX_INITIALIZER };
  pthread_t threads[8];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, run_many, &crowd), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
  door_writer_free (crowd.writer);
  g_assert_cmpuint (crowd.n_works, ==, 8 * 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/writer/group/one-commit", test_one_commit);
  g_test_add_func ("/writer/group/size", test_group_size);
  g_test_add_func ("/writer/failure/alone", test_failure_alone);
  g_test_add_func ("/writer/failure/careful", test_failure_careful);
  g_test_add_func ("/writer/single", test_single);
  g_test_add_func ("/writer/single/refused", test_single_refused);
  g_test_add_func ("/writer/single/busy", test_single_busy);
  g_test_add_func ("/writer/single/commit-fails", test_single_commit_fails);
  g_test_add_func ("/writer/failure/silent", test_failure_silent);
  g_test_add_func ("/writer/failure/hidden", test_failure_hidden);
  g_test_add_func ("/writer/failure/hidden-alone", test_failure_hidden_alone);
  g_test_add_func ("/writer/busy", test_busy);
  g_test_add_func ("/writer/busy/for-ever", test_busy_for_ever);
  g_test_add_func ("/writer/lost/once", test_lost_once);
  g_test_add_func ("/writer/lost/twice", test_lost_twice);
  g_test_add_func ("/writer/commit-fails", test_commit_fails);
  g_test_add_func ("/writer/begin-fails", test_begin_fails);
  g_test_add_func ("/writer/queue-full", test_queue_full);
  g_test_add_func ("/writer/answers", test_answers);
  g_test_add_func ("/writer/told-once", test_told_once);
  g_test_add_func ("/writer/run", test_run);
  g_test_add_func ("/writer/cancel", test_cancel);
  g_test_add_func ("/writer/cancel-late", test_cancel_late);
  g_test_add_func ("/writer/many-threads", test_many_threads);
  return g_test_run ();
}

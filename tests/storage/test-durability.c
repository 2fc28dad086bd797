/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "door-error.h"
#include "door-writer.h"
#include "storage-fixture.h"

/* What was acknowledged is there, whenever the process is killed. The program starts itself: the child
 * writes row after row and says which are done, the parent kills it and looks. */

#define N_ROUNDS 30
#define N_AHEAD 20

typedef struct
{
  DoorWriter *writer;
  unsigned int round;
  unsigned int next;
} Child;

static gboolean
work_add (DoorTxn *txn, gpointer data, GError **error)
{
  return door_txn_execute (txn, "INSERT INTO item (id) VALUES (:id)",
                           g_variant_new_parsed ("{'id': <%s>}", (const char *) data), error) == 1;
}

static void submit_next (Child *child);

typedef struct
{
  Child *child;
  char *id;
} Row;

static void
done_row (gpointer data, const GError *error)
{
  Row *row = data;
  g_autofree char *line = g_strconcat (row->id, "\n", NULL);

  g_assert_no_error (error);
  /* A short write to a pipe is whole or not at all. */
  if (write (STDOUT_FILENO, line, strlen (line)) < 0)
    _exit (1);
  submit_next (row->child);
  g_free (row->id);
  g_free (row);
}

/* Only ever called before the writer's one thread runs done_row(), or from it. */
static void
submit_next (Child *child)
{
  Row *row = g_new0 (Row, 1);

  row->child = child;
  row->id = g_strdup_printf ("%u-%u", child->round, child->next++);
  if (!door_writer_submit (child->writer, work_add, row->id, done_row, row, NULL))
    _exit (1);
}

static gboolean
work_start (DoorTxn *txn, gpointer data, GError **error)
{
  return TRUE;
}

static void
done_start (gpointer data, const GError *error)
{
  for (unsigned int i = 0; i < N_AHEAD; i++)
    submit_next (data);
}

G_NORETURN static void
run_child (const char *place, unsigned int round)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStorage) storage = storage_backend_new (place, "1", &error);
  Child child = { NULL, round, 0 };

  if (storage == NULL || !door_storage_open (storage, NULL, &error))
    g_error ("%s", error->message);
  child.writer = door_writer_new (storage, 1, N_AHEAD + 1, 8);
  door_writer_submit (child.writer, work_start, NULL, done_start, &child, NULL);
  for (;;)
    pause ();
}

static FILE *
start_child (const char *place, unsigned int round, GPid *pid)
{
  g_autofree char *number = g_strdup_printf ("%u", round), *self = g_file_read_link ("/proc/self/exe", NULL);
  char *argv[] = { self, (char *) "--child", (char *) place, number, NULL };
  g_autoptr (GError) error = NULL;
  int output = -1;

  g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, pid, NULL, &output, NULL,
                            &error);
  g_assert_no_error (error);
  return fdopen (output, "r");
}

/* Kills after so many acknowledgements, that is, anywhere in what follows them. */
static GPtrArray *
run_round (const char *place, unsigned int round)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  unsigned int n = (unsigned int) g_test_rand_int_range (1, 60);
  char line[64];
  GPid pid = 0;
  FILE *output = start_child (place, round, &pid);

  while (fgets (line, sizeof line, output) != NULL)
    {
      g_assert_true (g_str_has_suffix (line, "\n"));
      g_ptr_array_add (ids, g_strndup (line, strlen (line) - 1));
      if (ids->len == n)
        kill (pid, SIGKILL);
    }
  fclose (output);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  g_assert_cmpuint (ids->len, >=, n);
  return g_steal_pointer (&ids);
}

static void
test_kill (Fixture *fixture)
{
  for (unsigned int round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GPtrArray) ids = run_round (fixture->place, round);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = door_storage_begin (fixture->storage, DOOR_TXN_READ, NULL, &error);

      g_assert_no_error (error);
      for (guint i = 0; i < ids->len; i++)
        {
          g_autoptr (GVariant) rows =
              door_txn_query (txn, "SELECT id FROM item WHERE id = :id",
                              g_variant_new_parsed ("{'id': <%s>}", (const char *) ids->pdata[i]), &error);

          g_assert_no_error (error);
          g_assert_cmpuint (g_variant_n_children (rows), ==, 1);
        }
    }
}

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "--child") == 0)
    run_child (argv[2], (unsigned int) strtoul (argv[3], NULL, 10));
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/durability/kill", test_kill);
  return g_test_run ();
}

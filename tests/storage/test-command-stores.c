/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-store.h"
#include "door-device-store.h"
#include "door-push-store.h"
#include "stores.h"

#define STATES "SELECT uuid, state, position FROM command ORDER BY channel_id, position"

static void
add_enrollment (DoorTxn *txn, const char *id, const char *device_id)
{
  const DoorDevice device = { T (device_id),
                              T (device_id),
                              T (DOOR_DEVICE_WHOLE),
                              T (""),
                              T (""),
                              T (""),
                              T (""),
                              T (""),
                              T (""),
                              T (""),
                              1,
                              1 };
  const DoorEnrollment enrollment = {
    T (id), T (device_id), T ("red"), T ("active"), T ("c1"), T (""), T (""), T (""), 1, 1, 1,
    0,      T (""),        T ("ade"), T (""),       T ("")
  };
  g_autoptr (GError) error = NULL;

  must (door_device_store_add (txn, &device, &error));
  must (door_device_store_add_enrollment (txn, &enrollment, &error));
}

static bool
add (DoorTxn *txn, const char *uuid, const char *channel_id, int64_t now_ms)
{
  const DoorStoredCommand row = {
    .uuid = T (uuid),
    .channel_id = T (channel_id),
    .enrollment_id = T ("e1"),
    .request_type = T ("DeviceLock"),
    .message = T ("<plist/>"),
    .digest = T ("d"),
    .source = T ("ada"),
    .queued_at = now_ms,
  };
  g_autoptr (GError) error = NULL;
  bool added = false;

  must (door_command_store_add (txn, &row, &added, &error));
  return added;
}

static char *
next_of (DoorTxn *txn, const char *channel_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStoredCommand) next = NULL;

  must (door_command_store_lookup_next (txn, channel_id, &next, &error));
  return next != NULL ? g_strdup (next->uuid) : NULL;
}

#define assert_next(txn, channel, expected)                                                                  \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autofree char *uuid_ = next_of (txn, channel);                                                         \
    g_assert_cmpstr (uuid_, ==, expected);                                                                   \
  }                                                                                                          \
  G_STMT_END

static void
send (DoorTxn *txn, const char *uuid, int64_t now_ms, bool expected)
{
  const DoorStoredCommand row = { .uuid = T (uuid), .channel_id = T ("e1") };
  g_autoptr (GError) error = NULL;
  bool changed = !expected;

  must (door_command_store_set_sent (txn, &row, now_ms, &changed, &error));
  g_assert_true (changed == expected);
}

static void
defer (DoorTxn *txn, const char *uuid, bool expected)
{
  g_autoptr (GError) error = NULL;
  bool changed = !expected;

  must (door_command_store_defer (txn, "e1", uuid, 7, &changed, &error));
  g_assert_true (changed == expected);
}

static void
end (DoorTxn *txn, const char *uuid, const char *state, bool expected)
{
  const DoorCommandEnd end = { "e1", uuid, state, "[]", "<result/>", 9 };
  g_autoptr (GError) error = NULL;
  bool changed = !expected;

  must (door_command_store_end (txn, &end, &changed, &error));
  g_assert_true (changed == expected);
}

static void
cancel (DoorTxn *txn, const char *uuid, bool expected)
{
  const DoorStoredCommand row = { .uuid = T (uuid), .channel_id = T ("e1") };
  g_autoptr (GError) error = NULL;
  bool changed = !expected;

  must (door_command_store_cancel (txn, &row, 8, &changed, &error));
  g_assert_true (changed == expected);
}

/* In the order in which they came, one id once, each channel by itself. */
static void
test_order (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);

  add_enrollment (txn, "e1", "d1");
  g_assert_true (add (txn, "z", "e1", 5));
  g_assert_true (add (txn, "a", "e1", 4));
  g_assert_false (add (txn, "z", "e1", 6));
  g_assert_true (add (txn, "z", "u1", 6));
  assert_rows (
      txn, STATES,
      "[{'uuid': <'z'>, 'state': <'queued'>, 'position': <int64 1>}, {'uuid': <'a'>, 'state': "
      "<'queued'>, 'position': <int64 2>}, {'uuid': <'z'>, 'state': <'queued'>, 'position': <int64 1>}]");
  assert_next (txn, "e1", "z");
  assert_next (txn, "u2", NULL);
  assert_rows (txn, "SELECT device_id FROM command WHERE uuid = 'a'", "[{'device_id': <'d1'>}]");
}

/* What was sent and not answered is sent again; what was answered never is. */
static void
test_life (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStoredCommand) first = NULL, deferred = NULL;

  add_enrollment (txn, "e1", "d1");
  add (txn, "1", "e1", 1);
  add (txn, "2", "e1", 2);
  end (txn, "1", DOOR_COMMAND_DONE, false); /* nobody had it */
  defer (txn, "1", false);
  send (txn, "1", 3, true);
  assert_next (txn, "e1", "1");
  defer (txn, "1", true);
  assert_next (txn, "e1", "2");
  must (door_command_store_lookup_deferred (txn, "e1", &deferred, &error));
  g_assert_cmpstr (deferred->uuid, ==, "1");
  must (door_command_store_resume (txn, "e1", &error));
  assert_next (txn, "e1", "1");
  send (txn, "1", 4, true);
  end (txn, "1", DOOR_COMMAND_FAILED, true);
  end (txn, "1", DOOR_COMMAND_DONE, false);
  defer (txn, "1", false);
  send (txn, "1", 5, false);
  assert_next (txn, "e1", "2");
  must (door_command_store_lookup_of_device (txn, &(DoorCommandScope){ .device_id = "d1" }, "1", &first,
                                             &error));
  g_assert_cmpstr (first->state, ==, DOOR_COMMAND_FAILED);
  g_assert_cmpstr (first->message, ==, "");
  g_assert_cmpstr (first->result, ==, "<result/>");
  g_assert_cmpstr (first->errors, ==, "[]");
  g_assert_cmpint (first->sent_at, ==, 4);
  g_assert_cmpint (first->deferred_at, ==, 7);
  g_assert_cmpint (first->done_at, ==, 9);
}

static void
test_cancel (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;

  add_enrollment (txn, "e1", "d1");
  for (int i = 1; i <= 5; i++)
    add (txn, (char[]){ (char) ('0' + i), '\0' }, "e1", i);
  cancel (txn, "1", true);
  cancel (txn, "1", false);
  send (txn, "1", 3, false);
  send (txn, "2", 3, true);
  cancel (txn, "2", false);
  send (txn, "3", 3, true);
  defer (txn, "3", true);
  cancel (txn, "3", true);
  must (door_command_store_cancel_of_enrollment (txn, "e2", 10, &error));
  assert_next (txn, "e1", "2");
  must (door_command_store_cancel_of_enrollment (txn, "e1", 10, &error));
  assert_next (txn, "e1", NULL);
  assert_rows (txn, "SELECT COUNT (*) AS n FROM command WHERE state = 'cancelled' AND message = ''",
               "[{'n': <int64 5>}]");
}

static void
test_forgotten (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  bool changed = true;

  add_enrollment (txn, "e1", "d1");
  add (txn, "1", "e1", 1);
  must (door_command_store_cancel_forgotten (txn, 5, 9, &changed, &error));
  g_assert_false (changed);
  must (door_device_store_end_enrollment (txn, "e1", "ended", 4, NULL, &error));
  must (door_command_store_cancel_forgotten (txn, 5, 9, &changed, &error));
  g_assert_true (changed);
  must (door_command_store_cancel_forgotten (txn, 5, 9, &changed, &error));
  g_assert_false (changed);
  must (door_command_store_remove_old (txn, 5, 9, &changed, &error));
  g_assert_false (changed);
  add (txn, "2", "e1", 1); /* open, and as old */
  must (door_command_store_remove_old (txn, 6, 9, &changed, &error));
  g_assert_true (changed);
  assert_rows (txn, "SELECT uuid FROM command", "[{'uuid': <'2'>}]");
}

static void
test_work (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  bool work = true;

  add_enrollment (txn, "e1", "d1");
  must (door_command_store_has_work (txn, "u1", &work, &error));
  g_assert_false (work);
  add (txn, "1", "u1", 1);
  must (door_command_store_has_work (txn, "e1", &work, &error));
  g_assert_false (work);
  must (door_command_store_has_work (txn, "u1", &work, &error));
  g_assert_true (work);
  must (door_command_store_cancel_of_enrollment (txn, "e1", 1, &error));
  must (door_push_store_wish (txn, "e1", "e1", 1, &error));
  must (door_command_store_has_work (txn, "u1", &work, &error));
  g_assert_false (work);
  must (door_command_store_has_work (txn, "e1", &work, &error));
  g_assert_true (work);
}

static void
test_pages (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) first = NULL, rest = NULL, none = NULL;
  const DoorStoredCommand *row;

  add_enrollment (txn, "e1", "d1");
  add (txn, "1", "e1", 5);
  add (txn, "2", "e1", 5);
  add (txn, "2", "u1", 5);
  add (txn, "3", "e1", 6);
  first = door_command_store_list_before (txn, &(DoorCommandScope){ .device_id = "d1" }, NULL, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first->len, ==, 2);
  g_assert_cmpstr (((DoorStoredCommand *) first->pdata[0])->uuid, ==, "3");
  row = first->pdata[1];
  g_assert_cmpstr (row->channel_id, ==, "u1");
  rest = door_command_store_list_before (txn, &(DoorCommandScope){ .device_id = "d1" }, row, 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rest->len, ==, 2);
  g_assert_cmpstr (((DoorStoredCommand *) rest->pdata[0])->uuid, ==, "2");
  g_assert_cmpstr (((DoorStoredCommand *) rest->pdata[1])->uuid, ==, "1");
  none = door_command_store_list_before (txn, &(DoorCommandScope){ .device_id = "d2" }, NULL, 9, &error);
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/command-stores/order", test_order);
  fixture_add ("/command-stores/life", test_life);
  fixture_add ("/command-stores/cancel", test_cancel);
  fixture_add ("/command-stores/forgotten", test_forgotten);
  fixture_add ("/command-stores/work", test_work);
  fixture_add ("/command-stores/pages", test_pages);
  return g_test_run ();
}

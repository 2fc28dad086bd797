/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-store.h"
#include "door-push-store.h"
#include "stores.h"

static void
add_enrollment (DoorTxn *txn, const char *id)
{
  g_autofree char *device_id = g_strconcat ("d-", id, NULL);
  const DoorDevice device = { .id = device_id, .apple_id = device_id, .kind = T (DOOR_DEVICE_WHOLE) };
  const DoorEnrollment enrollment = {
    .id = T (id),
    .device_id = device_id,
    .team = T ("red"),
    .state = T ("active"),
    .certificate_sha256 = T ("c"),
  };
  const DoorEnrollment update = {
    .id = T (id),
    .state = T ("active"),
    .topic = T ("com.apple.mgmt.x"),
    .push_magic = T ("magic"),
    .push_token = T ("ab01"),
    .active_at = 1,
    .token_updated_at = 7,
  };
  g_autoptr (GError) error = NULL;

  must (door_device_store_add (txn, &device, &error));
  must (door_device_store_add_enrollment (txn, &enrollment, &error));
  must (door_device_store_update_enrollment (txn, &update, &error));
}

static GPtrArray *
claim (DoorTxn *txn, const char *name, int64_t now_ms, int64_t until_ms, int64_t limit)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *rows;

  must (door_push_store_claim (txn, name, now_ms, until_ms, limit, &error));
  rows = door_push_store_list_claimed (txn, name, &error);
  g_assert_no_error (error);
  return rows;
}

static void
assert_due (DoorTxn *txn, int64_t now_ms, bool expected)
{
  g_autoptr (GError) error = NULL;
  bool due = !expected;

  must (door_push_store_is_due (txn, now_ms, &due, &error));
  g_assert_cmpint (due, ==, expected);
}

/* However often it is wished there is one push, and it is not sent again while the device has not answered.
 */
static void
test_one_for_a_channel (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (DoorPushWish) wish = NULL, none = NULL;
  const DoorPushOutcome sent = { 900, 0, 12, 200, "" };
  const DoorPushDue *due;

  add_enrollment (txn, "e1");
  assert_due (txn, 99, false);
  must (door_push_store_wish (txn, "e1", "e1", 10, &error));
  must (door_push_store_wish (txn, "e1", "e1", 11, &error));
  assert_due (txn, 9, false);
  assert_due (txn, 10, true);
  rows = claim (txn, "k1", 10, 40, 9);
  g_assert_cmpuint (rows->len, ==, 1);
  due = rows->pdata[0];
  g_assert_cmpstr (due->channel_id, ==, "e1");
  g_assert_cmpstr (due->topic, ==, "com.apple.mgmt.x");
  g_assert_cmpstr (due->push_magic, ==, "magic");
  g_assert_cmpstr (due->push_token, ==, "ab01");
  g_assert_cmpint (due->token_updated_at, ==, 7);
  g_assert_cmpint (due->wished_at, ==, 10);
  g_assert_cmpint (due->is_open, ==, 1);
  must (door_push_store_put_rest (txn, "k1", &sent, &error));
  must (door_push_store_wish (txn, "e1", "e1", 13, &error));
  assert_due (txn, 899, false);
  must (door_push_store_lookup (txn, "e1", &wish, &error));
  g_assert_cmpint (wish->sent_at, ==, 12);
  g_assert_cmpint (wish->status, ==, 200);
  must (door_push_store_poll_seen (txn, "e1", &error));
  must (door_push_store_lookup (txn, "e1", &none, &error));
  g_assert_null (none);
}

/* Of two that look at the same time one gets it; when nothing is heard of that one the other gets it later.
 */
static void
test_claims (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) first = NULL, second = NULL, third = NULL, late = NULL;
  const DoorPushOutcome sent = { 900, 0, 50, 200, "" };

  add_enrollment (txn, "e1");
  add_enrollment (txn, "e2");
  add_enrollment (txn, "e3");
  must (door_push_store_wish (txn, "e1", "e1", 10, &error));
  must (door_push_store_wish (txn, "e2", "e2", 11, &error));
  must (door_push_store_wish (txn, "e3", "e3", 12, &error));
  first = claim (txn, "k1", 20, 40, 2);
  second = claim (txn, "k2", 20, 40, 9);
  third = claim (txn, "k3", 39, 70, 9);
  g_assert_cmpuint (first->len, ==, 2);
  g_assert_cmpuint (second->len, ==, 1);
  g_assert_cmpstr (((DoorPushDue *) second->pdata[0])->channel_id, ==, "e3");
  g_assert_cmpuint (third->len, ==, 0);
  late = claim (txn, "k4", 40, 80, 9);
  g_assert_cmpuint (late->len, ==, 3);
  must (door_push_store_put_rest (txn, "k1", &sent, &error));
  must (door_push_store_forget (txn, "k1", "e1", &error));
  must (door_push_store_put_outcome (txn, "k2", "e3", &sent, &error));
  assert_rows (txn, "SELECT sent_at FROM push_wish GROUP BY sent_at", "[{'sent_at': <int64 0>}]");
}

static void
test_outcomes (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  const DoorPushOutcome stopped = { 0, 1, 0, 410, "Unregistered" };
  const DoorPushOutcome later = { 300, 1, 0, 429, "TooManyRequests" };
  const DoorPushOutcome sent = { 900, 0, 21, 200, "" };
  g_autoptr (GPtrArray) failures = NULL;
  const DoorPushFailure *failure;
  DoorPushQueue queue = { 0 };

  for (const char *const *id = (const char *const[]){ "e1", "e2", "e3", "e4", NULL }; *id != NULL; id++)
    {
      add_enrollment (txn, *id);
      must (door_push_store_wish (txn, *id, *id, 10, &error));
    }
  rows = claim (txn, "k1", 20, 40, 9);
  g_assert_cmpuint (rows->len, ==, 4);
  must (door_push_store_put_outcome (txn, "k1", "e1", &stopped, &error));
  must (door_push_store_put_outcome (txn, "k1", "e2", &later, &error));
  must (door_push_store_forget (txn, "k1", "e3", &error));
  must (door_push_store_put_rest (txn, "k1", &sent, &error));
  assert_rows (txn, "SELECT channel_id, due_at, status, claim FROM push_wish ORDER BY channel_id",
               "[{'channel_id': <'e1'>, 'due_at': <int64 0>, 'status': <int64 410>, 'claim': <''>}, "
               "{'channel_id': <'e2'>, 'due_at': <int64 300>, 'status': <int64 429>, 'claim': <''>}, "
               "{'channel_id': <'e4'>, 'due_at': <int64 900>, 'status': <int64 200>, 'claim': <''>}]");
  must (door_push_store_count (txn, &queue, &error));
  g_assert_cmpint (queue.waiting, ==, 1);
  g_assert_cmpint (queue.stopped, ==, 1);
  g_assert_cmpint (queue.unanswered, ==, 1);
  g_assert_cmpint (queue.oldest_wished_at, ==, 10);
  /* neither what was sent nor what waits for another token */
  failures = door_push_store_list_failures (txn, 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (failures->len, ==, 1);
  failure = g_ptr_array_index (failures, 0);
  g_assert_cmpint (failure->status, ==, 429);
  g_assert_cmpstr (failure->reason, ==, "TooManyRequests");
  g_assert_cmpint (failure->count, ==, 1);
}

/* What was refused for good waits for a new token, and nothing that was found out of the old one counts then.
 */
static void
test_new_token (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL, none = NULL, again = NULL;
  const DoorPushOutcome stopped = { 0, 1, 0, 410, "Unregistered" };

  add_enrollment (txn, "e1");
  must (door_push_store_wish (txn, "e1", "e1", 10, &error));
  rows = claim (txn, "k1", 20, 40, 9);
  must (door_push_store_put_outcome (txn, "k1", "e1", &stopped, &error));
  must (door_push_store_wish (txn, "e1", "e1", 30, &error));
  none = claim (txn, "k2", 500, 600, 9);
  g_assert_cmpuint (none->len, ==, 0);
  must (door_push_store_token_updated (txn, "e1", 50, &error));
  again = claim (txn, "k3", 50, 90, 9);
  g_assert_cmpuint (again->len, ==, 1);
  must (door_push_store_token_updated (txn, "e1", 60, &error));
  must (door_push_store_put_outcome (txn, "k3", "e1", &stopped, &error));
  assert_due (txn, 60, true);
}

/* A channel of a user has a token of its own; one that has ended, or has not said any, cannot be pushed. */
static void
test_channels (Fixture *fixture)
{
  static const char insert[] =
      "INSERT INTO user_channel (id, enrollment_id, user_key, short_name, long_name, topic, push_magic, "
      "push_token, not_on_console, awaiting_since, created_at, token_updated_at, seen_at, ended_at) VALUES "
      "('u1', 'e1', 'k', 's', 'l', 'com.apple.mgmt.x', 'user-magic', 'cd02', 0, 0, 1, 8, 1, 0)";
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) user = NULL, gone = NULL, ended = NULL;
  bool changed = false;

  add_enrollment (txn, "e1");
  g_assert_cmpint (door_txn_execute (txn, insert, NULL, &error), ==, 1);
  must (door_push_store_wish (txn, "u1", "e1", 10, &error));
  user = claim (txn, "k1", 10, 40, 9);
  g_assert_cmpstr (((DoorPushDue *) user->pdata[0])->push_magic, ==, "user-magic");
  g_assert_cmpstr (((DoorPushDue *) user->pdata[0])->push_token, ==, "cd02");
  g_assert_cmpint (((DoorPushDue *) user->pdata[0])->token_updated_at, ==, 8);
  must (door_push_store_wish (txn, "u2", "e1", 11, &error));
  gone = claim (txn, "k2", 11, 50, 9);
  g_assert_cmpint (((DoorPushDue *) gone->pdata[0])->is_open, ==, 0);
  must (door_device_store_end_enrollment (txn, "e1", "check-out", 30, &changed, &error));
  ended = claim (txn, "k3", 40, 90, 1);
  g_assert_cmpint (((DoorPushDue *) ended->pdata[0])->is_open, ==, 0);
}

/* What was put off by a clock that was forty days ahead does not wait for forty days. */
static void
test_wrong_clock (Fixture *fixture)
{
  const int64_t day_ms = 24 * 60 * 60 * 1000;
  const DoorPushOutcome tomorrow = { 10 + day_ms, 1, 0, 0, "" }, far = { 10 + 40 * day_ms, 1, 0, 0, "" };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) first = NULL, none = NULL, second = NULL, again = NULL;

  add_enrollment (txn, "e1");
  must (door_push_store_wish (txn, "e1", "e1", 10, &error));
  first = claim (txn, "k1", 10, 40, 9);
  must (door_push_store_put_rest (txn, "k1", &tomorrow, &error));
  assert_due (txn, 10, false);
  none = claim (txn, "k2", 10, 40, 9);
  g_assert_cmpuint (none->len, ==, 0);
  second = claim (txn, "k3", 10 + day_ms, 40 + day_ms, 9);
  g_assert_cmpuint (second->len, ==, 1);
  must (door_push_store_put_rest (txn, "k3", &far, &error));
  assert_due (txn, 10, true);
  again = claim (txn, "k4", 10, 40, 9);
  g_assert_cmpuint (again->len, ==, 1);
  assert_due (txn, 10, false);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/push-stores/one-for-a-channel", test_one_for_a_channel);
  fixture_add ("/push-stores/claims", test_claims);
  fixture_add ("/push-stores/outcomes", test_outcomes);
  fixture_add ("/push-stores/new-token", test_new_token);
  fixture_add ("/push-stores/channels", test_channels);
  fixture_add ("/push-stores/wrong-clock", test_wrong_clock);
  return g_test_run ();
}

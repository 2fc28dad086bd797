/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declaration-store.h"
#include "door-device-store.h"
#include "door-escrow-store.h"
#include "door-user-channel-store.h"
#include "stores.h"

static void
add_enrollment (DoorTxn *txn, const char *id)
{
  const DoorDevice device = {
    T (id), T (id), T (DOOR_DEVICE_WHOLE), T (""), T (""), T (""), T (""), T (""), T (""), T (""), 1, 2
  };
  const DoorEnrollment enrollment = { T (id), T (id),    T ("red"), T ("active"),
                                      T (id), T ("t"),   T ("m"),   T ("k"),
                                      1,      2,         3,         0,
                                      T (""), T ("ade"), T (""),    T ("") };
  g_autoptr (GError) error = NULL;

  must (door_device_store_add (txn, &device, &error));
  must (door_device_store_add_enrollment (txn, &enrollment, &error));
}

static void
test_user_channels (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorUserChannel) first = NULL, second = NULL, other = NULL, none = NULL;
  g_autoptr (GPtrArray) page = NULL, rest = NULL;
  DoorUserChannel row = { T ("u1"), T ("e1"), T ("501"), T ("anna"), T ("Anna B"), T ("topic"), T ("magic"),
                          T ("ab"), true,     10,        10,         10,           10,          0 };

  add_enrollment (txn, "e1");
  add_enrollment (txn, "e2");
  must (door_user_channel_store_save (txn, &row, &error));
  must (door_user_channel_store_lookup (txn, "e1", "501", &first, &error));
  g_assert_cmpstr (first->id, ==, "u1");
  g_assert_cmpstr (first->short_name, ==, "anna");
  g_assert_cmpstr (first->long_name, ==, "Anna B");
  g_assert_true (first->not_on_console);

  row =
      (DoorUserChannel){ T ("u2"), T ("e1"), T ("501"), T ("anne"), T ("Anne B"), T ("topic2"), T ("magic2"),
                         T ("cd"), false,    20,        20,         20,           20,           0 };
  must (door_user_channel_store_save (txn, &row, &error));
  must (door_user_channel_store_lookup (txn, "e1", "501", &second, &error));
  g_assert_cmpstr (second->push_magic, ==, "magic2");
  g_assert_cmpstr (second->push_token, ==, "cd");
  g_assert_cmpstr (second->topic, ==, "topic2");
  g_assert_cmpstr (second->short_name, ==, "anne");
  g_assert_false (second->not_on_console);
  g_assert_cmpint (second->awaiting_since, ==, 10);
  g_assert_cmpint (second->created_at, ==, 10);
  g_assert_cmpint (second->token_updated_at, ==, 20);

  row.id = T ("u3");
  row.user_key = T ("502");
  must (door_user_channel_store_save (txn, &row, &error));
  row.id = T ("u4");
  row.enrollment_id = T ("e2");
  must (door_user_channel_store_save (txn, &row, &error));
  must (door_user_channel_store_lookup (txn, "e2", "502", &other, &error));
  g_assert_cmpstr (other->id, ==, "u4");
  must (door_user_channel_store_lookup (txn, "e2", "501", &none, &error));
  g_assert_null (none);
  page = door_user_channel_store_list (txn, "e1", "", 1, &error);
  rest = door_user_channel_store_list (txn, "e1", "501", 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_cmpstr (((DoorUserChannel *) rest->pdata[0])->id, ==, "u3");
}

static void
test_user_channels_end (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorUserChannel) ended = NULL;
  DoorUserChannel row = { T ("u1"), T ("e1"), T ("501"), T (""), T (""), T ("t"), T ("m"),
                          T ("cd"), false,    0,         1,      1,      1,       0 };

  add_enrollment (txn, "e1");
  add_enrollment (txn, "e2");
  must (door_user_channel_store_save (txn, &row, &error));
  row.id = T ("u4");
  row.enrollment_id = T ("e2");
  must (door_user_channel_store_save (txn, &row, &error));
  must (door_user_channel_store_touch (txn, "u4", 77, &error));
  must (door_user_channel_store_end (txn, "e1", 30, &error));
  must (door_user_channel_store_end (txn, "e1", 40, &error));
  must (door_user_channel_store_lookup (txn, "e1", "501", &ended, &error));
  g_assert_cmpint (ended->ended_at, ==, 30);
  g_assert_cmpstr (ended->push_token, ==, "");
  g_assert_cmpstr (ended->push_magic, ==, "");
  assert_rows (txn, "SELECT id, seen_at FROM user_channel WHERE ended_at = 0",
               "[{'id': <'u4'>, 'seen_at': <int64 77>}]");
  /* a TokenUpdate begins it again, as the channel it was */
  row.id = T ("u5");
  row.enrollment_id = T ("e1");
  row.user_key = T ("501");
  must (door_user_channel_store_save (txn, &row, &error));
  assert_rows (txn, "SELECT id FROM user_channel WHERE ended_at = 0 ORDER BY id",
               "[{'id': <'u1'>}, {'id': <'u4'>}]");
}

static void
test_escrow (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorEscrow) escrow = NULL, none = NULL;

  add_enrollment (txn, "e1");
  must (door_escrow_store_set_unlock_token (txn, "e1", "u", &error));
  must (door_escrow_store_set_bootstrap_token (txn, "e1", "b", &error));
  must (door_escrow_store_lookup (txn, "e1", &escrow, &error));
  g_assert_cmpstr (escrow->sealed_unlock_token, ==, "u");
  g_assert_cmpstr (escrow->sealed_bootstrap_token, ==, "b");
  must (door_escrow_store_lookup (txn, "e2", &none, &error));
  g_assert_null (none);
}

static void
test_declarations (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorStoredDeclaration row = { T ("red"), T ("a"), T ("type"), T ("{}"), T ("1"), 5 };
  g_autoptr (DoorStoredDeclaration) found = NULL, none = NULL;
  g_autoptr (GPtrArray) page = NULL;
  bool changed = false;

  must (door_declaration_store_save (txn, &row, &error));
  row.payload = T ("{\"x\":1}");
  row.server_token = T ("2");
  must (door_declaration_store_save (txn, &row, &error));
  must (door_declaration_store_lookup (txn, "red", "a", &found, &error));
  g_assert_cmpstr (found->payload, ==, "{\"x\":1}");
  g_assert_cmpstr (found->server_token, ==, "2");
  must (door_declaration_store_lookup (txn, "blue", "a", &none, &error));
  g_assert_null (none);
  row.identifier = T ("b");
  must (door_declaration_store_save (txn, &row, &error));
  page = door_declaration_store_list (txn, "red", "a", 9, &error);
  g_assert_cmpuint (page->len, ==, 1);
  must (door_declaration_store_remove (txn, "red", "b", &changed, &error));
  g_assert_true (changed);
  must (door_declaration_store_remove (txn, "red", "b", &changed, &error));
  g_assert_false (changed);
}

/* Who moves a wave that somebody else has moved, or begun again, moves nothing. */
static void
test_waves (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDeclarationSet) first = NULL, again = NULL, none = NULL;
  g_autoptr (GPtrArray) page = NULL, rest = NULL;
  bool changed = false;

  add_enrollment (txn, "e1");
  add_enrollment (txn, "e2");
  must (door_declaration_store_begin_wave (txn, "red", 5, &error));
  must (door_declaration_store_set_token (txn, "red", "t1", &error));
  must (door_declaration_store_lookup_open_wave (txn, &first, &error));
  g_assert_cmpstr (first->token, ==, "t1");
  page = door_declaration_store_list_targets (txn, "red", first->wave_after, 1, &error);
  rest = door_declaration_store_list_targets (txn, "red", "e1", 9, &error);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_false (((DoorDeclarationTarget *) page->pdata[0])->is_told);
  must (door_declaration_store_move_wave (txn, first, "e1", &changed, &error));
  g_assert_true (changed);
  must (door_declaration_store_move_wave (txn, first, "e1", &changed, &error));
  g_assert_false (changed);
  must (door_declaration_store_begin_wave (txn, "red", 6, &error));
  must (door_declaration_store_lookup_set (txn, "red", &again, &error));
  g_assert_cmpint (again->changed_at, ==, 6);
  g_assert_cmpstr (again->wave_after, ==, "");
  must (door_declaration_store_move_wave (txn, first, NULL, &changed, &error));
  g_assert_false (changed);
  must (door_declaration_store_move_wave (txn, again, NULL, &changed, &error));
  g_assert_true (changed);
  must (door_declaration_store_lookup_open_wave (txn, &none, &error));
  g_assert_null (none);
}

static void
test_reports (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorDeclarationStatus row = { T ("c1"), T ("e1"), T ("{}"), 5 };
  g_autoptr (DoorDeclarationStatus) found = NULL;
  g_autoptr (GPtrArray) page = NULL, none = NULL, rest = NULL;

  must (door_declaration_store_save_status (txn, &row, &error));
  row.report = T ("[]");
  row.reported_at = 6;
  must (door_declaration_store_save_status (txn, &row, &error));
  must (door_declaration_store_lookup_status (txn, "c1", &found, &error));
  g_assert_cmpstr (found->report, ==, "[]");
  g_assert_cmpint (found->reported_at, ==, 6);
  row.channel_id = T ("c2");
  must (door_declaration_store_save_status (txn, &row, &error));
  row.channel_id = T ("c3");
  row.enrollment_id = T ("e2");
  must (door_declaration_store_save_status (txn, &row, &error));
  page = door_declaration_store_list_status (txn, "e1", 1, &error);
  must (page != NULL && page->len == 1);
  must (door_declaration_store_remove_status (txn, "e1", &error));
  none = door_declaration_store_list_status (txn, "e1", 9, &error);
  rest = door_declaration_store_list_status (txn, "e2", 9, &error);
  must (none != NULL && none->len == 0 && rest != NULL && rest->len == 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/channel-stores/user-channels", test_user_channels);
  fixture_add ("/channel-stores/user-channels-end", test_user_channels_end);
  fixture_add ("/channel-stores/escrow", test_escrow);
  fixture_add ("/channel-stores/declarations", test_declarations);
  fixture_add ("/channel-stores/waves", test_waves);
  fixture_add ("/channel-stores/reports", test_reports);
  return g_test_run ();
}

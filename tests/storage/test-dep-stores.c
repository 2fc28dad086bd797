/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-device-store.h"
#include "stores.h"

/* Servers of Apple Business Manager, their devices and profiles. */

static void
add_server (DoorTxn *txn, const char *name)
{
  const DoorDepServer server = {
    .name = T (name), .certificate = T ("pem"), .sealed_key = T ("k"), .phase = T ("fetch")
  };
  g_autoptr (GError) error = NULL;
  bool added = false;

  must (door_dep_store_add_server (txn, &server, &added, &error));
  g_assert_true (added);
}

static DoorDepDevice *
make_device (const char *serial, const char *server, int64_t op_date)
{
  DoorDepDevice *self = g_new0 (DoorDepDevice, 1);

  self->id = g_strconcat (serial, "/", server, NULL);
  self->serial = g_strdup (serial);
  self->server = g_strdup (server);
  self->model = g_strdup ("MacBook");
  self->family = g_strdup ("Mac");
  self->profile_uuid = g_strdup ("");
  self->team = g_strdup ("macs");
  self->generation = 1;
  self->seen_at = 10;
  self->op_date = op_date;
  return self;
}

static GPtrArray *
one (DoorDepDevice *device)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_dep_device_free);

  g_ptr_array_add (list, device);
  return list;
}

static void
save (DoorTxn *txn, DoorDepDevice *device)
{
  g_autoptr (GPtrArray) list = one (device);
  g_autoptr (GError) error = NULL;

  must (door_dep_device_store_save (txn, list, &error));
}

static void
test_servers (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDepServer) first = NULL, later = NULL, gone = NULL;
  g_autoptr (GPtrArray) all = NULL;
  DoorDepServer update = { .name = T ("abm"),
                           .sealed_token = T ("t"),
                           .token_expires_at = 99,
                           .due_at = 5,
                           .synced_at = 7,
                           .failures = 2,
                           .fault = T ("DW-X"),
                           .detail = T ("why"),
                           .server_uuid = T ("u"),
                           .server_name = T ("s"),
                           .organization = T ("o"),
                           .discovery_url = T ("https://x"),
                           .discovery_detail = T ("d") };
  const DoorDepServer again = { .name = T ("abm"), .certificate = T ("other") };
  bool changed = true;

  add_server (txn, "abm");
  must (door_dep_store_add_server (txn, &again, &changed, &error));
  g_assert_false (changed);
  must (door_dep_store_end_round (txn, &update, &error));
  must (door_dep_store_set_account (txn, &update, &error));
  must (door_dep_store_set_discovery (txn, &update, &error));
  must (door_dep_store_lookup_server (txn, "abm", &first, &error));
  g_assert_cmpstr (first->certificate, ==, "pem");
  g_assert_cmpstr (first->fault, ==, "DW-X");
  g_assert_cmpstr (first->organization, ==, "o");
  g_assert_cmpstr (first->discovery_url, ==, "https://x");
  g_assert_cmpint (first->synced_at, ==, 7);
  must (door_dep_store_set_token (txn, &update, &changed, &error));
  g_assert_true (changed);
  must (door_dep_store_set_due (txn, "abm", 3, &changed, &error));
  must (door_dep_store_lookup_server (txn, "abm", &later, &error));
  g_assert_cmpstr (later->sealed_token, ==, "t");
  g_assert_cmpstr (later->fault, ==, "");
  g_assert_cmpint (later->failures, ==, 0);
  g_assert_cmpint (later->due_at, ==, 3);
  all = door_dep_store_list_servers (txn, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 1);
  save (txn, make_device ("C1", "abm", 0));
  must (door_dep_store_remove_server (txn, "abm", &changed, &error));
  g_assert_true (changed);
  must (door_dep_store_lookup_server (txn, "abm", &gone, &error));
  g_assert_null (gone);
  assert_rows (txn, "SELECT id FROM dep_device", "[]");
}

/* Whoever has read an older cursor may not store what he got for it. */
static void
test_cursor (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDepServer) from = NULL, now = NULL, begun = NULL;
  DoorDepServer to;
  bool changed = false;

  add_server (txn, "abm");
  must (door_dep_store_begin_fetch (txn, "abm", 0, &changed, &error));
  g_assert_true (changed);
  must (door_dep_store_begin_fetch (txn, "abm", 0, &changed, &error));
  g_assert_false (changed);
  must (door_dep_store_lookup_server (txn, "abm", &from, &error));
  g_assert_cmpint (from->generation, ==, 1);
  to = *from;
  to.cursor = T ("c1");
  to.n_read = 4;
  must (door_dep_store_move (txn, from, &to, &changed, &error));
  g_assert_true (changed);
  must (door_dep_store_move (txn, from, &to, &changed, &error));
  g_assert_false (changed);
  must (door_dep_store_lookup_server (txn, "abm", &now, &error));
  g_assert_cmpstr (now->cursor, ==, "c1");
  g_assert_cmpint (now->n_read, ==, 4);
  must (door_dep_store_begin_fetch (txn, "abm", 1, &changed, &error));
  must (door_dep_store_move (txn, now, &to, &changed, &error));
  g_assert_false (changed);
  must (door_dep_store_lookup_server (txn, "abm", &begun, &error));
  g_assert_cmpstr (begun->cursor, ==, "");
}

static void
test_newest_wins (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) older = one (make_device ("C1", "abm", 4)),
                        newer = one (make_device ("C1", "abm", 6));
  DoorDepDevice *device = make_device ("C1", "abm", 5);

  g_free (device->model);
  device->model = g_strdup ("later");
  save (txn, device);
  save (txn, make_device ("C1", "abm", 4));
  assert_rows (txn, "SELECT model, op_date FROM dep_device", "[{'model': <'later'>, 'op_date': <int64 5>}]");
  ((DoorDepDevice *) older->pdata[0])->removed_at = 20;
  ((DoorDepDevice *) newer->pdata[0])->removed_at = 20;
  must (door_dep_device_store_remove (txn, older, &error));
  assert_rows (txn, "SELECT removed_at FROM dep_device", "[{'removed_at': <int64 0>}]");
  must (door_dep_device_store_remove (txn, newer, &error));
  assert_rows (txn, "SELECT profile_status, removed_at FROM dep_device",
               "[{'profile_status': <'removed'>, 'removed_at': <int64 20>}]");
  /* what the whole list says is true, whatever was heard before */
  save (txn, make_device ("C1", "abm", 0));
  assert_rows (txn, "SELECT op_date, removed_at FROM dep_device",
               "[{'op_date': <int64 0>, 'removed_at': <int64 0>}]");
}

static void
test_unseen (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorDepServer server = { .name = T ("abm"), .generation = 2 };
  DoorDepDevice *seen = make_device ("C2", "abm", 0);
  g_autoptr (DoorDepDevice) found = NULL, gone = NULL;
  DoorDepCounts counts;
  int64_t n_removed = 0;

  seen->generation = 2;
  save (txn, make_device ("C1", "abm", 0));
  save (txn, make_device ("C1", "other", 0));
  save (txn, make_device ("C3", "abm", 0));
  save (txn, seen);
  must (door_dep_device_store_remove_unseen (txn, &server, 30, &n_removed, &error));
  g_assert_cmpint (n_removed, ==, 2);
  must (door_dep_store_lookup_device (txn, "C1", &found, &error));
  g_assert_cmpstr (found->server, ==, "other");
  must (door_dep_store_lookup_device (txn, "C3", &gone, &error));
  g_assert_null (gone);
  must (door_dep_store_count_devices (txn, "abm", &counts, &error));
  g_assert_cmpint (counts.devices, ==, 1);
  g_assert_cmpint (counts.removed, ==, 2);
}

/* A whole list that was read after a change was heard elsewhere is newer than that, and the other way round.
 */
static void
test_moved (Fixture *fixture)
{
  static const struct
  {
    int64_t op_date;
    const char *server;
  } cases[] = { { 5, "listed" }, { 500, "changed" } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorTxn) txn = begin (fixture);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorDepDevice) found = NULL;
      DoorDepDevice *listed = make_device ("C1", "listed", 0);

      listed->seen_at = 50;
      save (txn, make_device ("C1", "changed", cases[i].op_date));
      save (txn, listed);
      must (door_dep_store_lookup_device (txn, "C1", &found, &error));
      g_assert_cmpstr (found->server, ==, cases[i].server);
    }
}

static void
test_teams (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) teams = NULL, families = NULL, page = NULL, rest = NULL, lab = NULL, both = NULL;
  bool changed = false;

  save (txn, make_device ("C1", "abm", 0));
  save (txn, make_device ("C2", "abm", 0));
  must (door_dep_device_store_set_team (txn, "C2", "lab", &changed, &error));
  g_assert_true (changed);
  must (door_dep_device_store_set_team (txn, "C9", "lab", &changed, &error));
  g_assert_false (changed);
  must (door_dep_device_store_set_default_team (txn, "abm", "Mac", "office", &error));
  save (txn, make_device ("C2", "abm", 0)); /* the list is read again: it keeps its team */
  assert_rows (txn, "SELECT serial, team FROM dep_device ORDER BY id",
               "[{'serial': <'C1'>, 'team': <'office'>}, {'serial': <'C2'>, 'team': <'lab'>}]");
  teams = door_dep_device_store_list_teams (txn, "abm", &error);
  families = door_dep_device_store_list_families (txn, "abm", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (teams->len, ==, 2);
  g_assert_cmpstr (teams->pdata[0], ==, "lab");
  g_assert_cmpuint (families->len, ==, 1);
  page = door_dep_store_list_devices (txn, "", 1, &error);
  rest = door_dep_store_list_devices (txn, "C1/abm", 9, &error);
  lab = door_dep_store_list_devices_of_team (txn, "lab", "", 9, &error);
  both = door_dep_store_list_devices_of_serial (txn, "C2", "", 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_cmpstr (((DoorDepDevice *) rest->pdata[0])->serial, ==, "C2");
  g_assert_cmpuint (lab->len, ==, 1);
  g_assert_cmpuint (both->len, ==, 1);
  must (door_dep_device_store_release_team (txn, "abm", "lab", &error));
  must (door_dep_device_store_set_default_team (txn, "abm", "Mac", "office", &error));
  assert_rows (txn, "SELECT DISTINCT team FROM dep_device", "[{'team': <'office'>}]");
}

static void
test_scope (Fixture *fixture)
{
  static const char *const roles[] = { "admin", NULL };
  static const char *const administrator[] = {
    "INSERT INTO administrator (id, email, email_key, full_name, state, sso_enabled, api_only, "
    "password_hash, "
    "created_at, updated_at, signed_in_at) VALUES ('a1', 'a', 'a', '', 'active', 1, 0, '', 1, 1, 0)",
    "INSERT INTO administrator_role (administrator_id, team, role) VALUES ('a1', 'lab', 'admin')",
  };
  const DoorTeamScope scope = { "a1", roles };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) mine = NULL;
  bool changed = false;

  save (txn, make_device ("C1", "abm", 0));
  save (txn, make_device ("C2", "abm", 0));
  must (door_dep_device_store_set_team (txn, "C2", "lab", &changed, &error));
  for (size_t i = 0; i < G_N_ELEMENTS (administrator); i++)
    g_assert_cmpint (door_txn_execute (txn, administrator[i], NULL, &error), ==, 1);
  mine = door_dep_store_list_devices_in_teams (txn, &scope, "", 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (mine->len, ==, 1);
  g_assert_cmpstr (((DoorDepDevice *) mine->pdata[0])->serial, ==, "C2");
}

static void
test_assignments (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorDepProfile profile = { T ("abm"), T ("macs"), T ("digest"), T ("P1"), 1 };
  const DoorDepProfile other = { T ("abm"), T ("macs"), T ("changed"), T ("P2"), 2 };
  const DoorDepAssignment good = { "C1/abm", "", "P1", "SUCCESS", 0, 0 };
  const DoorDepAssignment late = { "C2/abm", "P0", "P1", "SUCCESS", 0, 0 };
  const DoorDepAssignment throttled = { "C2/abm", "", "", "THROTTLED", 0, 500 };
  g_autoptr (GPtrArray) due = NULL, none = NULL, profiles = NULL, ours = NULL;
  bool changed = false;
  int64_t next = 0;

  save (txn, make_device ("C1", "abm", 0));
  save (txn, make_device ("C2", "abm", 0));
  must (door_dep_store_save_profile (txn, &profile, &error));
  must (door_dep_device_store_mark (txn, &profile, 100, 9, &changed, &error));
  g_assert_true (changed);
  must (door_dep_device_store_mark (txn, &profile, 100, 9, &changed, &error));
  g_assert_false (changed);
  due = door_dep_device_store_list_due (txn, &profile, 100, 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (due->len, ==, 2);
  must (door_dep_device_store_save_assignment (txn, &good, &error));
  must (door_dep_device_store_save_assignment (txn, &late, &error)); /* it has another one by now */
  must (door_dep_device_store_save_assignment (txn, &throttled, &error));
  must (door_dep_device_store_mark (txn, &profile, 101, 9, &changed, &error));
  g_assert_false (changed); /* what Apple wants to be left alone is left alone */
  none = door_dep_device_store_list_due (txn, &profile, 499, 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  must (door_dep_device_store_find_next_due (txn, "abm", &next, &error));
  g_assert_cmpint (next, ==, 500);
  ours = door_dep_device_store_list_with_profile (txn, "abm", "", 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ours->len, ==, 1);
  must (door_dep_store_save_profile (txn, &other, &error));
  profiles = door_dep_store_list_profiles (txn, "abm", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (profiles->len, ==, 1);
  g_assert_cmpstr (((DoorDepProfile *) profiles->pdata[0])->uuid, ==, "P2");
  must (door_dep_device_store_mark (txn, &other, 102, 9, &changed, &error));
  assert_rows (
      txn, "SELECT assign_due_at, serial FROM dep_device ORDER BY id",
      "[{'assign_due_at': <int64 102>, 'serial': <'C1'>}, {'assign_due_at': <int64 500>, 'serial': <'C2'>}]");
  must (door_dep_device_store_forget_assignments (txn, "abm", &error));
  must (door_dep_store_remove_profiles (txn, "abm", &error));
  must (door_dep_device_store_find_next_due (txn, "abm", &next, &error));
  g_assert_cmpint (next, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/dep-stores/servers", test_servers);
  fixture_add ("/dep-stores/cursor", test_cursor);
  fixture_add ("/dep-stores/newest-wins", test_newest_wins);
  fixture_add ("/dep-stores/unseen", test_unseen);
  fixture_add ("/dep-stores/moved", test_moved);
  fixture_add ("/dep-stores/teams", test_teams);
  fixture_add ("/dep-stores/scope", test_scope);
  fixture_add ("/dep-stores/assignments", test_assignments);
  return g_test_run ();
}

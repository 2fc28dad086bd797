/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-administrator-store.h"
#include "door-attempt-store.h"
#include "door-device-store.h"
#include "door-person-store.h"
#include "door-personal-token-store.h"
#include "door-refresh-chain-store.h"
#include "door-liveness-store.h"
#include "door-session-store.h"
#include "door-test-store.h"
#include "stores.h"

static DoorAdministrator
make (const char *id, const char *email)
{
  return (DoorAdministrator){ T (id), T (email), T (email), T ("Name"), T ("active"), 1, 0, T (""), 1, 2, 3 };
}

static void
test_administrators (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorAdministrator ada = make ("a", "ada@example.com"), twin = make ("b", "ada@example.com"),
                    bob = make ("c", "bob@example.com");
  const DoorAdministratorIdentity identity = { T ("i"), T ("s"), T ("a"), T ("okta"), 5 };
  g_autoptr (DoorAdministrator) by_id = NULL, by_email = NULL, by_identity = NULL, none = NULL;
  g_autoptr (GPtrArray) page = NULL, identities = NULL;
  bool added = false;

  must (door_administrator_store_add (txn, &ada, &added, &error));
  g_assert_true (added);
  must (door_administrator_store_add (txn, &twin, &added, &error));
  g_assert_false (added);
  must (door_administrator_store_add (txn, &bob, &added, &error));
  must (door_administrator_store_add_identity (txn, &identity, &added, &error));
  g_assert_true (added);
  must (door_administrator_store_add_identity (txn, &identity, &added, &error));
  g_assert_false (added);
  ada.state = T ("deactivated");
  ada.sso_enabled = 0;
  ada.api_only = 1;
  must (door_administrator_store_update (txn, &ada, &error));
  must (door_administrator_store_lookup (txn, "a", &by_id, &error));
  g_assert_cmpstr (by_id->state, ==, "deactivated");
  g_assert_cmpint (by_id->sso_enabled, ==, 0);
  g_assert_cmpint (by_id->api_only, ==, 1);
  g_assert_cmpint (by_id->signed_in_at, ==, 3);
  must (door_administrator_store_lookup_by_email (txn, "bob@example.com", &by_email, &error));
  g_assert_cmpstr (by_email->id, ==, "c");
  must (door_administrator_store_lookup_by_identity (txn, "i", "s", &by_identity, &error));
  g_assert_cmpstr (by_identity->id, ==, "a");
  must (door_administrator_store_lookup_by_identity (txn, "s", "i", &none, &error));
  g_assert_null (none);
  page = door_administrator_store_list (txn, "a", 5, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 1);
  identities = door_administrator_store_list_identities (txn, "a", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((DoorAdministratorIdentity *) identities->pdata[0])->connection, ==, "okta");
  must (door_administrator_store_move_identities (txn, "gone", "new", &added, &error));
  g_assert_false (added);
  must (door_administrator_store_move_identities (txn, "okta", "new", &added, &error));
  g_assert_true (added);
  assert_rows (txn, "SELECT connection FROM administrator_identity", "[{'connection': <'new'>}]");
  must (door_administrator_store_remove_identities (txn, "a", &added, &error));
  g_assert_true (added);
  assert_rows (txn, "SELECT issuer FROM administrator_identity", "[]");
}

/* Only who may do everything and can sign in counts. */
static void
test_roles (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorAdministrator rows[] = { make ("a", "a@x.example"), make ("b", "b@x.example"),
                               make ("c", "c@x.example"), make ("d", "d@x.example"),
                               make ("e", "e@x.example"), make ("f", "f@x.example") };
  g_autoptr (GPtrArray) roles = NULL;
  int64_t count = 0;
  bool added = false;

  rows[2].state = T ("deactivated");
  rows[3].sso_enabled = 0;
  rows[4].api_only = 1;
  rows[5].sso_enabled = 0;
  rows[5].password_hash = T ("x");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      must (door_administrator_store_add (txn, &rows[i], &added, &error));
      if (i != 1)
        must (door_administrator_store_add_role (txn, rows[i].id, "", "admin", &error));
    }
  must (door_administrator_store_add_role (txn, "b", "red", "admin", &error));
  must (door_administrator_store_add_role (txn, "b", "blue", "observer", &error));
  must (door_administrator_store_take_turn (txn, &error));
  must (door_administrator_store_count_global_admins (txn, true, &count, &error));
  g_assert_cmpint (count, ==, 2); /* a and f */
  must (door_administrator_store_count_global_admins (txn, false, &count, &error));
  g_assert_cmpint (count, ==, 1); /* a */
  roles = door_administrator_store_list_roles (txn, "b", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (roles->len, ==, 2);
  g_assert_cmpstr (((DoorRoleGrant *) roles->pdata[0])->team, ==, "blue");
  must (door_administrator_store_remove_roles (txn, "a", &error));
  must (door_administrator_store_count_global_admins (txn, true, &count, &error));
  g_assert_cmpint (count, ==, 1);
  assert_rows (txn, "SELECT turn FROM global_admin_guard", "[{'turn': <int64 1>}]");
}

/* Of the administrator "a". */
static DoorSessionRow
make_session (void)
{
  return (DoorSessionRow){ T ("h1"), T ("i1"), T ("a"), T ("okta"), T ("iss"),    T ("sub"),
                           T ("x1"), 10,       10,      100,        T ("Safari"), 0,
                           T (""),   T ("f"),  T ("n"), T ("s") };
}

static void
test_sessions (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorAdministrator ada = make ("a", "ada@example.com");
  const DoorSessionRow row = make_session ();
  DoorSessionRow other = row;
  g_autoptr (DoorSessionRow) found = NULL, none = NULL;
  g_autoptr (GPtrArray) list = NULL;
  bool changed = false;

  must (door_administrator_store_add (txn, &ada, &changed, &error));
  other.token_hash = T ("h2");
  other.id = T ("i2");
  other.session_index = T ("x2");
  other.created_at = 20;
  must (door_session_store_add (txn, &row, &error));
  must (door_session_store_add (txn, &other, &error));
  must (door_session_store_touch (txn, "h1", 30, &error));
  must (door_session_store_touch (txn, "h1", 20, &error)); /* never backwards */
  must (door_session_store_lookup (txn, "h1", &found, &error));
  g_assert_cmpint (found->seen_at, ==, 30);
  g_assert_cmpstr (found->user_agent_family, ==, "Safari");
  g_assert_cmpstr (found->name_format, ==, "f");
  g_assert_cmpstr (found->name_qualifier, ==, "n");
  g_assert_cmpstr (found->sp_name_qualifier, ==, "s");
  must (door_session_store_lookup (txn, "h3", &none, &error));
  g_assert_null (none);
  must (door_session_store_end (txn, "h1", "logout", 40, &changed, &error));
  g_assert_true (changed);
  must (door_session_store_end (txn, "h1", "again", 50, &changed, &error));
  g_assert_false (changed);
  must (door_session_store_end_matching (txn, &(DoorSessionEnd){ "okta", "iss", "sub", "x1", 60 }, &changed,
                                         &error));
  g_assert_false (changed);
  must (door_session_store_end_matching (txn, &(DoorSessionEnd){ "okta", "iss", NULL, "x2", 60 }, &changed,
                                         &error));
  g_assert_true (changed);
  assert_rows (txn, "SELECT ended_at AS e, end_reason AS r FROM admin_session ORDER BY id",
               "[{'e': <int64 40>, 'r': <'logout'>}, {'e': <int64 60>, 'r': <'provider'>}]");
  list = door_session_store_list (txn, "a", 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((DoorSessionRow *) list->pdata[0])->id, ==, "i2"); /* the newest */
  must (door_session_store_end_all (txn, "a", "changed", 70, &changed, &error));
  g_assert_false (changed);
  must (door_session_store_remove_expired (txn, 100, 10, &changed, &error));
  g_assert_false (changed);
  must (door_session_store_remove_expired (txn, 101, 10, &changed, &error));
  assert_rows (txn, "SELECT id FROM admin_session", "[]");
}

static DoorLivenessRow *
read_due (DoorTxn *txn, int64_t now_ms)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = door_liveness_store_list_due (txn, "okta", now_ms, 5, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, <=, 1);
  return rows->len == 1 ? g_ptr_array_steal_index (rows, 0) : NULL;
}

/* One caller has a check; what it stores is there unless the session or its token is another by then. */
static void
test_liveness (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorAdministrator ada = make ("a", "ada@example.com");
  const DoorSessionRow row = make_session ();
  g_autoptr (DoorLivenessRow) first = NULL, claimed = NULL, parked = NULL, used = NULL;
  bool changed = false;

  must (door_administrator_store_add (txn, &ada, &changed, &error));
  must (door_session_store_add (txn, &row, &error));
  must (door_liveness_store_begin (txn, "h1", "l1", &(DoorLivenessState){ "sealed-1", 10, 20, 0 }, &error));
  g_assert_null (read_due (txn, 19));
  first = read_due (txn, 20);
  g_assert_cmpstr (first->sealed_refresh, ==, "sealed-1");
  g_assert_cmpstr (first->liveness_id, ==, "l1");
  must (door_liveness_store_claim (txn, first, 30, &changed, &error));
  g_assert_true (changed);
  must (door_liveness_store_claim (txn, first, 30, &changed, &error));
  g_assert_false (changed);
  must (door_liveness_store_save (txn, first, &(DoorLivenessState){ "sealed-2", 21, 40, 2 }, &error));
  must (door_liveness_store_save (txn, first, &(DoorLivenessState){ "sealed-x", 22, 41, 3 }, &error));
  claimed = read_due (txn, 40);
  g_assert_cmpstr (claimed->sealed_refresh, ==, "sealed-2");
  g_assert_cmpint (claimed->check_failures, ==, 2);
  must (door_liveness_store_park (txn, claimed, 90, &error));
  g_assert_null (read_due (txn, 89));
  must (door_session_store_touch (txn, "h1", 50, &error));
  parked = read_due (txn, 50);                                /* due at once */
  must (door_liveness_store_park (txn, claimed, 90, &error)); /* used meanwhile */
  g_assert_cmpint (parked->seen_at, ==, 50);
  must (door_liveness_store_forget_expired (txn, 99, 5, &changed, &error));
  g_assert_false (changed);
  must (door_liveness_store_forget (txn, claimed, &error)); /* used meanwhile */
  used = read_due (txn, 50);
  g_assert_nonnull (used);
  must (door_session_store_end (txn, "h1", "logout", 60, NULL, &error));
  must (door_liveness_store_save (txn, used, &(DoorLivenessState){ "sealed-3", 61, 70, 0 }, &error));
  assert_rows (txn, "SELECT sealed_refresh AS s, check_at AS c FROM admin_session",
               "[{'s': <''>, 'c': <int64 0>}]");
}

/* A refresh token is there no longer than anybody could use the session. */
static void
test_liveness_expired (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorAdministrator ada = make ("a", "ada@example.com");
  const DoorSessionRow row = make_session ();
  bool changed = false;

  must (door_administrator_store_add (txn, &ada, &changed, &error));
  must (door_session_store_add (txn, &row, &error));
  must (door_liveness_store_begin (txn, "h1", "l1", &(DoorLivenessState){ "sealed", 10, 20, 0 }, &error));
  must (door_liveness_store_forget_expired (txn, 100, 5, &changed, &error));
  g_assert_true (changed);
  assert_rows (txn, "SELECT sealed_refresh AS s, check_at AS c FROM admin_session",
               "[{'s': <''>, 'c': <int64 0>}]");
}

/* A test of a connection is for the first browser, and has one result. */
static void
test_tests (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorTestRow row = { T ("h1"), T ("okta"), 10, 50, T (""), T ("") };
  const DoorTestRow done = { T (""), T ("okta"), 0, 0, T ("f"), T ("r") };
  const DoorTestRow other = { T (""), T ("entra"), 0, 0, T ("f"), T ("r") };
  g_autoptr (DoorTestRow) found = NULL;
  bool changed = false;

  must (door_test_store_add (txn, &row, &error));
  must (door_test_store_open (txn, "h1", "f", 50, &changed, &error));
  g_assert_false (changed); /* too late */
  must (door_test_store_open (txn, "h1", "f", 49, &changed, &error));
  g_assert_true (changed);
  must (door_test_store_open (txn, "h1", "g", 49, &changed, &error));
  g_assert_false (changed); /* another browser */
  must (door_test_store_set_result (txn, &other, 49, &changed, &error));
  g_assert_false (changed);
  must (door_test_store_set_result (txn, &done, 50, &changed, &error));
  g_assert_false (changed);
  must (door_test_store_set_result (txn, &done, 49, &changed, &error));
  g_assert_true (changed);
  must (door_test_store_set_result (txn, &done, 49, &changed, &error));
  g_assert_false (changed);
  must (door_test_store_lookup (txn, "h1", &found, &error));
  g_assert_cmpstr (found->flow_hash, ==, "f");
  g_assert_cmpstr (found->result, ==, "r");
  must (door_test_store_open (txn, "h1", "f", 49, &changed, &error));
  g_assert_false (changed);
  must (door_test_store_remove_expired (txn, 50, 10, &changed, &error));
  g_assert_false (changed);
  must (door_test_store_remove_expired (txn, 51, 10, &changed, &error));
  g_assert_true (changed);
  must (door_test_store_add (txn, &row, &error));
  must (door_test_store_remove (txn, "h1", &error));
  assert_rows (txn, "SELECT token_hash FROM test_sign_in", "[]");
}

static void
test_handovers (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorAdministrator ada = make ("a", "ada@example.com");
  DoorHandover row = { T ("h1"),     T ("f"), T ("a"), T ("okta"), T ("iss"), T ("sub"), T ("x"),
                       T ("/admin"), 90,      50,      T ("f"),    T ("n"),   NULL };
  g_autoptr (DoorHandover) found = NULL;
  bool changed = false;

  must (door_administrator_store_add (txn, &ada, &changed, &error));
  must (door_session_store_add_handover (txn, &row, &error));
  must (door_session_store_lookup_handover (txn, "h1", &found, &error));
  g_assert_cmpstr (found->flow_hash, ==, "f");
  g_assert_cmpstr (found->return_path, ==, "/admin");
  g_assert_cmpstr (found->name_format, ==, "f");
  g_assert_cmpstr (found->name_qualifier, ==, "n");
  g_assert_cmpstr (found->sp_name_qualifier, ==, "");
  g_assert_cmpint (found->session_ends_at, ==, 90);
  must (door_session_store_remove_handover (txn, "h1", &changed, &error));
  g_assert_true (changed);
  must (door_session_store_remove_handover (txn, "h1", &changed, &error));
  g_assert_false (changed);
  must (door_session_store_add_handover (txn, &row, &error));
  must (door_session_store_remove_expired_handovers (txn, 50, 10, &changed, &error));
  g_assert_false (changed);
  must (door_session_store_remove_expired_handovers (txn, 51, 10, &changed, &error));
  g_assert_true (changed);
  must (door_session_store_add_handover (txn, &row, &error));
  must (door_session_store_end_all (txn, "a", "logout", 60, NULL, &error));
  assert_rows (txn, "SELECT token_hash FROM admin_handover", "[]");
}

/* The statements that look for teams run on every backend; what they find is tested with the API. */
static void
test_scopes (Fixture *fixture)
{
  static const char *const roles[] = { "admin", "observer", NULL };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorAdministrator ada = make ("a", "ada@example.com");
  const DoorTeamScope scope = { "a", roles };
  const DoorAttempt attempt = { .code = T ("c1"), .at = 5, .team = T ("red") },
                    later = { .code = T ("c0"), .at = 5 };
  g_autoptr (GPtrArray) devices = NULL, people = NULL, attempts = NULL, all = NULL, none = NULL;
  bool added = false;

  must (door_administrator_store_add (txn, &ada, &added, &error));
  must (door_administrator_store_add_role (txn, "a", "red", "observer", &error));
  must (door_attempt_store_add (txn, &attempt, &error));
  devices = door_device_store_list_in_teams (txn, &scope, "", 5, &error);
  g_assert_no_error (error);
  people = door_person_store_list_in_teams (txn, &scope, "", 5, &error);
  g_assert_no_error (error);
  attempts = door_attempt_store_list_before (txn, &scope, NULL, 5, &error);
  g_assert_no_error (error);
  all = door_attempt_store_list_before (txn, NULL, &later, 5, &error);
  g_assert_no_error (error);
  none = door_attempt_store_list_before (txn, NULL, &attempt, 5, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (devices->len + people->len + none->len, ==, 0);
  g_assert_cmpuint (attempts->len, ==, 1);
  g_assert_cmpuint (all->len, ==, 1);
}

static void
test_tokens (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorAdministrator ada = make ("a", "ada@example.com");
  DoorPersonalToken row = { T ("h1"), T ("i1"), T ("a"), T ("okta"), T ("backup"), 10, 100, 0 };
  g_autoptr (DoorPersonalToken) found = NULL, none = NULL;
  g_autoptr (GPtrArray) page = NULL;
  int64_t n_tokens = 0;
  bool changed = false;

  must (door_administrator_store_add (txn, &ada, &changed, &error));
  for (size_t i = 0; i < 3; i++)
    {
      static const char *const hashes[] = { "h1", "h2", "h3" }, *const ids[] = { "i1", "i2", "i3" };

      row.token_hash = T (hashes[i]);
      row.id = T (ids[i]);
      row.expires_at = 100 + (int64_t) i;
      must (door_personal_token_store_add (txn, &row, &error));
    }
  must (door_personal_token_store_touch (txn, "h1", 30, &error));
  must (door_personal_token_store_touch (txn, "h1", 20, &error)); /* never backwards */
  must (door_personal_token_store_lookup (txn, "h1", &found, &error));
  g_assert_cmpint (found->used_at, ==, 30);
  g_assert_cmpstr (found->name, ==, "backup");
  g_assert_cmpstr (found->connection, ==, "okta");
  must (door_personal_token_store_lookup (txn, "h9", &none, &error));
  g_assert_null (none);
  must (door_personal_token_store_count (txn, "a", 100, &n_tokens, &error));
  g_assert_cmpint (n_tokens, ==, 2);
  page = door_personal_token_store_list (txn, "a", "i1", 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpstr (((const DoorPersonalToken *) g_ptr_array_index (page, 0))->id, ==, "i2");
  must (door_personal_token_store_remove (txn, "b", "i2", &changed, &error));
  g_assert_false (changed);
  must (door_personal_token_store_remove (txn, "a", "i2", &changed, &error));
  g_assert_true (changed);
  must (door_personal_token_store_remove_expired (txn, 101, 10, &changed, &error));
  g_assert_true (changed);
  assert_rows (txn, "SELECT id AS i FROM personal_token", "[{'i': <'i3'>}]");
  must (door_personal_token_store_remove_all (txn, "a", &error));
  assert_rows (txn, "SELECT id AS i FROM personal_token", "[]");
}

static void
test_refresh_chains (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorAdministrator ada = make ("a", "ada@example.com");
  const DoorSessionRow session = { T ("s"), T ("i"), T ("a"),    T ("okta"), T ("x"), T ("y"), T (""), 1,
                                   1,       9,       T ("curl"), 0,          T (""),  NULL,    NULL,   NULL };
  DoorRefreshChain row = { T ("c1"), T ("i"), T ("t1"), T (""), T (""), 10, 10 };
  const DoorRefreshTurn turn = { "c1", "t1", "t2", "salt", 20 };
  g_autoptr (DoorRefreshChain) found = NULL, none = NULL;
  bool changed = false;

  must (door_administrator_store_add (txn, &ada, &changed, &error));
  must (door_session_store_add (txn, &session, &error));
  must (door_refresh_chain_store_add (txn, &row, &error));
  must (door_refresh_chain_store_turn (txn, &turn, &changed, &error));
  g_assert_true (changed);
  must (door_refresh_chain_store_turn (txn, &turn, &changed, &error)); /* once */
  g_assert_false (changed);
  must (door_refresh_chain_store_lookup (txn, "c1", &found, &error));
  g_assert_cmpstr (found->session_id, ==, "i");
  g_assert_cmpstr (found->token_hash, ==, "t2");
  g_assert_cmpstr (found->before_hash, ==, "t1");
  g_assert_cmpstr (found->salt, ==, "salt");
  g_assert_cmpint (found->created_at, ==, 10);
  g_assert_cmpint (found->rotated_at, ==, 20);
  must (door_refresh_chain_store_lookup (txn, "c9", &none, &error));
  g_assert_null (none);
  row.chain_hash = T ("c2");
  row.created_at = 11;
  must (door_refresh_chain_store_add (txn, &row, &error));
  must (door_refresh_chain_store_remove_oldest (txn, "i", 1, &error));
  assert_rows (txn, "SELECT chain_hash AS c FROM refresh_chain", "[{'c': <'c2'>}]");
  must (door_session_store_remove_expired (txn, 10, 5, &changed, &error)); /* with its session */
  assert_rows (txn, "SELECT chain_hash AS c FROM refresh_chain", "[]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/administrators/administrators", test_administrators);
  fixture_add ("/administrators/roles", test_roles);
  fixture_add ("/administrators/sessions", test_sessions);
  fixture_add ("/administrators/liveness", test_liveness);
  fixture_add ("/administrators/liveness-expired", test_liveness_expired);
  fixture_add ("/administrators/tokens", test_tokens);
  fixture_add ("/administrators/refresh-chains", test_refresh_chains);
  fixture_add ("/administrators/handovers", test_handovers);
  fixture_add ("/administrators/tests", test_tests);
  fixture_add ("/administrators/scopes", test_scopes);
  return g_test_run ();
}

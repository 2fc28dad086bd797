/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-attempt-store.h"
#include "door-error.h"
#include "door-lease-store.h"
#include "door-login-store.h"
#include "door-metadata-store.h"
#include "door-object-store.h"
#include "door-person-store.h"
#include "door-schema.h"
#include "door-signing-key-store.h"
#include "door-sp-key-store.h"
#include "stores.h"

/* Of a request that is not answered. */
static void
assert_resolutions (DoorTxn *txn)
{
  g_autoptr (GError) error = NULL;
  bool changed = false;

  for (int i = 0; i < 3; i++)
    {
      must (door_login_store_count_resolution (txn, "_r1", 2, &changed, &error));
      g_assert_cmpint (changed, ==, i < 2);
    }
  assert_rows (txn, "SELECT resolutions FROM sign_in_request", "[{'resolutions': <int64 2>}]");
}

static const DoorFlow old_flow = { T ("k1"),
                                   T ("enrollment"),
                                   T (""),
                                   T ("red"),
                                   T ("ada@example.com"),
                                   T ("ade"),
                                   T ("C02XK1"),
                                   T ("U-1"),
                                   T ("Mac15,3"),
                                   T ("scheme:/x"),
                                   T ("s1"),
                                   T ("c1"),
                                   1,
                                   100 };
static const DoorFlow young_flow = { T ("k2"),      T ("enrollment"), T ("/x"), T (""), T (""),
                                     T ("account"), T (""),           T (""),   T (""), T (""),
                                     T (""),        T (""),           2,        200 };

static void
assert_way (const DoorFlow *flow)
{
  g_assert_cmpstr (flow->way, ==, "ade");
  g_assert_cmpstr (flow->serial, ==, "C02XK1");
  g_assert_cmpstr (flow->udid, ==, "U-1");
  g_assert_cmpstr (flow->product, ==, "Mac15,3");
  g_assert_cmpstr (flow->redirect_uri, ==, "scheme:/x");
  g_assert_cmpstr (flow->client_state, ==, "s1");
  g_assert_cmpstr (flow->code_challenge, ==, "c1");
}

static void
test_flows (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorSignInRequest request = { T ("_r1"), T ("k1"), T ("okta"), T ("https://a"), T ("h1"), 3,
                                      30,        0,        NULL };
  g_autoptr (DoorFlow) flow = NULL, none = NULL;
  g_autoptr (DoorSignInRequest) by_relay = NULL, gone = NULL;
  bool changed = false;

  must (door_login_store_add_flow (txn, &old_flow, &error));
  must (door_login_store_add_flow (txn, &young_flow, &error));
  must (door_login_store_lookup_flow (txn, "k1", &flow, &error));
  g_assert_cmpstr (flow->team, ==, "red");
  g_assert_cmpstr (flow->user_identifier, ==, "ada@example.com");
  assert_way (flow);
  g_assert_cmpint (flow->created_at, ==, 1);
  g_assert_cmpint (flow->expires_at, ==, 100);
  must (door_login_store_lookup_flow (txn, "k3", &none, &error));
  g_assert_null (none);
  must (door_login_store_add_request (txn, &request, &error));
  must (door_login_store_lookup_request (txn, "h1", &by_relay, &error));
  g_assert_cmpstr (by_relay->id, ==, "_r1");
  g_assert_cmpstr (by_relay->flow_hash, ==, "k1");
  g_assert_cmpstr (by_relay->acs_url, ==, "https://a");
  g_assert_cmpstr (by_relay->connection, ==, "okta");
  g_assert_cmpint (by_relay->created_at, ==, 3);
  g_assert_cmpint (by_relay->expires_at, ==, 30);
  g_assert_cmpstr (by_relay->flow->key_hash, ==, "k1");
  g_assert_cmpstr (by_relay->flow->team, ==, "red");
  g_assert_cmpint (by_relay->flow->created_at, ==, 1);
  g_assert_cmpint (by_relay->flow->expires_at, ==, 100);
  for (int i = 0; i < 3; i++)
    {
      must (door_login_store_count_decryption (txn, "_r1", 2, &changed, &error));
      g_assert_cmpint (changed, ==, i < 2);
    }
  assert_rows (txn, "SELECT decryptions FROM sign_in_request", "[{'decryptions': <int64 2>}]");
  assert_resolutions (txn);
  must (door_login_store_spend_request (txn, "_r1", 7, &changed, &error));
  g_assert_true (changed);
  must (door_login_store_count_resolution (txn, "_r1", 9, &changed, &error));
  g_assert_false (changed);
  must (door_login_store_count_decryption (txn, "_r1", 9, &changed, &error));
  g_assert_false (changed);
  must (door_login_store_spend_request (txn, "_r1", 8, &changed, &error));
  g_assert_false (changed);
  assert_rows (txn, "SELECT spent_at FROM sign_in_request", "[{'spent_at': <int64 7>}]");
  must (door_login_store_remove_expired_flows (txn, 100, 9, &changed, &error));
  must (door_login_store_lookup_request (txn, "h1", &gone, &error));
  g_assert_nonnull (gone);
  g_clear_pointer (&gone, door_sign_in_request_free);
  must (door_login_store_remove_expired_flows (txn, 101, 9, &changed, &error));
  assert_rows (txn, "SELECT key_hash FROM flow", "[{'key_hash': <'k2'>}]");
  must (door_login_store_lookup_request (txn, "h1", &gone, &error));
  g_assert_null (gone);
}

static void
test_replays (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  bool changed = false;

  must (door_login_store_add_replay (txn, "idp", "_a", 10, &changed, &error));
  g_assert_true (changed);
  must (door_login_store_add_replay (txn, "idp", "_a", 20, &changed, &error));
  g_assert_false (changed);
  must (door_login_store_add_replay (txn, "other", "_a", 20, &changed, &error));
  g_assert_true (changed);
  must (door_login_store_remove_expired_replays (txn, 10, 9, &changed, &error));
  must (door_login_store_add_replay (txn, "idp", "_a", 10, &changed, &error));
  g_assert_false (changed);
  must (door_login_store_remove_expired_replays (txn, 11, 9, &changed, &error));
  assert_rows (txn, "SELECT issuer FROM replay", "[{'issuer': <'other'>}]");
}

static void
assert_attempts (DoorTxn *txn, const DoorAttemptFilter *filter, int64_t limit, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = door_attempt_store_list (txn, filter, limit, &error);
  g_autoptr (GString) codes = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (codes, "%s%s", i > 0 ? " " : "",
                            ((DoorAttempt *) g_ptr_array_index (rows, i))->code);
  g_assert_cmpstr (codes->str, ==, expected);
}

static void
test_attempts (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  bool changed = false;
  DoorAttempt row = { T ("AAAA-0001"), 10,      T ("r"), T ("okta"), T ("red"),    T ("DW-X"),
                      T ("d"),         T ("c"), T ("p"), T ("test"), T ("a: b\n"), T ("{}") };
  g_autoptr (DoorAttempt) found = NULL, none = NULL, last = NULL, at_okta = NULL, of_nobody = NULL;

  must (door_attempt_store_add (txn, &row, &error));
  row.code = T ("AAAA-0002");
  row.at = 20;
  row.fault = T ("");
  must (door_attempt_store_add (txn, &row, &error));
  row.code = T ("AAAA-0003");
  row.at = 30;
  row.connection = T ("entra");
  row.fault = T ("DW-X");
  must (door_attempt_store_add (txn, &row, &error));
  row.code = T ("AAAA-0004");
  row.at = 5;
  row.connection = T ("okta");
  row.role_claims = T ("");
  must (door_attempt_store_add (txn, &row, &error));
  must (door_attempt_store_lookup_last (txn, "p", "", &last, &error));
  g_assert_cmpstr (last->code, ==, "AAAA-0003");
  must (door_attempt_store_lookup_last (txn, "p", "okta", &at_okta, &error));
  g_assert_cmpstr (at_okta->code, ==, "AAAA-0002");
  g_assert_cmpstr (at_okta->role_claims, ==, "{}");
  must (door_attempt_store_lookup_last (txn, "q", "", &of_nobody, &error));
  g_assert_null (of_nobody);
  must (door_attempt_store_remove_old (txn, 6, 9, &changed, &error));
  assert_attempts (txn, &(DoorAttemptFilter){ .connection = "" }, 9, "AAAA-0003 AAAA-0002 AAAA-0001");
  assert_attempts (txn, &(DoorAttemptFilter){ .connection = "" }, 2, "AAAA-0003 AAAA-0002");
  assert_attempts (txn, &(DoorAttemptFilter){ .connection = "okta" }, 9, "AAAA-0002 AAAA-0001");
  assert_attempts (txn, &(DoorAttemptFilter){ .connection = "", .failed_only = true }, 9,
                   "AAAA-0003 AAAA-0001");
  assert_attempts (txn, &(DoorAttemptFilter){ .connection = "", .since_ms = 20 }, 9, "AAAA-0003 AAAA-0002");
  assert_attempts (txn, &(DoorAttemptFilter){ .connection = "google" }, 9, "");
  must (door_attempt_store_lookup (txn, "AAAA-0001", &found, &error));
  g_assert_cmpint (found->at, ==, 10);
  g_assert_cmpstr (found->request_id, ==, "r");
  g_assert_cmpstr (found->connection, ==, "okta");
  g_assert_cmpstr (found->team, ==, "red");
  g_assert_cmpstr (found->fault, ==, "DW-X");
  g_assert_cmpstr (found->detail, ==, "d");
  g_assert_cmpstr (found->checks, ==, "c");
  g_assert_cmpstr (found->person_id, ==, "p");
  g_assert_cmpstr (found->purpose, ==, "test");
  g_assert_cmpstr (found->received, ==, "a: b\n");
  g_assert_cmpstr (found->role_claims, ==, "{}");
  must (door_attempt_store_remove_old (txn, 20, 9, &changed, &error));
  must (door_attempt_store_lookup (txn, "AAAA-0001", &none, &error));
  g_assert_null (none);
  assert_rows (txn, "SELECT code FROM attempt ORDER BY code",
               "[{'code': <'AAAA-0002'>}, {'code': <'AAAA-0003'>}]");
}

static void
add_person (DoorTxn *txn, const char *id, const char *email)
{
  const DoorPerson person = { T (id),    T ("active"), T ("user"), T (email), T ("Ada L"), T ("Ada"), T ("L"),
                              T ("dep"), T ("acc"),    T ("a\nb"), 1,         2,           3 };
  g_autoptr (GError) error = NULL;

  must (door_person_store_add (txn, &person, &error));
}

static void
test_persons (Fixture *fixture)
{
  bool moved = false;
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorPersonIdentity identity = { T ("idp"), T ("ada"), T ("p1"), T ("okta"), 5 };
  const DoorPersonIdentity taken = { T ("idp"), T ("ada"), T ("p2"), T ("okta"), 6 };
  g_autoptr (DoorPerson) person = NULL, none = NULL, by_id = NULL, changed_person = NULL;
  g_autoptr (GPtrArray) page = NULL, rest = NULL, found = NULL, by_user = NULL, identities = NULL;
  bool changed = false;

  add_person (txn, "p1", "ada@example.com");
  add_person (txn, "p2", "ada@example.com");
  add_person (txn, "p3", "bob@example.com");
  must (door_person_store_add_identity (txn, &identity, &changed, &error));
  g_assert_true (changed);
  must (door_person_store_add_identity (txn, &taken, &changed, &error));
  g_assert_false (changed);
  must (door_person_store_lookup_by_identity (txn, "idp", "ada", &person, &error));
  g_assert_cmpstr (person->id, ==, "p1");
  g_assert_cmpstr (person->group_names, ==, "a\nb");
  must (door_person_store_lookup_by_identity (txn, "other", "ada", &none, &error));
  g_assert_null (none);
  must (door_person_store_lookup (txn, "p2", &by_id, &error));
  g_assert_cmpstr (by_id->full_name, ==, "Ada L");
  by_id->created_at = 99;
  by_id->signed_in_at = 9;
  g_free (by_id->email);
  by_id->email = g_strdup ("new@example.com");
  must (door_person_store_update (txn, by_id, &error));
  must (door_person_store_lookup (txn, "p2", &changed_person, &error));
  g_assert_cmpstr (changed_person->email, ==, "new@example.com");
  g_assert_cmpint (changed_person->signed_in_at, ==, 9);
  g_assert_cmpint (changed_person->created_at, ==, 1);
  page = door_person_store_list (txn, "", 2, &error);
  rest = door_person_store_list (txn, "p2", 2, &error);
  found = door_person_store_find (txn, "ada@example.com", 5, &error);
  by_user = door_person_store_find (txn, "user", 2, &error);
  identities = door_person_store_list_identities (txn, "p1", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 2);
  g_assert_cmpuint (rest->len, ==, 1);
  g_assert_cmpstr (((DoorPerson *) rest->pdata[0])->id, ==, "p3");
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpuint (by_user->len, ==, 2);
  g_assert_cmpuint (identities->len, ==, 1);
  g_assert_cmpstr (((DoorPersonIdentity *) identities->pdata[0])->subject, ==, "ada");
  must (door_person_store_move_identities (txn, "gone", "new", &moved, &error));
  g_assert_false (moved);
  must (door_person_store_move_identities (txn, ((DoorPersonIdentity *) identities->pdata[0])->connection,
                                           "new", &moved, &error));
  g_assert_true (moved);
  assert_rows (txn, "SELECT subject FROM person_identity WHERE connection = 'new' AND subject = 'ada'",
               "[{'subject': <'ada'>}]");
}

static void
test_metadata (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorStoredMetadata row = { T ("okta"), T ("https://a"), T ("e"), T ("<xml/>"), 1 };
  g_autoptr (DoorStoredMetadata) found = NULL, none = NULL;

  must (door_metadata_store_save (txn, &row, &error));
  row.xml = T ("<new/>");
  row.fetched_at = 2;
  must (door_metadata_store_save (txn, &row, &error));
  must (door_metadata_store_lookup (txn, "okta", &found, &error));
  g_assert_cmpstr (found->xml, ==, "<new/>");
  g_assert_cmpstr (found->source, ==, "https://a");
  g_assert_cmpint (found->fetched_at, ==, 2);
  must (door_metadata_store_lookup (txn, "none", &none, &error));
  g_assert_null (none);
}

static void
test_sp_keys (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorStoredSpKey row = { T ("okta"), T ("signing"), T ("current"), T ("sealed"), T ("first"), 1 };
  DoorStoredSpKey second = { T ("okta"), T ("signing"), T ("current"), T ("sealed"), T ("second"), 2 };
  g_autoptr (GPtrArray) found = NULL, none = NULL, last = NULL;
  bool changed = false;

  must (door_sp_key_store_add (txn, &row, &changed, &error));
  g_assert_true (changed);
  must (door_sp_key_store_add (txn, &second, &changed, &error));
  g_assert_false (changed);
  second.state = T ("next");
  must (door_sp_key_store_add (txn, &second, &changed, &error));
  g_assert_true (changed);
  found = door_sp_key_store_list (txn, "okta", "signing", &error);
  must (found != NULL);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpstr (((DoorStoredSpKey *) found->pdata[0])->certificate, ==, "first");
  g_assert_cmpstr (((DoorStoredSpKey *) found->pdata[1])->state, ==, "next");
  g_assert_cmpstr (((DoorStoredSpKey *) found->pdata[1])->sealed_key, ==, "sealed");
  g_assert_cmpint (((DoorStoredSpKey *) found->pdata[1])->created_at, ==, 2);
  none = door_sp_key_store_list (txn, "okta", "encryption", &error);
  must (none != NULL);
  g_assert_cmpuint (none->len, ==, 0);
  must (door_sp_key_store_set_state (txn, &row, "previous", &changed, &error));
  g_assert_true (changed);
  must (door_sp_key_store_set_state (txn, &row, "previous", &changed, &error));
  g_assert_false (changed);
  must (door_sp_key_store_remove (txn, "okta", "signing", "next", &error));
  last = door_sp_key_store_list (txn, "okta", "signing", &error);
  must (last != NULL);
  g_assert_cmpuint (last->len, ==, 1);
  g_assert_cmpstr (((DoorStoredSpKey *) last->pdata[0])->state, ==, "previous");
}

/* A database without our tables: every store says so instead of "there is none". */
static bool
take (DoorTxn *txn, const char *holder, int64_t now_ms)
{
  const DoorLease lease = { "work", holder, now_ms, 100 };
  g_autoptr (GError) error = NULL;
  bool taken = false;

  must (door_lease_store_take (txn, &lease, &taken, &error));
  return taken;
}

static void
test_objects (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorStoredObject object = { T ("idp/a"), T ("1"), T ("Type=saml"), 1, 10, 10, 0 };
  const DoorStoredObject other = { T ("idp/b"), T ("2"), T ("Type=okta"), 1, 11, 11, 0 };
  g_autoptr (DoorStoredObject) found = NULL, none = NULL;
  g_autoptr (GPtrArray) first = NULL, second = NULL;
  int64_t revision = -1;
  bool done = false;

  must (door_object_store_get_revision (txn, &revision, &error));
  g_assert_cmpint (revision, ==, 0);
  must (door_object_store_add (txn, &object, &done, &error));
  g_assert_true (done);
  must (door_object_store_add (txn, &other, &done, &error));
  must (door_object_store_add (txn, &object, &done, &error));
  g_assert_false (done);
  must (door_object_store_bump (txn, &error));
  must (door_object_store_bump (txn, &error));
  must (door_object_store_get_revision (txn, &revision, &error));
  g_assert_cmpint (revision, ==, 2);
  first = door_object_store_list (txn, "", 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first->len, ==, 1);
  object.content = T ("Type=entra");
  must (door_object_store_change (txn, &object, &done, &error));
  g_assert_true (done);
  must (door_object_store_change (txn, &object, &done, &error)); /* it is version 2 by now */
  g_assert_false (done);
  object.version = 2;
  object.removed_at = 20;
  must (door_object_store_change (txn, &object, &done, &error));
  g_assert_true (done);
  object.version = 3;
  must (door_object_store_change (txn, &object, &done, &error)); /* it is gone */
  g_assert_false (done);
  must (door_object_store_add (txn, &object, &done, &error)); /* but not its name */
  g_assert_false (done);
  must (door_object_store_lookup (txn, "idp/a", &found, &error));
  g_assert_cmpint (found->removed_at, ==, 20);
  must (door_object_store_lookup (txn, "idp/c", &none, &error));
  g_assert_null (none);
  second = door_object_store_list (txn, "", 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (second->len, ==, 1);
  g_assert_cmpstr (((DoorStoredObject *) g_ptr_array_index (second, 0))->name, ==, "idp/b");
}

/* What is gone, and what stands in a file, is not meant. */
static void
test_objects_by_entity (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorStoredObject here = { T ("idp/a"), T ("1"), T ("Type=saml"), 1, 10, 10, 0 },
                         gone = { T ("idp/gone"), T ("2"), T (""), 1, 10, 10, 20 };
  static const char *const names[] = { "gone", "file", "a" };
  g_autoptr (DoorStoredObject) found = NULL, itself = NULL, other = NULL;
  bool done = false;

  must (door_object_store_add (txn, &here, &done, &error));
  must (door_object_store_add (txn, &gone, &done, &error));
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const DoorStoredMetadata row = { T (names[i]), T ("upload"), T ("urn:x"), T ("<x/>"), 10 };

      must (door_metadata_store_save (txn, &row, &error));
    }
  must (door_object_store_lookup_entity (txn, "urn:x", "b", &found, &error));
  g_assert_cmpstr (found->name, ==, "idp/a");
  must (door_object_store_lookup_entity (txn, "urn:x", "a", &itself, &error));
  g_assert_null (itself);
  must (door_object_store_lookup_entity (txn, "urn:y", "b", &other, &error));
  g_assert_null (other);
}

static void
test_signing_keys (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorStoredSigningKey old = { T ("k1"), T ("p1"), T ("s1"), 1, 1 };
  const DoorStoredSigningKey young = { T ("k2"), T ("p2"), T ("s2"), 2, 5 };
  g_autoptr (GPtrArray) both = NULL, one = NULL;

  must (door_signing_key_store_add (txn, &old, &error));
  must (door_signing_key_store_add (txn, &young, &error));
  both = door_signing_key_store_list (txn, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (both->len, ==, 2);
  g_assert_cmpstr (((DoorStoredSigningKey *) g_ptr_array_index (both, 0))->kid, ==, "k2");
  must (door_signing_key_store_remove (txn, "k2", &error));
  one = door_signing_key_store_list (txn, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_cmpstr (((DoorStoredSigningKey *) g_ptr_array_index (one, 0))->sealed, ==, "s1");
}

static void
test_leases (Fixture *fixture)
{
  static const char sql[] = "SELECT holder, expires_at FROM lease WHERE name = 'work'";
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_true (take (txn, "a", 1000));
  g_assert_false (take (txn, "b", 1099));
  g_assert_true (take (txn, "a", 1050));
  g_assert_false (take (txn, "b", 1149));
  assert_rows (txn, sql, "[{'holder': <'a'>, 'expires_at': <int64 1150>}]");
  g_assert_true (take (txn, "b", 1150));
  g_assert_false (take (txn, "a", 1150));

  /* of somebody else it is not released */
  must (door_lease_store_release (txn, "work", "a", &error));
  g_assert_false (take (txn, "a", 1151));
  must (door_lease_store_release (txn, "work", "b", &error));
  g_assert_true (take (txn, "a", 1151));

  /* one whose clock is behind, by less than a lease is long, takes it from nobody */
  g_assert_false (take (txn, "b", 1150));
  g_assert_false (take (txn, "b", 1051));

  /* the clock was set back: what it wrote before holds nobody up */
  g_assert_true (take (txn, "b", 500));
  assert_rows (txn, sql, "[{'holder': <'b'>, 'expires_at': <int64 600>}]");
}

static void
test_no_tables (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  g_autoptr (DoorFlow) flow = NULL;
  g_autoptr (GPtrArray) list = NULL;

  g_assert_false (door_login_store_lookup_flow (txn, "k", &flow, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  list = door_person_store_list (txn, "", 1, &error);
  g_assert_null (list);
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/stores/flows", test_flows);
  fixture_add ("/stores/replays", test_replays);
  fixture_add ("/stores/attempts", test_attempts);
  fixture_add ("/stores/persons", test_persons);
  fixture_add ("/stores/metadata", test_metadata);
  fixture_add ("/stores/objects-by-entity", test_objects_by_entity);
  fixture_add ("/stores/objects", test_objects);
  fixture_add ("/stores/signing-keys", test_signing_keys);
  fixture_add ("/stores/sp-keys", test_sp_keys);
  fixture_add ("/stores/leases", test_leases);
  fixture_add ("/stores/no-tables", test_no_tables);
  return g_test_run ();
}

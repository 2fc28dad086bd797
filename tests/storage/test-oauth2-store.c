/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>

#include "door-device-store.h"
#include "door-oauth2-store.h"
#include "door-token-store.h"
#include "stores.h"

static void
add_grant (DoorTxn *txn, const char *id, const char *code_hash, int64_t created_at)
{
  const DoorOauth2Grant grant = {
    .id = T (id),
    .code_hash = T (code_hash),
    .redirect_uri = T ("scheme:/x"),
    .client_state = T ("s%20"),
    .code_challenge = T ("cc"),
    .person_id = T ("p1"),
    .team = T ("red"),
    .managed_account = T ("acc"),
    .chain_hash = T (""),
    .token_hash = T (""),
    .before_hash = T (""),
    .salt = T (""),
    .access_hash = T (""),
    .enrollment_id = T (""),
    .created_at = created_at,
  };
  g_autoptr (GError) error = NULL;

  must (door_oauth2_store_add (txn, &grant, &error));
}

static void
add_access (DoorTxn *txn, const char *hash, const char *grant_id)
{
  const DoorOauth2Access access = { hash, grant_id, 10 };
  const DoorAccessToken token = {
    T (hash), T ("account"), T (""), T ("p1"), T ("red"), T ("acc"), T (""), T (""),
    T (""),   T (""),        0,      1,        10,        0,         T (""), 0
  };
  g_autoptr (GError) error = NULL;

  must (door_token_store_add (txn, &token, &error));
  must (door_oauth2_store_add_access (txn, &access, &error));
}

static void
add_enrollment (DoorTxn *txn, const char *id)
{
  const DoorDevice device = { .id = T ("d1"),
                              .apple_id = T ("E-1"),
                              .kind = T ("user"),
                              .product = T ("x"),
                              .os_version = T (""),
                              .build_version = T (""),
                              .serial = T (""),
                              .name = T (""),
                              .model = T (""),
                              .model_name = T ("") };
  const DoorEnrollment enrollment = { .id = T (id),
                                      .device_id = T ("d1"),
                                      .team = T ("red"),
                                      .state = T ("pending"),
                                      .certificate_sha256 = T ("c1"),
                                      .topic = T ("t"),
                                      .push_magic = T (""),
                                      .push_token = T (""),
                                      .created_at = 1,
                                      .end_reason = T (""),
                                      .way = T ("account"),
                                      .mode = T ("BYOD"),
                                      .token_hash = T ("a1") };
  g_autoptr (GError) error = NULL;

  must (door_device_store_add (txn, &device, &error));
  must (door_device_store_add_enrollment (txn, &enrollment, &error));
}

/* One claim at a time, for the token that counts; the end wipes what the provider gave. */
static void
test_provider (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (DoorOauth2Grant) before = NULL, saved = NULL, ended = NULL;
  g_autoptr (GError) error = NULL;
  const DoorOauth2Grant grant = {
    .id = T ("g1"),
    .code_hash = T ("h1"),
    .redirect_uri = T (""),
    .client_state = T (""),
    .code_challenge = T (""),
    .person_id = T ("p1"),
    .team = T (""),
    .managed_account = T (""),
    .chain_hash = T ("ch"),
    .token_hash = T ("t1"),
    .before_hash = T (""),
    .salt = T (""),
    .access_hash = T (""),
    .enrollment_id = T (""),
    .sealed_refresh = T ("sealed-1"),
    .connection = T ("campus"),
    .issuer = T ("iss"),
    .subject = T ("sub"),
    .verified_at = 5,
  };
  const DoorRefreshTurn turn = { "ch", "t1", NULL, NULL, 10 }, other = { "ch", "t2", NULL, NULL, 10 };
  const DoorRefreshTurn later = { "ch", "t1", NULL, NULL, 20 };
  bool changed = true;

  must (door_oauth2_store_add (txn, &grant, &error));
  must (door_oauth2_store_lookup_by_chain (txn, "ch", &before, &error));
  g_assert_cmpstr (before->sealed_refresh, ==, "sealed-1");
  g_assert_cmpstr (before->connection, ==, "campus");
  g_assert_cmpstr (before->issuer, ==, "iss");
  g_assert_cmpstr (before->subject, ==, "sub");
  g_assert_cmpint (before->verified_at, ==, 5);
  must (door_oauth2_store_claim (txn, &other, 20, &changed, &error));
  g_assert_false (changed);
  must (door_oauth2_store_claim (txn, &turn, 20, &changed, &error));
  g_assert_true (changed);
  must (door_oauth2_store_claim (txn, &turn, 20, &changed, &error));
  g_assert_false (changed);
  must (door_oauth2_store_claim (txn, &later, 30, &changed, &error));
  g_assert_true (changed);
  must (door_oauth2_store_save (txn, &(DoorOauth2Verdict){ "g1", "sealed-2", 21 }, &error));
  must (door_oauth2_store_lookup_by_chain (txn, "ch", &saved, &error));
  g_assert_cmpstr (saved->sealed_refresh, ==, "sealed-2");
  g_assert_cmpint (saved->verified_at, ==, 21);
  must (door_oauth2_store_end (txn, "g1", "provider", 22, &error));
  must (door_oauth2_store_lookup_by_chain (txn, "ch", &ended, &error));
  g_assert_cmpstr (ended->sealed_refresh, ==, "");
}

/* A code is exchanged once; a token turns once. */
static void
test_chain (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (DoorOauth2Grant) code = NULL, chain = NULL, access = NULL, none = NULL;
  g_autoptr (GError) error = NULL;
  const DoorOauth2Exchange exchange = { "g1", "ch", "t1", 5 };
  const DoorRefreshTurn turn = { "ch", "t1", "t2", "salt", 6 };
  bool changed = false;

  add_grant (txn, "g1", "h1", 1);
  add_grant (txn, "g2", "h2", 2);
  must (door_oauth2_store_lookup_by_code (txn, "h1", &code, &error));
  g_assert_cmpstr (code->id, ==, "g1");
  g_assert_cmpstr (code->redirect_uri, ==, "scheme:/x");
  g_assert_cmpstr (code->client_state, ==, "s%20");
  g_assert_cmpstr (code->code_challenge, ==, "cc");
  g_assert_cmpstr (code->person_id, ==, "p1");
  g_assert_cmpstr (code->team, ==, "red");
  g_assert_cmpstr (code->managed_account, ==, "acc");
  must (door_oauth2_store_exchange (txn, &exchange, &changed, &error));
  g_assert_true (changed);
  must (door_oauth2_store_exchange (txn, &exchange, &changed, &error));
  g_assert_false (changed);
  must (door_oauth2_store_turn (txn, &turn, &changed, &error));
  g_assert_true (changed);
  must (door_oauth2_store_turn (txn, &turn, &changed, &error));
  g_assert_false (changed);
  add_access (txn, "a1", "g1");
  must (door_oauth2_store_lookup_by_chain (txn, "ch", &chain, &error));
  g_assert_cmpstr (chain->token_hash, ==, "t2");
  g_assert_cmpstr (chain->before_hash, ==, "t1");
  g_assert_cmpstr (chain->salt, ==, "salt");
  g_assert_cmpstr (chain->access_hash, ==, "a1");
  g_assert_cmpint (chain->exchanged_at, ==, 5);
  g_assert_cmpint (chain->rotated_at, ==, 6);
  must (door_oauth2_store_lookup_by_access (txn, "a1", &access, &error));
  g_assert_cmpstr (access->id, ==, "g1");
  must (door_oauth2_store_lookup_by_access (txn, "a9", &none, &error));
  g_assert_null (none);
}

/* All that a grant gave ends with it, and nothing else. */
static void
test_ends (Fixture *fixture)
{
  static const char revoked[] = "SELECT hash FROM access_token WHERE revoked_at = 9 ORDER BY hash";
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorOauth2Exchange exchange = { "g1", "ch", "t1", 5 };
  bool changed = true;

  add_enrollment (txn, "e1");
  for (int i = 1; i <= 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("g%d", i), *code = g_strdup_printf ("h%d", i);
      g_autofree char *access = g_strdup_printf ("a%d", i);

      add_grant (txn, id, code, i);
      add_access (txn, access, id);
    }
  must (door_oauth2_store_bind (txn, "g1", "e1", &error));
  must (door_oauth2_store_bind (txn, "g1", "e2", &error));
  assert_rows (txn, "SELECT enrollment_id AS e FROM oauth2_grant WHERE id = 'g1'", "[{'e': <'e1'>}]");
  assert_rows (txn, "SELECT way FROM enrollment", "[{'way': <'oauth2'>}]");
  must (door_oauth2_store_bind (txn, "g2", "e1", &error));
  must (door_oauth2_store_end_others (txn, "e1", "g2", 9, &error));
  assert_rows (txn, revoked, "[{'hash': <'a1'>}]");
  assert_rows (txn, "SELECT id, end_reason AS r FROM oauth2_grant WHERE ended_at = 9",
               "[{'id': <'g1'>, 'r': <'replaced'>}]");
  must (door_oauth2_store_exchange (txn, &exchange, &changed, &error));
  g_assert_false (changed);
  must (door_oauth2_store_end (txn, "g3", "reuse", 9, &error));
  assert_rows (txn, revoked, "[{'hash': <'a1'>}, {'hash': <'a3'>}]");
  must (
      door_oauth2_store_remove_old (txn, 3, 9, &changed, &error)); /* g1 has ended, g2 goes on, g3 is young */
  assert_rows (txn, "SELECT id FROM oauth2_grant ORDER BY id", "[{'id': <'g2'>}, {'id': <'g3'>}]");
  must (door_oauth2_store_remove_expired_access (txn, 10, 9, &changed, &error));
  g_assert_false (changed);
  must (door_oauth2_store_remove_expired_access (txn, 11, 2, &changed, &error));
  g_assert_true (changed);
  assert_rows (txn, "SELECT count(*) AS n FROM oauth2_access", "[{'n': <int64 1>}]");
}

static void *
replace_grant (void *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (data, DOOR_TXN_WRITE, NULL, &error);

  g_assert_nonnull (txn);
  must (door_oauth2_store_end_others (txn, "e1", "g2", 9, &error));
  must (door_txn_commit (txn, &error));
  return NULL;
}

/* One server gives a token by a grant while another has the grant replaced: the token ends with it, whichever
 * of the two is first. */
static void
test_replaced_while_it_gives (Fixture *fixture)
{
  g_autoptr (DoorStorage) storage = fixture_open_another (fixture, "2");
  const DoorOauth2Exchange exchange = { "g1", "ch", "t1", 5 };
  g_autoptr (GError) error = NULL;
  bool changed = false;
  pthread_t thread;
  DoorTxn *txn = begin (fixture);

  add_enrollment (txn, "e1");
  add_grant (txn, "g1", "h1", 1);
  add_grant (txn, "g2", "h2", 2);
  must (door_oauth2_store_bind (txn, "g1", "e1", &error));
  must (door_oauth2_store_bind (txn, "g2", "e1", &error));
  must (door_txn_commit (txn, &error));
  door_txn_free (txn);

  txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_no_error (error);
  must (door_oauth2_store_exchange (txn, &exchange, &changed, &error));
  add_access (txn, "a1", "g1");
  g_assert_cmpint (pthread_create (&thread, NULL, replace_grant, storage), ==, 0);
  g_usleep (G_USEC_PER_SEC / 5);
  must (door_txn_commit (txn, &error));
  door_txn_free (txn);
  pthread_join (thread, NULL);

  txn = begin (fixture);
  assert_rows (txn, "SELECT hash FROM access_token WHERE revoked_at = 9", "[{'hash': <'a1'>}]");
  door_txn_free (txn);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/oauth2-store/chain", test_chain);
  fixture_add ("/oauth2-store/provider", test_provider);
  fixture_add ("/oauth2-store/ends", test_ends);
  fixture_add ("/oauth2-store/replaced-while-it-gives", test_replaced_while_it_gives);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-administrator-store.h"
#include "door-association-store.h"
#include "door-certificate-store.h"
#include "door-device-store.h"
#include "door-enrollment-link-store.h"
#include "door-eula-store.h"
#include "door-person-store.h"
#include "door-renewal-store.h"
#include "door-token-store.h"
#include "stores.h"

static void
add_person (DoorTxn *txn, const char *id, const char *email)
{
  const DoorPerson person = { T (id),    T ("active"), T ("user"), T (email), T ("Ada L"), T ("Ada"), T ("L"),
                              T ("dep"), T ("acc"),    T ("a\nb"), 1,         2,           3 };
  g_autoptr (GError) error = NULL;

  must (door_person_store_add (txn, &person, &error));
}

static void
test_tokens (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  bool changed = false;
  DoorAccessToken row = { T ("h1"),     T ("ade"), T (""), T ("p1"),  T ("red"), T ("acc"),
                          T ("C02XK1"), T ("U-1"), T (""), T ("use"), 0,         1,
                          10,           0,         T (""), 0 };
  g_autoptr (DoorAccessToken) token = NULL, none = NULL;

  add_person (txn, "p1", "a");
  add_person (txn, "p2", "b");
  must (door_token_store_add (txn, &row, &error));
  row.hash = T ("h2");
  row.expires_at = 20;
  row.person_id = T ("p2");
  must (door_token_store_add (txn, &row, &error));
  must (door_token_store_bind (txn, "h1", "c1", &changed, &error));
  g_assert_true (changed);
  must (door_token_store_bind (txn, "h1", "c2", &changed, &error));
  g_assert_false (changed);
  must (door_token_store_lookup (txn, "h1", &token, &error));
  g_assert_cmpstr (token->certificate_sha256, ==, "c1");
  g_assert_cmpstr (token->person_id, ==, "p1");
  g_assert_cmpstr (token->team, ==, "red");
  g_assert_cmpstr (token->managed_account, ==, "acc");
  g_assert_cmpstr (token->kind, ==, "ade");
  g_assert_cmpstr (token->serial, ==, "C02XK1");
  g_assert_cmpstr (token->udid, ==, "U-1");
  g_assert_cmpstr (token->eula, ==, "use");
  must (door_token_store_lookup (txn, "h3", &none, &error));
  g_assert_null (none);
  must (door_token_store_remove_expired (txn, 10, 9, &changed, &error));
  must (door_token_store_remove_expired (txn, 11, 9, &changed, &error));
  assert_rows (txn, "SELECT hash FROM access_token", "[{'hash': <'h2'>}]");
}

/* A provider vouches for one of its own only, for the same person, later and never earlier. */
static void
test_prolong (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorAccessToken row = { T ("h1"), T ("account"), T (""), T ("p1"), T (""),
                          T (""),   T (""),        T (""), T (""),   T ("") };
  static const struct
  {
    const char *person_id;
    const char *connection;
    int64_t expires_at;
    int64_t expected;
  } cases[] = {
    { "p1", "okta", 20, 20 },
    { "p1", "okta", 15, 20 },
    { "p2", "okta", 30, 20 },
    { "p1", "entra", 30, 20 },
  };

  add_person (txn, "p1", "a");
  row.expires_at = 10;
  row.certificate_sha256 = T ("");
  row.connection = T ("okta");
  row.vouched_until = 40;
  must (door_token_store_add (txn, &row, &error));
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorAccessToken) found = NULL;

      row.person_id = T (cases[i].person_id);
      row.connection = T (cases[i].connection);
      row.expires_at = cases[i].expires_at;
      must (door_token_store_prolong (txn, &row, &error));
      must (door_token_store_lookup (txn, "h1", &found, &error));
      g_assert_cmpint (found->expires_at, ==, cases[i].expected);
      g_assert_cmpint (found->vouched_until, ==, 40);
    }
  must (door_txn_execute (txn, "UPDATE access_token SET revoked_at = 1", NULL, &error) == 1);
  row.person_id = T ("p1");
  row.connection = T ("okta");
  row.expires_at = 30;
  must (door_token_store_prolong (txn, &row, &error));
  assert_rows (txn, "SELECT expires_at FROM access_token", "[{'expires_at': <int64 20>}]");
}

/* The first fetch and the first consent count. */
static void
test_ticket_steps (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  bool changed = false;
  DoorAccessToken row = { T ("h1"), T ("ade"), T (""), T (""), T ("red"), T (""), T (""), T (""),
                          T (""),   T ("use"), 0,      1,      10,        0,      T (""), 0 };

  must (door_token_store_add (txn, &row, &error));
  row.mode = T ("ADDE");
  row.product = T ("Mac15,3");
  row.enroll_reference = T ("r1");
  row.fetched_at = 5;
  row.expires_at = 50;
  must (door_token_store_set_fetched (txn, &row, &error));
  row.enroll_reference = T ("r2");
  row.fetched_at = 6;
  row.expires_at = 60;
  must (door_token_store_set_fetched (txn, &row, &error));
  must (door_token_store_set_agreed (txn, "h1", 3, &changed, &error));
  g_assert_true (changed);
  must (door_token_store_set_agreed (txn, "h1", 4, &changed, &error));
  g_assert_false (changed);
  assert_rows (
      txn, "SELECT mode, product, fetched_at, expires_at, agreed_at, enroll_reference FROM access_token",
      "[{'mode': <'ADDE'>, 'product': <'Mac15,3'>, 'fetched_at': <int64 5>, 'expires_at': <int64 50>, "
      "'agreed_at': <int64 3>, 'enroll_reference': <'r1'>}]");
}

/* A newer ticket of a device, by serial number or UDID, ends those that no certificate is bound to. */
static void
test_ticket_former (Fixture *fixture)
{
  static const struct
  {
    const char *hash, *kind, *serial, *udid, *certificate;
  } rows[] = {
    { "serial", "ade", "S", "", "" },     { "udid", "link", "", "U", "" },
    { "bound", "ade", "S", "U", "c" },    { "account", "account", "S", "U", "" },
    { "other", "ade", "S2", "U2", "" },   { "nameless", "link", "", "", "" },
    { "nameless-2", "link", "", "", "" }, { "new", "ade", "S", "U", "" },
  };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const DoorAccessToken row = { T (rows[i].hash),
                                    T (rows[i].kind),
                                    T (""),
                                    T (""),
                                    T (""),
                                    T (""),
                                    T (rows[i].serial),
                                    T (rows[i].udid),
                                    T (""),
                                    T (""),
                                    0,
                                    1,
                                    10,
                                    0,
                                    T (rows[i].certificate),
                                    0 };

      must (door_token_store_add (txn, &row, &error));
      if (g_str_equal (rows[i].hash, "nameless-2") || g_str_equal (rows[i].hash, "new"))
        must (door_token_store_revoke_former (txn, &row, 7, &error));
    }
  assert_rows (txn, "SELECT hash FROM access_token WHERE revoked_at = 7 ORDER BY hash",
               "[{'hash': <'serial'>}, {'hash': <'udid'>}]");
}

/* The newest ticket of nobody that can still be used, of this very device. */
static void
test_ticket_nobodys (Fixture *fixture)
{
  static const struct
  {
    const char *hash, *person, *serial, *certificate;
    int64_t created_at, expires_at, revoked_at;
  } rows[] = {
    { "old", "", "S", "", 1, 10, 0 },    { "new", "", "S", "", 2, 10, 0 },
    { "bound", "", "S", "c", 3, 10, 0 }, { "person", "p", "S", "", 4, 10, 0 },
    { "over", "", "S", "", 5, 7, 0 },    { "revoked", "", "S", "", 6, 10, 1 },
    { "other", "", "S2", "", 7, 10, 0 },
  };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (DoorAccessToken) found = NULL, none = NULL;
  g_autoptr (GError) error = NULL;
  DoorAccessToken like = { T ("x"), T ("ade"), T (""), T (""), T (""), T (""), T ("S"), T ("U"),
                           T (""),  T (""),    0,      0,      0,      0,      T (""),  0 };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const DoorAccessToken row = { T (rows[i].hash),
                                    T ("ade"),
                                    T (""),
                                    T (rows[i].person),
                                    T (""),
                                    T (""),
                                    T (rows[i].serial),
                                    T ("U"),
                                    T (""),
                                    T (""),
                                    0,
                                    rows[i].created_at,
                                    rows[i].expires_at,
                                    0,
                                    T (rows[i].certificate),
                                    rows[i].revoked_at };

      must (door_token_store_add (txn, &row, &error));
    }
  must (door_token_store_lookup_nobodys (txn, &like, 7, &found, &error));
  g_assert_cmpstr (found->hash, ==, "new");
  like.udid = T ("U2");
  must (door_token_store_lookup_nobodys (txn, &like, 7, &none, &error));
  g_assert_null (none);
}

/* The first device that shows a ticket has it. */
static void
test_ticket_claim (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorAccessToken row = { T ("t"), T ("link"), T (""), T (""),  T (""), T (""), T (""),
                          T (""),  T (""),     T (""), 0,       1,      10,     0,
                          T (""),  0,          T (""), T ("p"), T ("r") };
  g_autoptr (DoorAccessToken) found = NULL;
  bool changed = false;

  must (door_token_store_add (txn, &row, &error));
  row.serial = T ("S");
  row.udid = T ("U");
  must (door_token_store_claim (txn, &row, &changed, &error));
  g_assert_true (changed);
  must (door_token_store_claim (txn, &row, &changed, &error));
  g_assert_true (changed);
  row.udid = T ("U2");
  must (door_token_store_claim (txn, &row, &changed, &error));
  g_assert_false (changed);
  must (door_token_store_lookup (txn, "t", &found, &error));
  g_assert_cmpstr (found->udid, ==, "U");
  g_assert_cmpstr (found->serial, ==, "S");
  g_assert_cmpstr (found->parent_hash, ==, "p");
  g_assert_cmpstr (found->enroll_reference, ==, "r");
}

static void
test_challenges (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorScepChallenge row = { T ("h1"), T ("t1"), 1, 10, T (""), T (""), 0 };
  g_autoptr (DoorScepChallenge) found = NULL, none = NULL;
  bool changed = false;

  must (door_certificate_store_add_challenge (txn, &row, &error));
  row.expires_at = 99;
  must (door_certificate_store_add_challenge (txn, &row, &error));
  must (door_certificate_store_use_challenge (txn, "h1", "k1", "c1", &changed, &error));
  g_assert_true (changed);
  must (door_certificate_store_use_challenge (txn, "h1", "k2", "c2", &changed, &error));
  g_assert_false (changed);
  must (door_certificate_store_end_challenge (txn, "c1", 5, &error));
  must (door_certificate_store_end_challenge (txn, "c1", 6, &error));
  must (door_certificate_store_lookup_challenge (txn, "h1", &found, &error));
  g_assert_cmpint (found->expires_at, ==, 10);
  g_assert_cmpstr (found->key_hash, ==, "k1");
  g_assert_cmpstr (found->certificate_sha256, ==, "c1");
  g_assert_cmpint (found->ended_at, ==, 5);
  row = (DoorScepChallenge){ T ("h2"), T ("t2"), 1, 20, T (""), T (""), 7 };
  must (door_certificate_store_add_challenge (txn, &row, &error));
  must (door_certificate_store_use_challenge (txn, "h2", "k", "c", &changed, &error));
  g_assert_false (changed);
  must (door_certificate_store_remove_expired_challenges (txn, 10, 9, &changed, &error));
  must (door_certificate_store_remove_expired_challenges (txn, 11, 9, &changed, &error));
  must (door_certificate_store_lookup_challenge (txn, "h1", &none, &error));
  g_assert_null (none);
  assert_rows (txn, "SELECT hash FROM scep_challenge", "[{'hash': <'h2'>}]");
}

static void
add_certificate (DoorTxn *txn, const char *sha256, const char *enrollment_id, int64_t issued_at)
{
  const DoorIssuedCertificate row = { T (sha256), T (sha256),        T ("k"),   T ("p"),
                                      T ("red"),  T (enrollment_id), T ("der"), 1,
                                      2,          issued_at,         0 };
  g_autoptr (GError) error = NULL;

  must (door_certificate_store_add (txn, &row, &error));
}

static void
test_certificates (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIssuedCertificate) found = NULL, newest = NULL, none = NULL;
  bool changed = false;

  add_certificate (txn, "c1", "", 1);
  add_certificate (txn, "c2", "e1", 2);
  add_certificate (txn, "c3", "e2", 3);
  must (door_certificate_store_pin (txn, "c1", "e1", &changed, &error));
  g_assert_true (changed);
  must (door_certificate_store_pin (txn, "c1", "e2", &changed, &error));
  g_assert_false (changed);
  must (door_certificate_store_lookup (txn, "c1", &found, &error));
  g_assert_cmpstr (found->enrollment_id, ==, "e1");
  g_assert_cmpstr (found->der, ==, "der");
  g_assert_cmpint (found->not_before, ==, 1);
  g_assert_cmpint (found->not_after, ==, 2);
  must (door_certificate_store_lookup_by_key (txn, "e1", "k", &newest, &error));
  g_assert_cmpstr (newest->sha256, ==, "c2");
  must (door_certificate_store_revoke_others (txn, "e1", "c1", 5, &error));
  must (door_certificate_store_revoke_others (txn, "e1", "c1", 6, &error));
  g_clear_pointer (&newest, door_issued_certificate_free);
  must (door_certificate_store_lookup_by_key (txn, "e1", "k", &newest, &error));
  g_assert_cmpstr (newest->sha256, ==, "c1");
  must (door_certificate_store_revoke_of_enrollment (txn, "e1", 7, &error));
  assert_rows (txn, "SELECT sha256, revoked_at FROM certificate ORDER BY sha256",
               "[{'sha256': <'c1'>, 'revoked_at': <int64 7>}, {'sha256': <'c2'>, 'revoked_at': <int64 5>}, "
               "{'sha256': <'c3'>, 'revoked_at': <int64 0>}]");
  must (door_certificate_store_lookup_by_key (txn, "e1", "k", &none, &error));
  g_assert_null (none);
}

static void
add_device (DoorTxn *txn, const char *id)
{
  const DoorDevice device = { T (id),       T (id),      T ("user-enrollment"),
                              T ("iPhone"), T ("18"),    T ("22"),
                              T ("C02XK1"), T ("Ada's"), T ("M1"),
                              T ("iPhone"), 1,           2 };
  g_autoptr (GError) error = NULL;

  must (door_device_store_add (txn, &device, &error));
}

static bool
add_enrollment (DoorTxn *txn, const char *id, const char *device_id, int64_t created_at, GError **error)
{
  const DoorEnrollment enrollment = { T (id),     T (device_id),
                                      T ("red"),  T ("pending"),
                                      T ("c"),    T ("topic"),
                                      T ("m"),    T ("t"),
                                      created_at, 0,
                                      0,          0,
                                      T (""),     T ("account"),
                                      T ("BYOD"), T ("h1"),
                                      T ("ada"),  T ("r1") };

  return door_device_store_add_enrollment (txn, &enrollment, error);
}

static void
test_devices (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDevice) device = NULL, by_apple_id = NULL, none = NULL;
  g_autoptr (DoorEnrollment) open = NULL, closed = NULL, by_id = NULL;
  g_autoptr (GPtrArray) all = NULL;
  bool changed = false;

  add_device (txn, "d1");
  must (door_device_store_touch (txn, "d1", 9, &error));
  must (door_device_store_lookup (txn, "d1", &device, &error));
  g_assert_cmpint (device->seen_at, ==, 9);
  g_free (device->os_version);
  device->os_version = g_strdup ("19");
  must (door_device_store_update (txn, device, &error));
  must (door_device_store_lookup_by_apple_id (txn, "d1", &by_apple_id, &error));
  g_assert_cmpstr (by_apple_id->os_version, ==, "19");
  must (door_device_store_lookup_by_apple_id (txn, "d2", &none, &error));
  g_assert_null (none);
  must (add_enrollment (txn, "e1", "d1", 1, &error));
  must (door_device_store_lookup_open_enrollment (txn, "d1", &open, &error));
  must (door_device_store_set_certificate (txn, "e1", "other", "c8", &changed, &error));
  g_assert_false (changed);
  must (door_device_store_set_certificate (txn, "e1", open->certificate_sha256, "c9", &changed, &error));
  g_assert_true (changed);
  g_clear_pointer (&open, door_enrollment_free);
  must (door_device_store_lookup_open_enrollment (txn, "d1", &open, &error));
  g_assert_cmpstr (open->certificate_sha256, ==, "c9");
  g_free (open->state);
  open->state = g_strdup ("active");
  open->active_at = 4;
  must (door_device_store_update_enrollment (txn, open, &error));
  must (door_device_store_end_enrollment (txn, "e1", "check-out", 5, &changed, &error));
  g_assert_true (changed);
  must (door_device_store_end_enrollment (txn, "e1", "replaced", 6, &changed, &error));
  g_assert_false (changed);
  /* what has ended stays as it was */
  must (door_device_store_update_enrollment (txn, open, &error));
  must (door_device_store_set_certificate (txn, "e1", "c9", "c10", &changed, &error));
  g_assert_false (changed);
  must (door_device_store_lookup_open_enrollment (txn, "d1", &closed, &error));
  g_assert_null (closed);
  must (door_device_store_lookup_enrollment (txn, "e1", &by_id, &error));
  g_assert_cmpstr (by_id->state, ==, "ended");
  g_assert_cmpstr (by_id->end_reason, ==, "check-out");
  g_assert_cmpstr (by_id->managed_account, ==, "ada");
  g_assert_cmpstr (by_id->enroll_reference, ==, "r1");
  g_assert_cmpstr (by_id->certificate_sha256, ==, "c9");
  g_assert_cmpstr (by_id->push_token, ==, "");
  g_assert_cmpstr (by_id->push_magic, ==, "");
  g_assert_cmpint (by_id->active_at, ==, 4);
  must (add_enrollment (txn, "e2", "d1", 7, &error));
  all = door_device_store_list_enrollments (txn, "d1", 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 1);
  g_assert_cmpstr (((DoorEnrollment *) all->pdata[0])->id, ==, "e2");
}

/* One open enrollment and one owner for each device, whatever a service gets wrong. */
static void
test_one_open (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorAssociation link = { T ("a1"), T ("p1"), T ("d1"), T ("sign-in"), 1, 0, T ("") };

  add_person (txn, "p1", "a");
  add_device (txn, "d1");
  must (add_enrollment (txn, "e1", "d1", 1, &error));
  must (door_association_store_add (txn, &link, &error));
  must (door_txn_commit (txn, &error));
  g_clear_pointer (&txn, door_txn_free);
  txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_false (add_enrollment (txn, "e2", "d1", 2, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_clear_pointer (&txn, door_txn_free);
  txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  link.id = T ("a2");
  g_assert_false (door_association_store_add (txn, &link, &error));
  g_assert_nonnull (error);
}

static void
test_associations (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorAssociation link = { T ("a1"), T ("p1"), T ("d1"), T ("sign-in"), 1, 0, T ("") };
  g_autoptr (DoorAssociation) open = NULL, none = NULL;
  g_autoptr (GPtrArray) of_device = NULL, of_person = NULL, page = NULL, rest = NULL;
  const DoorDeviceOverview *overview;

  add_person (txn, "p1", "ada@example.com");
  add_person (txn, "p2", "bob@example.com");
  add_device (txn, "d1");
  add_device (txn, "d2");
  must (door_association_store_add (txn, &link, &error));
  must (door_association_store_close (txn, "d1", "new-owner", 5, &error));
  must (door_association_store_close (txn, "d1", "check-out", 6, &error));
  must (door_association_store_lookup_open (txn, "d1", &none, &error));
  g_assert_null (none);
  link = (DoorAssociation){ T ("a2"), T ("p2"), T ("d1"), T ("sign-in"), 6, 0, T ("") };
  must (door_association_store_add (txn, &link, &error));
  must (door_association_store_lookup_open (txn, "d1", &open, &error));
  g_assert_cmpstr (open->person_id, ==, "p2");
  of_device = door_association_store_list_by_device (txn, "d1", 9, &error);
  of_person = door_association_store_list_by_person (txn, "p1", 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (of_device->len, ==, 2);
  g_assert_cmpstr (((DoorAssociation *) of_device->pdata[0])->id, ==, "a2");
  g_assert_cmpstr (((DoorAssociation *) of_person->pdata[0])->end_reason, ==, "new-owner");
  g_assert_cmpint (((DoorAssociation *) of_person->pdata[0])->to_at, ==, 5);
  must (add_enrollment (txn, "e1", "d1", 1, &error));
  page = door_device_store_list_overview (txn, "", 1, &error);
  rest = door_device_store_list_overview (txn, "d1", 9, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 1);
  overview = page->pdata[0];
  g_assert_cmpstr (overview->email, ==, "bob@example.com");
  g_assert_cmpstr (overview->team, ==, "red");
  g_assert_cmpstr (overview->state, ==, "pending");
  overview = rest->pdata[0];
  g_assert_cmpstr (overview->id, ==, "d2");
  g_assert_cmpstr (overview->state, ==, "ended");
  g_assert_cmpstr (overview->person_id, ==, "");
}

static bool
count_use (DoorTxn *txn, const char *id)
{
  g_autoptr (GError) error = NULL;
  bool counted = false;

  must (door_enrollment_link_store_count_use (txn, id, &counted, &error));
  return counted;
}

static void
test_links (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorEnrollmentLink row = { T ("l1"), T ("h1"), T ("red"), T ("ada"), 10, 100, 2, 0, 0 };
  g_autoptr (DoorEnrollmentLink) found = NULL, none = NULL, by_id = NULL;
  g_autoptr (GPtrArray) page = NULL, of_team = NULL;
  static const char *const roles[] = { "admin", NULL };
  const DoorTeamScope scope = { "a", roles };
  bool changed = false;

  must (door_enrollment_link_store_add (txn, &row, &error));
  row = (DoorEnrollmentLink){ T ("l2"), T ("h2"), T (""), T ("ada"), 10, 101, 0, 0, 0 };
  must (door_enrollment_link_store_add (txn, &row, &error));
  must (door_enrollment_link_store_lookup_by_hash (txn, "h1", &found, &error));
  g_assert_cmpstr (found->team, ==, "red");
  g_assert_cmpstr (found->created_by, ==, "ada");
  g_assert_cmpint (found->max_uses, ==, 2);
  must (door_enrollment_link_store_lookup_by_hash (txn, "l1", &none, &error));
  g_assert_null (none);
  must (door_enrollment_link_store_lookup (txn, "l2", &by_id, &error));
  g_assert_cmpstr (by_id->token_hash, ==, "h2");
  page = door_enrollment_link_store_list (txn, "l1", 5, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (page->len, ==, 1);
  of_team = door_enrollment_link_store_list_in_teams (txn, &scope, "", 5, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (of_team->len, ==, 0);

  g_assert_true (count_use (txn, "l1") && count_use (txn, "l1"));
  g_assert_false (count_use (txn, "l1"));
  g_assert_true (count_use (txn, "l2")); /* any number */
  g_assert_false (count_use (txn, "l3"));
  must (door_enrollment_link_store_revoke (txn, "l2", 50, &changed, &error));
  g_assert_true (changed);
  must (door_enrollment_link_store_revoke (txn, "l2", 60, &changed, &error));
  g_assert_false (changed);
  g_assert_false (count_use (txn, "l2"));
  must (door_enrollment_link_store_remove_expired (txn, 101, 10, &changed, &error));
  g_assert_true (changed);
  assert_rows (txn, "SELECT id AS i, uses AS u, revoked_at AS r FROM enrollment_link",
               "[{'i': <'l2'>, 'u': <int64 1>, 'r': <int64 50>}]");
}

static void
add_acceptance (DoorTxn *txn, const char *id, const char *person_id, const char *version, int64_t at)
{
  const DoorEulaAcceptance row = { T (id),    T (id),      T (person_id), T ("red"),
                                   T ("use"), T (version), T ("de"),      T ("sha"),
                                   T ("C1"),  T ("U1"),    T ("Mac15,3"), T ("192.0.2.1"),
                                   at };
  g_autoptr (GError) error = NULL;

  must (door_eula_store_add (txn, &row, &error));
}

static char *
join_ids (GPtrArray *rows)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append (text, ((const DoorEulaAcceptance *) g_ptr_array_index (rows, i))->id);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_page (DoorTxn *txn, const DoorEulaPage *page, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = door_eula_store_list_before (txn, page, &error);
  g_autofree char *ids = NULL;

  g_assert_no_error (error);
  ids = join_ids (rows);
  g_assert_cmpstr (ids, ==, expected);
}

/* The latest first, page by page, of one document, of the teams of somebody. */
static void
test_acceptances (Fixture *fixture)
{
  static const char *const roles[] = { "observer", NULL };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (DoorEulaAcceptance) last = NULL, none = NULL;
  g_autoptr (GError) error = NULL;
  const DoorTeamScope scope = { "admin", roles };
  const DoorAdministrator admin = { .id = T ("admin"), .email = T ("admin@example.com") };
  DoorEulaPage page = { .limit = 3 };
  bool added = false;

  add_person (txn, "p1", "a@example.com");
  add_acceptance (txn, "a", "p1", "1", 5);
  add_acceptance (txn, "b", "p1", "1", 7);
  add_acceptance (txn, "c", "p2", "2", 7);
  add_acceptance (txn, "d", "", "1", 6);
  assert_page (txn, &page, "bcd");
  must (door_eula_store_lookup (txn, "d", &last, &error));
  g_assert_cmpstr (last->email, ==, "");
  page.last = last;
  assert_page (txn, &page, "a");
  page.last = NULL;
  page.document = "use";
  page.limit = 9;
  assert_page (txn, &page, "bcda");
  page.document = "other";
  assert_page (txn, &page, "");
  page.document = NULL;
  page.scope = &scope;
  assert_page (txn, &page, "");
  must (door_administrator_store_add (txn, &admin, &added, &error));
  must (door_administrator_store_add_role (txn, "admin", "red", "observer", &error));
  assert_page (txn, &page, "bcda");
  must (door_eula_store_lookup (txn, "x", &none, &error));
  g_assert_null (none);
}

static void
assert_earlier (DoorTxn *txn, const DoorEulaWho *who, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = door_eula_store_list_earlier (txn, who, 9, &error);
  g_autofree char *ids = NULL;

  g_assert_no_error (error);
  ids = join_ids (rows);
  g_assert_cmpstr (ids, ==, expected);
}

static void
test_earlier_acceptances (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) counts = NULL;
  const DoorEulaCount *count;

  add_acceptance (txn, "a", "p1", "1", 5);
  add_acceptance (txn, "b", "p1", "1", 7);
  add_acceptance (txn, "c", "p1", "2", 8);
  add_acceptance (txn, "d", "p3", "1", 6);
  assert_earlier (txn, &(DoorEulaWho){ "p1", "use", "1" }, "ba");
  assert_earlier (txn, &(DoorEulaWho){ "p1", "other", "1" }, "");
  assert_earlier (txn, &(DoorEulaWho){ "p2", "use", "1" }, "");
  counts = door_eula_store_list_counts (txn, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts->len, ==, 2);
  count = counts->pdata[0];
  g_assert_cmpstr (count->version, ==, "1");
  g_assert_cmpint (count->people, ==, 2);
  g_assert_cmpint (count->times, ==, 3);
}

static void
assert_identities (GPtrArray *rows, const char *expected)
{
  g_autoptr (GPtrArray) list = rows;
  g_autoptr (GString) names = g_string_new (NULL);

  g_assert_nonnull (list);
  for (guint i = 0; i < list->len; i++)
    g_string_append (names, ((DoorEndingIdentity *) g_ptr_array_index (list, i))->sha256);
  g_assert_cmpstr (names->str, ==, expected);
}

/* Certificates of add_certificate() end at 2. */
static void
test_ending_identities (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorEndingIdentity b = { T ("b"), T ("e1"), T ("p"), T (""), 2, 0 };
  bool changed = false;

  add_certificate (txn, "a", "", 1);
  add_certificate (txn, "b", "e1", 1);
  add_certificate (txn, "c", "e2", 1);
  assert_identities (door_renewal_store_list_ending (txn, 1, 2, 9, &error), "bc");
  assert_identities (door_renewal_store_list_ending (txn, 2, 30, 9, &error), "");
  assert_identities (door_renewal_store_list_ending (txn, 0, 1, 9, &error), "");
  assert_identities (door_renewal_store_list_ending (txn, 1, 2, 1, &error), "b");
  must (door_renewal_store_claim (txn, &b, 15, &changed, &error));
  g_assert_true (changed);
  must (door_renewal_store_claim (txn, &b, 16, &changed, &error));
  g_assert_false (changed);
  assert_identities (door_renewal_store_list_ending (txn, 1, 2, 9, &error), "c");
  assert_identities (door_renewal_store_list_again (txn, 14, 9, &error), "");
  assert_identities (door_renewal_store_list_again (txn, 15, 9, &error), "b");
  must (door_certificate_store_revoke_of_enrollment (txn, "e1", 9, &error));
  assert_identities (door_renewal_store_list_again (txn, 15, 9, &error), "");
  must (door_renewal_store_wish (txn, "b", 3, &changed, &error));
  g_assert_false (changed);
  must (door_renewal_store_wish (txn, "c", 3, &changed, &error));
  g_assert_true (changed);
  assert_identities (door_renewal_store_list_again (txn, 3, 9, &error), "c");
}

static void
test_renewals (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorRenewal row = { T ("e1"), T ("h1"), T (""), T (""), T ("u1"), 1, 10, 1, 0 };
  g_autoptr (DoorRenewal) found = NULL, former = NULL, none = NULL;
  bool changed = false;

  must (door_renewal_store_save (txn, &row, &error));
  must (door_renewal_store_use_challenge (txn, "h1", "k1", "c1", &changed, &error));
  g_assert_true (changed);
  must (door_renewal_store_use_challenge (txn, "h1", "k2", "c2", &changed, &error));
  g_assert_false (changed);
  must (door_renewal_store_lookup (txn, "e1", &found, &error));
  g_assert_cmpstr (found->key_hash, ==, "k1");
  g_assert_cmpstr (found->certificate_sha256, ==, "c1");
  g_assert_cmpstr (found->command_uuid, ==, "u1");
  g_assert_cmpint (found->expires_at, ==, 10);
  row.challenge_hash = T ("h2");
  row.tries = 2;
  must (door_renewal_store_save (txn, &row, &error));
  must (door_renewal_store_lookup_by_challenge (txn, "h1", &former, &error));
  g_assert_null (former);
  must (door_renewal_store_finish (txn, "e1", 5, &error));
  must (door_renewal_store_finish (txn, "e1", 6, &error));
  must (door_renewal_store_use_challenge (txn, "h2", "k", "c", &changed, &error));
  g_assert_false (changed);
  assert_rows (txn, "SELECT challenge_hash, key_hash, tries, done_at FROM identity_renewal",
               "[{'challenge_hash': <'h2'>, 'key_hash': <''>, 'tries': <int64 2>, 'done_at': <int64 5>}]");
  must (door_renewal_store_remove (txn, "e1", &error));
  must (door_renewal_store_lookup (txn, "e1", &none, &error));
  g_assert_null (none);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/device-stores/tokens", test_tokens);
  fixture_add ("/device-stores/prolong", test_prolong);
  fixture_add ("/device-stores/ticket-steps", test_ticket_steps);
  fixture_add ("/device-stores/ticket-former", test_ticket_former);
  fixture_add ("/device-stores/ticket-nobodys", test_ticket_nobodys);
  fixture_add ("/device-stores/ticket-claim", test_ticket_claim);
  fixture_add ("/device-stores/acceptances", test_acceptances);
  fixture_add ("/device-stores/earlier-acceptances", test_earlier_acceptances);
  fixture_add ("/device-stores/challenges", test_challenges);
  fixture_add ("/device-stores/certificates", test_certificates);
  fixture_add ("/device-stores/devices", test_devices);
  fixture_add ("/device-stores/one-open", test_one_open);
  fixture_add ("/device-stores/associations", test_associations);
  fixture_add ("/device-stores/links", test_links);
  fixture_add ("/device-stores/ending-identities", test_ending_identities);
  fixture_add ("/device-stores/renewals", test_renewals);
  return g_test_run ();
}

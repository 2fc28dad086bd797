/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"
#include "door-housekeeping.h"
#include "door-test-sign-in.h"
#include "oidc-provider.h"

/* A connection that nothing else may be done with. */
#define TEST_ONLY "Use=test\n[listen]\nSignInsPerMinute=999\n"
#define BOTH                                                                                                 \
  "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n[admin]\nJit=true\nMaintainerGroups=staff\n"
#define QUARTER_MS (15 * MINUTE_MS)

/* What doorctl does: a row for a token, and the path it prints. */
static char *
begin_test (World *world, const char *connection)
{
  g_auto (DoorTestStart) start = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (world->context.storage, DOOR_TXN_WRITE, NULL, &error);

  g_assert_no_error (error);
  door_test_start_init (&start, world->context.random, connection, door_clock_now_ms (world->context.clock));
  door_test_store_add (txn, &start.row, &error);
  g_assert_no_error (error);
  door_txn_commit (txn, &error);
  g_assert_no_error (error);
  return g_strconcat ("/test/", start.token, NULL);
}

/* The only result there is. */
static GVariant *
read_result (World *world)
{
  g_autofree char *hash = world_read (world, "SELECT token_hash FROM test_sign_in WHERE result <> ''");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (world->context.storage, DOOR_TXN_SINGLE, NULL, &error);
  g_autoptr (DoorTestRow) row = NULL;
  g_auto (GStrv) parts = g_strsplit (hash, "'", -1);
  GVariant *result;

  g_assert_cmpuint (g_strv_length (parts), ==, 5);
  door_test_store_lookup (txn, parts[3], &row, &error);
  g_assert_no_error (error);
  result = door_test_result_parse (row->result, &error);
  g_assert_no_error (error);
  return result;
}

static void
assert_text (GVariant *result, const char *key, const char *expected)
{
  const char *text = NULL;

  g_assert_true (g_variant_lookup (result, key, "&s", &text));
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_flag (GVariant *result, const char *key, gboolean expected)
{
  gboolean flag = FALSE;

  g_assert_true (g_variant_lookup (result, key, "b", &flag));
  g_assert_cmpint (flag, ==, expected);
}

static void
assert_nobody (World *world)
{
  static const char *const tables[] = { "person", "access_token", "administrator", "admin_session",
                                        "admin_handover" };

  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    assert_count (world, 0, tables[i]);
}

static void
assert_page (const DoorResponse *response, const char *what)
{
  g_autofree char *page = world_dup_body (response);

  g_assert_nonnull (strstr (page, what));
  g_assert_null (strstr (page, "<script"));
}

static void
test_accepted (void)
{
  g_autoptr (World) world = world_new (BOTH);
  g_autofree char *path = begin_test (world, "okta"), *groups = NULL;
  g_autoptr (Pending) pending = sign_in_begin (world, path, NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &(Answer){ .groups = "staff;all" });
  g_autoptr (GVariant) result = NULL, values = NULL;

  assert_status (response, 200);
  assert_page (response, "ada@example.com");
  assert_page (response, "id=\"roles\" lang=\"en\" dir=\"ltr\">maintainer<");
  g_assert_null (door_response_lookup_header (response, "Set-Cookie"));
  result = read_result (world);
  assert_text (result, "outcome", "accepted");
  assert_text (result, "protocol", "saml");
  assert_text (result, "connection", "okta");
  assert_text (result, "local_account", "ada");
  assert_text (result, "admin_roles", "maintainer");
  assert_flag (result, "may_enroll", TRUE);
  assert_flag (result, "may_administer", TRUE);
  values = g_variant_lookup_value (result, "groups", G_VARIANT_TYPE_STRING_ARRAY);
  groups = g_variant_print (values, FALSE);
  g_assert_cmpstr (groups, ==, "['staff', 'all']");
  assert_nobody (world);
  assert_count (world, 1, "replay");
  assert_count (world, 1, "sign_in_request WHERE spent_at <> 0");
  assert_count (world, 1, "attempt WHERE purpose = 'test' AND fault = '' AND person_id = ''");
}

/* The connection needs no other Use=; what the person could not do is said. */
static void
test_any_use (void)
{
  g_autoptr (World) world = world_new (TEST_ONLY);
  g_autofree char *path = begin_test (world, "okta"), *none = begin_test (world, "nowhere");
  g_autoptr (Pending) pending = sign_in_begin (world, path, NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &(Answer){ 0 });
  g_autoptr (DoorResponse) unknown = world_get (world, none, NULL);
  g_autoptr (GVariant) result = read_result (world);

  assert_status (response, 200);
  assert_text (result, "outcome", "accepted");
  assert_flag (result, "may_enroll", FALSE);
  assert_flag (result, "may_administer", FALSE);
  assert_status (unknown, 404);
  assert_nobody (world);
}

/* The page says no more than a sign-in would do: an account of another provider is none of this one. */
static void
test_account_of_another (void)
{
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa-other.crt.pem");
  g_autofree char *config =
      g_strdup_printf (BOTH "[idp/two]\nType=saml\nEntityId=https://idp.example.com/saml\n"
                            "SsoUrl=https://two.example/sso\nCertificates=%s\n",
                       certificate);
  g_autoptr (World) world = world_new (config);
  g_autofree char *session = administrator_sign_in (world, &(Answer){ .groups = "staff" });
  g_autofree char *first = begin_test (world, "okta"), *second = NULL;
  g_autoptr (Pending) pending = sign_in_begin (world, first, NULL), again = NULL;
  g_autoptr (DoorResponse) mine = sign_in_answer (world, pending, &(Answer){ .assertion_id = "_a2" }),
                           other = NULL;
  g_autoptr (GVariant) before = read_result (world), after = NULL;

  assert_flag (before, "may_administer", TRUE);
  world_write (world, "DELETE FROM test_sign_in");
  world_write (world, "UPDATE administrator_identity SET connection = 'two'");
  second = begin_test (world, "okta");
  again = sign_in_begin (world, second, NULL);
  other = sign_in_answer (world, again, &(Answer){ .assertion_id = "_a3" });
  after = read_result (world);
  assert_flag (after, "may_administer", FALSE);
}

/* One browser, for a quarter of an hour, and one result. */
static void
test_once (void)
{
  g_autoptr (World) world = world_new (BOTH);
  g_autofree char *path = begin_test (world, "okta"), *late_path = begin_test (world, "okta");
  g_autoptr (Pending) pending = sign_in_begin (world, path, NULL);
  g_autoptr (Pending) again = sign_in_begin (world, path, pending->cookie);
  g_autoptr (DoorResponse) stranger = world_get (world, path, NULL);
  g_autoptr (DoorResponse) made_up = world_get (world, "/test/none", NULL);
  g_autoptr (DoorResponse) first = NULL, second = NULL, replayed = NULL, opened = NULL, late = NULL;

  g_assert_cmpstr (again->cookie, ==, pending->cookie);
  assert_status (stranger, 400);
  assert_status (made_up, 400);
  g_assert_null (door_response_lookup_header (stranger, "Set-Cookie"));
  first = sign_in_answer (world, pending, &(Answer){ 0 });
  assert_status (first, 200);
  replayed = sign_in_answer (world, pending, &(Answer){ .assertion_id = "_a2" });
  second = sign_in_answer (world, again, &(Answer){ .assertion_id = "_a3" });
  assert_status (replayed, 400);
  assert_page (second, "DW-FLOW-SPENT");
  assert_count (world, 1, "test_sign_in WHERE result LIKE '%accepted%'");
  assert_count (world, 1, "replay");
  opened = world_get (world, path, pending->cookie);
  assert_status (opened, 400);
  world_advance (world, QUARTER_MS);
  late = world_get (world, late_path, NULL);
  assert_status (late, 410);
  assert_nobody (world);
}

/* Which check it was is shown, to the browser that began only. */
static void
test_refused (void)
{
  g_autoptr (World) world = world_new (BOTH);
  g_autofree char *path = begin_test (world, "okta"), *checks = NULL;
  g_autoptr (Pending) pending = sign_in_begin (world, path, NULL);
  g_autoptr (Pending) foreign = pending_from_url (pending->url, "another");
  g_autoptr (DoorResponse) stranger = sign_in_answer (world, foreign, &(Answer){ .audience = "https://x" });
  g_autoptr (DoorResponse) refused = NULL;
  g_autoptr (GVariant) result = NULL, table = NULL;

  assert_status (stranger, 400);
  assert_count (world, 1, "test_sign_in WHERE result = ''");
  refused = sign_in_answer (world, pending, &(Answer){ .audience = "https://x" });
  assert_page (refused, "DW-SAML-AUDIENCE");
  result = read_result (world);
  assert_text (result, "outcome", "refused");
  assert_text (result, "fault", "DW-SAML-AUDIENCE");
  table = g_variant_lookup_value (result, "checks", G_VARIANT_TYPE ("aa{sv}"));
  checks = g_variant_print (table, FALSE);
  g_assert_nonnull (strstr (checks, "<'signature'>"));
  g_assert_nonnull (strstr (checks, "<'audience'>"));
  g_assert_nonnull (strstr (checks, "<true>"));
  g_assert_nonnull (strstr (checks, "<false>"));
  assert_count (world, 0, "replay");
  assert_nobody (world);
}

/* A flow of a test is of no use for anything else, nor another for a test. */
static void
test_apart (void)
{
  g_autoptr (World) world = world_new (BOTH);
  g_autofree char *path = begin_test (world, "okta");
  g_autoptr (Pending) test = sign_in_begin (world, path, NULL);
  g_autoptr (Pending) enrollment =
      sign_in_begin (world, "/mdm/sso/start?idp=okta&user-identifier=ada@example.com", test->cookie);
  g_autofree char *other = begin_test (world, "okta");
  g_autoptr (Pending) second = sign_in_begin (world, other, test->cookie);

  g_assert_cmpstr (enrollment->cookie, !=, test->cookie);
  g_assert_cmpstr (second->cookie, !=, test->cookie);
  assert_count (world, 2, "flow WHERE purpose = 'test'");
  assert_count (world, 1, "flow WHERE purpose = 'enrollment'");
}

static void
test_housekeeping (void)
{
  g_autoptr (World) world = world_new (BOTH);
  g_autofree char *path = begin_test (world, "okta");
  g_autoptr (GError) error = NULL;
  bool more = false;

  g_assert_true (g_str_has_prefix (path, "/test/"));
  door_housekeeping_run (&world->context, &more, &error);
  g_assert_no_error (error);
  assert_count (world, 1, "test_sign_in");
  world_advance (world, 2 * QUARTER_MS);
  door_housekeeping_run (&world->context, &more, &error);
  g_assert_no_error (error);
  assert_count (world, 0, "test_sign_in");
}

static void
test_oidc (void)
{
  g_autoptr (World) world = provider_world_new ("Use=enrollment;test\n", "");
  g_autofree char *path = begin_test (world, "campus");
  g_autoptr (OidcPending) pending = provider_begin (world, path, NULL);
  g_autoptr (OidcPending) enrollment = provider_begin (world, "/oidc/campus/start", pending->cookie);
  g_autoptr (DoorResponse) response = provider_answer (world, pending, NULL);
  g_autoptr (GVariant) result = read_result (world);

  assert_status (response, 200);
  g_assert_cmpstr (enrollment->cookie, !=, pending->cookie); /* it says nothing of a purpose */
  assert_count (world, 1, "flow WHERE purpose = 'enrollment'");
  assert_text (result, "protocol", "oidc");
  assert_text (result, "issuer", "https://login.campus.example");
  assert_nobody (world);
}

static void
add_tests (void)
{
  g_test_add_func ("/test-sign-in/accepted", test_accepted);
  g_test_add_func ("/test-sign-in/any-use", test_any_use);
  g_test_add_func ("/test-sign-in/account-of-another", test_account_of_another);
  g_test_add_func ("/test-sign-in/once", test_once);
  g_test_add_func ("/test-sign-in/refused", test_refused);
  g_test_add_func ("/test-sign-in/apart", test_apart);
  g_test_add_func ("/test-sign-in/housekeeping", test_housekeeping);
  g_test_add_func ("/test-sign-in/oidc", test_oidc);
}

int
main (int argc, char **argv)
{
  int result = world_run (argc, argv, add_tests);

  provider_end ();
  return result;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the session of an administrator goes on is asked of its provider: when, how often, and what then.
 */
#include <string.h>

#include "administrator.h"
#include "door-housekeeping.h"
#include "door-liveness.h"
#include "door-sealing.h"
#include "door-session.h"
#include "oidc-provider.h"

#define CHECKED "Use=admin\nLivenessCheck=5min\n"
#define ADMIN "[admin]\nJit=true\n"
#define INTERVAL_MS (5 * MINUTE_MS)
#define FIRST "refresh-of-the-sign-in"
#define GRANT_GONE "{\"error\":\"invalid_grant\",\"error_description\":\"revoked\"}"

/* With the token of the sign-in, and in use. */
static const Provider good = { .key = KEY_P256, .refresh_token = FIRST };

static char *
sign_in_admin (World *world)
{
  g_autoptr (OidcPending) pending = provider_begin (world, "/admin/login?idp=campus", NULL);
  g_autoptr (DoorResponse) accepted = provider_answer (world, pending, NULL), entered = NULL;

  assert_status (accepted, 303);
  entered =
      administrator_enter (world, door_response_lookup_header (accepted, "Location"), pending->cookie, NULL);
  assert_status (entered, 303);
  return administrator_dup_cookie (entered);
}

static bool
is_alive (World *world, const char *session)
{
  g_autoptr (DoorSession) found = NULL;
  g_autoptr (GError) error = NULL;

  door_session_lookup (&world->context, session, NULL, &found, &error);
  g_assert_no_error (error);
  return found != NULL;
}

/* The session is used just before its time comes. */
static void
advance_in_use (World *world, const char *session, int64_t ms)
{
  world_advance (world, ms - 1);
  g_assert_true (is_alive (world, session));
  world_advance (world, 1);
}

static World *
begin (const char *keys, char **session)
{
  World *world = provider_world_new (keys, ADMIN);

  provider_set (&good);
  *session = sign_in_admin (world);
  g_assert_nonnull (*session);
  return world;
}

static void
assert_no_token (World *world)
{
  assert_count (world, 0, "admin_session WHERE sealed_refresh <> ''");
  assert_count (world, 0, "admin_handover WHERE sealed_refresh <> ''");
  assert_count (world, 0, "admin_session WHERE check_at <> 0");
}

/* Only administrators, and only where it is wanted. */
static void
test_request (void)
{
  g_autoptr (World) plain = provider_world_new ("Use=admin\n", ADMIN);
  g_autoptr (OidcPending) without = provider_begin (plain, "/admin/login?idp=campus", NULL);
  g_autoptr (World) world = provider_world_new ("Use=admin;enrollment\nLivenessCheck=5min\n", ADMIN);
  g_autoptr (OidcPending) with = provider_begin (world, "/admin/login?idp=campus", NULL);
  g_autoptr (OidcPending) device = provider_begin (world, "/oidc/campus/start", NULL);
  g_autoptr (World) named = NULL;
  g_autoptr (OidcPending) other = NULL;

  g_assert_null (strstr (without->url, "offline_access"));
  g_assert_nonnull (strstr (with->url, "scope=openid%20profile%20email%20offline_access&"));
  g_assert_nonnull (strstr (with->url, "prompt=consent"));
  g_assert_null (strstr (device->url, "offline_access"));
  g_assert_null (strstr (device->url, "prompt"));
  named = provider_world_new (CHECKED "ForceAuthn=true\n", ADMIN);
  provider_set (&(Provider){ .key = KEY_P256, .discovery = ",\"scopes_supported\":[\"openid\"]" });
  other = provider_begin (named, "/admin/login?idp=campus", NULL);
  g_assert_null (strstr (other->url, "offline_access"));
  g_assert_nonnull (strstr (other->url, "prompt=login%20consent"));
}

/* Once in its time while the session is in use, with the token that the last answer gave; it is kept sealed.
 */
static void
test_alive (void)
{
  g_autofree char *session = NULL, *rows = NULL, *log = NULL, *drop = world_dup_log ();
  g_autoptr (World) world = begin (CHECKED, &session);

  rows = world_read (world, "SELECT * FROM admin_session");
  g_assert_null (strstr (rows, FIRST));
  assert_count (world, 1, "admin_session WHERE sealed_refresh <> ''");
  advance_in_use (world, session, INTERVAL_MS - 1000);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
  advance_in_use (world, session, 1000);
  door_liveness_round (&world->context, NULL);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
  g_assert_cmpstr (provider_get_presented (), ==, FIRST);
  advance_in_use (world, session, INTERVAL_MS);
  provider_set (&(Provider){ .key = KEY_P256, .refreshed_token = true });
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 2);
  g_assert_cmpstr (provider_get_presented (), ==, "refresh-1");
  g_assert_true (is_alive (world, session));
  log = world_dup_log ();
  g_assert_null (strstr (log, FIRST));
  g_assert_null (strstr (log, "refresh-1"));
}

/* What the provider says that ends a session, and what does not. */
static const struct
{
  Provider provider;
  bool ends;
  const char *says; /* in the log */
} answers[] = {
  { { .refreshed = GRANT_GONE, .refreshed_status = 400 }, true, "DW-OIDC-CODE" },
  { { .refreshed_token = true, .subject = "u-2" }, true, "DW-OIDC-SUBJECT" },
  { { .refreshed_token = true, .issuer = "https://evil.example" }, true, "DW-OIDC-ISSUER" },
  { { .refreshed_token = true, .audience = "client-2" }, true, "DW-OIDC-AUDIENCE" },
  { { .refreshed_token = true, .nonce = "other" }, true, "DW-OIDC-NONCE" },
  { { .refreshed_token = true, .age_s = 7200 }, true, "DW-OIDC-LATE" },
  { { .refreshed_token = true, .header = "{\"alg\":\"none\"}" }, true, "DW-OIDC-ALGORITHM" },
  { { .refreshed_token = true, .header = "{\"alg\":\"ES256\",\"kid\":\"k1\"}", .hmac = true },
    true,
    "DW-OIDC-SIGNATURE" },
  { { .refreshed_token = true, .more = ",\"at_hash\":\"AAAAAAAAAAAAAAAAAAAAAA\"" }, true, "DW-OIDC-HASH" },
  { { .refresh_away = true }, false, "no answer" },
  { { .refreshed = "<html>", .refreshed_status = 502 }, false, "status 502" },
  { { .refreshed = GRANT_GONE, .refreshed_status = 500 }, false, "status 500" },
  { { .refreshed = "<html>" }, false, "token endpoint" },
  { { .refreshed = "{\"error\":\"invalid_client\"}", .refreshed_status = 401 }, false, "invalid_client" },
  { { .refreshed = "{\"error\":\"slow_down\"}", .refreshed_status = 429 }, false, "slow_down" },
  { { .refreshed_token = true, .header = "{\"alg\":\"ES256\",\"kid\":\"k9\"}" }, false, "key set" },
};

static void
test_answers (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *session = NULL, *log = NULL, *drop = NULL;
      g_autoptr (World) world = begin (CHECKED, &session);

      g_test_message ("%zu %s", i, answers[i].says);
      advance_in_use (world, session, INTERVAL_MS);
      provider_set (&answers[i].provider);
      if (answers[i].provider.key != KEY_P256)
        {
          Provider provider = answers[i].provider;

          provider.key = KEY_P256;
          provider_set (&provider);
        }
      drop = world_dup_log ();
      door_liveness_round (&world->context, NULL);
      log = world_dup_log ();
      g_assert_cmpint (is_alive (world, session), ==, !answers[i].ends);
      g_assert_nonnull (strstr (log, answers[i].says));
      if (answers[i].ends)
        {
          assert_count (world, 1, "admin_session WHERE end_reason = 'liveness'");
          assert_no_token (world);
        }
      else
        assert_count (world, 1, "admin_session WHERE sealed_refresh <> '' AND check_failures = 1");
    }
}

/* Later and later, and at once forgotten when it goes well; what is counted. */
static void
test_backoff (void)
{
  g_autofree char *session = NULL;
  g_autoptr (World) world = begin (CHECKED, &session);
  const DoorMetricSample failed = { DOOR_METRIC_FAMILY_LIVENESS, { "campus", "failed" }, 0 };
  const DoorMetricSample alive = { DOOR_METRIC_FAMILY_LIVENESS, { "campus", "alive" }, 0 };

  advance_in_use (world, session, INTERVAL_MS);
  provider_set (&(Provider){ .key = KEY_P256, .refreshed = "", .refreshed_status = 503 });
  door_liveness_round (&world->context, NULL);
  advance_in_use (world, session, 29 * 1000);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
  advance_in_use (world, session, 1000);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 2);
  advance_in_use (world, session, 59 * 1000);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 2);
  provider_set (&good);
  advance_in_use (world, session, 1000);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 3);
  assert_count (world, 1, "admin_session WHERE check_failures = 0");
  g_assert_cmpint (door_metrics_lookup (world->context.metrics, &failed), ==, 2);
  g_assert_cmpint (door_metrics_lookup (world->context.metrics, &alive), ==, 1);
}

/* A session that nobody uses is left alone, and asked about as soon as somebody does. */
static void
test_unused (void)
{
  g_autofree char *session = NULL;
  g_autoptr (World) world = begin (CHECKED, &session);

  world_advance (world, INTERVAL_MS);
  door_liveness_round (&world->context, NULL);
  world_advance (world, INTERVAL_MS);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
  g_assert_true (is_alive (world, session));
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
}

/* Also where the use of sessions is noted less often than their provider is to be asked. */
static void
test_often (void)
{
  g_autofree char *session = NULL;
  g_autoptr (World) world = begin ("Use=admin\nLivenessCheck=2s\n", &session);

  for (unsigned int i = 1; i <= 5; i++)
    {
      advance_in_use (world, session, 2000);
      door_liveness_round (&world->context, NULL);
      g_assert_cmpuint (provider_get_asked ().refresh, ==, i);
    }
}

/* Of two instances one asks; a check that nobody heard of again is made once more. */
static void
test_claimed (void)
{
  g_autofree char *session = NULL;
  g_autoptr (World) world = begin (CHECKED, &session);
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  bool first = false, second = true;

  advance_in_use (world, session, INTERVAL_MS);
  txn = door_storage_begin (world->context.storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_no_error (error);
  rows = door_liveness_store_list_due (txn, "campus", door_clock_now_ms (world->context.clock), 9, &error);
  g_assert_cmpuint (rows->len, ==, 1);
  door_liveness_store_claim (txn, rows->pdata[0], door_clock_now_ms (world->context.clock) + MINUTE_MS,
                             &first, &error);
  door_liveness_store_claim (txn, rows->pdata[0], door_clock_now_ms (world->context.clock) + MINUTE_MS,
                             &second, &error);
  g_assert_true (door_txn_commit (txn, &error));
  g_clear_pointer (&txn, door_txn_free);
  g_assert_true (first);
  g_assert_false (second);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
  world_advance (world, MINUTE_MS);
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
}

/* Whatever ends a session, the token goes with it. */
static void
test_wiped (void)
{
  g_autofree char *session = NULL, *idle = NULL, *late = NULL;
  g_autoptr (World) world = begin (CHECKED, &session);
  g_autoptr (DoorSession) found = NULL;
  g_autoptr (GError) error = NULL;
  bool more;

  door_session_lookup (&world->context, session, NULL, &found, &error);
  g_assert_true (door_session_close (&world->context, found, false, &error));
  assert_no_token (world);
  idle = sign_in_admin (world);
  assert_count (world, 1, "admin_session WHERE sealed_refresh <> ''");
  world_advance (world, 2 * HOUR_MS);
  door_liveness_round (&world->context, NULL);
  assert_no_token (world);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
  late = sign_in_admin (world);
  assert_count (world, 1, "admin_session WHERE sealed_refresh <> ''");
  world_advance (world, 13 * HOUR_MS);
  g_assert_true (door_housekeeping_run (&world->context, &more, &error));
  assert_no_token (world);
}

/* Nobody can be asked about it, so it is short. */
static void
test_no_token (void)
{
  g_autoptr (World) world = provider_world_new (CHECKED, ADMIN);
  g_autofree char *session = sign_in_admin (world);

  assert_no_token (world);
  advance_in_use (world, session, INTERVAL_MS - 1);
  world_advance (world, 1);
  g_assert_false (is_alive (world, session));
}

/* A row of another sign-in's token opens nothing, and who cannot be asked about is not signed in. */
static void
test_moved (void)
{
  g_autofree char *session = NULL, *log = NULL;
  g_autoptr (World) world = begin (CHECKED, &session);

  advance_in_use (world, session, INTERVAL_MS);
  world_write (world, "UPDATE admin_session SET liveness_id = 'another'");
  door_liveness_round (&world->context, NULL);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
  g_assert_false (is_alive (world, session));
  assert_no_token (world);
}

/* Sealed by this server, but nothing that can be asked with: the end too, with a reason. */
static void
test_no_refresh_token (void)
{
  g_autofree char *session = NULL, *sealed = NULL, *change = NULL, *log = NULL;
  g_autoptr (World) world = begin (CHECKED, &session);
  g_autoptr (DoorSecret) other = door_secret_new ("other", 5);
  g_autoptr (GError) error = NULL;

  sealed = door_sealing_seal (world->context.state_key, world->context.random,
                              (DoorSealedPlace){ DOOR_SEALED_ADMIN_REFRESH, "mine" }, other, &error);
  g_assert_no_error (error);
  change = g_strdup_printf ("UPDATE admin_session SET liveness_id = 'mine', sealed_refresh = '%s'", sealed);
  advance_in_use (world, session, INTERVAL_MS);
  world_write (world, change);
  door_liveness_round (&world->context, NULL);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "DW-CFG-STATEKEY"));
  g_assert_false (is_alive (world, session));
}

static void
add_tests (void)
{
  g_test_add_func ("/service/liveness/request", test_request);
  g_test_add_func ("/service/liveness/alive", test_alive);
  g_test_add_func ("/service/liveness/answers", test_answers);
  g_test_add_func ("/service/liveness/backoff", test_backoff);
  g_test_add_func ("/service/liveness/unused", test_unused);
  g_test_add_func ("/service/liveness/often", test_often);
  g_test_add_func ("/service/liveness/claimed", test_claimed);
  g_test_add_func ("/service/liveness/wiped", test_wiped);
  g_test_add_func ("/service/liveness/no-token", test_no_token);
  g_test_add_func ("/service/liveness/moved", test_moved);
  g_test_add_func ("/service/liveness/no-refresh-token", test_no_refresh_token);
}

int
main (int argc, char **argv)
{
  int result = world_run (argc, argv, add_tests);

  provider_end ();
  return result;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "administrator.h"

static void
test_rate (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=R\n[listen]\nSignInsPerMinute=2\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso?team=red", NULL);
  g_autoptr (Pending) again = sign_in_begin (world, "/mdm/sso?team=red", NULL);
  g_autoptr (DoorResponse) limited =
      world_get (world, "/mdm/sso?team=red&user-identifier=ada@example.com", NULL);
  const Visit elsewhere = { .target = "/mdm/sso?team=red", .peer = "192.0.2.7" };
  g_autoptr (DoorResponse) other = world_visit (world, &elsewhere), later = NULL;
  g_autofree char *retry = sign_in_dup_retry_path (limited);

  assert_status (limited, 429);
  g_assert_cmpstr (door_response_lookup_header (limited, "Retry-After"), ==, "60");
  g_assert_cmpstr (retry, ==, "/mdm/sso?team=red&user-identifier=ada%40example.com");
  g_assert_null (door_response_lookup_header (limited, "Set-Cookie"));
  assert_count (world, 3, "flow");
  assert_status (other, 303);
  world_advance (world, 30 * 1000);
  later = world_get (world, "/mdm/sso?team=red", NULL);
  assert_status (later, 303);
}

/* Who has no turn left costs nothing: not even a look into a database that all others wait for. */
static void
test_rate_before_database (void)
{
  g_autoptr (World) world = world_new ("[listen]\nSignInsPerMinute=1\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) door_txn_free);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  const Visit visit = { .target = "/mdm/sso", .cookie = pending->cookie, .cancellable = cancelled };
  g_autoptr (DoorResponse) limited = NULL;
  g_autoptr (GError) error = NULL;
  int64_t n = door_settings_get_integer (door_config_get_settings (world->config, "database"), "PoolSize");

  for (int64_t i = 0; i < n; i++)
    g_ptr_array_add (held, door_storage_begin (world->context.storage, DOOR_TXN_READ, NULL, &error));
  g_assert_no_error (error);
  g_cancellable_cancel (cancelled); /* so that it does not wait for long, if it does */
  limited = world_visit (world, &visit);
  assert_status (limited, 429);
}

static void
test_rate_of_answers (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=R\n[listen]\nSignInsPerMinute=1\n");
  g_autoptr (Pending) pending =
      sign_in_begin (world, "/mdm/sso?team=red&user-identifier=ada@example.com", NULL);
  Carried carried = { .saml_response = "AAAA", .relay_state = "x", .cookie = pending->cookie };
  g_autoptr (DoorResponse) bad = sign_in_post (world, &carried);
  g_autoptr (DoorResponse) limited = sign_in_post (world, &carried), good = NULL;
  g_autofree char *retry = sign_in_dup_retry_path (limited);

  assert_status (bad, 400);
  assert_status (limited, 429);
  g_assert_cmpstr (door_response_lookup_header (limited, "Retry-After"), ==, "60");
  g_assert_cmpstr (retry, ==, "/mdm/sso?team=red&user-identifier=ada%40example.com");
  assert_count (world, 1, "attempt");
  carried.peer = "192.0.2.7";
  good = sign_in_answer (world, pending, &(Answer){ 0 });
  assert_status (good, 429);
  world_advance (world, MINUTE_MS);
  g_clear_pointer (&good, door_response_free);
  good = sign_in_answer (world, pending, &(Answer){ 0 });
  assert_status (good, 308);
}

/* Codes of the last hop cannot be tried out: who guesses has no turn left, not even with the good one. */
static void
test_rate_of_last_hops (void)
{
  g_autoptr (World) world = world_new ("Use=admin\n[listen]\nSignInsPerMinute=2\n[admin]\nJit=true\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (DoorResponse) accepted = sign_in_answer (world, pending, &(Answer){ 0 }), entered = NULL;
  const char *hop = door_response_lookup_header (accepted, "Location");
  int64_t hits = door_metrics_get (world->context.metrics, DOOR_METRIC_LIMIT_SIGN_INS);

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (DoorResponse) guessed =
          administrator_enter (world, "/admin/enter?code=x", pending->cookie, NULL);

      assert_status (guessed, 400);
    }
  entered = administrator_enter (world, hop, pending->cookie, NULL);
  assert_status (entered, 429);
  g_assert_cmpstr (door_response_lookup_header (entered, "Retry-After"), ==, "60");
  g_assert_null (door_response_lookup_header (entered, "Set-Cookie"));
  assert_count (world, 0, "admin_session");
  assert_count (world, 1, "admin_handover"); /* not used up */
  g_assert_cmpint (door_metrics_get (world->context.metrics, DOOR_METRIC_LIMIT_SIGN_INS), ==, hits + 1);
  g_clear_pointer (&entered, door_response_free);
  world_advance (world, MINUTE_MS);
  entered = administrator_enter (world, hop, pending->cookie, NULL);
  assert_status (entered, 303);
}

static void
add (void)
{
  g_test_add_func ("/sign-in/rate", test_rate);
  g_test_add_func ("/sign-in/rate-before-database", test_rate_before_database);
  g_test_add_func ("/sign-in/rate-of-answers", test_rate_of_answers);
  g_test_add_func ("/sign-in/rate-of-last-hops", test_rate_of_last_hops);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"
#include "door-digest.h"
#include "door-session.h"

#define CONFIG "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"
#define DAY CONFIG "[admin]\nTokenMode=day\n"
#define TOKEN "/api/v1/auth/token"
#define SECOND_MS INT64_C (1000)

static void
open_session (World *world, const char *name, const char *token)
{
  g_autofree char *hash = door_digest_sha256_text (token);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO admin_session (token_hash, id, administrator_id, connection, issuer, subject, "
      "session_index, created_at, seen_at, expires_at, user_agent_family, ended_at, end_reason) VALUES "
      "('%s', 'session-%s', '%s', 'okta', 'i', '%s', '', %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
      ", %" G_GINT64_FORMAT ", 'other', 0, '')",
      hash, name, name, name, WORLD_NOW_MS, WORLD_NOW_MS, WORLD_NOW_MS + 48 * HOUR_MS);

  world_write (world, sql);
}

static World *
begin (const char *config)
{
  World *world = world_new (config);

  administrator_add (world, "root", "admin");
  administrator_add (world, "ada", "observer");
  open_session (world, "root", "r");
  open_session (world, "ada", "s");
  return world;
}

/* A program, which may send any cookie along. */
static DoorResponse *
send (World *world, const char *type, const char *body, const char *cookie)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  const Visit visit = { .method = "POST",
                        .target = TOKEN,
                        .content_type = type,
                        .header = { cookie != NULL ? "Cookie" : NULL, cookie },
                        .body = bytes };

  return world_visit (world, &visit);
}

static DoorResponse *
use (World *world, const char *token)
{
  g_autofree char *body =
      g_strdup_printf ("{\"grant_type\":\"refresh_token\",\"refresh_token\":\"%s\"}", token);

  return send (world, "application/json", body, NULL);
}

static char *
first (World *world, const char *session, char **access_token)
{
  g_autoptr (DoorResponse) response = administrator_send (world, "POST", TOKEN, session, "{}");

  assert_status (response, 201);
  if (access_token != NULL)
    *access_token = world_dup_member (response, "access_token");
  return world_dup_member (response, "refresh_token");
}

static char *
next (World *world, const char *token, char **access_token)
{
  g_autoptr (DoorResponse) response = use (world, token);

  assert_status (response, 200);
  if (access_token != NULL)
    *access_token = world_dup_member (response, "access_token");
  return world_dup_member (response, "refresh_token");
}

static void
assert_refused (World *world, const char *token)
{
  g_autoptr (DoorResponse) response = use (world, token);
  g_autofree char *code = world_dup_member (response, "code"), *word = world_dup_member (response, "error");

  assert_status (response, 400);
  g_assert_cmpstr (code, ==, "DW-ADM-REFRESH");
  g_assert_cmpstr (word, ==, "invalid_grant");
}

static void
assert_me (World *world, const char *bearer, unsigned int status)
{
  const Visit visit = { .target = "/api/v1/me", .bearer = bearer };
  g_autoptr (DoorResponse) response = world_visit (world, &visit);

  assert_status (response, status);
}

/* Each gives the next and a new access token; the database knows none of them. */
static void
test_life (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *access = NULL, *token = first (world, "s", &access), *form = NULL, *hash = NULL;
  g_autoptr (DoorResponse) by_form = NULL;
  g_autofree char *where = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *following = NULL;

      g_assert_true (g_str_has_prefix (token, "dwr_"));
      g_assert_cmpuint (strlen (token), ==, 91);
      world_advance (world, 10 * MINUTE_MS);
      assert_me (world, access, 401);
      g_clear_pointer (&access, g_free);
      following = next (world, token, &access);
      g_assert_cmpstr (following, !=, token);
      assert_me (world, access, 200);
      g_free (token);
      token = g_steal_pointer (&following);
    }
  hash = door_digest_sha256_text (token);
  where = g_strdup_printf ("refresh_chain WHERE token_hash = '%s' AND session_id = 'session-ada'", hash);
  assert_count (world, 1, where);
  assert_me (world, token, 401); /* good for nothing else */
  form = g_strconcat ("grant_type=refresh_token&client_id=x&scope=&refresh_token=", token, NULL);
  by_form = send (world, "application/x-www-form-urlencoded", form, NULL);
  assert_status (by_form, 200);
  g_assert_cmpstr (door_response_lookup_header (by_form, "Cache-Control"), ==, "no-store");
}

/* Two have it: the thief may have been first, or second. Both lose everything the session gave. */
static void
test_copied (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *access = NULL, *stolen = first (world, "s", NULL), *other = first (world, "s", NULL);
  g_autofree char *second = next (world, stolen, NULL), *third = next (world, second, &access), *log = NULL;
  g_autofree char *bystander = first (world, "r", NULL), *theirs = NULL;
  g_autoptr (DoorResponse) by_cookie = NULL;

  assert_me (world, access, 200);
  assert_refused (world, stolen);
  assert_count (world, 1, "admin_session WHERE id = 'session-ada' AND end_reason = 'refresh-reuse'");
  assert_refused (world, third);
  assert_refused (world, other);
  assert_me (world, access, 401);
  by_cookie = administrator_get (world, "/api/v1/me", "s");
  assert_status (by_cookie, 401);
  theirs = next (world, bystander, NULL);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "a refresh token was used again: session ended"));
  g_assert_null (strstr (log, stolen));
}

/* The answer was lost: for half a minute the same one is given again, and the client goes on. */
static void
test_lost_answer (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = first (world, "s", NULL), *lost = next (world, token, NULL), *again = NULL;
  g_autofree char *following = NULL;

  world_advance (world, 30 * SECOND_MS - 1);
  world_reopen (world); /* as after a crash */
  again = next (world, token, NULL);
  g_assert_cmpstr (again, ==, lost);
  assert_count (world, 1, "refresh_chain");
  following = next (world, again, NULL);
  g_assert_cmpstr (following, !=, again);
  assert_refused (world, token); /* the next one was used: so somebody did get the answer */
  assert_count (world, 1, "admin_session WHERE end_reason = 'refresh-reuse'");
}

static void
test_lost_too_long_ago (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = first (world, "s", NULL), *lost = next (world, token, NULL);

  world_advance (world, 30 * SECOND_MS);
  assert_refused (world, token);
  assert_refused (world, lost);
  assert_count (world, 1, "admin_session WHERE end_reason = 'refresh-reuse'");
}

static void
end_by_provider (World *world)
{
  const DoorSessionMatch match = { .connection = "okta", .issuer = "i", .subject = "ada" };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_session_end_by_index (&world->context, &match, &error));
  g_assert_no_error (error);
}

static void
log_out (World *world)
{
  g_autoptr (DoorResponse) out = administrator_visit (world, "POST", "/admin/logout", "s");

  assert_status (out, 303);
}

static void
end_by_administrator (World *world)
{
  g_autoptr (DoorResponse) done =
      administrator_send (world, "DELETE", "/api/v1/administrators/ada/sessions", "r", NULL);

  assert_status (done, 204);
}

static void
change (World *world, const char *json)
{
  g_autoptr (DoorResponse) done =
      administrator_send (world, "PATCH", "/api/v1/administrators/ada", "r", json);

  assert_status (done, 204);
}

static void
deactivate (World *world)
{
  change (world, "{\"state\":\"deactivated\"}");
  change (world, "{\"state\":\"active\"}");
}

static void
change_role (World *world)
{
  change (world, "{\"roles\":[{\"role\":\"helpdesk\"}]}");
}

static void
switch_off (World *world)
{
  change (world, "{\"sso_enabled\":false}");
  change (world, "{\"sso_enabled\":true}");
}

static void
delete_account (World *world)
{
  world_write (world, "DELETE FROM administrator WHERE id = 'ada'");
  assert_count (world, 0, "refresh_chain WHERE session_id = 'session-ada'");
}

static void
take_provider_away (World *world)
{
  world_write (world, "UPDATE admin_session SET connection = 'gone' WHERE id = 'session-ada'");
}

static void
be_idle (World *world)
{
  world_advance (world, HOUR_MS);
}

/* Whatever ends the session ends what it gave, at once and for good. */
static void
test_end_of_session (void)
{
  static void (*const ends[]) (World * world) = { end_by_provider, log_out,     end_by_administrator,
                                                  deactivate,      change_role, switch_off,
                                                  delete_account,  be_idle,     take_provider_away };

  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr (World) world = begin (CONFIG);
      g_autofree char *access = NULL, *token = first (world, "s", &access);

      g_test_message ("end %" G_GSIZE_FORMAT, i);
      ends[i](world);
      assert_refused (world, token);
      assert_me (world, access, 401);
    }
}

/* Refreshing keeps a session from being idle, and does not make it longer. */
static void
test_total_life (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = first (world, "s", NULL);

  for (int i = 0; i < 13; i++)
    {
      g_autofree char *following = next (world, token, NULL);

      g_free (token);
      token = g_steal_pointer (&following);
      world_advance (world, 55 * MINUTE_MS);
    }
  world_advance (world, 5 * MINUTE_MS);
  assert_refused (world, token);
}

static void
assert_malformed (const DoorResponse *response)
{
  g_autofree char *code = world_dup_member (response, "code");

  assert_status (response, 400);
  g_assert_cmpstr (code, ==, "DW-HTTP-BADREQUEST");
}

static void
test_refusals (void)
{
  static const char *const bad[] = {
    "{\"grant_type\":\"refresh_token\"}",
    "{\"refresh_token\":\"x\"}",
    "{\"grant_type\":\"password\",\"refresh_token\":\"x\"}",
    "{\"grant_type\":\"refresh_token\",\"refresh_token\":7}",
    "{\"grant_type\":\"refresh_token\",\"refresh_token\":\"x\",\"scope\":\"admin\"}",
    "{\"grant_type\":\"refresh_token\",\"refresh_token\":\"x\",\"refresh_token\":\"y\"}",
    "[]",
    "nonsense",
  };
  static const char *const forms[] = {
    "refresh_token=x",
    "grant_type=refresh_token",
    "grant_type=password&refresh_token=x",
    "grant_type=refresh_token&refresh_token=x&refresh_token=y",
  };
  static const char *const tokens[] = { "", "x", "dwr_", "dwt_0123456789", "session-ada", "s" };
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = first (world, "s", NULL), *access = NULL, *cut = g_strndup (token, 90),
                  *longer = g_strconcat (token, "A", NULL), *unknown = g_strdup (token), *still = NULL,
                  *old = NULL;
  g_autoptr (DoorResponse) odd = send (world, "text/plain", "{}", NULL);

  assert_status (odd, 415);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      /* neither does the cookie of a session help, from a page of ours */
      g_autoptr (DoorResponse) response = administrator_send (world, "POST", TOKEN, "s", bad[i]);

      g_test_message ("%s", bad[i]);
      assert_malformed (response);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (DoorResponse) response =
          send (world, "application/x-www-form-urlencoded", forms[i], DOOR_ADMIN_COOKIE "=s");

      g_test_message ("%s", forms[i]);
      assert_malformed (response);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (tokens); i++)
    assert_refused (world, tokens[i]);
  assert_refused (world, cut);
  assert_refused (world, longer);
  unknown[5] = unknown[5] == 'A' ? 'B' : 'A';
  assert_refused (world, unknown);
  still = next (world, token, &access); /* nothing of that has ended anything */
  assert_refused (world, access);
  old = g_strdup (still);
  old[80] = old[80] == 'A' ? 'B' : 'A';
  assert_refused (world, old); /* of this chain, and neither of the two that it knows: one that is old */
  assert_count (world, 1, "admin_session WHERE end_reason = 'refresh-reuse'");
}

/* The cookie of a session and a token: the token decides, alone. */
static void
test_no_cookie_in_place (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = first (world, "s", NULL);
  g_autofree char *body =
      g_strdup_printf ("{\"grant_type\":\"refresh_token\",\"refresh_token\":\"%s\"}", token);
  g_autoptr (DoorResponse) refused = NULL;

  log_out (world);
  refused = administrator_send (world, "POST", TOKEN, "r", body); /* as a page of ours would */
  assert_status (refused, 400);
}

static void
test_limit (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *oldest = first (world, "s", NULL), *second = NULL, *following = NULL;

  world_advance (world, 1);
  second = first (world, "s", NULL);
  world_advance (world, 1);
  for (int i = 0; i < 19; i++)
    g_free (first (world, "s", NULL));
  assert_count (world, 20, "refresh_chain WHERE session_id = 'session-ada'");
  assert_refused (world, oldest);
  following = next (world, second, NULL);
}

/* The spec's mode: a day, nothing to refresh with, no personal token for who signs in through a provider. */
static void
test_day (void)
{
  g_autoptr (World) world = begin (DAY);
  g_autoptr (DoorResponse) made = administrator_send (world, "POST", TOKEN, "s", NULL);
  g_autoptr (DoorResponse) personal =
      administrator_send (world, "POST", "/api/v1/tokens", "s", "{\"name\":\"a\",\"expires_in\":60}");
  g_autoptr (DoorResponse) by_cookie = NULL;
  g_autofree char *access = world_dup_member (made, "access_token"), *body = world_dup_body (made),
                  *used = NULL;

  assert_status (made, 201);
  g_assert_nonnull (strstr (body, "\"expires_in\":86400"));
  g_assert_null (strstr (body, "refresh_token"));
  assert_count (world, 0, "refresh_chain");
  assert_status (personal, 403);
  world_advance (world, 2 * HOUR_MS); /* idle */
  by_cookie = administrator_get (world, "/api/v1/me", "s");
  assert_status (by_cookie, 401);
  world_advance (world, 22 * HOUR_MS - 1000);
  assert_me (world, access, 200);
  world_advance (world, 1000);
  assert_me (world, access, 401);
}

/* What was given before the mode was changed counts no more. */
static void
test_day_refreshes_nothing (void)
{
  static const char chain[] = "dwr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  g_autofree char *token = g_strconcat (chain, ".", chain + strlen ("dwr_"), NULL);
  g_autofree char *chain_hash = door_digest_sha256_text (chain), *hash = door_digest_sha256_text (token);
  g_autofree char *sql = g_strdup_printf ("INSERT INTO refresh_chain (chain_hash, session_id, token_hash, "
                                          "before_hash, salt, created_at, rotated_at) VALUES "
                                          "('%s', 'session-ada', '%s', '', '', 1, 1)",
                                          chain_hash, hash);
  g_autoptr (World) before = begin (CONFIG), world = begin (DAY);
  g_autofree char *given = NULL;

  world_write (before, sql);
  given = next (before, token, NULL);
  world_write (world, sql);
  assert_refused (world, token);
}

/* It is no more alive than the person. */
static void
test_day_ends_with_the_session (void)
{
  g_autoptr (World) world = begin (DAY);
  g_autoptr (DoorResponse) made = administrator_send (world, "POST", TOKEN, "s", NULL);
  g_autofree char *access = world_dup_member (made, "access_token");

  assert_me (world, access, 200);
  end_by_provider (world);
  assert_me (world, access, 401);
}

static void
add (void)
{
  g_test_add_func ("/token-grant/life", test_life);
  g_test_add_func ("/token-grant/copied", test_copied);
  g_test_add_func ("/token-grant/lost-answer", test_lost_answer);
  g_test_add_func ("/token-grant/lost-too-long-ago", test_lost_too_long_ago);
  g_test_add_func ("/token-grant/end-of-session", test_end_of_session);
  g_test_add_func ("/token-grant/total-life", test_total_life);
  g_test_add_func ("/token-grant/refusals", test_refusals);
  g_test_add_func ("/token-grant/no-cookie-in-place", test_no_cookie_in_place);
  g_test_add_func ("/token-grant/limit", test_limit);
  g_test_add_func ("/token-grant/day", test_day);
  g_test_add_func ("/token-grant/day-refreshes-nothing", test_day_refreshes_nothing);
  g_test_add_func ("/token-grant/day-ends-with-the-session", test_day_ends_with_the_session);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

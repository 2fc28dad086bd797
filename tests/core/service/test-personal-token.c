/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"
#include "door-digest.h"

#define CONFIG "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"
#define SPEC CONFIG "[admin]\nFederatedTokens=false\n"
#define DAY "{\"name\":\"backup\",\"expires_in\":86400}"
#define DAY_MS (24 * HOUR_MS)
#define TOKENS "/api/v1/tokens"

/* A session for an administrator that is in the database. */
static void
open_session (World *world, const char *name, const char *token)
{
  g_autofree char *hash = door_digest_sha256_text (token);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO admin_session (token_hash, id, administrator_id, connection, issuer, subject, "
      "session_index, created_at, seen_at, expires_at, user_agent_family, ended_at, end_reason) VALUES "
      "('%s', 'session-%s', '%s', 'okta', 'i', 's', '', %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
      ", %" G_GINT64_FORMAT ", 'other', 0, '')",
      hash, name, name, WORLD_NOW_MS, WORLD_NOW_MS, WORLD_NOW_MS + HOUR_MS);

  world_write (world, sql);
}

/* A program: a token and no cookie, and no browser that says where the request comes from. */
static DoorResponse *
call (World *world, const char *method, const char *target, const char *token, const char *json)
{
  g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);
  g_autoptr (GBytes) body = json != NULL ? g_bytes_new (json, strlen (json)) : NULL;
  const Visit visit = { .method = method,
                        .target = target,
                        .content_type = "application/json",
                        .header = { "Authorization", bearer },
                        .body = body };

  return world_visit (world, &visit);
}

static void
assert_works (World *world, const char *token, unsigned int status)
{
  g_autoptr (DoorResponse) response = call (world, "GET", "/api/v1/me", token, NULL);

  assert_status (response, status);
}

static char *
make (World *world, const char *session)
{
  g_autoptr (DoorResponse) made = administrator_send (world, "POST", TOKENS, session, DAY);

  assert_status (made, 201);
  return world_dup_member (made, "token");
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

static void
test_life (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = make (world, "s"), *list = NULL, *id = NULL, *target = NULL, *hash = NULL,
                  *where = NULL, *changed = g_strdup (token);
  g_autoptr (DoorResponse) listed = NULL, foreign = NULL, revoked = NULL, denied = NULL;

  g_assert_true (g_str_has_prefix (token, "dwt_"));
  hash = door_digest_sha256_text (token);
  where = g_strdup_printf ("personal_token WHERE token_hash = '%s' AND used_at = 0", hash);
  assert_count (world, 1, where);
  assert_count (world, 1, "personal_token WHERE connection = 'okta'");
  assert_works (world, token, 200);
  assert_count (world, 0, where);
  changed[strlen (changed) - 1] = changed[strlen (changed) - 1] == 'A' ? 'B' : 'A';
  assert_works (world, changed, 401);
  denied = call (world, "GET", "/api/v1/administrators", token, NULL); /* an observer's */
  assert_status (denied, 403);
  listed = administrator_get (world, TOKENS, "s");
  assert_status (listed, 200);
  list = world_dup_body (listed);
  g_assert_null (strstr (list, token));
  g_assert_null (strstr (list, hash));
  id = world_dup_member (listed, "id");
  target = g_strconcat (TOKENS "/", id, NULL);
  foreign = administrator_send (world, "DELETE", target, "r", NULL); /* somebody else's */
  assert_status (foreign, 404);
  assert_works (world, token, 200);
  revoked = administrator_send (world, "DELETE", target, "s", NULL);
  assert_status (revoked, 204);
  assert_works (world, token, 401);
}

static void
test_expiry (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = make (world, "s");

  world_advance (world, DAY_MS - 1);
  assert_works (world, token, 200);
  world_advance (world, 1);
  assert_works (world, token, 401);
}

static void
test_refusals (void)
{
  static const char *const bad[] = {
    "{}",
    "{\"name\":\"a\"}",
    "{\"expires_in\":5}",
    "{\"name\":\"\",\"expires_in\":5}",
    "{\"name\":\"a\\nb\",\"expires_in\":5}",
    "{\"name\":\"a\",\"expires_in\":0}",
    "{\"name\":\"a\",\"expires_in\":-1}",
    "{\"name\":\"a\",\"expires_in\":31536001}",
    "{\"name\":\"a\",\"expires_in\":5,\"role\":\"admin\"}",
    "{\"name\":\"a\",\"name\":\"b\",\"expires_in\":5}",
    "[]",
  };
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = NULL;
  g_autoptr (DoorResponse) year =
      administrator_send (world, "POST", TOKENS, "s", "{\"name\":\"a\",\"expires_in\":31536000}");
  g_autoptr (DoorResponse) again = NULL, nobody = NULL;

  assert_status (year, 201);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DoorResponse) response = administrator_send (world, "POST", TOKENS, "s", bad[i]);

      g_test_message ("%s", bad[i]);
      assert_status (response, 400);
    }
  nobody = administrator_send (world, "POST", TOKENS, NULL, DAY);
  assert_status (nobody, 401);
  token = make (world, "s");
  again = call (world, "POST", TOKENS, token, DAY); /* no token makes another */
  assert_status (again, 403);
  assert_count (world, 2, "personal_token");
}

static void
test_limit (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autoptr (DoorResponse) more = NULL;

  for (int i = 0; i < 50; i++)
    g_free (make (world, "s"));
  more = administrator_send (world, "POST", TOKENS, "s", DAY);
  assert_status (more, 409);
}

/* Whatever ends the account ends its tokens in the same write, and they do not come back with it. */
static void
test_end_of_account (void)
{
  static const char *const ends[][2] = {
    { "{\"state\":\"deactivated\"}", "{\"state\":\"active\"}" },
    { "{\"sso_enabled\":false}", "{\"sso_enabled\":true}" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr (World) world = begin (CONFIG);
      g_autofree char *token = make (world, "s"), *other = make (world, "r");
      g_autoptr (DoorResponse) end =
          administrator_send (world, "PATCH", "/api/v1/administrators/ada", "r", ends[i][0]);
      g_autoptr (DoorResponse) undone = NULL;

      assert_status (end, 204);
      assert_count (world, 0, "personal_token WHERE administrator_id = 'ada'");
      assert_count (world, 0, "admin_session WHERE administrator_id = 'ada' AND ended_at = 0");
      undone = administrator_send (world, "PATCH", "/api/v1/administrators/ada", "r", ends[i][1]);
      assert_status (undone, 204);
      assert_works (world, token, 401);
      assert_works (world, other, 200);
    }
  {
    g_autoptr (World) world = begin (CONFIG);
    g_autofree char *token = make (world, "s");

    /* not by a change of ours: the row is there still, and does not work */
    world_write (world, "UPDATE administrator SET state = 'deactivated' WHERE id = 'ada'");
    assert_works (world, token, 403);
    world_write (world, "DELETE FROM administrator WHERE id = 'ada'");
    assert_works (world, token, 401);
    assert_count (world, 0, "personal_token");
  }
}

/* A token may do what its owner may at that moment. */
static void
test_roles (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = make (world, "s");
  g_autoptr (DoorResponse) changed = administrator_send (world, "PATCH", "/api/v1/administrators/ada", "r",
                                                         "{\"roles\":[{\"role\":\"maintainer\"}]}");
  g_autoptr (DoorResponse) allowed = NULL;

  assert_status (changed, 204);
  allowed = call (world, "GET", "/api/v1/administrators", token, NULL);
  assert_status (allowed, 200);
}

/* Other sites make no token, and neither does who has no role. */
static void
test_strangers (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autoptr (GBytes) body = g_bytes_new_static (DAY, strlen (DAY));
  const Visit visit = { .method = "POST",
                        .target = TOKENS,
                        .content_type = "application/json",
                        .header = { "Cookie", DOOR_ADMIN_COOKIE "=s" },
                        .body = body };
  g_autoptr (DoorResponse) foreign = world_visit (world, &visit), without = NULL;
  g_autofree char *code = world_dup_member (foreign, "code");

  assert_status (foreign, 403);
  g_assert_cmpstr (code, ==, "DW-ADM-ORIGIN");
  world_write (world, "DELETE FROM administrator_role WHERE administrator_id = 'ada'");
  without = administrator_send (world, "POST", TOKENS, "s", DAY);
  assert_status (without, 403);
  assert_count (world, 0, "personal_token");
}

/* The spec's mode: none for who signs in through a provider, whenever it was made. */
static void
test_federated (void)
{
  g_autoptr (World) world = begin (SPEC);
  g_autofree char *hash = door_digest_sha256_text ("dwt_x");
  g_autofree char *sql = g_strdup_printf ("INSERT INTO personal_token (token_hash, id, administrator_id, "
                                          "name, created_at, expires_at, used_at) VALUES "
                                          "('%s', 'i', 'ada', 'n', 1, %" G_GINT64_FORMAT ", 0)",
                                          hash, WORLD_NOW_MS + DAY_MS);
  g_autoptr (DoorResponse) refused = administrator_send (world, "POST", TOKENS, "s", DAY);
  g_autofree char *code = world_dup_member (refused, "code"), *title = world_dup_member (refused, "title");

  assert_status (refused, 403);
  g_assert_cmpstr (code, ==, "DW-ADM-TOKENS");
  g_assert_true (g_str_has_prefix (title, "Personal access tokens are not for people who sign in"));
  assert_count (world, 0, "personal_token");
  world_write (world, sql);
  assert_works (world, "dwt_x", 403);
  world_write (world, "UPDATE administrator SET sso_enabled = 0 WHERE id = 'ada'"); /* no such person */
  assert_works (world, "dwt_x", 200);
}

/* What was made when a provider vouched counts no more when the provider does not. */
static void
test_provider_gone (void)
{
  g_autoptr (World) world = begin (CONFIG);
  g_autofree char *token = make (world, "s");

  assert_works (world, token, 200);
  world_write (world, "UPDATE personal_token SET connection = 'gone'");
  assert_works (world, token, 403);
  world_write (world, "UPDATE personal_token SET connection = ''"); /* made with doorctl */
  assert_works (world, token, 200);
}

static void
add (void)
{
  g_test_add_func ("/personal-token/life", test_life);
  g_test_add_func ("/personal-token/expiry", test_expiry);
  g_test_add_func ("/personal-token/refusals", test_refusals);
  g_test_add_func ("/personal-token/limit", test_limit);
  g_test_add_func ("/personal-token/end-of-account", test_end_of_account);
  g_test_add_func ("/personal-token/roles", test_roles);
  g_test_add_func ("/personal-token/strangers", test_strangers);
  g_test_add_func ("/personal-token/provider-gone", test_provider_gone);
  g_test_add_func ("/personal-token/federated", test_federated);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a device renews its tokens is asked of the provider its person signed in with. */
#include <string.h>

#include "device.h"
#include "oidc-provider.h"

#define OAUTH2 "[enrollment]\nAccountSignIn=oauth2\n"
#define PLAIN "EmailDomains=example.com\n"
#define CHECKED PLAIN "LivenessCheck=5min\n"
#define REDIRECT "apple-remotemanagement-user-login:/oauth2/redirection"
#define ESCAPED "apple-remotemanagement-user-login%3A%2Foauth2%2Fredirection"
#define TARGET                                                                                               \
  "/oauth2/authorize?response_type=code&client_id=doorward&redirect_uri=" ESCAPED                            \
  "&state=s&login_hint=ada%40example.com"
#define CODE_FORM "grant_type=authorization_code&client_id=doorward&redirect_uri=" ESCAPED "&code="
#define REFRESH_FORM "grant_type=refresh_token&client_id=doorward&refresh_token="
#define FIRST "refresh-of-the-sign-in"
#define GRANT_GONE "{\"error\":\"invalid_grant\",\"error_description\":\"revoked\"}"
#define ALIVE "oauth2_grant WHERE ended_at = 0 AND asking_until = 0"

static const Provider good = { .key = KEY_P256, .refresh_token = FIRST };
static const Provider down = { .key = KEY_P256, .refreshed = "", .refreshed_status = 503 };

typedef struct
{
  char *access;
  char *refresh;
} Tokens;

static void
tokens_clear (Tokens *self)
{
  g_clear_pointer (&self->access, g_free);
  g_clear_pointer (&self->refresh, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tokens, tokens_clear)

static DoorResponse *
post (World *world, const char *before, const char *token)
{
  g_autofree char *body = g_strconcat (before, token, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  const Visit visit = { .method = "POST",
                        .target = "/oauth2/token",
                        .content_type = "application/x-www-form-urlencoded",
                        .body = bytes };

  return world_visit (world, &visit);
}

static Tokens
get_tokens (World *world, const char *before, const char *token)
{
  g_autoptr (DoorResponse) response = post (world, before, token);

  assert_status (response, 200);
  return (Tokens){ world_dup_member (response, "access_token"),
                   world_dup_member (response, "refresh_token") };
}

static void
assert_refused (World *world, const Tokens *tokens, unsigned int status, const char *word)
{
  g_autoptr (DoorResponse) response = post (world, REFRESH_FORM, tokens->refresh);
  g_autofree char *found = world_dup_member (response, "error");

  assert_status (response, status);
  g_assert_cmpstr (found, ==, word);
  g_assert_cmpint (door_response_lookup_header (response, "Retry-After") != NULL, ==, status == 503);
}

static void
assert_access (World *world, const Tokens *tokens, unsigned int status)
{
  g_autoptr (DoorResponse) response = device_ask_profile (world, NULL, tokens->access);

  assert_status (response, status);
}

static Tokens
sign_in_device (World *world)
{
  g_autoptr (OidcPending) pending = provider_begin (world, TARGET, NULL);
  g_autoptr (DoorResponse) response = provider_answer (world, pending, NULL);
  const char *location = door_response_lookup_header (response, "Location");
  g_auto (GStrv) parts = NULL;

  assert_status (response, 308);
  g_assert_true (g_str_has_prefix (location, REDIRECT "?code="));
  parts = g_strsplit (location + strlen (REDIRECT "?code="), "&", -1);
  return get_tokens (world, CODE_FORM, parts[0]);
}

static World *
begin (Tokens *tokens)
{
  World *world = provider_world_new (CHECKED, OAUTH2 "[sign-in]\nFlowLifetime=7d\n");

  provider_set (&good);
  *tokens = sign_in_device (world);
  return world;
}

/* Asked once for each refresh, with what the last answer gave, which is kept sealed; not for a lost answer.
 */
static void
test_alive (void)
{
  g_auto (Tokens) tokens = { NULL }, next = { NULL }, same = { NULL }, third = { NULL };
  g_autoptr (World) world = begin (&tokens);
  g_autofree char *rows = world_read (world, "SELECT * FROM oauth2_grant");

  g_assert_null (strstr (rows, FIRST));
  assert_count (world, 1, "oauth2_grant WHERE sealed_refresh <> '' AND connection = 'campus'");
  world_advance (world, MINUTE_MS);
  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
  g_assert_cmpstr (provider_get_presented (), ==, FIRST);
  assert_count (world, 1, ALIVE " AND verified_at = rotated_at");
  same = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_assert_cmpstr (same.access, ==, next.access);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
  third = get_tokens (world, REFRESH_FORM, next.refresh);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 2);
  g_assert_cmpstr (provider_get_presented (), ==, "refresh-1");
}

/* The provider's word that it is over ends all that the sign-in gave. */
static void
test_gone (void)
{
  static const Provider answers[] = {
    { .key = KEY_P256, .refreshed = GRANT_GONE, .refreshed_status = 400 },
    { .key = KEY_P256, .refreshed_token = true, .subject = "u-2" },
    { .key = KEY_P256, .refreshed_token = true, .issuer = "https://evil.example" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (Tokens) tokens = { NULL };
      g_autofree char *log = NULL;
      g_autoptr (World) world = begin (&tokens);

      assert_access (world, &tokens, 200);
      provider_set (&answers[i]);
      assert_refused (world, &tokens, 400, "invalid_grant");
      log = world_dup_log ();
      g_assert_nonnull (strstr (log, "its provider does not vouch for the person"));
      assert_count (world, 1, "oauth2_grant WHERE end_reason = 'provider' AND sealed_refresh = ''");
      assert_access (world, &tokens, 401);
      provider_set (&good);
      assert_refused (world, &tokens, 400, "invalid_grant");
      g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
    }
}

/* For a day its last word counts; then the device comes again, and nothing is lost when it is back. */
static void
test_down (void)
{
  g_auto (Tokens) tokens = { NULL }, next = { NULL }, back = { NULL };
  g_autoptr (World) world = begin (&tokens);

  provider_set (&down);
  world_advance (world, 24 * HOUR_MS - 1);
  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  assert_count (world, 1, ALIVE " AND verified_at < rotated_at");
  world_advance (world, 1);
  assert_refused (world, &next, 503, "temporarily_unavailable");
  assert_count (world, 1, ALIVE " AND sealed_refresh <> ''");
  provider_set (&good);
  back = get_tokens (world, REFRESH_FORM, next.refresh);
  g_assert_cmpstr (provider_get_presented (), ==, FIRST);
  assert_count (world, 1, ALIVE " AND verified_at = rotated_at");
}

/* Its next token counts even when what came with it cannot be verified now. */
static void
test_kept (void)
{
  g_auto (Tokens) tokens = { NULL }, next = { NULL };
  g_autoptr (World) world = begin (&tokens);

  world_advance (world, 24 * HOUR_MS);
  provider_set (&(Provider){
      .key = KEY_P256, .refreshed_token = true, .header = "{\"alg\":\"ES256\",\"kid\":\"k9\"}" });
  assert_refused (world, &tokens, 503, "temporarily_unavailable");
  provider_set (&good);
  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_assert_cmpstr (provider_get_presented (), ==, "refresh-1");
}

/* Of two that come at once one asks; a question that nobody heard of again is asked once more. */
static void
test_claimed (void)
{
  g_auto (Tokens) tokens = { NULL }, next = { NULL };
  g_autoptr (World) world = begin (&tokens);
  g_autofree char *change = g_strdup_printf ("UPDATE oauth2_grant SET asking_until = %" G_GINT64_FORMAT,
                                             door_clock_now_ms (world->context.clock) + MINUTE_MS);

  world_write (world, change);
  assert_refused (world, &tokens, 503, "temporarily_unavailable");
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
  world_advance (world, MINUTE_MS);
  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
}

/* Nobody can be asked: a day, and then the person signs in again. */
static void
test_no_token (void)
{
  g_autoptr (World) world = provider_world_new (CHECKED, OAUTH2 "[sign-in]\nFlowLifetime=7d\n");
  g_auto (Tokens) tokens = sign_in_device (world), next = get_tokens (world, REFRESH_FORM, tokens.refresh);

  world_advance (world, 24 * HOUR_MS);
  assert_refused (world, &next, 400, "invalid_grant");
  assert_count (world, 1, "oauth2_grant WHERE end_reason = 'provider'");
}

/* A token that was sealed for another grant opens nothing. */
static void
test_moved (void)
{
  g_auto (Tokens) tokens = { NULL };
  g_autoptr (World) world = begin (&tokens);

  world_write (world, "UPDATE oauth2_grant SET id = 'another'");
  assert_refused (world, &tokens, 400, "invalid_grant");
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
}

/* Where it is not wanted, and for who signed in before it was. */
static void
test_not_wanted (void)
{
  g_autoptr (World) world = provider_world_new (PLAIN, OAUTH2);
  g_auto (Tokens) tokens = { NULL }, next = { NULL };

  provider_set (&good);
  tokens = sign_in_device (world);
  assert_count (world, 1, "oauth2_grant WHERE sealed_refresh = '' AND connection = ''");
  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 0);
}

static void
add_tests (void)
{
  g_test_add_func ("/oauth2-provider/alive", test_alive);
  g_test_add_func ("/oauth2-provider/gone", test_gone);
  g_test_add_func ("/oauth2-provider/down", test_down);
  g_test_add_func ("/oauth2-provider/kept", test_kept);
  g_test_add_func ("/oauth2-provider/claimed", test_claimed);
  g_test_add_func ("/oauth2-provider/no-token", test_no_token);
  g_test_add_func ("/oauth2-provider/moved", test_moved);
  g_test_add_func ("/oauth2-provider/not-wanted", test_not_wanted);
}

int
main (int argc, char **argv)
{
  int result = world_run (argc, argv, add_tests);

  provider_end ();
  return result;
}

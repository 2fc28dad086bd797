/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "device.h"
#include "door-digest.h"
#include "door-housekeeping.h"
#include "sign-in.h"

#define OAUTH2 "[enrollment]\nAccountSignIn=oauth2\n"
#define ALWAYS "[enrollment]\nAccountSignIn=oauth2\nRequireBearer=always\n"
#define REDIRECT "apple-remotemanagement-user-login:/oauth2/redirection"
#define ESCAPED "apple-remotemanagement-user-login%3A%2Foauth2%2Fredirection"
#define AUTHORIZE "/oauth2/authorize?response_type=code&client_id=doorward&redirect_uri=" ESCAPED
#define HINT "&login_hint=ada%40example.com"
#define TARGET AUTHORIZE "&state=s-1" HINT
#define FORM "application/x-www-form-urlencoded"
#define CODE_FORM "grant_type=authorization_code&client_id=doorward&redirect_uri=" ESCAPED "&code="
#define REFRESH_FORM "grant_type=refresh_token&client_id=doorward&refresh_token="
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" /* RFC 7636, B */

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };

static DoorResponse *
post (World *world, const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  const Visit visit = { .method = "POST", .target = "/oauth2/token", .content_type = FORM, .body = bytes };

  return world_visit (world, &visit);
}

static void
assert_word (World *world, const char *form, const char *word)
{
  g_autoptr (DoorResponse) response = post (world, form);
  g_autofree char *found = world_dup_member (response, "error");

  g_assert_cmpstr (found, ==, word);
  assert_status (response, 400);
  g_assert_cmpstr (door_response_lookup_header (response, "Cache-Control"), ==, "no-store");
}

/* And for the reason that is meant, so that no other check stands in for it. */
static void
assert_refused (World *world, const char *before, const char *token, const char *reason)
{
  g_autofree char *form = g_strconcat (before, token, NULL), *log = NULL;

  assert_word (world, form, "invalid_grant");
  log = world_dup_log ();
  if (strstr (log, reason) == NULL)
    g_error ("\"%s\" was expected in %s", reason, log);
}

/* From the request to the code. */
static char *
get_code (World *world, const char *target, const Answer *answer, const char *state)
{
  g_autoptr (Pending) pending = sign_in_begin (world, target, NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, answer);
  const char *location = door_response_lookup_header (response, "Location");
  g_auto (GStrv) parts = NULL;
  g_autofree char *end = g_strconcat ("&state=", state, NULL);

  assert_status (response, 308);
  g_assert_true (g_str_has_prefix (location, REDIRECT "?code="));
  g_assert_true (g_str_has_suffix (location, end));
  parts = g_strsplit (location + strlen (REDIRECT "?code="), "&", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strdup (parts[0]);
}

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

static Tokens
get_tokens (World *world, const char *before, const char *token)
{
  g_autofree char *form = g_strconcat (before, token, NULL);
  g_autoptr (DoorResponse) response = post (world, form);
  g_autofree char *type = world_dup_member (response, "token_type");
  g_autofree char *scope = world_dup_member (response, "scope"), *body = world_dup_body (response);

  assert_status (response, 200);
  g_assert_cmpstr (type, ==, "Bearer");
  g_assert_cmpstr (scope, ==, "mdm");
  g_assert_nonnull (strstr (body, "\"expires_in\":3600"));
  g_assert_cmpstr (door_response_lookup_header (response, "Cache-Control"), ==, "no-store");
  return (Tokens){ world_dup_member (response, "access_token"),
                   world_dup_member (response, "refresh_token") };
}

static Tokens
begin (World *world, const Answer *answer)
{
  g_autofree char *code = get_code (world, TARGET, answer, "s-1");

  return get_tokens (world, CODE_FORM, code);
}

static void
assert_profile (World *world, const char *token, unsigned int status)
{
  g_autoptr (DoorResponse) response = device_ask_profile (world, NULL, token);

  assert_status (response, status);
}

/* What a device is told, and what it gets for it. */
static void
test_life (void)
{
  g_autoptr (World) world = world_new (OAUTH2 "[team/red]\n[team/web]\nAccountSignIn=web\n");
  g_autoptr (DoorResponse) first = device_ask_profile (world, NULL, NULL);
  g_autoptr (DoorResponse) red = device_ask_profile (world, "/mdm/apple/account_driven_enroll/red", NULL);
  g_autoptr (DoorResponse) web = device_ask_profile (world, "/mdm/apple/account_driven_enroll/web", NULL);
  g_auto (Tokens) tokens = { NULL }, next = { NULL };

  assert_status (first, 401);
  g_assert_cmpstr (door_response_lookup_header (first, "WWW-Authenticate"), ==,
                   "Bearer method=\"apple-oauth2\", "
                   "authorization-url=\"https://devices.example.com/oauth2/authorize\", "
                   "token-url=\"https://devices.example.com/oauth2/token\", redirect-url=\"" REDIRECT
                   "\", client-id=\"doorward\", scope=\"mdm\"");
  g_assert_nonnull (strstr (door_response_lookup_header (red, "WWW-Authenticate"),
                            "client-id=\"doorward.red\", scope=\"mdm\""));
  g_assert_nonnull (
      strstr (door_response_lookup_header (web, "WWW-Authenticate"), "method=\"apple-as-web\""));
  tokens = begin (world, &ada);
  assert_profile (world, tokens.access, 200);
  g_assert_true (g_str_has_prefix (tokens.refresh, "dwm_"));
  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_assert_cmpstr (next.refresh, !=, tokens.refresh);
  g_assert_cmpstr (next.access, !=, tokens.access);
  assert_profile (world, next.access, 200);
  assert_profile (world, tokens.refresh, 401);
  assert_count (world, 2, "oauth2_access");
}

/* Nobody but our devices is sent anywhere. */
static void
test_redirect (void)
{
  static const char *const others[] = {
    "/oauth2/authorize?response_type=code&client_id=doorward&state=s" HINT,
    "/oauth2/authorize?response_type=code&client_id=doorward&redirect_uri=&state=s" HINT,
    "/oauth2/"
    "authorize?response_type=code&client_id=doorward&redirect_uri=https%3A%2F%2Fevil.example%2F&state=s" HINT,
    AUTHORIZE "%2Fmore&state=s" HINT,
    AUTHORIZE "%3Fa&state=s" HINT,
    AUTHORIZE "&redirect_uri=https%3A%2F%2Fevil.example%2F&state=s" HINT,
    "/oauth2/authorize?response_type=code&redirect_uri=" ESCAPED "&state=s" HINT,
    "/oauth2/authorize?response_type=code&client_id=other&redirect_uri=" ESCAPED "&state=s" HINT,
    "/oauth2/authorize?response_type=code&client_id=doorward.&redirect_uri=" ESCAPED "&state=s" HINT,
    "/oauth2/authorize?response_type=code&client_id=doorward.none&redirect_uri=" ESCAPED "&state=s" HINT,
    TARGET "&state=s-2",
    TARGET "&client_id=doorward",
    TARGET "&code_challenge=%00",
  };
  g_autoptr (World) world = world_new (OAUTH2);

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (DoorResponse) response = world_get (world, others[i], NULL);

      g_test_message ("%s", others[i]);
      assert_status (response, 400);
      g_assert_null (door_response_lookup_header (response, "Location"));
    }
  assert_count (world, 0, "flow");
}

/* What else is wrong the device is told, with its state as it sent it. */
static void
test_errors (void)
{
  static const struct
  {
    const char *target, *answer;
  } cases[] = {
    { AUTHORIZE HINT, "error=invalid_request" },
    { AUTHORIZE "&state=" HINT, "error=invalid_request" },
    { AUTHORIZE "&state=a%2Bb+c/d", "error=invalid_request&state=a%2Bb+c/d" },
    { AUTHORIZE "&state=s&login_hint=", "error=invalid_request&state=s" },
    { "/oauth2/authorize?client_id=doorward&redirect_uri=" ESCAPED "&state=s" HINT,
      "error=invalid_request&state=s" },
    { "/oauth2/authorize?response_type=token&client_id=doorward&redirect_uri=" ESCAPED "&state=s" HINT,
      "error=unsupported_response_type&state=s" },
    { "/oauth2/authorize?response_type=code&client_id=doorward.web&redirect_uri=" ESCAPED "&state=s" HINT,
      "error=unauthorized_client&state=s" },
    { TARGET "&scope=all", "error=invalid_scope&state=s-1" },
    { TARGET "&code_challenge=" CHALLENGE, "error=invalid_request&state=s-1" },
    { TARGET "&code_challenge=" CHALLENGE "&code_challenge_method=plain", "error=invalid_request&state=s-1" },
    { TARGET "&code_challenge=short&code_challenge_method=S256", "error=invalid_request&state=s-1" },
    { TARGET "&code_challenge_method=S256", "error=invalid_request&state=s-1" },
  };
  g_autoptr (World) world = world_new (OAUTH2 "[team/web]\nAccountSignIn=web\n");
  g_autofree char *many = g_strnfill (1025, 'x');
  g_autofree char *long_state = g_strconcat (AUTHORIZE "&state=", many, HINT, NULL);
  g_autoptr (DoorResponse) too_long = world_get (world, long_state, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response = world_get (world, cases[i].target, NULL);
      g_autofree char *expected = g_strconcat (REDIRECT "?", cases[i].answer, NULL);

      g_test_message ("%s", cases[i].target);
      assert_status (response, 308);
      g_assert_cmpstr (door_response_lookup_header (response, "Location"), ==, expected);
    }
  g_assert_cmpstr (door_response_lookup_header (too_long, "Location"), ==, REDIRECT "?error=invalid_request");
  assert_count (world, 0, "flow");
}

/* Byte for byte, whatever the escapes; and a cookie of another flow leads into none of that. */
static void
test_state (void)
{
  static const char state[] = "a%2Bb+c/d?e:%7e~%E2%82%ac";
  g_autoptr (World) world = world_new (OAUTH2);
  g_autofree char *target = g_strconcat (AUTHORIZE "&state=", state, HINT "&scope=mdm", NULL);
  g_autoptr (Pending) other = sign_in_begin (world, TARGET, NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, target, other->cookie);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &ada);

  g_assert_true (g_str_has_suffix (door_response_lookup_header (response, "Location"), state));
  g_assert_cmpstr (pending->cookie, !=, other->cookie);
}

/* The account that was typed is not believed, and who signs in as another gets no code. */
static void
test_mismatch (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_autoptr (Pending) pending = sign_in_begin (world, TARGET, NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &bob);

  sign_in_assert_refused (world, response, 403, "DW-ID-MISMATCH");
  assert_count (world, 0, "oauth2_grant");
}

/* A code is for who asked for it. */
static void
test_code_bound (void)
{
  g_autoptr (World) world = world_new (OAUTH2 "[team/red]\n");
  g_autofree char *code = get_code (world, TARGET, &ada, "s-1");
  g_auto (Tokens) tokens = { NULL };

  assert_refused (world,
                  "grant_type=authorization_code&client_id=doorward.red&redirect_uri=" ESCAPED "&code=", code,
                  "is of another client");
  assert_refused (
      world, "grant_type=authorization_code&client_id=doorward&redirect_uri=https%3A%2F%2Fx%2F&code=", code,
      "was sent to another redirect_uri");
  assert_refused (world, CODE_FORM, "nothing", "is unknown");
  assert_refused (world,
                  "grant_type=authorization_code&client_id=doorward&redirect_uri=" ESCAPED
                  "&code_verifier=" VERIFIER "&code=",
                  code, "by code_verifier");
  assert_profile (world, code, 401); /* is no access token */
  tokens = get_tokens (world, CODE_FORM, code);
  assert_profile (world, tokens.access, 200);
}

static void
test_pkce (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_autofree char *code =
      get_code (world, TARGET "&code_challenge=" CHALLENGE "&code_challenge_method=S256", &ada, "s-1");
  g_auto (Tokens) tokens = { NULL };

  assert_refused (world, CODE_FORM, code, "by code_verifier");
  assert_refused (world, "code_verifier=" CHALLENGE "&" CODE_FORM, code, "by code_verifier");
  assert_refused (world, "code_verifier=x&" CODE_FORM, code, "by code_verifier");
  tokens = get_tokens (world, "code_verifier=" VERIFIER "&" CODE_FORM, code);
  assert_profile (world, tokens.access, 200);
}

/* Whoever has a copy is found out, and both lose what it gave. */
static void
test_code_twice (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_autofree char *code = get_code (world, TARGET, &ada, "s-1");
  g_auto (Tokens) tokens = get_tokens (world, CODE_FORM, code);

  assert_refused (world, "grant_type=authorization_code&client_id=doorward&redirect_uri=x&code=", code,
                  "was sent to another redirect_uri");
  assert_profile (world, tokens.access, 200); /* a copy without the rest ends nothing */
  assert_refused (world, CODE_FORM, code, "was used before");
  assert_profile (world, tokens.access, 401);
  assert_refused (world, REFRESH_FORM, tokens.refresh, "is of a grant that is over");
  assert_count (world, 1, "oauth2_grant WHERE ended_at <> 0 AND end_reason = 'reuse'");
}

static void
test_code_late (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_autofree char *code = get_code (world, TARGET, &ada, "s-1");

  world_advance (world, 2 * MINUTE_MS);
  assert_refused (world, CODE_FORM, code, "has expired");
}

/* A copy that is found later still ends all. */
static void
test_code_twice_late (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_autofree char *code = get_code (world, TARGET, &ada, "s-1");
  g_auto (Tokens) tokens = get_tokens (world, CODE_FORM, code);

  world_advance (world, 3 * MINUTE_MS);
  assert_refused (world, CODE_FORM, code, "was used before");
  assert_profile (world, tokens.access, 401);
}

/* Who has left between the sign-in and the tokens gets none. */
static void
test_code_person (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_autofree char *code = get_code (world, TARGET, &ada, "s-1");

  world_write (world, "UPDATE person SET state = 'inactive'");
  assert_refused (world, CODE_FORM, code, "counts no more");
}

static void
test_form (void)
{
  static const struct
  {
    const char *form, *word;
  } cases[] = {
    { "", "invalid_request" },
    { "grant_type=", "unsupported_grant_type" },
    { "grant_type=password&username=a&password=b", "unsupported_grant_type" },
    { "grant_type=client_credentials", "unsupported_grant_type" },
    { "grant_type=refresh_token&grant_type=refresh_token", "invalid_request" },
    { "grant_type=refresh_token", "invalid_request" },
    { "grant_type=refresh_token&refresh_token=a&refresh_token=a", "invalid_request" },
    { "grant_type=refresh_token&refresh_token=a", "invalid_grant" },
    { "grant_type=refresh_token&refresh_token=a&client_id=other", "invalid_client" },
    { "grant_type=authorization_code&code=a&redirect_uri=" ESCAPED, "invalid_client" },
    { "grant_type=authorization_code&code=a&client_id=doorward", "invalid_request" },
    { "grant_type=authorization_code&client_id=doorward&redirect_uri=" ESCAPED, "invalid_request" },
    { CODE_FORM "a&code=a", "invalid_request" },
    { "grant_type=%00", "invalid_request" },
  };
  g_autoptr (World) world = world_new (OAUTH2);
  g_autoptr (GBytes) json = g_bytes_new_static ("{}", 2);
  const Visit visit = {
    .method = "POST", .target = "/oauth2/token", .content_type = "application/json", .body = json
  };
  g_autoptr (DoorResponse) no_form = world_visit (world, &visit);

  assert_status (no_form, 400);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].form);
      assert_word (world, cases[i].form, cases[i].word);
    }
}

/* An answer that was lost is given again for half a minute, and only until the next was used. */
static void
test_refresh_lost (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_auto (Tokens) tokens = begin (world, &ada);
  g_auto (Tokens) next = get_tokens (world, REFRESH_FORM, tokens.refresh), same = { NULL };
  g_autofree char *form = g_strconcat (REFRESH_FORM, tokens.refresh, NULL);
  g_autoptr (DoorResponse) again = NULL;

  world_advance (world, 29 * 1000);
  again = post (world, form);
  assert_status (again, 200);
  same = (Tokens){ world_dup_member (again, "access_token"), world_dup_member (again, "refresh_token") };
  g_assert_cmpstr (same.access, ==, next.access);
  g_assert_cmpstr (same.refresh, ==, next.refresh);
  world_advance (world, 1000);
  assert_refused (world, REFRESH_FORM, tokens.refresh, "was used before");
  assert_profile (world, next.access, 401);
  assert_profile (world, tokens.access, 401);
  assert_refused (world, REFRESH_FORM, next.refresh, "is of a grant that is over");
}

/* One of long ago, and one that nobody gave but that has the name of the chain. */
static void
test_refresh_copied (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_auto (Tokens) tokens = begin (world, &ada);
  g_auto (Tokens) next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_auto (Tokens) third = get_tokens (world, REFRESH_FORM, next.refresh);

  assert_refused (world, "grant_type=refresh_token&refresh_token=", tokens.refresh, "was used before");
  assert_profile (world, third.access, 401);
  assert_profile (world, next.access, 401);
  assert_profile (world, tokens.access, 401);
}

static void
test_refresh_client (void)
{
  g_autoptr (World) world = world_new (OAUTH2 "[team/red]\n");
  g_auto (Tokens) tokens = begin (world, &ada), next = { NULL };

  assert_refused (world, "grant_type=refresh_token&client_id=doorward.red&refresh_token=", tokens.refresh,
                  "is of another client");
  next = get_tokens (world, "grant_type=refresh_token&refresh_token=", tokens.refresh);
  assert_profile (world, next.access, 200);
}

/* Who is deactivated gets nothing more, also when he comes back. */
static void
test_refresh_person (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_auto (Tokens) tokens = begin (world, &ada);

  world_write (world, "UPDATE person SET state = 'inactive'");
  assert_refused (world, REFRESH_FORM, tokens.refresh, "is of somebody who is deactivated");
  world_write (world, "UPDATE person SET state = 'active'");
  assert_refused (world, REFRESH_FORM, tokens.refresh, "is of a grant that is over");
  assert_profile (world, tokens.access, 401);
}

/* Until there is an enrollment as long as the flow; then as long as that. */
static void
test_refresh_lifetime (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_auto (Tokens) tokens = begin (world, &ada), next = { NULL }, later = { NULL };
  g_auto (Tokens) idle = begin (world, &ada_again);
  g_autoptr (Device) device = device_get_certificate (world, NULL, tokens.access, "device.key");
  bool more = true;

  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  g_assert_cmpuint (device_say (world, device, "Authenticate", next.access), ==, 200);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", next.access), ==, 200);
  assert_count (world, 1, "enrollment WHERE way = 'oauth2' AND state = 'active'");
  world_advance (world, 50 * HOUR_MS);
  g_assert_true (door_housekeeping_run (&world->context, &more, NULL));
  assert_count (world, 1, "oauth2_grant");
  assert_count (world, 0, "oauth2_access");
  assert_refused (world, REFRESH_FORM, idle.refresh, "is unknown");
  later = get_tokens (world, REFRESH_FORM, next.refresh);
  /* a refreshed token enrolls no second device */
  assert_profile (world, later.access, 401);
  g_assert_cmpuint (device_say (world, device, "CheckOut", NULL), ==, 200);
  assert_refused (world, REFRESH_FORM, later.refresh, "is of an enrollment that is over");
  g_assert_true (door_housekeeping_run (&world->context, &more, NULL));
  assert_count (world, 0, "oauth2_grant");
}

static void
test_refresh_never_enrolled (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_auto (Tokens) tokens = begin (world, &ada);

  world_advance (world, 24 * HOUR_MS);
  assert_refused (world, REFRESH_FORM, tokens.refresh, "is of an enrollment that is over");
}

static void
assert_said (World *world, const Device *device, const char *bearer, unsigned int status, const char *reason)
{
  g_autofree char *log = NULL;

  g_assert_cmpuint (device_say (world, device, "Idle", bearer), ==, status);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", bearer), ==, status);
  log = world_dup_log ();
  if (reason != NULL && strstr (log, reason) == NULL)
    g_error ("\"%s\" was expected in %s", reason, log);
}

static Device *
enroll (World *world, const Tokens *tokens, const char *key)
{
  Device *device = device_get_certificate (world, NULL, tokens->access, key);

  g_assert_cmpuint (device_say (world, device, "Authenticate", tokens->access), ==, 200);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", tokens->access), ==, 200);
  return device;
}

/* With RequireBearer=always the token counts as long as the enrollment, and a refreshed one takes its place.
 */
static void
test_always (void)
{
  g_autoptr (World) world = world_new (ALWAYS);
  g_auto (Tokens) tokens = begin (world, &ada), next = { NULL }, fresh = { NULL };
  g_autoptr (Device) device = enroll (world, &tokens, "device.key");
  g_autoptr (GBytes) body = device_build_message ("Idle", DEVICE_ID);
  g_autoptr (DoorResponse) response = device_put (world, device, body, NULL);

  assert_status (response, 401);
  g_assert_nonnull (
      strstr (door_response_lookup_header (response, "WWW-Authenticate"), "method=\"apple-oauth2\""));
  assert_said (world, device, tokens.access, 200, NULL);
  assert_said (world, device, NULL, 401, "no access token");
  assert_said (world, device, "nothing", 401, "access token unknown");
  world_advance (world, HOUR_MS);
  assert_said (world, device, tokens.access, 401, "access token expired");
  next = get_tokens (world, REFRESH_FORM, tokens.refresh);
  assert_said (world, device, next.access, 200, NULL);
  world_write (world, "UPDATE person SET state = 'inactive'");
  assert_said (world, device, next.access, 401, "the person is deactivated");
  world_write (world, "UPDATE person SET state = 'active'");
  fresh = begin (world, &ada_again); /* signs in again: what was before ends */
  assert_said (world, device, fresh.access, 200, NULL);
  assert_count (world, 1, "oauth2_grant WHERE end_reason = 'replaced'");
  assert_said (world, device, next.access, 401, "access token revoked");
  g_assert_cmpuint (device_say (world, device, "CheckOut", NULL), ==, 200);
}

/* The token of one device is none for another, nor that of somebody else. */
static void
test_always_other (void)
{
  g_autoptr (World) world = world_new (ALWAYS);
  g_auto (Tokens) tokens = begin (world, &ada), others = begin (world, &ada_again);
  g_autofree char *code = get_code (world, AUTHORIZE "&state=s-1&login_hint=bob%40example.com", &bob, "s-1");
  g_auto (Tokens) bobs = get_tokens (world, CODE_FORM, code);
  g_autoptr (Device) device = enroll (world, &tokens, "device.key");
  g_autoptr (Device) second = device_get_certificate (world, NULL, others.access, "scepclient.key");

  g_free (second->enrollment_id);
  second->enrollment_id = g_strdup ("AAAAAAAA-93A7-4E1B-8C5C-0B6C3F1A2D77");
  g_assert_cmpuint (device_say (world, second, "Authenticate", others.access), ==, 200);
  assert_said (world, device, bobs.access, 401, "access token of another person or team");
  assert_said (world, device, others.access, 401, "access token of another enrollment");
}

/* Only where it is asked for, and only of devices that came so. */
static void
test_not_always (void)
{
  g_autoptr (World) world = world_new (OAUTH2);
  g_auto (Tokens) tokens = begin (world, &ada);
  g_autoptr (Device) device = enroll (world, &tokens, "device.key");

  assert_said (world, device, NULL, 200, NULL);
}

static void
test_always_web (void)
{
  g_autoptr (World) world = world_new ("[enrollment]\nRequireBearer=always\n");
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  const Tokens tokens = { .access = token };
  g_autoptr (Device) device = enroll (world, &tokens, "device.key");

  assert_said (world, device, NULL, 200, NULL);
}

static void
test_always_mac (void)
{
  g_autoptr (World) world = world_new (ALWAYS);
  g_auto (Tokens) tokens = begin (world, &ada);
  g_autoptr (Device) device = enroll (world, &tokens, "device.key");

  world_write (world, "UPDATE device SET product = 'MacBookPro18,1'");
  assert_said (world, device, NULL, 200, NULL);
}

static unsigned int
authenticate_as (World *world, const Device *device, const char *product, const char *bearer)
{
  g_autoptr (GBytes) body = device_build_message ("Authenticate", DEVICE_ID), changed = NULL;
  g_autoptr (GString) text =
      g_string_new_len (g_bytes_get_data (body, NULL), (gssize) g_bytes_get_size (body));
  g_autoptr (DoorResponse) response = NULL;

  g_assert_cmpuint (g_string_replace (text, "iPhone12,1", product, 0), ==, 1);
  changed = g_bytes_new (text->str, text->len);
  response = device_put (world, device, changed, bearer);
  return door_response_get_status (response);
}

/* Macs send no access token, so nobody becomes one. */
static void
test_always_stays_what_it_is (void)
{
  g_autoptr (World) world = world_new (ALWAYS "ModelFamilies=iPhone\n");
  g_auto (Tokens) tokens = begin (world, &ada);
  g_autoptr (Device) device = enroll (world, &tokens, "device.key");

  g_assert_cmpuint (authenticate_as (world, device, "MacBookPro18,1", tokens.access), ==, 403);
  g_assert_cmpuint (authenticate_as (world, device, "iPhone13,2", tokens.access), ==, 200);
  assert_said (world, device, NULL, 401, "no access token");
}

static void
add_tests (void)
{
  g_test_add_func ("/oauth2/always-stays-what-it-is", test_always_stays_what_it_is);
  g_test_add_func ("/oauth2/life", test_life);
  g_test_add_func ("/oauth2/redirect", test_redirect);
  g_test_add_func ("/oauth2/errors", test_errors);
  g_test_add_func ("/oauth2/state", test_state);
  g_test_add_func ("/oauth2/mismatch", test_mismatch);
  g_test_add_func ("/oauth2/code/bound", test_code_bound);
  g_test_add_func ("/oauth2/code/pkce", test_pkce);
  g_test_add_func ("/oauth2/code/twice", test_code_twice);
  g_test_add_func ("/oauth2/code/late", test_code_late);
  g_test_add_func ("/oauth2/code/twice-late", test_code_twice_late);
  g_test_add_func ("/oauth2/code/person", test_code_person);
  g_test_add_func ("/oauth2/form", test_form);
  g_test_add_func ("/oauth2/refresh/lost", test_refresh_lost);
  g_test_add_func ("/oauth2/refresh/copied", test_refresh_copied);
  g_test_add_func ("/oauth2/refresh/client", test_refresh_client);
  g_test_add_func ("/oauth2/refresh/person", test_refresh_person);
  g_test_add_func ("/oauth2/refresh/lifetime", test_refresh_lifetime);
  g_test_add_func ("/oauth2/refresh/never-enrolled", test_refresh_never_enrolled);
  g_test_add_func ("/oauth2/always/life", test_always);
  g_test_add_func ("/oauth2/always/other", test_always_other);
  g_test_add_func ("/oauth2/always/not", test_not_always);
  g_test_add_func ("/oauth2/always/web", test_always_web);
  g_test_add_func ("/oauth2/always/mac", test_always_mac);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}

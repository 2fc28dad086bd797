/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices that sign their users in at the identity provider itself. */
#include <string.h>

#include "device.h"
#include "door-connections.h"
#include "oidc-provider.h"

#define REDIRECT "apple-remotemanagement-user-login:/oauth2/redirection"
#define ESCAPED "apple-remotemanagement-user-login%3A%2Foauth2%2Fredirection"
#define TEAM "[enrollment]\nIdps=campus\nAccountSignIn=oauth2-forward\n"
#define ALWAYS TEAM "RequireBearer=always\n"
#define ENDPOINT ",\"introspection_endpoint\":\"" PROVIDER_ISSUER "/introspect\""
#define FORM "application/x-www-form-urlencoded"
#define CODE_FORM                                                                                            \
  "grant_type=authorization_code&client_id=" OIDC_CLIENT "&redirect_uri=" ESCAPED "&code=code-of-device"
#define REFRESH_FORM "grant_type=refresh_token&client_id=" OIDC_CLIENT "&refresh_token=refresh-of-device"
#define GIVEN                                                                                                \
  "{\"access_token\":\"a-1\",\"token_type\":\"bearer\",\"expires_in\":600,\"refresh_token\":\"r-1\","        \
  "\"id_token\":\"e.y.J\",\"scope\":\"openid\",\"other\":\"x\"}"
#define PATH "/mdm/apple/account_driven_enroll"
#define ADA "\"client_id\":\"" OIDC_CLIENT "\",\"sub\":\"u-1\",\"email\":\"ada@example.com\""

/* Whoever asks about a token is told this, for the time it has. */
static char *
say_active (const char *claims, int64_t lifetime_s)
{
  return g_strdup_printf ("{\"active\":true,%s,\"exp\":%" G_GINT64_FORMAT "}", claims,
                          WORLD_NOW_MS / 1000 + lifetime_s);
}

static void
set_provider (const char *introspection)
{
  const Provider provider = { .key = KEY_P256,
                              .discovery = ENDPOINT,
                              .forwarded = true,
                              .tokens = GIVEN,
                              .refreshed = GIVEN,
                              .introspection = introspection };

  provider_set (&provider);
}

static World *
world_with (const char *keys, const char *more, const char *introspection)
{
  World *world = provider_world_new (keys, more);

  set_provider (introspection);
  return world;
}

static DoorResponse *
post (World *world, const char *target, const char *form)
{
  g_autoptr (GBytes) body = g_bytes_new (form, strlen (form));
  const Visit visit = { .method = "POST", .target = target, .content_type = FORM, .body = body };

  return world_visit (world, &visit);
}

static void
assert_word (World *world, const char *form, unsigned int status, const char *word)
{
  g_autoptr (DoorResponse) response = post (world, "/oidc/campus/token", form);
  g_autofree char *body = world_dup_body (response);
  g_autofree char *expected = g_strdup_printf ("{\"error\":\"%s\"}", word);

  g_assert_cmpstr (body, ==, expected);
  assert_status (response, status);
  g_assert_cmpstr (door_response_lookup_header (response, "Cache-Control"), ==, "no-store");
}

static void
assert_profile (World *world, const char *token, unsigned int status)
{
  g_autoptr (DoorResponse) response = device_ask_profile (world, NULL, token);

  assert_status (response, status);
}

/* The device is sent to the provider, as the client that we are there, and comes to us for tokens. */
static void
test_challenge (void)
{
  g_autoptr (World) world = world_with ("", TEAM "[team/red]\n[team/web]\nAccountSignIn=web\n", NULL);
  g_autoptr (DoorResponse) first = device_ask_profile (world, NULL, NULL);
  g_autoptr (DoorResponse) red = device_ask_profile (world, PATH "/red", NULL);
  g_autoptr (DoorResponse) web = device_ask_profile (world, PATH "/web", NULL);
  static const char expected[] =
      "Bearer method=\"apple-oauth2\", authorization-url=\"" PROVIDER_ISSUER "/auth\", "
      "token-url=\"https://devices.example.com/oidc/campus/token\", redirect-url=\"" REDIRECT
      "\", client-id=\"" OIDC_CLIENT "\", scope=\"openid profile email offline_access\"";

  assert_status (first, 401);
  g_assert_cmpstr (door_response_lookup_header (first, "WWW-Authenticate"), ==, expected);
  g_assert_cmpstr (door_response_lookup_header (red, "WWW-Authenticate"), ==, expected);
  g_assert_nonnull (strstr (door_response_lookup_header (web, "WWW-Authenticate"), "apple-as-web"));
  g_assert_cmpuint (provider_get_asked ().discovery, ==, 1);
}

/* What cannot end well is not begun. */
static void
test_challenge_refused (void)
{
  static const struct
  {
    const char *keys;
    const char *discovery;
    const char *reason;
  } cases[] = {
    { "", "", "idp/campus: the provider names no introspection_endpoint: set AccessTokens=jwt" },
    { "ClientAuth=secret_post\n", ENDPOINT, "does not list what ClientAuth= wants" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_with (cases[i].keys, TEAM, NULL);
      const Provider provider = { .key = KEY_P256, .discovery = cases[i].discovery };
      g_autoptr (DoorResponse) response = NULL;

      provider_set (&provider);
      response = device_ask_profile (world, NULL, NULL);
      assert_status (response, 503);
      g_assert_null (door_response_lookup_header (response, "WWW-Authenticate"));
      assert_log (cases[i].reason);
    }
}

static void
test_challenge_away (void)
{
  static const Provider away = { .key = KEY_P256, .away = true };
  g_autoptr (World) world = world_with ("", TEAM, NULL);
  g_autoptr (DoorResponse) response = NULL;

  provider_set (&away);
  response = device_ask_profile (world, NULL, NULL);
  assert_status (response, 503);
  assert_log ("openid-configuration: no answer");
}

/* A JWT needs nobody who is asked. */
static void
test_challenge_jwt (void)
{
  static const Provider plain = { .key = KEY_P256 };
  g_autoptr (World) world = world_with ("AccessTokens=jwt\n", TEAM, NULL);
  g_autoptr (DoorResponse) response = NULL;

  provider_set (&plain);
  response = device_ask_profile (world, NULL, NULL);
  assert_status (response, 401);
}

/* The provider sees the code and our proof of who we are, the device what it may. */
static void
test_tokens (void)
{
  static const char answer[] =
      "{\"token_type\":\"Bearer\",\"access_token\":\"a-1\",\"expires_in\":600,\"refresh_token\":\"r-1\"}";
  static const char verifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  g_autoptr (World) world = world_with ("", TEAM, NULL);
  g_autofree char *with_verifier =
      g_strconcat (CODE_FORM "&client_secret=mine&code_verifier=", verifier, NULL);
  g_autoptr (DoorResponse) first = post (world, "/oidc/campus/token", CODE_FORM);
  g_autofree char *body = world_dup_body (first), *second_body = NULL, *third_body = NULL;
  g_autoptr (DoorResponse) second = NULL, third = NULL;

  assert_status (first, 200);
  g_assert_cmpstr (body, ==, answer);
  g_assert_cmpstr (provider_get_presented (), ==, "code-of-device");
  second = post (world, "/oidc/campus/token", with_verifier);
  second_body = world_dup_body (second);
  g_assert_cmpstr (second_body, ==, answer);
  third = post (world, "/oidc/campus/token", REFRESH_FORM);
  third_body = world_dup_body (third);
  g_assert_cmpstr (third_body, ==, answer);
  g_assert_cmpstr (provider_get_presented (), ==, "refresh-of-device");
  g_assert_cmpuint (provider_get_asked ().token, ==, 2);
  g_assert_cmpuint (provider_get_asked ().refresh, ==, 1);
}

/* What the provider does not say is not made up. */
static void
test_tokens_few (void)
{
  static const Provider few = { .key = KEY_P256,
                                .discovery = ENDPOINT,
                                .forwarded = true,
                                .tokens = "{\"access_token\":\"a-1\",\"token_type\":\"Bearer\"}" };
  g_autoptr (World) world = world_with ("", TEAM, NULL);
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *body = NULL;

  provider_set (&few);
  response = post (world, "/oidc/campus/token", CODE_FORM);
  body = world_dup_body (response);
  g_assert_cmpstr (body, ==, "{\"token_type\":\"Bearer\",\"access_token\":\"a-1\"}");
}

/* None of these reaches the provider. */
static void
test_form (void)
{
  static const struct
  {
    const char *form, *word;
  } cases[] = {
    { "", "invalid_request" },
    { "grant_type=password&username=a&password=b", "unsupported_grant_type" },
    { "grant_type=client_credentials", "unsupported_grant_type" },
    { "grant_type=refresh_token&client_id=" OIDC_CLIENT, "invalid_request" },
    { "grant_type=refresh_token&refresh_token=", "invalid_request" },
    { "grant_type=refresh_token&refresh_token=a&refresh_token=a", "invalid_request" },
    { "grant_type=refresh_token&refresh_token=a%0ab", "invalid_request" },
    { "grant_type=refresh_token&refresh_token=a&client_id=doorward", "invalid_client" },
    { "grant_type=authorization_code&redirect_uri=" ESCAPED "&code=a", "invalid_client" },
    { "grant_type=authorization_code&client_id=doorward&redirect_uri=" ESCAPED "&code=a", "invalid_client" },
    { "grant_type=authorization_code&client_id=" OIDC_CLIENT "&code=a", "invalid_grant" },
    { "grant_type=authorization_code&client_id=" OIDC_CLIENT
      "&redirect_uri=https%3A%2F%2Fmdm.example.com%2Foidc%2Fcampus%2Fcallback&code=a",
      "invalid_grant" },
    { "grant_type=authorization_code&client_id=" OIDC_CLIENT "&redirect_uri=" ESCAPED, "invalid_request" },
    { "grant_type=authorization_code&client_id=" OIDC_CLIENT "&redirect_uri=" ESCAPED "&code=%C3%A9",
      "invalid_request" },
    { CODE_FORM "&code_verifier=short", "invalid_request" },
    { CODE_FORM "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX!", "invalid_request" },
  };
  g_autoptr (World) world = world_with ("", TEAM, NULL);
  g_autofree char *many = g_strnfill (16385, 'x'), *code = g_strconcat (CODE_FORM, many, NULL);
  g_autofree char *refresh = g_strconcat ("grant_type=refresh_token&refresh_token=", many, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].form);
      assert_word (world, cases[i].form, 400, cases[i].word);
    }
  assert_word (world, code, 400, "invalid_request");
  assert_word (world, refresh, 400, "invalid_request");
  g_assert_cmpuint (provider_get_asked ().token + provider_get_asked ().refresh, ==, 0);
}

/* The word is of RFC 6749, and nothing else of the provider's answer comes through. */
static void
test_errors (void)
{
  static const struct
  {
    unsigned int status;
    const char *error;
    unsigned int answer;
    const char *word;
  } cases[] = {
    { 400, "invalid_grant", 400, "invalid_grant" },
    { 400, "interaction_required", 400, "invalid_grant" },
    { 401, "invalid_client", 503, "temporarily_unavailable" },
    { 400, "unauthorized_client", 503, "temporarily_unavailable" },
    { 400, "temporarily_unavailable", 503, "temporarily_unavailable" },
    { 500, "invalid_grant", 503, "temporarily_unavailable" },
    { 200, "invalid_grant", 503, "temporarily_unavailable" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_with ("", TEAM, NULL);
      g_autofree char *said = g_strdup_printf (
          "{\"error\":\"%s\",\"error_description\":\"AADSTS70008 of user ada\"}", cases[i].error);
      const Provider provider = { .key = KEY_P256,
                                  .discovery = ENDPOINT,
                                  .forwarded = true,
                                  .tokens = said,
                                  .token_status = cases[i].status,
                                  .refreshed = said,
                                  .refreshed_status = cases[i].status };

      provider_set (&provider);
      g_test_message ("%u %s", cases[i].status, cases[i].error);
      assert_word (world, CODE_FORM, cases[i].answer, cases[i].word);
      assert_word (world, REFRESH_FORM, cases[i].answer, cases[i].word);
    }
}

/* A provider that no device is sent to is no relay. */
static void
test_not_forwarded (void)
{
  static const char *const configs[] = {
    "[enrollment]\nIdps=campus\nAccountSignIn=oauth2\n",
    "[enrollment]\nIdps=campus\nAccountSignIn=oauth2-forward\nFlows=ade\n",
  };
  static const char beside[] = "[idp/beside]\nType=oidc\nIssuer=" PROVIDER_ISSUER "\nClientId=" OIDC_CLIENT
                               "\nClientAuth=private_key_jwt\n";
  g_autoptr (World) forwarding = NULL;
  g_autoptr (DoorResponse) other = NULL, unknown = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (World) world = world_with ("", configs[i], NULL);

      assert_word (world, CODE_FORM, 400, "invalid_client");
      g_assert_cmpuint (provider_get_asked ().token, ==, 0);
    }
  forwarding = world_with (beside, TEAM, NULL);
  other = post (forwarding, "/oidc/beside/token", CODE_FORM);
  assert_status (other, 400);
  assert_log ("no device is sent to this identity provider");
  unknown = post (forwarding, "/oidc/nobody/token", CODE_FORM);
  assert_status (unknown, 400);
}

static void
test_rate (void)
{
  g_autoptr (World) world = world_with ("", TEAM "[listen]\nSignInsPerMinute=1\n", "{\"active\":false}");
  static const Provider refusing = { .key = KEY_P256,
                                     .discovery = ENDPOINT,
                                     .forwarded = true,
                                     .tokens = "{\"error\":\"invalid_grant\"}",
                                     .token_status = 400,
                                     .introspection = "{\"active\":false}" };
  g_autoptr (DoorResponse) limited = NULL;

  for (size_t i = 0; i < 3; i++) /* what is answered counts nothing */
    {
      g_autoptr (DoorResponse) given = post (world, "/oidc/campus/token", CODE_FORM);

      assert_status (given, 200);
    }
  provider_set (&refusing);
  assert_word (world, CODE_FORM, 400, "invalid_grant");
  limited = post (world, "/oidc/campus/token", CODE_FORM);
  assert_status (limited, 429);
  g_assert_cmpuint (provider_get_asked ().token, ==, 4);
  assert_profile (world, "guess-1", 401);
  assert_profile (world, "guess-2", 429);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 1);
}

/* A token the provider vouches for enrolls its person's device; it is asked once. */
static void
test_enroll (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", TEAM, active);
  g_autoptr (Device) device = device_enroll (world, "token-1", "device.key");

  g_assert_cmpstr (provider_get_presented (), ==, "token-1");
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 1);
  g_assert_cmpuint (provider_get_asked ().userinfo, ==, 0);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 200);
  assert_count (world, 1, "person WHERE email = 'ada@example.com'");
  assert_count (world, 1, "person_identity WHERE connection = 'campus' AND subject LIKE '%u-1%'");
  assert_count (world, 1, "enrollment WHERE way = 'oauth2' AND state = 'active' AND mode = 'BYOD'");
  assert_count (world, 1, "access_token WHERE connection = 'campus' AND certificate_sha256 <> ''");
  assert_count (world, 0, "access_token WHERE hash LIKE '%token-1%'");
  assert_count (world, 1, "attempt WHERE fault = '' AND connection = 'campus'");
  /* it is used up */
  assert_profile (world, "token-1", 401);
}

/* Nobody else's word counts, and no token that the provider does not call ours. */
static void
test_not_believed (void)
{
  static const struct
  {
    const char *answer;
    unsigned int status;
    unsigned int expected;
    const char *reason;
  } cases[] = {
    { "{\"active\":false}", 0, 401, "not active" },
    { "{\"active\":true,\"client_id\":\"other\",\"sub\":\"u-1\",\"exp\":1800015000}", 0, 401,
      "another client got it" },
    { "{\"active\":true," ADA ",\"exp\":1800014400}", 0, 401, "it has expired" },
    { "{\"active\":true," ADA "}", 0, 401, "does not say when it expires" },
    { "{\"active\":true," ADA ",\"exp\":1800015000,\"iss\":\"https://evil.example\"}", 0, 401,
      "another issuer" },
    { "<html>", 0, 503, "introspection endpoint: " },
    { "{}", 500, 503, "introspection endpoint: status 500" },
    { "{}", 401, 503, "introspection endpoint: status 401" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_with ("UserInfo=true\n", TEAM, NULL);
      const Provider provider = { .key = KEY_P256,
                                  .discovery = ENDPOINT,
                                  .bearer = "token-1",
                                  .userinfo = "{\"sub\":\"u-1\",\"email\":\"ada@example.com\"}",
                                  .introspection = cases[i].answer,
                                  .introspection_status = cases[i].status };

      provider_set (&provider);
      g_test_message ("%s", cases[i].answer);
      assert_profile (world, "token-1", cases[i].expected);
      assert_log (cases[i].reason);
      assert_count (world, 0, "access_token");
      assert_count (world, 0, "person");
      g_assert_cmpuint (provider_get_asked ().userinfo, ==, 0);
    }
}

/* What the token does not say the userinfo endpoint may add, of the same person. */
static void
test_userinfo (void)
{
  g_autofree char *active = say_active ("\"client_id\":\"" OIDC_CLIENT "\",\"sub\":\"u-1\"", 600);
  g_autoptr (World) world = world_with ("UserInfo=true\n", TEAM, NULL);
  Provider provider = { .key = KEY_P256,
                        .discovery = ENDPOINT,
                        .bearer = "token-1",
                        .userinfo = "{\"sub\":\"u-2\",\"email\":\"ada@example.com\"}",
                        .introspection = active };

  provider_set (&provider);
  assert_profile (world, "token-1", 401);
  assert_log ("another person");
  provider.userinfo = "{\"sub\":\"u-1\",\"email\":\"ada@example.com\"}";
  provider_set (&provider);
  assert_profile (world, "token-1", 200);
  assert_count (world, 1, "person WHERE email = 'ada@example.com'");
}

/* The rules of a sign-in hold for whoever comes so. */
static void
test_rules (void)
{
  static const struct
  {
    const char *keys;
    const char *team;
    const char *claims;
    const char *reason;
  } cases[] = {
    { "", "AllowedDomains=other.example\n", ADA, "not in AllowedDomains" },
    { "EmailDomains=other.example\n", "", ADA, "by the EmailDomains" },
    { "", "AllowedGroups=staff\n", ADA ",\"groups\":[\"guests\"]", "by AllowedGroups" },
    { "", "DeniedGroups=guests\n", ADA ",\"groups\":[\"guests\"]", "by AllowedGroups and DeniedGroups" },
    { "", "", "\"client_id\":\"" OIDC_CLIENT "\",\"sub\":\"u-1\"", "no claim gives a Managed Apple Account" },
    { "", "", ADA ",\"email_verified\":false", "no claim gives a Managed Apple Account" },
    { "", "[team/red]\nAllowedDomains=example.com\n", ADA, "enrolls into a team" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *active = say_active (cases[i].claims, 600);
      g_autofree char *config = g_strconcat (TEAM, cases[i].team, NULL);
      g_autoptr (World) world = world_with (cases[i].keys, config, active);

      g_test_message ("%s", cases[i].reason);
      assert_profile (world, "token-1", 403);
      assert_log (cases[i].reason);
      assert_count (world, 0, "access_token");
    }
}

static void
test_inactive (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", TEAM, active);

  assert_profile (world, "token-1", 200);
  world_write (world, "UPDATE person SET state = 'inactive'");
  assert_profile (world, "token-1", 401);
  assert_profile (world, "token-2", 403);
  assert_log ("enroll: the person is deactivated");
  assert_count (world, 1, "access_token");
}

/* One of somebody of the same name at another provider is somebody else's. */
static void
test_team (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", TEAM "[team/red]\n[team/web]\nAccountSignIn=web\n", active);
  g_autoptr (DoorResponse) web = device_ask_profile (world, PATH "/web", "token-1");
  g_autoptr (DoorResponse) red = NULL, other = NULL;

  assert_status (web, 401);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 0);
  red = device_ask_profile (world, PATH "/red", "token-1");
  assert_status (red, 200);
  other = device_ask_profile (world, NULL, "token-1");
  assert_status (other, 401);
  assert_log ("access token of another team");
}

/* What is no bearer is nobody asked about. */
static void
test_no_bearer (void)
{
  g_autoptr (World) world = world_with ("", TEAM, NULL);
  g_autofree char *long_one = g_strnfill (8193, 'a');

  assert_profile (world, long_one, 401);
  assert_profile (world, "a b", 401);
  assert_profile (world, "\xc3\xa9", 401);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 0);
}

/* The first device that comes with it has it. */
static void
test_bound (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", ALWAYS, active);
  g_autoptr (Device) first = device_get_certificate (world, NULL, "token-1", "device.key");
  g_autoptr (Device) second = device_get_certificate (world, NULL, "token-2", "rsa-2048.key");

  g_assert_cmpuint (device_say (world, first, "Authenticate", "token-1"), ==, 200);
  g_assert_cmpuint (device_say (world, second, "Authenticate", "token-1"), ==, 401);
  assert_log ("access token bound to another certificate");
  g_assert_cmpuint (device_say (world, second, "Authenticate", "token-2"), ==, 200);
}

/* A refreshed token takes the place of the one before, at any time, and only the device's own. */
static void
test_refreshed (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autofree char *bob =
      say_active ("\"client_id\":\"" OIDC_CLIENT "\",\"sub\":\"u-2\",\"email\":\"bob@example.com\"", 600);
  g_autoptr (World) world = world_with ("", ALWAYS, active);
  g_autoptr (Device) device = device_get_certificate (world, NULL, "token-1", "device.key");
  g_autoptr (Device) other = device_get_certificate (world, NULL, "token-o", "rsa-2048.key");

  g_assert_cmpuint (device_say (world, device, "Authenticate", "token-2"), ==, 200);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", "token-3"), ==, 200);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-4"), ==, 200);
  assert_count (world, 1, "enrollment WHERE way = 'oauth2' AND state = 'active' AND mode = 'BYOD'");
  assert_count (world, 2, "attempt WHERE fault = ''"); /* one for each that fetched a profile */
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 5);
  /* bound where it came first, although a poll writes nothing */
  g_assert_cmpuint (device_say (world, other, "Authenticate", "token-4"), ==, 401);
  assert_log ("bound to another certificate");
  set_provider (bob);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-b"), ==, 401);
  assert_log ("of another person or team");
  assert_count (world, 1,
                "access_token WHERE certificate_sha256 = '' AND person_id IN "
                "(SELECT id FROM person WHERE email = 'bob@example.com')");
}

/* With RequireBearer=always a token counts until it expires, then the device is asked for the next. */
static void
test_always (void)
{
  g_autofree char *active = say_active (ADA, 600), *later = say_active (ADA, 2000);
  g_autoptr (World) world = world_with ("", ALWAYS, active);
  g_autoptr (Device) device = device_enroll (world, "token-1", "device.key");
  g_autoptr (GBytes) body = device_build_message ("Idle", DEVICE_ID);
  g_autoptr (DoorResponse) without = device_put (world, device, body, NULL);

  assert_status (without, 401);
  g_assert_nonnull (strstr (door_response_lookup_header (without, "WWW-Authenticate"),
                            "authorization-url=\"" PROVIDER_ISSUER "/auth\""));
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 200);
  world_advance (world, 10 * MINUTE_MS);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 401);
  assert_log ("access token expired");
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 1);
  set_provider (NULL);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-2"), ==, 401);
  assert_log ("not active");
  set_provider (later);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-2"), ==, 200);
  world_write (world, "UPDATE person SET state = 'inactive'");
  g_assert_cmpuint (device_say (world, device, "Idle", "token-2"), ==, 401);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-3"), ==, 403);
}

/* While strangers take all the places that they may have, a device with its certificate is looked after. */
static void
test_places (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", ALWAYS, active);
  g_autoptr (Device) device = device_enroll (world, "token-1", "device.key");
  DoorOidcCell *cell =
      door_connection_get_oidc_cell (door_connections_lookup (world->context.connections, "campus"));

  for (unsigned int i = 0; i < DOOR_OIDC_MAX_STRANGERS; i++)
    g_assert_true (door_oidc_cell_enter_stranger (cell, "campus", NULL));
  assert_profile (world, "token-2", 503);
  assert_log ("too many wait for the provider");
  g_assert_cmpuint (device_say (world, device, "Idle", "token-2"), ==, 200);
  for (unsigned int i = 0; i < DOOR_OIDC_MAX_STRANGERS; i++)
    door_oidc_cell_leave (cell);
  assert_profile (world, "token-3", 200);
  for (unsigned int i = 0; i < DOOR_OIDC_MAX_WAITING; i++)
    g_assert_true (door_oidc_cell_enter (cell, "campus", NULL));
  g_assert_cmpuint (device_say (world, device, "Idle", "token-4"), ==, 503);
  for (unsigned int i = 0; i < DOOR_OIDC_MAX_WAITING; i++)
    door_oidc_cell_leave (cell);
}

/* What the provider said of a token counts for AccessTokenLifetime; then it is asked again, and what it has
 * taken back since is at an end. One that was revoked here stays so. */
static void
test_long (void)
{
  g_autofree char *active = say_active (ADA, 24 * 3600);
  g_autoptr (World) world = world_with ("", ALWAYS, active);
  g_autoptr (Device) device = device_enroll (world, "token-1", "device.key");

  world_advance (world, 59 * MINUTE_MS);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 200);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 1);
  world_advance (world, 2 * MINUTE_MS);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 200);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 200);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 2);
  assert_count (world, 1, "access_token");
  assert_count (world, 1, "attempt");
  world_advance (world, 61 * MINUTE_MS);
  set_provider (NULL);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 401);
  assert_log ("not active");
  set_provider (active);
  world_write (world, "UPDATE access_token SET revoked_at = 1");
  g_assert_cmpuint (device_say (world, device, "Idle", "token-1"), ==, 401);
  assert_log ("access token revoked");
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 3);
}

/* Without it the certificate is enough once the device is enrolled, and nobody is asked about its tokens. */
static void
test_enrollment_only (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", TEAM, active);
  g_autoptr (Device) device = device_enroll (world, "token-1", "device.key");

  g_assert_cmpuint (device_say (world, device, "Idle", "token-2"), ==, 200);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 1);
}

/* Only for want of a token: who is refused for another reason makes us ask nobody. */
static void
test_ended (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", ALWAYS, active);
  g_autoptr (Device) device = device_enroll (world, "token-1", "device.key");

  g_assert_cmpuint (device_say (world, device, "CheckOut", "token-1"), ==, 200);
  g_assert_cmpuint (device_say (world, device, "Idle", "token-2"), ==, 403);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", "token-2"), ==, 403);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 1);
}

/* Until the first TokenUpdate the provider must be there. */
static void
test_away (void)
{
  g_autofree char *active = say_active (ADA, 600);
  g_autoptr (World) world = world_with ("", TEAM, active);
  g_autoptr (Device) device = device_get_certificate (world, NULL, "token-1", "device.key");
  static const Provider away = { .key = KEY_P256, .away = true };

  provider_set (&away);
  g_assert_cmpuint (device_say (world, device, "Authenticate", "token-2"), ==, 503);
  g_assert_cmpuint (device_say (world, device, "Authenticate", "token-1"), ==, 200);
}

#define JWT TEAM
#define JWT_KEYS "AccessTokens=jwt\nAccessTokenAudience=https://mdm.example.com\n"
#define AT_HEADER "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}"

static char *
build_jwt (const char *header, const char *audience)
{
  g_autofree char *claims = g_strdup_printf ("{\"iss\":\"" PROVIDER_ISSUER "\",\"aud\":\"%s\"," ADA
                                             ",\"iat\":%" G_GINT64_FORMAT ",\"exp\":%" G_GINT64_FORMAT "}",
                                             audience, WORLD_NOW_MS / 1000, WORLD_NOW_MS / 1000 + 600);

  return oidc_fixture_token (KEY_P256, header, claims);
}

/* A JWT is believed by its signature, and the provider is not asked. */
static void
test_jwt (void)
{
  g_autofree char *token = build_jwt (AT_HEADER, "https://mdm.example.com");
  g_autofree char *other = build_jwt (AT_HEADER, OIDC_CLIENT);
  g_autofree char *id_token = build_jwt ("{\"alg\":\"ES256\",\"kid\":\"k1\"}", "https://mdm.example.com");
  g_autoptr (World) world = world_with (JWT_KEYS, JWT, NULL);
  g_autoptr (Device) device = NULL;

  assert_profile (world, other, 401);
  assert_log ("another audience");
  assert_profile (world, id_token, 401);
  assert_log ("typ is not at+jwt");
  assert_profile (world, "opaque", 401);
  device = device_enroll (world, token, "device.key");
  g_assert_cmpuint (device_say (world, device, "Idle", token), ==, 200);
  g_assert_cmpuint (provider_get_asked ().introspection, ==, 0);
  assert_count (world, 1, "enrollment WHERE way = 'oauth2' AND state = 'active'");
}

/* Clocks may differ, but nothing is kept that is over. */
static void
test_jwt_late (void)
{
  g_autofree char *token = build_jwt (AT_HEADER, "https://mdm.example.com");
  g_autoptr (World) world = world_with (JWT_KEYS, JWT, NULL);

  world_advance (world, 10 * MINUTE_MS + 1000);
  assert_profile (world, token, 401);
  assert_log ("access token: it has expired");
  assert_count (world, 0, "access_token");
  assert_count (world, 0, "person");
}

/* What would not be believed is not handed to the device: the administrator sees it at once. */
static void
test_jwt_given (void)
{
  g_autofree char *token = build_jwt (AT_HEADER, "https://mdm.example.com");
  g_autofree char *given = g_strdup_printf ("{\"access_token\":\"%s\",\"token_type\":\"Bearer\"}", token);
  g_autoptr (World) world = world_with (JWT_KEYS, JWT, NULL);
  const Provider good = { .key = KEY_P256, .forwarded = true, .tokens = given };
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *found = NULL;

  assert_word (world, CODE_FORM, 503, "temporarily_unavailable");
  assert_log ("idp/campus: the provider gave an access token that AccessTokens=jwt does not take: token: not "
              "three parts");
  provider_set (&good);
  response = post (world, "/oidc/campus/token", CODE_FORM);
  found = world_dup_member (response, "access_token");
  g_assert_cmpstr (found, ==, token);
}

static void
test_too_long (void)
{
  g_autofree char *many = g_strnfill (8193, 'a');
  g_autofree char *given = g_strdup_printf ("{\"access_token\":\"%s\",\"token_type\":\"Bearer\"}", many);
  const Provider long_one = { .key = KEY_P256, .discovery = ENDPOINT, .forwarded = true, .tokens = given };
  g_autoptr (World) world = world_with ("", TEAM, NULL);

  provider_set (&long_one);
  assert_word (world, CODE_FORM, 503, "temporarily_unavailable");
  assert_log ("of more than 8192 bytes");
}

static void
add_tests (void)
{
  g_test_add_func ("/oauth2-forward/challenge", test_challenge);
  g_test_add_func ("/oauth2-forward/challenge-refused", test_challenge_refused);
  g_test_add_func ("/oauth2-forward/challenge-away", test_challenge_away);
  g_test_add_func ("/oauth2-forward/challenge-jwt", test_challenge_jwt);
  g_test_add_func ("/oauth2-forward/tokens", test_tokens);
  g_test_add_func ("/oauth2-forward/tokens-few", test_tokens_few);
  g_test_add_func ("/oauth2-forward/form", test_form);
  g_test_add_func ("/oauth2-forward/errors", test_errors);
  g_test_add_func ("/oauth2-forward/not-forwarded", test_not_forwarded);
  g_test_add_func ("/oauth2-forward/rate", test_rate);
  g_test_add_func ("/oauth2-forward/enroll", test_enroll);
  g_test_add_func ("/oauth2-forward/not-believed", test_not_believed);
  g_test_add_func ("/oauth2-forward/userinfo", test_userinfo);
  g_test_add_func ("/oauth2-forward/rules", test_rules);
  g_test_add_func ("/oauth2-forward/inactive", test_inactive);
  g_test_add_func ("/oauth2-forward/team", test_team);
  g_test_add_func ("/oauth2-forward/no-bearer", test_no_bearer);
  g_test_add_func ("/oauth2-forward/bound", test_bound);
  g_test_add_func ("/oauth2-forward/refreshed", test_refreshed);
  g_test_add_func ("/oauth2-forward/always", test_always);
  g_test_add_func ("/oauth2-forward/long", test_long);
  g_test_add_func ("/oauth2-forward/places", test_places);
  g_test_add_func ("/oauth2-forward/enrollment-only", test_enrollment_only);
  g_test_add_func ("/oauth2-forward/ended", test_ended);
  g_test_add_func ("/oauth2-forward/away", test_away);
  g_test_add_func ("/oauth2-forward/jwt", test_jwt);
  g_test_add_func ("/oauth2-forward/jwt-late", test_jwt_late);
  g_test_add_func ("/oauth2-forward/jwt-given", test_jwt_given);
  g_test_add_func ("/oauth2-forward/too-long", test_too_long);
}

int
main (int argc, char **argv)
{
  int result = world_run (argc, argv, add_tests);

  provider_end ();
  return result;
}

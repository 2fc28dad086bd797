/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-administrator-store.h"
#include "door-connections.h"
#include "door-same-provider.h"
#include "door-session-store.h"
#include "oidc-provider.h"
#include "sign-in.h"

#define SECOND(name, keys)                                                                                   \
  "[idp/" name "]\nType=oidc\nIssuer=" PROVIDER_ISSUER "\nClientId=x\nClientAuth=none\nUse=admin\n" keys

static void
assert_nothing_issued (World *world)
{
  assert_count (world, 0, "access_token");
  assert_count (world, 0, "person");
  assert_count (world, 0, "replay");
  assert_count (world, 0, "sign_in_request WHERE spent_at <> 0");
}

/* From the start page by way of a thread that may wait, and once more without it. */
static void
test_accepted (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (OidcPending) pending =
      provider_begin (world, "/mdm/sso/start?idp=campus&user-identifier=ada@example.com", NULL);
  g_autofree char *drop = world_dup_log (), *log = NULL, *row = NULL, *token = NULL;
  g_autoptr (DoorResponse) response = provider_answer (world, pending, NULL);
  g_autoptr (DoorResponse) direct = NULL;

  assert_status (response, 308);
  token = sign_in_dup_token (response);
  g_assert_nonnull (token);
  row = world_read (world, "SELECT email, full_name, managed_account FROM person");
  g_assert_cmpstr (row, ==,
                   "[{'email': <'ada@example.com'>, 'full_name': <'Ada Lovelace'>, 'managed_account': "
                   "<'ada@example.com'>}]");
  assert_count (world, 1,
                "person_identity WHERE issuer = 'https://login.campus.example' AND connection = 'campus'");
  assert_count (world, 1, "attempt WHERE fault = '' AND checks LIKE '%nonce%' AND person_id <> ''");
  assert_count (world, 1, "replay WHERE issuer = 'https://login.campus.example'");
  assert_count (world, 1, "sign_in_request WHERE spent_at <> 0");
  log = world_dup_log ();
  g_assert_null (strstr (log, "code-0123456789"));
  g_assert_null (strstr (log, "access-0123456789"));
  g_assert_null (strstr (log, "correct horse"));
  g_assert_null (strstr (log, token));
  direct = world_get (world, "/mdm/sso/start?idp=campus", NULL);
  g_assert_true (
      g_str_has_prefix (door_response_lookup_header (direct, "Location"), PROVIDER_ISSUER "/auth?"));
  g_assert_cmpuint (provider_get_asked ().discovery, ==, 1);
}

/* Neither nonce nor verifier is kept, and none is that of another request. */
static void
test_derived (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (OidcPending) first = provider_begin (world, "/oidc/campus/start", NULL);
  g_autoptr (OidcPending) second = provider_begin (world, "/oidc/campus/start", first->cookie);
  g_autofree char *rows = world_read (world, "SELECT id, flow_hash, relay_hash FROM sign_in_request");

  g_assert_cmpstr (first->nonce, !=, second->nonce);
  g_assert_cmpstr (first->challenge, !=, second->challenge);
  g_assert_cmpstr (first->state, !=, second->state);
  g_assert_null (strstr (rows, first->nonce));
  g_assert_null (strstr (rows, first->state));
}

static void
test_start (void)
{
  g_autoptr (World) world = provider_world_new ("ForceAuthn=true\n", "[team/red]\nTitle=Red\n");
  g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start?team=red", NULL);
  g_autoptr (DoorResponse) unknown = world_get (world, "/oidc/none/start", NULL);

  g_assert_nonnull (strstr (pending->url, "&max_age=0&prompt=login"));
  g_assert_nonnull (
      strstr (pending->url, "redirect_uri=https%3A%2F%2Fmdm.example.com%2Foidc%2Fcampus%2Fcallback&"));
  assert_count (world, 1, "flow WHERE team = 'red'");
  assert_status (unknown, 404);
}

/* The address that all connections share is one of SAML. */
static void
test_json_start (void)
{
  g_autoptr (World) world = provider_world_new ("", "[enrollment]\nIdps=campus\n");
  g_autoptr (OidcPending) first = provider_begin (world, "/oidc/campus/start", NULL);
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  const Visit visit = {
    .method = "POST", .target = "/api/v1/fleet/mdm/sso", .content_type = "application/json", .body = body
  };
  g_autoptr (DoorResponse) response = world_visit (world, &visit);
  g_autofree char *text = world_dup_body (response);

  assert_status (response, 200);
  g_assert_nonnull (strstr (text, "redirect_uri=https%3A%2F%2Fmdm.example.com%2Foidc%2Fcampus%2Fcallback&"));
}

/* What the provider does wrong, and what is made of it. */
static const struct
{
  Provider provider;
  const char *fault;
  unsigned int status;
} wrong[] = {
  { { .key = KEY_P256, .nonce = "other" }, "DW-OIDC-NONCE", 403 },
  { { .key = KEY_P256, .issuer = "https://evil.example" }, "DW-OIDC-ISSUER", 403 },
  { { .key = KEY_P256, .issuer = PROVIDER_ISSUER "/" }, "DW-OIDC-ISSUER", 403 },
  { { .key = KEY_P256, .audience = "client-2" }, "DW-OIDC-AUDIENCE", 403 },
  { { .key = KEY_P256, .more = ",\"azp\":\"client-2\"" }, "DW-OIDC-AUDIENCE", 403 },
  { { .key = KEY_P256, .age_s = 3600 }, "DW-OIDC-LATE", 403 },
  { { .key = KEY_P256, .age_s = -3600 }, "DW-OIDC-EARLY", 403 },
  { { .key = KEY_P256, .more = ",\"at_hash\":\"AAAAAAAAAAAAAAAAAAAAAA\"" }, "DW-OIDC-HASH", 403 },
  { { .key = KEY_P256, .subject = "" }, "DW-OIDC-SUBJECT", 403 },
  { { .key = KEY_P256, .header = "{\"alg\":\"none\"}" }, "DW-OIDC-ALGORITHM", 403 },
  { { .key = KEY_P256, .header = "{\"alg\":\"HS256\",\"kid\":\"k1\"}", .hmac = true },
    "DW-OIDC-ALGORITHM",
    403 },
  { { .key = KEY_P256, .header = "{\"alg\":\"ES256\",\"kid\":\"k1\"}", .hmac = true },
    "DW-OIDC-SIGNATURE",
    403 },
  { { .key = KEY_P256, .header = "{\"alg\":\"ES256\",\"kid\":\"k9\"}" }, "DW-OIDC-KEY", 403 },
  { { .key = KEY_P256, .header = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"crit\":[\"x\"]}" },
    "DW-OIDC-TOKEN",
    403 },
  { { .key = KEY_P256, .header = "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}" },
    "DW-OIDC-TOKEN",
    403 },
  { { .key = KEY_P256, .token_status = 400, .tokens = "{\"error\":\"invalid_grant\"}" },
    "DW-OIDC-CODE",
    403 },
  { { .key = KEY_P256, .token_status = 401, .tokens = "{\"error\":\"invalid_client\"}" },
    "DW-OIDC-CLIENT",
    503 },
  { { .key = KEY_P256, .token_status = 500, .tokens = "<html>" }, "DW-OIDC-PROVIDER", 503 },
  { { .key = KEY_P256, .tokens = "<html>" }, "DW-OIDC-ANSWER", 400 },
  { { .key = KEY_P256, .tokens = "{\"access_token\":\"access-0123456789\",\"token_type\":\"Bearer\"}" },
    "DW-OIDC-ANSWER",
    400 },
  { { .key = KEY_P256, .more = ",\"email_verified\":false" }, "DW-ID-NOACCOUNT", 403 },
  { { .key = KEY_P256, .userinfo = "{\"sub\":\"u-2\"}" }, "DW-OIDC-SUBJECT", 403 },
  { { .key = KEY_P256, .userinfo = "{}" }, "DW-OIDC-SUBJECT", 403 },
  { { .key = KEY_P256, .userinfo = "a.b.c" }, "DW-OIDC-ANSWER", 400 },
};

static void
test_wrong (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (World) world = provider_world_new ("UserInfo=true\n", "");
      g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start", NULL);
      g_autoptr (DoorResponse) response = NULL;

      g_test_message ("%zu %s", i, wrong[i].fault);
      provider_set (&wrong[i].provider);
      response = provider_answer (world, pending, NULL);
      sign_in_assert_refused (world, response, wrong[i].status, wrong[i].fault);
      assert_count (world, 0, "access_token");
      assert_count (world, 0, "person");
    }
}

/* Everything that can be seen without the provider is looked at before it is asked. */
static void
test_before_exchange (void)
{
  static const struct
  {
    const char *query; /* %s is the state */
    const char *fault;
    unsigned int status;
  } rows[] = {
    { "/oidc/campus/callback?code=code-0123456789", "DW-FLOW-UNKNOWN", 400 },
    { "/oidc/campus/callback?state=other&code=code-0123456789", "DW-FLOW-UNKNOWN", 400 },
    { "/oidc/campus/callback?state=%s", "DW-OIDC-ANSWER", 400 },
    { "/oidc/campus/callback?state=%s&code=", "DW-OIDC-ANSWER", 400 },
    { "/oidc/campus/callback?state=%s&code=code-0123456789&iss=https%%3A%%2F%%2Fevil.example",
      "DW-OIDC-ISSUER", 403 },
    { "/oidc/campus/callback?state=%s&error=access_denied", "DW-OIDC-DENIED", 403 },
    { "/oidc/campus/callback?state=%s&error=access_denied&code=code-0123456789", "DW-OIDC-DENIED", 403 },
    { "/oidc/campus/callback?state=%s&error=invalid_scope", "DW-OIDC-REQUEST", 503 },
    { "/oidc/campus/callback?state=%s&error=temporarily_unavailable", "DW-OIDC-PROVIDER", 503 },
    { "/oidc/other/callback?state=%s&code=code-0123456789", "DW-OIDC-ISSUER", 403 },
    { "/oidc/okta/callback?state=%s&code=code-0123456789", "DW-IDP-UNKNOWN", 404 },
    { "/oidc/none/callback?state=%s&code=code-0123456789", "DW-IDP-UNKNOWN", 404 },
  };
  static const char other[] = "[idp/other]\nType=oidc\nIssuer=https://login.other.example\nClientId=c\n"
                              "ClientSecret=file:/nowhere\n";

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (World) world = provider_world_new ("", other);
      g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start", NULL);
      g_auto (GStrv) parts = g_strsplit (rows[i].query, "%s", -1);
      g_autofree char *once = g_strjoinv (pending->state, parts);
      g_auto (GStrv) percents = g_strsplit (once, "%%", -1);
      g_autofree char *query = g_strjoinv ("%", percents);
      g_autoptr (DoorResponse) response = provider_answer (world, pending, query);

      g_test_message ("%s", query);
      sign_in_assert_refused (world, response, rows[i].status, rows[i].fault);
      g_assert_cmpuint (provider_get_asked ().token, ==, 0);
      assert_nothing_issued (world);
    }
}

/* A parameter that stands there twice says nothing. */
static void
test_twice (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start", NULL);
  g_autoptr (DoorResponse) response = provider_answer (world, pending, "&code=another");

  assert_status (response, 400);
  g_assert_cmpuint (provider_get_asked ().token, ==, 0);
  assert_nothing_issued (world);
}

static void
test_issuer_parameter (void)
{
  static const char always[] = ",\"authorization_response_iss_parameter_supported\":true";
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (OidcPending) pending = NULL;
  g_autoptr (DoorResponse) without = NULL;
  g_autoptr (DoorResponse) with = NULL;

  provider_set (&(Provider){ .key = KEY_P256, .discovery = always });
  pending = provider_begin (world, "/oidc/campus/start", NULL);
  without = provider_answer (world, pending, NULL);
  sign_in_assert_refused (world, without, 403, "DW-OIDC-ISSUER");
  g_assert_cmpuint (provider_get_asked ().token, ==, 0);
  with = provider_answer (world, pending, "&iss=https%3A%2F%2Flogin.campus.example");
  assert_status (with, 308);
}

/* An answer that another browser was given. */
static void
test_cookie (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start", NULL);
  g_autoptr (OidcPending) victim = provider_begin (world, "/oidc/campus/start", NULL);
  g_autofree char *own = g_steal_pointer (&pending->cookie);
  g_autoptr (DoorResponse) none = provider_answer (world, pending, NULL);
  g_autoptr (DoorResponse) other = NULL;

  sign_in_assert_refused (world, none, 400, "DW-FLOW-COOKIE");
  pending->cookie = g_strdup (victim->cookie);
  other = provider_answer (world, pending, NULL);
  sign_in_assert_refused (world, other, 400, "DW-FLOW-COOKIE");
  g_assert_cmpuint (provider_get_asked ().token, ==, 0);
  assert_nothing_issued (world);
}

static void
test_once (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start", NULL);
  g_autoptr (OidcPending) late = provider_begin (world, "/oidc/campus/start", pending->cookie);
  g_autoptr (DoorResponse) first = provider_answer (world, pending, NULL);
  g_autoptr (DoorResponse) again = provider_answer (world, pending, NULL);
  g_autoptr (DoorResponse) replayed = NULL;
  g_autoptr (DoorResponse) too_late = NULL;
  g_autoptr (OidcPending) third = NULL;

  assert_status (first, 308);
  sign_in_assert_refused (world, again, 400, "DW-FLOW-SPENT");
  g_assert_cmpuint (provider_get_asked ().token, ==, 1);
  /* the same token once more, under another request: its nonce is the one of the first */
  third = provider_begin (world, "/oidc/campus/start", pending->cookie);
  provider_set (&(Provider){ .key = KEY_P256, .nonce = pending->nonce });
  replayed = provider_answer (world, third, NULL);
  sign_in_assert_refused (world, replayed, 403, "DW-OIDC-NONCE");
  provider_set (&(Provider){ .key = KEY_P256 });
  world_advance (world, HOUR_MS);
  too_late = provider_answer (world, late, NULL);
  sign_in_assert_refused (world, too_late, 410, "DW-FLOW-LATE");
  assert_count (world, 1, "access_token");
}

/* One jti is accepted once, whatever else is new. */
static void
test_replay (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start", NULL);
  g_autoptr (OidcPending) second = provider_begin (world, "/oidc/campus/start", pending->cookie);
  g_autoptr (DoorResponse) first = NULL;
  g_autoptr (DoorResponse) again = NULL;

  provider_set (&(Provider){ .key = KEY_P256, .more = ",\"jti\":\"j-1\"" });
  first = provider_answer (world, pending, NULL);
  assert_status (first, 308);
  again = provider_answer (world, second, NULL);
  sign_in_assert_refused (world, again, 403, "DW-SAML-REPLAY");
  assert_count (world, 1, "access_token");
}

/* A SAML answer does not fit a connection of OpenID Connect, nor one of its requests. */
static void
test_other_protocol (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (Pending) saml = sign_in_begin (world, "/mdm/sso/start?idp=okta", NULL);
  g_autoptr (OidcPending) oidc = provider_begin (world, "/oidc/campus/start", saml->cookie);
  const Carried at_oidc = { .acs_path = "/saml/campus/acs",
                            .saml_response = "PGE+",
                            .relay_state = oidc->state,
                            .cookie = oidc->cookie };
  const Carried shared = {
    .acs_path = SHARED_ACS, .saml_response = "PGE+", .relay_state = oidc->state, .cookie = oidc->cookie
  };
  g_autofree char *target = g_strdup_printf ("/oidc/okta/callback?state=%s&code=a", saml->relay_state);
  g_autoptr (DoorResponse) first = sign_in_post (world, &at_oidc);
  g_autoptr (DoorResponse) second = sign_in_post (world, &shared);
  g_autoptr (DoorResponse) third = world_get (world, target, saml->cookie);

  sign_in_assert_refused (world, first, 404, "DW-IDP-UNKNOWN");
  sign_in_assert_refused (world, second, 404, "DW-IDP-UNKNOWN");
  sign_in_assert_refused (world, third, 404, "DW-IDP-UNKNOWN");
  assert_nothing_issued (world);
}

/* A new key is fetched when a token names it, but not for each token that names one that does not exist. */
static void
test_rotation (void)
{
  g_autoptr (World) world = provider_world_new ("", "[listen]\nSignInsPerMinute=99\n");
  g_autoptr (DoorResponse) before = provider_sign_in (world);
  g_autoptr (DoorResponse) after = NULL;
  g_autoptr (DoorResponse) unknown = NULL;
  g_autoptr (DoorResponse) again = NULL;
  g_autoptr (DoorResponse) third = NULL;

  assert_status (before, 308);
  g_assert_cmpuint (provider_get_asked ().keys, ==, 1);
  world_advance (world, 2 * MINUTE_MS);
  provider_set (&(Provider){ .key = KEY_RSA, .kid = "k2" });
  after = provider_sign_in (world);
  assert_status (after, 308);
  g_assert_cmpuint (provider_get_asked ().keys, ==, 2);
  provider_set (&(Provider){ .key = KEY_RSA, .kid = "k2", .header = "{\"alg\":\"RS256\",\"kid\":\"k9\"}" });
  unknown = provider_sign_in (world);
  again = provider_sign_in (world);
  sign_in_assert_refused (world, unknown, 403, "DW-OIDC-KEY");
  sign_in_assert_refused (world, again, 403, "DW-OIDC-KEY");
  g_assert_cmpuint (provider_get_asked ().keys, ==, 2);
  world_advance (world, 2 * MINUTE_MS);
  third = provider_sign_in (world);
  sign_in_assert_refused (world, third, 403, "DW-OIDC-KEY");
  g_assert_cmpuint (provider_get_asked ().keys, ==, 3);
}

/* What was good stays in force while the provider publishes nothing, after a restart too. */
static void
test_outage (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (DoorResponse) before = provider_sign_in (world);
  g_autoptr (DoorResponse) during = NULL;
  g_autoptr (DoorResponse) restarted = NULL;

  assert_status (before, 308);
  provider_set (&(Provider){ .key = KEY_P256, .away = true });
  world_advance (world, 12 * HOUR_MS);
  during = provider_sign_in (world);
  assert_status (during, 308);
  world_reopen (world);
  restarted = provider_sign_in (world);
  assert_status (restarted, 308);
  g_assert_cmpuint (provider_get_asked ().keys, ==, 1);
}

/* What was published once is not believed for ever. */
static void
test_too_stale (void)
{
  g_autoptr (World) world = provider_world_new ("MetadataMaxStale=1d\n", "");
  g_autoptr (DoorResponse) before = provider_sign_in (world);
  g_autoptr (DoorResponse) after = NULL;
  g_autoptr (DoorResponse) again = NULL;

  assert_status (before, 308);
  provider_set (&(Provider){ .key = KEY_P256, .away = true });
  world_advance (world, 25 * HOUR_MS);
  after = world_get (world, "/oidc/campus/start", NULL);
  assert_status (after, 503);
  world_reopen (world);
  again = world_get (world, "/oidc/campus/start", NULL);
  assert_status (again, 503);
}

/* A provider that was never there: a page with a way on, and it is not asked for each visit. */
static void
test_never_there (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (DoorResponse) first = NULL;
  g_autoptr (DoorResponse) second = NULL;
  g_autofree char *retry = NULL;

  provider_set (&(Provider){ .key = KEY_P256, .away = true });
  first = world_get (world, "/oidc/campus/start", NULL);
  assert_status (first, 503);
  retry = sign_in_dup_retry_path (first);
  g_assert_nonnull (retry);
  provider_set (&(Provider){ .key = KEY_P256 });
  second = world_get (world, "/oidc/campus/start", NULL);
  assert_status (second, 503);
  g_assert_cmpuint (provider_get_asked ().discovery, ==, 0);
  world_advance (world, MINUTE_MS);
  g_clear_pointer (&second, door_response_free);
  second = world_get (world, "/oidc/campus/start", NULL);
  assert_status (second, 303);
}

/* Documents of another issuer that were kept under the same name are not used. */
static void
test_kept_of_another (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (DoorResponse) before = provider_sign_in (world);
  g_autoptr (DoorResponse) after = NULL;

  assert_status (before, 308);
  world_write (world, "UPDATE connection_metadata SET entity_id = 'https://evil.example'");
  world_reopen (world);
  provider_set (&(Provider){ .key = KEY_P256, .away = true });
  after = world_get (world, "/oidc/campus/start", NULL);
  assert_status (after, 503);
}

static void
test_userinfo (void)
{
  g_autoptr (World) world = provider_world_new ("UserInfo=true\n", "");
  g_autoptr (World) without = NULL;
  g_autoptr (DoorResponse) response = provider_sign_in (world);
  g_autofree char *row = world_read (world, "SELECT group_names FROM person");

  assert_status (response, 308);
  g_assert_cmpstr (row, ==, "[{'group_names': <'staff'>}]");
  g_assert_cmpuint (provider_get_asked ().userinfo, ==, 1);
  without = provider_world_new ("", "");
  g_clear_pointer (&response, door_response_free);
  response = provider_sign_in (without);
  assert_status (response, 308);
  g_assert_cmpuint (provider_get_asked ().userinfo, ==, 0);
}

/* A provider that was asked for a fresh sign-in must say when it was. */
static void
test_force_authn (void)
{
  g_autoptr (World) world = provider_world_new ("ForceAuthn=true\n", "");
  g_autoptr (DoorResponse) silent = provider_sign_in (world);
  g_autoptr (DoorResponse) stale = NULL;
  g_autoptr (DoorResponse) fresh = NULL;

  sign_in_assert_refused (world, silent, 403, "DW-OIDC-AUTHN");
  provider_set (&(Provider){ .key = KEY_P256, .more = ",\"auth_time\":1800000000" });
  stale = provider_sign_in (world);
  sign_in_assert_refused (world, stale, 403, "DW-OIDC-AUTHN");
  provider_set (&(Provider){ .key = KEY_P256, .more = ",\"auth_time\":1800014390" });
  fresh = provider_sign_in (world);
  assert_status (fresh, 308);
}

#define T(text) ((char *) (text))
#define LOGOUT_HEADER "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"logout+jwt\"}"
#define EVENT "\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}"
#define LOGOUT(issuer, more)                                                                                 \
  "{\"iss\":\"" issuer "\",\"aud\":\"" OIDC_CLIENT "\",\"iat\":1800014400,\"exp\":1800014520," EVENT         \
  "," more "}"

static gboolean
write_sessions (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorAdministrator ada = {
    T ("ada"), T ("ada@example.com"), T ("ada@example.com"), T ("Ada"), T ("active"), 1, 0, T (""), 1, 1, 0
  };
  static const char *const rows[][3] = { { "h1", "u-1", "s-1" },
                                         { "h2", "u-1", "s-2" },
                                         { "h3", "u-2", "s-3" } };
  bool added;

  if (!door_administrator_store_add (txn, &ada, &added, error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const DoorSessionRow row = { T (rows[i][0]),
                                   T (rows[i][0]),
                                   T ("ada"),
                                   T ("campus"),
                                   T (PROVIDER_ISSUER),
                                   T (rows[i][1]),
                                   T (rows[i][2]),
                                   1,
                                   1,
                                   WORLD_NOW_MS,
                                   T ("Safari"),
                                   0,
                                   T (""),
                                   NULL,
                                   NULL,
                                   NULL };

      if (!door_session_store_add (txn, &row, error))
        return FALSE;
    }
  return TRUE;
}

static DoorResponse *
post_logout (World *world, const char *path, const char *header, const char *claims)
{
  g_autofree char *token = oidc_fixture_token (KEY_P256, header, claims);
  g_autofree char *form = g_strconcat ("logout_token=", token, NULL);
  g_autoptr (GBytes) body = g_bytes_new (form, strlen (form));
  const Visit visit = {
    .method = "POST", .target = path, .content_type = "application/x-www-form-urlencoded", .body = body
  };

  return world_visit (world, &visit);
}

static void
test_logout (void)
{
  static const struct
  {
    const char *claims;
    const char *ended; /* of the sessions */
  } rows[] = {
    { LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\",\"sub\":\"u-1\",\"sid\":\"s-1\""), "token_hash = 'h1'" },
    { LOGOUT (PROVIDER_ISSUER, "\"jti\":\"2\",\"sub\":\"u-1\""), "token_hash IN ('h1', 'h2')" },
    { LOGOUT (PROVIDER_ISSUER, "\"jti\":\"3\",\"sid\":\"s-3\""), "token_hash = 'h3'" },
    { LOGOUT (PROVIDER_ISSUER, "\"jti\":\"4\",\"sub\":\"u-9\""), "1 = 0" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (World) world = provider_world_new ("", "");
      g_autoptr (GError) error = NULL;
      g_autofree char *ended = g_strdup_printf ("admin_session WHERE ended_at <> 0 AND %s", rows[i].ended);
      g_autofree char *others =
          g_strdup_printf ("admin_session WHERE ended_at <> 0 AND NOT (%s)", rows[i].ended);
      g_autofree char *all = g_strdup_printf ("admin_session WHERE %s", rows[i].ended);
      g_autoptr (DoorResponse) response = NULL;
      g_autoptr (DoorResponse) again = NULL;

      door_writer_run (world->context.writer, write_sessions, NULL, NULL, &error);
      g_assert_no_error (error);
      response = post_logout (world, "/oidc/campus/logout", LOGOUT_HEADER, rows[i].claims);
      assert_status (response, 200);
      assert_count (world, world_count (world, all), ended);
      assert_count (world, 0, others);
      again = post_logout (world, "/oidc/campus/logout", LOGOUT_HEADER, rows[i].claims);
      assert_status (again, 400);
    }
}

static void
test_logout_refused (void)
{
  static const struct
  {
    const char *path;
    const char *header;
    const char *claims;
    unsigned int status;
  } rows[] = {
    { "/oidc/none/logout", LOGOUT_HEADER, LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\",\"sub\":\"u-1\""), 404 },
    { "/oidc/okta/logout", LOGOUT_HEADER, LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\",\"sub\":\"u-1\""), 404 },
    { "/oidc/campus/logout", LOGOUT_HEADER, LOGOUT ("https://evil.example", "\"jti\":\"1\",\"sub\":\"u-1\""),
      400 },
    { "/oidc/campus/logout", LOGOUT_HEADER,
      LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\",\"sub\":\"u-1\",\"nonce\":\"n\""), 400 },
    { "/oidc/campus/logout", LOGOUT_HEADER, LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\""), 400 },
    { "/oidc/campus/logout", LOGOUT_HEADER, LOGOUT (PROVIDER_ISSUER, "\"sub\":\"u-1\""), 400 },
    { "/oidc/campus/logout", "{\"alg\":\"ES256\",\"kid\":\"k9\"}",
      LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\",\"sub\":\"u-1\""), 400 },
    { "/oidc/campus/logout", "{\"alg\":\"none\"}", LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\",\"sub\":\"u-1\""),
      400 },
  };
  g_autoptr (World) world = provider_world_new ("", "");
  g_autoptr (GError) error = NULL;

  door_writer_run (world->context.writer, write_sessions, NULL, NULL, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (DoorResponse) response = post_logout (world, rows[i].path, rows[i].header, rows[i].claims);

      g_test_message ("%s %s", rows[i].path, rows[i].claims);
      assert_status (response, rows[i].status);
    }
  assert_count (world, 0, "admin_session WHERE ended_at <> 0");
  assert_count (world, 0, "replay");
}

/* A provider that ends very many sessions at once is not kept from it; who sends what does not hold is. */
static void
test_logout_rate (void)
{
  g_autoptr (World) world = provider_world_new ("", "[listen]\nSignInsPerMinute=2\n");
  const char *bad = LOGOUT (PROVIDER_ISSUER, "\"sub\":\"u-1\"");

  for (int i = 0; i < 5; i++)
    {
      g_autofree char *claims =
          g_strdup_printf (LOGOUT (PROVIDER_ISSUER, "\"jti\":\"%d\",\"sub\":\"u-1\""), i);
      g_autoptr (DoorResponse) response = post_logout (world, "/oidc/campus/logout", LOGOUT_HEADER, claims);

      assert_status (response, 200);
    }
  for (int i = 0; i < 3; i++)
    {
      g_autoptr (DoorResponse) response = post_logout (world, "/oidc/campus/logout", LOGOUT_HEADER, bad);

      assert_status (response, i < 2 ? 400 : 429);
    }
}

/* What could not be written has not been used up: the provider sends it again. */
static void
test_logout_again (void)
{
  g_autoptr (World) world = provider_world_new ("", "");
  const char *claims = LOGOUT (PROVIDER_ISSUER, "\"jti\":\"1\",\"sub\":\"u-1\"");
  g_autoptr (DoorResponse) failed = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  door_writer_run (world->context.writer, write_sessions, NULL, NULL, &error);
  g_assert_no_error (error);
  world_write (world, "ALTER TABLE admin_session RENAME TO elsewhere");
  failed = post_logout (world, "/oidc/campus/logout", LOGOUT_HEADER, claims);
  g_assert_cmpuint (door_response_get_status (failed), >=, 500);
  assert_count (world, 0, "replay");
  world_write (world, "ALTER TABLE elsewhere RENAME TO admin_session");
  again = post_logout (world, "/oidc/campus/logout", LOGOUT_HEADER, claims);
  assert_status (again, 200);
  assert_count (world, 2, "admin_session WHERE ended_at <> 0");
}

/* A name that somebody has chosen at the provider looks like the address of somebody else. */
static void
test_subject_is_no_address (void)
{
  static const Provider chosen = { .key = KEY_P256,
                                   .subject = "boss@example.com",
                                   .more = ",\"email_verified\":true" };
  static const Provider alone = { .key = KEY_P256, .subject = "boss@example.com", .email = "" };
  g_autoptr (World) world = provider_world_new ("Use=admin\n", "[admin]\nJit=true\n");
  g_autoptr (OidcPending) first = provider_begin (world, "/admin/login?idp=campus", NULL), second = NULL;
  g_autoptr (DoorResponse) other = NULL, nobody = NULL;

  world_write (
      world,
      "INSERT INTO administrator (id, email, email_key, state, sso_enabled, api_only, "
      "password_hash, full_name, created_at, updated_at, signed_in_at) VALUES ('boss', 'boss@example.com', "
      "'boss@example.com', 'active', 1, 0, '', '', 1, 1, 0)");
  world_write (world, "INSERT INTO administrator_role (administrator_id, team, role) VALUES ('boss', '', "
                      "'admin')");
  provider_set (&alone);
  nobody = provider_answer (world, first, NULL);
  assert_status (nobody, 403);
  assert_count (world, 0, "administrator_identity");
  provider_set (&chosen);
  second = provider_begin (world, "/admin/login?idp=campus", NULL);
  other = provider_answer (world, second, NULL);
  assert_status (other, 303);
  assert_count (world, 0, "administrator_identity WHERE administrator_id = 'boss'");
  assert_count (world, 1, "administrator WHERE email = 'ada@example.com'");
}

/* Whoever names keys elsewhere for the issuer of another is not that one. */
static void
test_discovery_elsewhere (void)
{
  g_autoptr (World) world = provider_world_new (
      "Use=admin\n",
      SECOND ("evil", "DiscoveryUrl=https://evil.example/.well-known/openid-configuration\n")
          SECOND ("port", "DiscoveryUrl=" PROVIDER_ISSUER ":8443/.well-known/openid-configuration\n")
              SECOND ("beside", "DiscoveryUrl=" PROVIDER_ISSUER "/other/openid-configuration\n")
                  SECOND ("plain", ""));
  GPtrArray *all = world->context.connections;

  g_assert_false (door_same_provider (all, door_connections_lookup (all, "evil"), "campus"));
  g_assert_false (door_same_provider (all, door_connections_lookup (all, "campus"), "evil"));
  g_assert_false (door_same_provider (all, door_connections_lookup (all, "port"), "campus"));
  g_assert_true (door_same_provider (all, door_connections_lookup (all, "beside"), "campus"));
  g_assert_true (door_same_provider (all, door_connections_lookup (all, "plain"), "campus"));
}

static void
add_tests (void)
{
  g_test_add_func ("/service/oidc/accepted", test_accepted);
  g_test_add_func ("/service/oidc/derived", test_derived);
  g_test_add_func ("/service/oidc/start", test_start);
  g_test_add_func ("/service/oidc/json-start", test_json_start);
  g_test_add_func ("/service/oidc/wrong", test_wrong);
  g_test_add_func ("/service/oidc/before-exchange", test_before_exchange);
  g_test_add_func ("/service/oidc/twice", test_twice);
  g_test_add_func ("/service/oidc/issuer-parameter", test_issuer_parameter);
  g_test_add_func ("/service/oidc/cookie", test_cookie);
  g_test_add_func ("/service/oidc/once", test_once);
  g_test_add_func ("/service/oidc/replay", test_replay);
  g_test_add_func ("/service/oidc/other-protocol", test_other_protocol);
  g_test_add_func ("/service/oidc/rotation", test_rotation);
  g_test_add_func ("/service/oidc/outage", test_outage);
  g_test_add_func ("/service/oidc/too-stale", test_too_stale);
  g_test_add_func ("/service/oidc/never-there", test_never_there);
  g_test_add_func ("/service/oidc/kept-of-another", test_kept_of_another);
  g_test_add_func ("/service/oidc/userinfo", test_userinfo);
  g_test_add_func ("/service/oidc/logout", test_logout);
  g_test_add_func ("/service/oidc/logout-refused", test_logout_refused);
  g_test_add_func ("/service/oidc/logout-rate", test_logout_rate);
  g_test_add_func ("/service/oidc/logout-again", test_logout_again);
  g_test_add_func ("/service/oidc/force-authn", test_force_authn);
  g_test_add_func ("/service/oidc/subject-is-no-address", test_subject_is_no_address);
  g_test_add_func ("/service/oidc/discovery-elsewhere", test_discovery_elsewhere);
}

int
main (int argc, char **argv)
{
  int result = world_run (argc, argv, add_tests);

  provider_end ();
  return result;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-purpose.h"
#include "door-account.h"
#include "door-connections.h"
#include "door-discovery.h"
#include "door-error.h"
#include "door-housekeeping.h"
#include "door-login.h"
#include "door-token.h"
#include "sign-in.h"

static void
test_account (void)
{
  g_autofree char *longest = g_strnfill (316, 'a'), *good = g_strconcat (longest, "@b.c", NULL);
  g_autofree char *too_long = g_strconcat (longest, "@bb.c", NULL);
  const struct
  {
    const char *account, *domain;
  } cases[] = {
    { "ada@example.com", "example.com" },
    { "ADA@Example.COM", "example.com" },
    { "a@b@example.com", "example.com" },
    { "jos\xc3\xa9@example.com", "example.com" },
    { good, "b.c" },
    { too_long, NULL },
    { NULL, NULL },
    { "", NULL },
    { "ada", NULL },
    { "@example.com", NULL },
    { "ada@", NULL },
    { "a da@example.com", NULL },
    { "ada@exam\nple.com", NULL },
    { "ada\x7f@example.com", NULL },
    { "ad\xff@example.com", NULL },
    { "ada@exam\xc2\x85ple.com", NULL },
    { "ada@example\xe2\x80\xa8.com", NULL },
    { "ada@\xe2\x80\xaemoc.elpmaxe", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *domain = door_account_dup_domain (cases[i].account);

      g_assert_cmpstr (domain, ==, cases[i].domain);
    }
}

static void
test_teams (void)
{
  g_autoptr (World) world =
      world_new ("[enrollment]\nIdps=okta\nAllowedGroups=all\nDeniedGroups=none\nAllowedDomains=example.com\n"
                 "ModelFamilies=iPad\n[team/a]\nTitle=Team A\nTitle[de]=Gruppe "
                 "A\n[team/b]\nIdps=okta\nAllowedGroups=b;c\n"
                 "DeniedGroups=d\nAllowedDomains=b.example\nModelFamilies=Mac;iPhone\n");
  const DoorTeam *none = door_policy_lookup_team (world->policy, "");
  const DoorTeam *a = door_policy_lookup_team (world->policy, "a");
  const DoorTeam *b = door_policy_lookup_team (world->policy, "b");

  g_assert_null (door_policy_lookup_team (world->policy, "c"));
  g_assert_cmpstr (none->name, ==, "");
  g_assert_null (door_team_get_title (none, NULL));
  g_assert_null (door_team_get_title (b, NULL));
  g_assert_cmpstr (door_team_get_title (a, NULL), ==, "Team A");
  g_assert_cmpstr (door_team_get_title (a, "de-AT"), ==, "Gruppe A");
  g_assert_cmpstr (a->allowed_groups[0], ==, "all");
  g_assert_cmpstr (a->denied_groups[0], ==, "none");
  g_assert_cmpstr (a->model_families[0], ==, "iPad");
  g_assert_cmpstr (b->allowed_groups[1], ==, "c");
  g_assert_cmpstr (b->denied_groups[0], ==, "d");
  g_assert_cmpstr (b->model_families[0], ==, "Mac");
  g_assert_cmpstr (b->allowed_domains[0], ==, "b.example");
  g_assert_true (none->require_sign_in && a->require_sign_in && b->require_sign_in);
  g_assert_true (door_policy_choose_team (world->policy, "b.example") == b);
  g_assert_true (door_policy_choose_team (world->policy, "B.EXAMPLE") == b);
  /* a list that is only inherited names no team */
  g_assert_true (door_policy_choose_team (world->policy, "example.com") == none);
  g_assert_null (door_policy_choose_team (world->policy, "else.example"));
  g_assert_true (door_team_allows_domain (b, "b.example"));
  g_assert_false (door_team_allows_domain (b, "example.com"));
}

/* A team says for itself what is open; an authorization code goes with account-driven enrollment. */
static void
test_flows (void)
{
  g_autoptr (World) world = world_new ("[enrollment]\nFlows=ade;link\nRequireSignIn=false\n"
                                       "[team/a]\nFlows=account\nRequireSignIn=true\n[team/b]\nTitle=B\n");
  g_autoptr (World) usual = world_new (NULL);
  const DoorTeam *a = door_policy_lookup_team (world->policy, "a");
  const DoorTeam *b = door_policy_lookup_team (world->policy, "b");
  const DoorTeam *none = door_policy_lookup_team (usual->policy, "");

  g_assert_cmpuint (a->flows, ==, DOOR_TEAM_FLOW_ACCOUNT);
  g_assert_cmpuint (b->flows, ==, DOOR_TEAM_FLOW_ADE | DOOR_TEAM_FLOW_LINK);
  g_assert_cmpuint (none->flows, ==, DOOR_TEAM_FLOW_ACCOUNT | DOOR_TEAM_FLOW_ADE | DOOR_TEAM_FLOW_LINK);
  g_assert_true (a->require_sign_in && !b->require_sign_in && none->require_sign_in);
  g_assert_true (door_team_has_way (a, DOOR_WAY_ACCOUNT) && door_team_has_way (a, DOOR_WAY_OAUTH2));
  g_assert_false (door_team_has_way (a, DOOR_WAY_ADE) || door_team_has_way (a, DOOR_WAY_LINK));
  g_assert_true (door_team_has_way (b, DOOR_WAY_ADE) && door_team_has_way (b, DOOR_WAY_LINK));
  g_assert_false (door_team_has_way (b, DOOR_WAY_OAUTH2) || door_team_has_way (b, "else"));
  g_assert_true (door_team_has_way (none, DOOR_WAY_LINK));
  g_assert_cmpint (door_policy_get_link_lifetime_ms (usual->policy), ==, 15 * MINUTE_MS);
}

static void
test_every_domain (void)
{
  g_autoptr (World) world = world_new ("[team/a]\nAllowedDomains=a.example\n");

  g_assert_true (door_policy_choose_team (world->policy, "else.example") ==
                 door_policy_lookup_team (world->policy, ""));
  g_assert_true (door_policy_choose_team (world->policy, "a.example") ==
                 door_policy_lookup_team (world->policy, "a"));
}

static void
test_values (void)
{
  g_autoptr (World) world = world_new (
      "[sign-in]\nFlowLifetime=3h\nRequestLifetime=2h\nAccessTokenLifetime=4h\nAttemptRetention=5d\n"
      "ClockSkew=6s\nAutoRedirect=false\nIdpSelection=chooser\n"
      "[scep]\nChallengeLifetime=7h\nCertificateLifetime=8d\nAllowDes=true\n"
      "[commands]\nResultRetention=9d\n");
  const DoorPolicy *policy = world->policy;

  g_assert_cmpint (door_policy_get_flow_lifetime_ms (policy), ==, 3 * HOUR_MS);
  g_assert_cmpint (door_policy_get_request_lifetime_ms (policy), ==, 2 * HOUR_MS);
  g_assert_cmpint (door_policy_get_token_lifetime_ms (policy), ==, 4 * HOUR_MS);
  g_assert_cmpint (door_policy_get_attempt_retention_ms (policy), ==, 5 * 24 * HOUR_MS);
  g_assert_cmpint (door_policy_get_result_retention_ms (policy), ==, 9 * 24 * HOUR_MS);
  g_assert_cmpint (door_policy_get_clock_skew_s (policy), ==, 6);
  g_assert_cmpint (door_policy_get_challenge_lifetime_ms (policy), ==, 7 * HOUR_MS);
  g_assert_cmpint (door_policy_get_certificate_lifetime_ms (policy), ==, 8 * 24 * HOUR_MS);
  g_assert_true (door_policy_get_allow_des (policy));
  g_assert_false (door_policy_get_auto_redirect (policy));
  g_assert_cmpint (door_policy_get_idp_selection (policy), ==, DOOR_IDP_SELECTION_CHOOSER);
  g_assert_cmpstr (door_policy_get_external_url (policy), ==, "https://mdm.example.com");
  g_assert_cmpstr (door_policy_get_mdm_url (policy), ==, "https://devices.example.com");
  g_assert_cmpstr (door_policy_get_organization (policy, "de"), ==, "Example");
  g_assert_cmpstr (door_policy_get_support (policy, "SupportEmail"), ==, "it@example.com");
}

/* Okta names example.com, b names b.example and c names nothing; team red may use b and c only. */
static World *
new_world_of_three (const char *more)
{
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa.crt.pem");
  g_autofree char *config =
      g_strdup_printf ("EmailDomains=example.com\n"
                       "[idp/b]\nType=saml\nEntityId=b\nSsoUrl=https://b.example/"
                       "sso\nCertificates=%s\nEmailDomains=b.example\n"
                       "DisplayName=Company B\n"
                       "[idp/c]\nType=saml\nEntityId=c\nSsoUrl=https://c.example/sso?x=1\nCertificates=%s\n"
                       "[team/red]\nIdps=b;c\n[team/one]\nIdps=b\n[listen]\nSignInsPerMinute=99\n%s",
                       certificate, certificate, more);

  return world_new (config);
}

static void
test_connections (void)
{
  static const struct
  {
    const char *team, *domain, *names;
  } cases[] = {
    { "", NULL, "b c okta" },    { "", "example.com", "okta" }, { "", "B.example", "b" },
    { "", "else.example", "c" }, { "red", NULL, "b c" },        { "red", "example.com", "c" },
    { "red", "b.example", "b" }, { "one", "example.com", "" },
  };
  g_autoptr (World) world = new_world_of_three ("");
  const GPtrArray *all = world->context.connections;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) found = door_connections_choose (
          all, DOOR_USE_ENROLLMENT, door_policy_lookup_team (world->policy, cases[i].team), cases[i].domain);
      g_autoptr (GPtrArray) names = g_ptr_array_new ();
      g_autofree char *text = NULL;

      for (guint j = 0; j < found->len; j++)
        g_ptr_array_add (names, (char *) door_connection_get_name (g_ptr_array_index (found, j)));
      g_ptr_array_add (names, NULL);
      text = g_strjoinv (" ", (char **) names->pdata);
      g_assert_cmpstr (text, ==, cases[i].names);
    }
  g_assert_null (door_connections_lookup (all, "none"));
  g_assert_cmpstr (door_connection_get_title (door_connections_lookup (all, "b"), "de"), ==, "Company B");
  g_assert_cmpstr (door_connection_get_title (door_connections_lookup (all, "c"), NULL), ==, "SAML 2.0");
  g_assert_cmpstr (door_connection_get_acs_url (door_connections_lookup (all, "c")), ==,
                   "https://mdm.example.com/saml/c/acs");
  g_assert_cmpstr (door_connection_get_sp_entity_id (door_connections_lookup (all, "c")), ==,
                   "https://mdm.example.com/saml/c");
}

/* Where the first page leads: straight on, to a choice, or to a question. */
static void
test_selection (void)
{
  static const char chooser[] = "[sign-in]\nIdpSelection=chooser\n";
  static const char by_domain[] = "[sign-in]\nIdpSelection=domain\n";
  static const char no_redirect[] = "[sign-in]\nAutoRedirect=false\n";
  static const struct
  {
    const char *config, *path;
    unsigned int status;
    const char *text; /* in the page or the address */
  } cases[] = {
    { "", "/mdm/sso", 200, "/mdm/sso/start?idp=okta\"" },
    { "", "/mdm/sso?user-identifier=ada@b.example", 303, "https://b.example/sso?" },
    { "", "/mdm/sso?user-identifier=ada@else.example", 303, "https://c.example/sso?x=1&" },
    { "", "/mdm/sso?team=one", 303, "https://b.example/sso?" },
    { "", "/mdm/sso?team=red", 200, "/mdm/sso/start?idp=c&amp;team=red\"" },
    { "", "/mdm/sso?team=one&user-identifier=ada@example.com", 403,
      "You can close this page" }, /* what was typed on the device stays refused */
    { "", "/mdm/sso?team=none", 404, "id=\"try-again\" href=\"/mdm/sso\"" },
    { chooser, "/mdm/sso?team=one", 200, "/mdm/sso/start?idp=b&amp;team=one\"" },
    { chooser, "/mdm/sso/start?idp=b&team=one", 303, "https://b.example/sso?" },
    { no_redirect, "/mdm/sso?team=one&user-identifier=x@b.example", 200,
      "idp=b&amp;team=one&amp;user-identifier=x%40b.example\"" },
    { no_redirect, "/mdm/sso?team=one", 200, "Company B" },
    { by_domain, "/mdm/sso", 200, "name=\"user-identifier\"" },
    { by_domain, "/mdm/sso?team=red", 200, "value=\"red\"" },
    { "[sign-in]\nIdpSelection=domain\nAutoRedirect=false\n", "/mdm/sso?team=one", 200, "Company B" },
    { by_domain, "/mdm/sso?user-identifier=ada@b.example", 303, "https://b.example/sso?" },
    { by_domain, "/mdm/sso?user-identifier=nonsense", 200,
      "/mdm/sso/start?idp=okta&amp;user-identifier=nonsense" },
    { "", "/mdm/sso/start?idp=okta", 303, "https://idp.example.com/sso?" },
    { "", "/mdm/sso/start?idp=okta&team=red", 404, "id=\"try-again\"" },
    { "", "/mdm/sso/start?idp=okta&user-identifier=ada@b.example", 404, "id=\"try-again\"" },
    { "", "/mdm/sso/start?idp=none", 404, "id=\"try-again\"" },
    { "", "/mdm/sso/start", 404, "id=\"try-again\"" },
    { "", "/mdm/sso?team=red&team=one", 400, "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = new_world_of_three (cases[i].config);
      g_autoptr (DoorResponse) response = world_get (world, cases[i].path, NULL);
      g_autofree char *body = world_dup_body (response);
      const char *location = door_response_lookup_header (response, "Location");

      assert_status (response, cases[i].status);
      if (strstr (location != NULL ? location : body, cases[i].text) == NULL)
        g_error ("%s: %s is not in %s", cases[i].path, cases[i].text, location != NULL ? location : body);
      assert_count (world, cases[i].status == 303 ? 1 : 0, "sign_in_request");
      assert_count (world, cases[i].status < 400 ? 1 : 0, "flow");
    }
}

static void
test_params (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorResponse) first = world_get (world, "/mdm/sso/start?idp=okta&again=1", NULL);
  g_autoptr (Pending) forced = pending_from_url (door_response_lookup_header (first, "Location"), NULL);
  g_autoptr (Pending) plain = sign_in_begin (world, "/mdm/sso", NULL);

  g_assert_cmpuint (strlen (forced->relay_state), <=, 80);
  g_assert_cmpuint (strlen (forced->request_id), ==, 33);
  g_assert_nonnull (strstr (forced->xml, "ForceAuthn=\"true\""));
  g_assert_null (strstr (plain->xml, "ForceAuthn=\"true\""));
}

static void
test_force_authn (void)
{
  g_autoptr (World) world = world_new ("ForceAuthn=true\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);

  g_assert_nonnull (strstr (pending->xml, "ForceAuthn=\"true\""));
}

/* A step is a success or an error, never both. */
static void
test_begin (void)
{
  g_autoptr (World) world = world_new ("");
  const DoorLoginStart start = { .purpose = DOOR_PURPOSE_ENROLLMENT, .team = "", .address = "192.0.2.1" },
                       wrong = { .purpose = DOOR_PURPOSE_ENROLLMENT, .team = "x", .address = "" };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorLoginStep) step = door_login_begin (&world->context, &start, &error), none = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (step->kind, ==, DOOR_LOGIN_REDIRECT);
  none = door_login_begin (&world->context, &wrong, &error);
  g_assert_null (none);
  assert_fault (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_TEAM_UNKNOWN);
}

static void
test_no_connection (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorResponse) response = NULL, known = NULL;

  g_ptr_array_set_size (world->context.connections, 0);
  response = world_get (world, "/mdm/sso", NULL);
  assert_status (response, 503);
  known = world_get (world, "/mdm/sso?user-identifier=ada@example.com", NULL);
  assert_status (known, 503);
}

/* A team whose only provider could not be set up. */
static void
test_no_connection_of_team (void)
{
  g_autoptr (World) world = new_world_of_three ("");
  g_autoptr (DoorResponse) response = NULL;

  g_ptr_array_remove (world->context.connections, door_connections_lookup (world->context.connections, "b"));
  response = world_get (world, "/mdm/sso?team=one", NULL);
  assert_status (response, 503);
}

static void
test_json (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=R\n[sign-in]\nAutoRedirect=false\n");
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  Visit visit = {
    .method = "POST", .target = "/api/v1/fleet/mdm/sso", .content_type = "application/json", .body = body
  };
  g_autoptr (DoorResponse) fresh = world_visit (world, &visit), continued = NULL, wrong = NULL, page = NULL;
  g_autoptr (DoorResponse) answer = NULL;
  g_autoptr (Pending) pending = NULL;
  g_autofree char *text = world_dup_body (fresh), *cookie = world_dup_cookie (fresh), *page_cookie = NULL;
  g_auto (GStrv) parts = g_strsplit (text, "\"", -1);

  assert_status (fresh, 200);
  g_assert_cmpstr (parts[1], ==, "url");
  pending = pending_from_url (parts[3], cookie);
  answer = sign_in_answer (world, pending, &(Answer){ .acs_path = SHARED_ACS });
  assert_status (answer, 308);
  page = world_get (world, "/mdm/sso?team=red", NULL);
  page_cookie = world_dup_cookie (page);
  visit.cookie = page_cookie;
  continued = world_visit (world, &visit);
  assert_status (continued, 200);
  g_assert_null (door_response_lookup_header (continued, "Set-Cookie"));
  assert_count (world, 1, "sign_in_request r JOIN flow f ON f.key_hash = r.flow_hash WHERE f.team = 'red'");
  visit.content_type = "text/plain";
  wrong = world_visit (world, &visit);
  assert_status (wrong, 415);
}

static void
test_json_choice (void)
{
  g_autoptr (World) world = new_world_of_three ("");
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  Visit visit = {
    .method = "POST", .target = "/api/latest/fleet/mdm/sso", .content_type = "application/json", .body = body
  };
  g_autoptr (DoorResponse) response = world_visit (world, &visit), page = NULL, of_team = NULL;
  g_autofree char *text = world_dup_body (response), *cookie = NULL, *team_text = NULL;

  g_assert_cmpstr (text, ==, "{\"url\":\"https://mdm.example.com/mdm/sso\"}");
  /* with a flow, its team counts */
  page = world_get (world, "/mdm/sso?team=one", NULL);
  cookie = world_dup_cookie (page);
  visit.cookie = cookie;
  of_team = world_visit (world, &visit);
  team_text = world_dup_body (of_team);
  g_assert_nonnull (strstr (team_text, "https://b.example/sso?"));
}

static void
test_rate_limit (void)
{
  DoorRateLimit *limit = door_rate_limit_new (2), *none = door_rate_limit_new (0);

  for (int i = 0; i < 100; i++)
    g_assert_true (door_rate_limit_take (none, "a", 0));
  g_assert_true (door_rate_limit_take (limit, "a", 1000));
  g_assert_true (door_rate_limit_take (limit, "a", 1000));
  g_assert_false (door_rate_limit_take (limit, "a", 1000));
  g_assert_true (door_rate_limit_take (limit, "b", 1000));
  g_assert_false (door_rate_limit_take (limit, "a", 30999));
  g_assert_true (door_rate_limit_take (limit, "a", 31000));
  g_assert_false (door_rate_limit_take (limit, "a", 31000));
  /* what is not used does not add up, and a clock that goes back gives nothing */
  g_assert_true (door_rate_limit_take (limit, "a", HOUR_MS));
  g_assert_true (door_rate_limit_take (limit, "a", HOUR_MS));
  g_assert_false (door_rate_limit_take (limit, "a", HOUR_MS));
  g_assert_false (door_rate_limit_take (limit, "a", HOUR_MS - MINUTE_MS));
  g_assert_true (door_rate_limit_take (limit, "a", HOUR_MS - MINUTE_MS / 2));
  door_rate_limit_free (limit);
  door_rate_limit_free (none);
}

/* Whoever has many addresses does not have as many sign-ins. */
static void
test_rate_limit_all (void)
{
  DoorRateLimit *limit = door_rate_limit_new (2);

  for (int i = 0; i < 400; i++)
    {
      char key[16];

      g_snprintf (key, sizeof key, "%d", i);
      g_assert_true (door_rate_limit_take (limit, key, 1000));
    }
  g_assert_false (door_rate_limit_take (limit, "new", 1000));
  g_assert_false (door_rate_limit_take (limit, "new", 1149));
  g_assert_true (door_rate_limit_take (limit, "new", 1150));
  g_assert_false (door_rate_limit_take (limit, "newer", 1150));
  door_rate_limit_free (limit);
}

/* A flood from many addresses makes the table start afresh instead of growing. */
static void
test_rate_limit_flood (void)
{
  DoorRateLimit *limit = door_rate_limit_new (1);

  g_assert_true (door_rate_limit_take (limit, "a", 0));
  for (int i = 0; i < 65535; i++)
    {
      char key[16];

      g_snprintf (key, sizeof key, "%d", i);
      /* no faster than all together may be */
      g_assert_true (door_rate_limit_take (limit, key, (int64_t) (i + 1) * MINUTE_MS / 200));
    }
  /* it was full a moment ago, and whoever came last is still known */
  g_assert_false (door_rate_limit_take (limit, "65534", (int64_t) 65536 * MINUTE_MS / 200));
  g_assert_true (door_rate_limit_take (limit, "new", (int64_t) 65537 * MINUTE_MS / 200));
  g_assert_true (door_rate_limit_take (limit, "65534", (int64_t) 65538 * MINUTE_MS / 200));
  door_rate_limit_free (limit);
}

static void
test_housekeeping (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &(Answer){ 0 });
  g_autoptr (GError) error = NULL;
  bool more = false;
  static const struct
  {
    int64_t after_ms; /* since the sign-in */
    const char *table;
    int64_t before, after;
  } steps[] = {
    { 0, "replay", 1, 1 },
    { 9 * MINUTE_MS, "replay", 1, 0 },
    { 24 * HOUR_MS, "flow", 1, 1 },
    { 24 * HOUR_MS + 1, "flow", 1, 0 },
    { 24 * HOUR_MS + 1, "sign_in_request", 0, 0 },
    { 25 * HOUR_MS, "access_token", 1, 1 },
    { 25 * HOUR_MS + 1, "access_token", 1, 0 },
    { 26 * HOUR_MS, "scep_challenge", 1, 1 },
    { 26 * HOUR_MS + 1, "scep_challenge", 1, 0 },
    { 30 * 24 * HOUR_MS, "attempt", 1, 1 },
    { 30 * 24 * HOUR_MS + 1, "attempt", 1, 0 },
    { 365 * 24 * HOUR_MS, "person", 1, 1 },
  };

  world_write (world, "INSERT INTO scep_challenge VALUES ('h', 't', 0, 1800014400000 + 7200000, '', '', 0)");
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      door_clock_set_fake (world->context.clock, WORLD_NOW_MS + steps[i].after_ms);
      assert_count (world, steps[i].before, steps[i].table);
      g_assert_true (door_housekeeping_run (&world->context, &more, &error));
      g_assert_no_error (error);
      if (world_count (world, steps[i].table) != steps[i].after)
        g_error ("step %zu: %s", i, steps[i].table);
    }
  world_write (world, "DROP TABLE replay");
  g_assert_false (door_housekeeping_run (&world->context, &more, &error));
  g_assert_nonnull (error);
}

/* In pieces, however many there are; some of them in one run, so that a reload need not wait for all. */
static void
test_housekeeping_many (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (GError) error = NULL;
  bool more = false;

  world_write (world, "INSERT INTO replay WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n "
                      "WHERE v < 5700) SELECT 'i', 'a' || v, 1 FROM n");
  world_write (world, "INSERT INTO flow (key_hash, team, user_identifier, created_at, expires_at) SELECT "
                      "assertion_id, '', '', 1, 1 FROM replay LIMIT 501");
  assert_count (world, 5700, "replay");
  g_assert_true (door_housekeeping_run (&world->context, &more, &error));
  g_assert_true (more);
  assert_count (world, 700, "replay");
  g_assert_true (door_housekeeping_run (&world->context, &more, &error));
  g_assert_false (more);
  assert_count (world, 0, "replay");
  assert_count (world, 0, "flow");
}

/* One instance sweeps; another takes over when the first has been gone for long enough. */
static void
test_one_sweeps (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (GError) error = NULL;
  bool more = false;

  g_assert_true (door_housekeeping_run (&world->context, &more, &error));
  world_write (world, "INSERT INTO replay VALUES ('i', 'a', 1)");
  world->context.instance = (char *) "other";
  world_advance (world, 10 * MINUTE_MS);
  g_assert_true (door_housekeeping_run (&world->context, &more, &error));
  assert_count (world, 1, "replay");
  assert_count (world, 1, "lease WHERE name = 'housekeeping' AND holder = 'this'");
  world_advance (world, 5 * MINUTE_MS);
  g_assert_true (door_housekeeping_run (&world->context, &more, &error));
  assert_count (world, 0, "replay");
  assert_count (world, 1, "lease WHERE name = 'housekeeping' AND holder = 'other'");
}

static void
test_derive (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *a = door_token_derive (&world->context, "a", "t"),
                  *b = door_token_derive (&world->context, "b", "t");
  g_autofree char *c = door_token_derive (&world->context, "a", "u"),
                  *again = door_token_derive (&world->context, "a", "t");
  g_autofree char *uuid = door_token_derive_uuid (&world->context, "a", "t");

  g_assert_cmpstr (a, ==, again);
  g_assert_cmpstr (a, !=, b);
  g_assert_cmpstr (a, !=, c);
  g_assert_cmpuint (strlen (a), ==, 64);
  g_assert_true (g_uuid_string_is_valid (uuid));
  g_assert_cmpint (uuid[14], ==, '8');
}

static void
test_pages (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorResponse) home = world_get (world, "/?lang=de", NULL),
                           health = world_get (world, "/healthz", NULL);
  g_autoptr (DoorResponse) missing = world_get (world, "/assets/none", NULL);
  g_autofree char *body = world_dup_body (home), *ok = world_dup_body (health);

  assert_status (home, 200);
  g_assert_cmpstr (door_response_lookup_header (home, "Content-Language"), ==, "de");
  g_assert_nonnull (strstr (body, "it@example.com"));
  g_assert_cmpstr (ok, ==, "ok\n");
  assert_status (missing, 404);
}

static void
add (void)
{
  g_test_add_func ("/policy/account", test_account);
  g_test_add_func ("/policy/teams", test_teams);
  g_test_add_func ("/policy/flows", test_flows);
  g_test_add_func ("/policy/every-domain", test_every_domain);
  g_test_add_func ("/policy/values", test_values);
  g_test_add_func ("/policy/connections", test_connections);
  g_test_add_func ("/policy/selection", test_selection);
  g_test_add_func ("/policy/params", test_params);
  g_test_add_func ("/policy/force-authn", test_force_authn);
  g_test_add_func ("/policy/begin", test_begin);
  g_test_add_func ("/policy/no-connection", test_no_connection);
  g_test_add_func ("/policy/no-connection-of-team", test_no_connection_of_team);
  g_test_add_func ("/policy/json", test_json);
  g_test_add_func ("/policy/json-choice", test_json_choice);
  g_test_add_func ("/rate-limit/take", test_rate_limit);
  g_test_add_func ("/rate-limit/all", test_rate_limit_all);
  g_test_add_func ("/rate-limit/flood", test_rate_limit_flood);
  g_test_add_func ("/housekeeping/expired", test_housekeeping);
  g_test_add_func ("/housekeeping/many", test_housekeeping_many);
  g_test_add_func ("/housekeeping/expired/one-sweeps", test_one_sweeps);
  g_test_add_func ("/token/derive", test_derive);
  g_test_add_func ("/pages/plain", test_pages);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

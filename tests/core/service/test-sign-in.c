/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sign-in.h"

static const char red[] = "[team/red]\nTitle=Red\nAllowedGroups=staff;board\nDeniedGroups=guests\n";

static void
assert_nothing_issued (World *world)
{
  assert_count (world, 0, "access_token");
  assert_count (world, 0, "person");
}

/* A second provider with the same key, since it is what keeps its answers apart that is under test. */
static World *
new_world_of_two (const char *more)
{
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa.crt.pem");
  g_autofree char *config = g_strdup_printf (
      "%s[idp/other]\nType=saml\nEntityId=https://idp.example.com/saml\n"
      "SsoUrl=https://other.example.com/sso\nCertificates=%s\nSpEntityId=https://mdm.example.com/saml/okta\n",
      more, certificate);

  return world_new (config);
}

static void
test_accepted (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso?user-identifier=ada@example.com", NULL);
  const Answer answer = { .groups = "staff;board" };
  g_autofree char *drop = world_dup_log (), *log = NULL, *row = NULL, *where = NULL, *token = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &answer);

  assert_status (response, 308);
  token = sign_in_dup_token (response);
  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, token, -1);
  where = g_strdup_printf ("access_token WHERE hash = '%s' AND expires_at = %" G_GINT64_FORMAT, hash,
                           WORLD_NOW_MS + HOUR_MS);
  assert_count (world, 1, where);
  row = world_read (world, "SELECT email, full_name, user_name, managed_account, group_names, state, "
                           "created_at, updated_at, signed_in_at FROM person");
  g_assert_cmpstr (row, ==,
                   "[{'email': <'ada@example.com'>, 'full_name': <'Ada Lovelace'>, 'user_name': <'ada'>, "
                   "'managed_account': <'ada@example.com'>, 'group_names': <'staff\\nboard'>, 'state': "
                   "<'active'>, 'created_at': <int64 1800014400000>, 'updated_at': <int64 1800014400000>, "
                   "'signed_in_at': <int64 1800014400000>}]");
  assert_count (world, 1, "attempt WHERE fault = '' AND checks LIKE '%signature%' AND person_id <> ''");
  assert_count (
      world, 1,
      "attempt WHERE purpose = 'enrollment' AND received LIKE '%assertion: signed, rsa-sha256%' AND "
      "received LIKE '%NameID: …%' AND received LIKE '%attribute mail: …@example.com, 15 characters, ~%'");
  assert_count (world, 0, "attempt WHERE received LIKE '%ada@%' OR received LIKE '%Lovelace%'");
  assert_count (world, 1, "replay WHERE expires_at = 1800014400000 + 300000 + 90000");
  assert_count (world, 1, "person_identity WHERE subject LIKE '%ada%' AND connection = 'okta'");
  log = world_dup_log ();
  g_assert_null (strstr (log, "ada@example.com"));
  g_assert_null (strstr (log, token));
  g_assert_nonnull (strstr (log, "DOORWARD_ACCOUNT="));
}

static void
test_log_personal_data (void)
{
  g_autoptr (World) world = world_new ("[doorward]\nLogPersonalData=true\n");
  g_autofree char *drop = world_dup_log (), *token = sign_in (world, "/mdm/sso", &(Answer){ 0 });
  g_autofree char *log = world_dup_log ();

  g_assert_nonnull (strstr (log, "DOORWARD_ACCOUNT=ada@example.com"));
  g_assert_null (strstr (log, token));
  assert_count (world, 1, "attempt WHERE received LIKE '%attribute mail: ada@example.com%'");
}

static void
test_cookie (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorResponse) response = world_get (world, "/mdm/sso", NULL);
  const char *cookie = door_response_lookup_header (response, "Set-Cookie");
  static const char *const parts[] = { "; Path=/", "; Secure", "; HttpOnly", "; SameSite=None",
                                       "; Max-Age=86400" };
  g_autofree char *value = world_dup_cookie (response);
  g_autofree char *where = g_strdup_printf ("flow WHERE key_hash = '%s'", value);

  g_assert_true (g_str_has_prefix (cookie, "__Host-"));
  g_assert_null (strstr (cookie, "Domain"));
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    g_assert_nonnull (strstr (cookie, parts[i]));
  assert_count (world, 0, where); /* only its hash is kept */
  assert_count (world, 1, "flow WHERE expires_at = 1800014400000 + 86400000");
}

/* The same browser with the same wish goes on in its flow; with another it begins a new one. */
static void
test_flow (void)
{
  static const struct
  {
    const char *path;
    bool same;
  } cases[] = {
    { "/mdm/sso?team=red&user-identifier=ada@example.com", true },
    { "/mdm/sso/start?idp=okta&team=red&user-identifier=ada@example.com", true },
    { "/mdm/sso?team=blue&user-identifier=ada@example.com", false },
    { "/mdm/sso?team=red&user-identifier=bob@example.com", false },
    { "/mdm/sso?team=red", false },
    { "/mdm/sso?user-identifier=ada@example.com", false },
    { "/mdm/sso", false },
  };
  g_autoptr (World) world =
      world_new ("[team/red]\nTitle=R\n[team/blue]\nTitle=B\n[listen]\nSignInsPerMinute=99\n");
  g_autoptr (Pending) first = sign_in_begin (world, cases[0].path, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int64_t before = world_count (world, "flow");
      g_autoptr (Pending) next = sign_in_begin (world, cases[i].path, first->cookie);

      g_assert_cmpint (g_str_equal (next->cookie, first->cookie), ==, cases[i].same);
      assert_count (world, before + (cases[i].same ? 0 : 1), "flow");
      g_assert_cmpstr (next->request_id, !=, first->request_id);
    }
  world_advance (world, 24 * HOUR_MS - 1);
  {
    g_autoptr (Pending) last = sign_in_begin (world, cases[0].path, first->cookie);
    g_assert_cmpstr (last->cookie, ==, first->cookie);
  }
  world_advance (world, 1);
  {
    g_autoptr (Pending) fresh = sign_in_begin (world, cases[0].path, first->cookie);
    g_assert_cmpstr (fresh->cookie, !=, first->cookie);
  }
}

/* A flow without team or account is found again; a cookie nobody gave out finds nothing. */
static void
test_flow_plain (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) first = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (Pending) again = sign_in_begin (world, "/mdm/sso", first->cookie);
  g_autoptr (Pending) made_up = sign_in_begin (world, "/mdm/sso", "made-up");

  g_assert_cmpstr (again->cookie, ==, first->cookie);
  g_assert_cmpstr (made_up->cookie, !=, "made-up");
  assert_count (world, 2, "flow");
}

/* What does not fit the request it names: its own fault each, and nothing comes of it. */
static void
test_binding (void)
{
  g_autoptr (World) world = new_world_of_two ("[listen]\nSignInsPerMinute=99\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso/start?idp=okta", NULL);
  g_autoptr (Pending) stranger = sign_in_begin (world, "/mdm/sso/start?idp=okta", NULL);
  const struct
  {
    const char *acs_path, *in_response_to, *relay_state, *cookie;
    unsigned int status;
    const char *fault;
  } cases[] = {
    { "/saml/other/acs", pending->request_id, pending->relay_state, pending->cookie, 403,
      "DW-SAML-INRESPONSETO" },
    { SHARED_ACS, pending->request_id, pending->relay_state, pending->cookie, 403, "DW-SAML-RECIPIENT" },
    { OKTA_ACS, pending->request_id, "wrong", pending->cookie, 400, "DW-FLOW-UNKNOWN" },
    { OKTA_ACS, pending->request_id, NULL, pending->cookie, 400, "DW-FLOW-UNKNOWN" },
    { OKTA_ACS, pending->request_id, stranger->relay_state, pending->cookie, 400, "DW-FLOW-COOKIE" },
    { OKTA_ACS, pending->request_id, stranger->relay_state, stranger->cookie, 400, "DW-FLOW-UNKNOWN" },
    { OKTA_ACS, pending->request_id, pending->relay_state, stranger->cookie, 400, "DW-FLOW-COOKIE" },
    { OKTA_ACS, pending->request_id, pending->relay_state, NULL, 400, "DW-FLOW-COOKIE" },
    { OKTA_ACS, "_ffffffffffffffffffffffffffffffff", pending->relay_state, pending->cookie, 400,
      "DW-FLOW-UNKNOWN" },
    { OKTA_ACS, "", pending->relay_state, pending->cookie, 403, "DW-SAML-UNSOLICITED" },
    { "/saml/none/acs", pending->request_id, pending->relay_state, pending->cookie, 404, "DW-IDP-UNKNOWN" },
    { SHARED_ACS, pending->request_id, "wrong", pending->cookie, 400, "DW-FLOW-UNKNOWN" },
    { SHARED_ACS, pending->request_id, NULL, pending->cookie, 400, "DW-FLOW-UNKNOWN" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Answer answer = { .in_response_to = cases[i].in_response_to, .acs_path = cases[i].acs_path };
      g_autofree char *saml_response = answer_build (world, &answer);
      const Carried carried = { cases[i].acs_path, saml_response, cases[i].relay_state, cases[i].cookie,
                                NULL };
      g_autoptr (DoorResponse) response = sign_in_post (world, &carried);

      sign_in_assert_refused (world, response, cases[i].status, cases[i].fault);
      assert_nothing_issued (world);
      assert_count (world, 0, "sign_in_request WHERE spent_at <> 0");
    }
  {
    g_autoptr (DoorResponse) good = sign_in_answer (world, pending, &(Answer){ 0 });
    assert_status (good, 308);
  }
}

/* What the proof itself lacks; the engine's own tests have every case. */
static void
test_proof (void)
{
  static const struct
  {
    Answer answer;
    unsigned int status;
    const char *fault;
  } cases[] = {
    { { .audience = "https://else.example.com" }, 403, "DW-SAML-AUDIENCE" },
    { { .issuer = "https://else.example.com" }, 403, "DW-SAML-ISSUER" },
    { { .key = "rsa-other" }, 403, "DW-SAML-SIGNATURE" },
    { { .status = "Responder" }, 403, "DW-SAML-STATUS" },
    { { .at_ms = WORLD_NOW_MS - 10 * MINUTE_MS }, 403, "DW-SAML-LATE" },
    { { .at_ms = WORLD_NOW_MS + 10 * MINUTE_MS }, 403, "DW-SAML-EARLY" },
  };
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &cases[i].answer);

      sign_in_assert_refused (world, response, cases[i].status, cases[i].fault);
      assert_nothing_issued (world);
    }
}

static void
test_late (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=Red\n");
  g_autoptr (Pending) pending =
      sign_in_begin (world, "/mdm/sso?team=red&user-identifier=ada@example.com", NULL);
  g_autoptr (Pending) again = NULL;
  g_autoptr (DoorResponse) late = NULL, good = NULL;
  g_autofree char *retry = NULL;

  world_advance (world, 30 * MINUTE_MS);
  late = sign_in_answer (world, pending, &(Answer){ 0 });
  sign_in_assert_refused (world, late, 410, "DW-FLOW-LATE");
  assert_nothing_issued (world);
  assert_count (world, 1, "attempt WHERE team = 'red' AND connection = 'okta' AND request_id = 'request-1'");
  retry = sign_in_dup_retry_path (late);
  g_assert_cmpstr (retry, ==, "/mdm/sso/start?idp=okta&team=red&user-identifier=ada%40example.com");
  again = sign_in_begin (world, retry, pending->cookie);
  g_assert_cmpstr (again->cookie, ==, pending->cookie);
  assert_count (world, 1, "flow");
  good = sign_in_answer (world, again, &(Answer){ 0 });
  assert_status (good, 308);
  assert_count (world, 1, "access_token WHERE team = 'red'");
}

static void
test_in_time (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = NULL;

  world_advance (world, 30 * MINUTE_MS - 1);
  response = sign_in_answer (world, pending, &(Answer){ 0 });
  assert_status (response, 308);
}

static void
test_flow_expired (void)
{
  g_autoptr (World) world = world_new ("[sign-in]\nFlowLifetime=20min\nRequestLifetime=20min\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = NULL, good = NULL;

  world_advance (world, 20 * MINUTE_MS);
  response = sign_in_answer (world, pending, &(Answer){ 0 });
  sign_in_assert_refused (world, response, 410, "DW-FLOW-EXPIRED");
  assert_nothing_issued (world);
  world_advance (world, -1);
  good = sign_in_answer (world, pending, &(Answer){ 0 });
  assert_status (good, 308);
}

static void
test_spent (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) good = sign_in_answer (world, pending, &(Answer){ 0 });
  g_autoptr (DoorResponse) again = sign_in_answer (world, pending, &(Answer){ .assertion_id = "_a2" });

  assert_status (good, 308);
  sign_in_assert_refused (world, again, 400, "DW-FLOW-SPENT");
  assert_count (world, 1, "access_token");
}

/* One assertion, signed anew for another request: accepted once, also after a restart. */
static void
test_replay (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) first = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (Pending) second = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) good = sign_in_answer (world, first, &(Answer){ 0 }), bad = NULL;

  assert_status (good, 308);
  world_reopen (world);
  bad = sign_in_answer (world, second, &(Answer){ 0 });
  sign_in_assert_refused (world, bad, 403, "DW-SAML-REPLAY");
  assert_count (world, 1, "access_token");
  assert_count (world, 1, "sign_in_request WHERE spent_at <> 0");
}

/* Who may enroll; each refusal uses the request up and makes no person. */
static void
test_policy (void)
{
  static const char domains[] =
      "EmailDomains=example.com\n[team/red]\nTitle=Red\nAllowedDomains=red.example\n"
      "[listen]\nSignInsPerMinute=99\n";
  static const char claimed[] =
      "[team/"
      "red]\nTitle=Red\nAllowedGroups=staff\nAllowedDomains=example.com\n[listen]\nSignInsPerMinute=99\n";
  static const struct
  {
    const char *config, *target;
    Answer answer;
    const char *fault;
  } cases[] = {
    { red, "/mdm/sso?team=red", { .groups = "staff" }, NULL },
    { red, "/mdm/sso?team=red", { .groups = "x;board" }, NULL },
    { red, "/mdm/sso?team=red", { .groups = "x" }, "DW-ID-GROUP" },
    { red, "/mdm/sso?team=red", { .groups = "" }, "DW-ID-GROUP" },
    { red, "/mdm/sso?team=red", { .groups = "Staff" }, "DW-ID-GROUP" },
    { red, "/mdm/sso?team=red", { .groups = "staff;guests" }, "DW-ID-GROUP" },
    { red, "/mdm/sso", { .groups = "guests" }, NULL },
    { domains, "/mdm/sso", { .mail = "ada@EXAMPLE.com" }, NULL },
    { domains, "/mdm/sso", { .mail = "ada@example.org" }, "DW-ID-DOMAIN" },
    { domains, "/mdm/sso?team=red", { .mail = "ada@example.com" }, "DW-ID-DOMAIN" },
    { claimed, "/mdm/sso?team=red", { .groups = "staff" }, NULL },
    { claimed,
      "/mdm/sso",
      { .groups = "staff" },
      "DW-ID-DOMAIN" }, /* leaving the team out leaves nothing out */
    { NULL, "/mdm/sso", { .mail = "" }, "DW-ID-NOACCOUNT" },
    { NULL, "/mdm/sso", { .mail = "ada" }, "DW-ID-NOACCOUNT" },
    { NULL, "/mdm/sso?user-identifier=ada@example.com", { .mail = "ADA@Example.COM" }, NULL },
    { NULL, "/mdm/sso?user-identifier=bob@example.com", { 0 }, "DW-ID-MISMATCH" },
    { NULL, "/mdm/sso?user-identifier=ada@example.org", { 0 }, "DW-ID-MISMATCH" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_new (cases[i].config);
      g_autoptr (Pending) pending = sign_in_begin (world, cases[i].target, NULL);
      g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &cases[i].answer);

      assert_count (world, 1, "sign_in_request WHERE spent_at <> 0");
      assert_count (world, 1, "replay");
      if (cases[i].fault != NULL)
        {
          sign_in_assert_refused (world, response, 403, cases[i].fault);
          assert_nothing_issued (world);
          assert_count (world, 0, "person_identity");
        }
      else
        {
          assert_status (response, 308);
          assert_count (world, 1, "access_token");
        }
    }
}

/* Somebody else's browser session answered: the way on asks the provider for a new sign-in. */
static void
test_mismatch_retry (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso?user-identifier=bob@example.com", NULL);
  g_autoptr (Pending) again = NULL;
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &(Answer){ 0 });
  g_autofree char *body = world_dup_body (response), *retry = sign_in_dup_retry_path (response);

  g_assert_null (strstr (body, "ada"));
  g_assert_cmpstr (retry, ==, "/mdm/sso/start?idp=okta&user-identifier=bob%40example.com&again=1");
  again = sign_in_begin (world, retry, pending->cookie);
  g_assert_cmpstr (again->cookie, ==, pending->cookie);
}

/* The record names the key that refuses, and the page offers another try only where one can succeed. */
static void
test_refusal_names_key (void)
{
  static const char two[] = "EmailDomains=example.com\n[team/red]\nAllowedDomains=red.example\n"
                            "AllowedGroups=staff\nIdps=okta\n[team/allowed]\nAllowedDomains=other.example\n"
                            "[team/groups]\nAllowedGroups=staff\n[listen]\nSignInsPerMinute=99\n";
  static const struct
  {
    const char *target, *mail, *detail, *retry;
  } cases[] = {
    { "/mdm/sso?team=allowed&user-identifier=ada@example.com", "ada@example.com",
      "domain example.com is not in AllowedDomains", NULL },
    { "/mdm/sso?team=allowed", "ada@example.com", "domain example.com is not in AllowedDomains",
      "/mdm/sso/start?idp=okta&team=allowed&again=1" },
    { "/mdm/sso", "ada@else.example",
      "domain else.example does not sign in here, by the EmailDomains of the providers",
      "/mdm/sso/start?idp=okta&again=1" },
    { "/mdm/sso?user-identifier=ada@example.com", "ada@else.example",
      "domain else.example does not sign in here, by the EmailDomains of the providers",
      "/mdm/sso/start?idp=okta&user-identifier=ada%40example.com&again=1" },
    { "/mdm/sso?team=groups", "ada@example.com", "the person''s groups, by AllowedGroups and DeniedGroups",
      "/mdm/sso/start?idp=okta&team=groups" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_new (two);
      g_autoptr (Pending) pending = sign_in_begin (world, cases[i].target, NULL);
      g_autoptr (DoorResponse) response =
          sign_in_answer (world, pending, &(Answer){ .mail = cases[i].mail, .groups = "x" });
      g_autofree char *retry = sign_in_dup_retry_path (response);
      g_autofree char *where = g_strdup_printf ("attempt WHERE detail = '%s'", cases[i].detail);

      assert_status (response, 403);
      assert_count (world, 1, where);
      g_assert_cmpstr (retry, ==, cases[i].retry);
    }
}

static void
test_denied_groups_incomplete (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=Red\nDeniedGroups=guests\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso?team=red", NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &(Answer){ .groups = "staff" });

  assert_status (response, 308);
}

/* The team was removed from the configuration while the person signed in. */
static void
test_team_gone (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=Red\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso?team=red", NULL);
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *retry = NULL;

  world_write (world, "UPDATE flow SET team = 'green'");
  response = sign_in_answer (world, pending, &(Answer){ 0 });
  sign_in_assert_refused (world, response, 404, "DW-TEAM-UNKNOWN");
  assert_nothing_issued (world);
  retry = sign_in_dup_retry_path (response);
  g_assert_cmpstr (retry, ==, "/mdm/sso/start?idp=okta");
}

/* Other than a page, the JSON address has the team from the cookie alone. */
static void
test_team_gone_json (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=Red\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso?team=red", NULL);
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  const Visit visit = { .method = "POST",
                        .target = "/api/v1/fleet/mdm/sso",
                        .content_type = "application/json",
                        .cookie = pending->cookie,
                        .body = body };
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *text = NULL;

  world_write (world, "UPDATE flow SET team = 'green'");
  response = world_visit (world, &visit);
  assert_status (response, 404);
  text = world_dup_body (response);
  g_assert_nonnull (strstr (text, "DW-TEAM-UNKNOWN"));
}

static void
test_inactive (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &(Answer){ 0 });
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  const Answer answer = { .assertion_id = "_a2", .mail = "new@example.com" };
  g_autoptr (DoorResponse) response = NULL;

  world_write (world, "UPDATE person SET state = 'deactivated'");
  response = sign_in_answer (world, pending, &answer);
  sign_in_assert_refused (world, response, 403, "DW-ID-INACTIVE");
  assert_count (world, 1, "access_token");
  assert_count (world, 1, "person WHERE state = 'deactivated' AND email = 'ada@example.com'");
  assert_count (world, 2, "sign_in_request WHERE spent_at <> 0");
}

/* A person is issuer and subject; the address is only what the provider says today. */
static void
test_persons (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *one = sign_in (world, "/mdm/sso", &(Answer){ 0 }), *two = NULL, *three = NULL;

  two = sign_in (world, "/mdm/sso", &(Answer){ .assertion_id = "_a2", .subject = "other" });
  assert_count (world, 2, "person WHERE email = 'ada@example.com'");
  world_advance (world, HOUR_MS);
  three = sign_in (world, "/mdm/sso", &(Answer){ .assertion_id = "_a3", .mail = "ada@new.example.com" });
  assert_count (world, 2, "person");
  assert_count (world, 1,
                "person WHERE email = 'ada@new.example.com' AND created_at = 1800014400000 AND "
                "signed_in_at = 1800018000000");
  assert_count (world, 2, "person_identity");
  assert_count (world, 3, "access_token");
  g_assert_cmpstr (one, !=, two);
  g_assert_cmpstr (two, !=, three);
}

/* Another provider that calls itself the same does not get its people. */
static void
test_persons_of_another (void)
{
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa-other.crt.pem");
  g_autofree char *two = g_strdup_printf ("[idp/two]\nType=saml\nEntityId=https://idp.example.com/saml\n"
                                          "SsoUrl=https://two.example/sso\nCertificates=%s\n",
                                          certificate);
  g_autoptr (World) world = world_new (two);
  g_autofree char *one = sign_in (world, "/mdm/sso/start?idp=okta", &(Answer){ 0 });
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso/start?idp=okta", NULL);
  g_autoptr (DoorResponse) refused = NULL;

  world_write (world, "UPDATE person_identity SET connection = 'two'");
  refused =
      sign_in_answer (world, pending, &(Answer){ .assertion_id = "_a2", .mail = "eve@new.example.com" });
  sign_in_assert_refused (world, refused, 403, "DW-SAML-ISSUER");
  assert_count (world, 1, "person WHERE email = 'ada@example.com'");
  assert_count (world, 1, "access_token");
}

/* The page of a failure shows the way on of the browser that sees it, never what was typed in another. */
static void
test_retry_of_another (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=R\n[team/blue]\nTitle=B\n");
  g_autoptr (Pending) pending =
      sign_in_begin (world, "/mdm/sso?team=red&user-identifier=ada@example.com", NULL);
  g_autoptr (Pending) mine =
      sign_in_begin (world, "/mdm/sso?team=blue&user-identifier=bob@example.com", NULL);
  Pending mixed = *pending, bare = *pending;
  g_autoptr (DoorResponse) response = NULL, without = NULL;
  g_autofree char *body = NULL, *retry = NULL, *bare_body = NULL, *bare_retry = NULL;

  mixed.cookie = mine->cookie;
  response = sign_in_answer (world, &mixed, &(Answer){ 0 });
  sign_in_assert_refused (world, response, 400, "DW-FLOW-COOKIE");
  body = world_dup_body (response);
  retry = sign_in_dup_retry_path (response);
  g_assert_null (strstr (body, "ada"));
  g_assert_cmpstr (retry, ==, "/mdm/sso?team=blue&user-identifier=bob%40example.com");
  bare.cookie = NULL;
  without = sign_in_answer (world, &bare, &(Answer){ 0 });
  sign_in_assert_refused (world, without, 400, "DW-FLOW-COOKIE");
  assert_count (world, 1, "attempt WHERE detail = 'no cookie'");
  assert_count (world, 1, "attempt WHERE detail = 'the cookie is of another flow'");
  bare_body = world_dup_body (without);
  bare_retry = sign_in_dup_retry_path (without);
  g_assert_null (strstr (bare_body, "ada"));
  g_assert_cmpstr (bare_retry, ==, "/mdm/sso?team=red");
}

/* An answer that cannot be read leads back into the flow too. */
static void
test_form (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=R\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso?team=red", NULL);
  const Carried nothing = { .cookie = pending->cookie };
  g_autoptr (GBytes) twice = g_bytes_new_static ("SAMLResponse=a&SAMLResponse=b", 29);
  const Visit double_visit = { .method = "POST",
                               .target = OKTA_ACS,
                               .content_type = "application/x-www-form-urlencoded",
                               .cookie = pending->cookie,
                               .body = twice };
  g_autoptr (DoorResponse) empty = sign_in_post (world, &nothing);
  g_autoptr (DoorResponse) doubled = world_visit (world, &double_visit);
  g_autofree char *retry = sign_in_dup_retry_path (doubled);

  assert_status (empty, 400);
  assert_status (doubled, 400);
  g_assert_cmpstr (retry, ==, "/mdm/sso?team=red");
  assert_nothing_issued (world);
}

static World *
new_world_of_double (const char *more)
{
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa.crt.pem");
  g_autofree char *config =
      g_strdup_printf ("[idp/double]\nType=double\nEntityId=https://idp.example.com/saml\nSsoUrl=https://"
                       "double.example.com/sso\n"
                       "Certificates=%s\nSpEntityId=https://mdm.example.com/saml/okta\n%s",
                       certificate, more);

  return world_new (config);
}

/* What the provider says in its own words is in the record, with what its adapter knows about it. */
static void
test_explain_status (void)
{
  static const struct
  {
    const char *idp, *count;
    Answer answer;
  } cases[] = {
    { "double",
      "attempt WHERE detail LIKE '%Responder%(assign the person)'",
      { .acs_path = "/saml/double/acs", .status = "Responder" } },
    { "double",
      "attempt WHERE detail LIKE '%Requester%' AND detail NOT LIKE '%assign%'",
      { .acs_path = "/saml/double/acs", .status = "Requester" } },
    { "okta",
      "attempt WHERE detail LIKE '%Responder%' AND detail NOT LIKE '%assign%'",
      { .status = "Responder" } },
    { "double",
      "attempt WHERE fault = 'DW-SAML-SIGNATURE' AND detail NOT LIKE '%assign%' AND checks = 'request "
      "structure status'",
      { .acs_path = "/saml/double/acs", .key = "rsa-other" } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = new_world_of_double ("");
      g_autofree char *path = g_strconcat ("/mdm/sso/start?idp=", cases[i].idp, NULL);
      g_autoptr (Pending) pending = sign_in_begin (world, path, NULL);
      g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &cases[i].answer);

      assert_status (response, 403);
      assert_count (world, 1, cases[i].count);
    }
}

/* The provider did not name every group: nobody can say that the person is in none of those denied. */
static void
test_groups_incomplete (void)
{
  static const struct
  {
    const char *team, *fault;
  } cases[] = { { "denied", "DW-ID-GROUP" }, { "allowed", NULL }, { "other", "DW-ID-GROUP" }, { "", NULL } };
  g_autoptr (World) world =
      new_world_of_double ("[team/denied]\nDeniedGroups=guests\n[team/allowed]\nAllowedGroups=staff\n[team/"
                           "other]\nAllowedGroups=x\n");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/mdm/sso/start?idp=double&team=", cases[i].team, NULL);
      g_autofree char *id = g_strdup_printf ("_a%zu", i);
      g_autoptr (Pending) pending = sign_in_begin (world, path, NULL);
      g_autoptr (DoorResponse) response = sign_in_answer (
          world, pending, &(Answer){ .acs_path = "/saml/double/acs", .assertion_id = id, .groups = "staff" });

      if (cases[i].fault != NULL)
        sign_in_assert_refused (world, response, 403, cases[i].fault);
      else
        assert_status (response, 308);
    }
}

/* The adapter's own refusal uses the request up like any other. */
static void
test_adapter_refuses (void)
{
  g_autoptr (World) world = new_world_of_double ("");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso/start?idp=double", NULL);
  const Answer answer = { .acs_path = "/saml/double/acs", .mail = "refused@example.com" };
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &answer);

  sign_in_assert_refused (world, response, 403, "DW-ID-NOTALLOWED");
  assert_nothing_issued (world);
  assert_count (world, 1, "sign_in_request WHERE spent_at <> 0");
}

static void
test_request_params (void)
{
  g_autoptr (World) world = new_world_of_double ("");
  g_autoptr (Pending) typed =
      sign_in_begin (world, "/mdm/sso/start?idp=double&user-identifier=ada@example.com", NULL);
  g_autoptr (Pending) plain = sign_in_begin (world, "/mdm/sso/start?idp=double", NULL);

  g_assert_nonnull (strstr (typed->url, "login_hint=ada%40example.com"));
  g_assert_nonnull (strstr (typed->url, "realm=test"));
  g_assert_null (strstr (plain->url, "login_hint"));
  g_assert_nonnull (strstr (plain->url, "realm=test"));
}

/* A record that cannot be written does not turn a refusal into something else. */
static void
test_attempt_not_written (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) refused = NULL, failed = NULL;

  world_break_table (world, "attempt");
  refused = sign_in_answer (world, pending, &(Answer){ .key = "rsa-other" });
  assert_status (refused, 403);
  failed = sign_in_answer (world, pending, &(Answer){ 0 });
  g_assert_cmpuint (door_response_get_status (failed), >=, 500);
  assert_nothing_issued (world);
  assert_count (world, 0, "sign_in_request WHERE spent_at <> 0");
}

/* Another one could call itself the same. */
static void
test_connection_gone (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *first = sign_in (world, "/mdm/sso", &(Answer){ 0 });
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) refused = NULL;
  g_autofree char *back = NULL;

  world_write (world, "UPDATE person_identity SET connection = 'gone'");
  refused = sign_in_answer (world, pending, &(Answer){ .assertion_id = "_a2" });
  sign_in_assert_refused (world, refused, 403, "DW-SAML-ISSUER");
  assert_count (world, 1, "access_token");
  world_write (world, "UPDATE person_identity SET connection = 'okta'");
  back = sign_in (world, "/mdm/sso", &(Answer){ .assertion_id = "_a3" });
}

static void
add (void)
{
  g_test_add_func ("/sign-in/connection-gone", test_connection_gone);
  g_test_add_func ("/sign-in/accepted", test_accepted);
  g_test_add_func ("/sign-in/log-personal-data", test_log_personal_data);
  g_test_add_func ("/sign-in/cookie", test_cookie);
  g_test_add_func ("/sign-in/flow", test_flow);
  g_test_add_func ("/sign-in/flow-plain", test_flow_plain);
  g_test_add_func ("/sign-in/binding", test_binding);
  g_test_add_func ("/sign-in/proof", test_proof);
  g_test_add_func ("/sign-in/late", test_late);
  g_test_add_func ("/sign-in/in-time", test_in_time);
  g_test_add_func ("/sign-in/flow-expired", test_flow_expired);
  g_test_add_func ("/sign-in/spent", test_spent);
  g_test_add_func ("/sign-in/replay", test_replay);
  g_test_add_func ("/sign-in/policy", test_policy);
  g_test_add_func ("/sign-in/mismatch-retry", test_mismatch_retry);
  g_test_add_func ("/sign-in/refusal-names-key", test_refusal_names_key);
  g_test_add_func ("/sign-in/denied-groups", test_denied_groups_incomplete);
  g_test_add_func ("/sign-in/team-gone", test_team_gone);
  g_test_add_func ("/sign-in/team-gone-json", test_team_gone_json);
  g_test_add_func ("/sign-in/inactive", test_inactive);
  g_test_add_func ("/sign-in/persons", test_persons);
  g_test_add_func ("/sign-in/persons-of-another", test_persons_of_another);
  g_test_add_func ("/sign-in/retry-of-another", test_retry_of_another);
  g_test_add_func ("/sign-in/form", test_form);
  g_test_add_func ("/sign-in/explain-status", test_explain_status);
  g_test_add_func ("/sign-in/groups-incomplete", test_groups_incomplete);
  g_test_add_func ("/sign-in/adapter-refuses", test_adapter_refuses);
  g_test_add_func ("/sign-in/request-params", test_request_params);
  g_test_add_func ("/sign-in/attempt-not-written", test_attempt_not_written);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"

#define ADMIN "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"
#define JIT ADMIN "[admin]\nJit=true\n"
#define TEAMS "[team/red]\nId=1\nTitle=Red\n[team/blue]\nId=2\n"
#define ATTRIBUTE(name, value)                                                                               \
  "<saml:Attribute Name=\"" name "\"><saml:AttributeValue>" value "</saml:AttributeValue></saml:Attribute>"
#define ROLE(value) ATTRIBUTE ("FLEET_JIT_USER_ROLE_GLOBAL", value)

static const char *
location (const DoorResponse *response)
{
  return door_response_lookup_header (response, "Location");
}

static char *
read_roles (World *world)
{
  return world_read (world, "SELECT team, role FROM administrator_role ORDER BY team, role");
}

static void
test_journey (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (DoorResponse) away = administrator_get (world, "/admin", NULL);
  g_autoptr (DoorResponse) nobody = administrator_get (world, "/api/v1/me", NULL);
  g_autoptr (DoorResponse) accepted = NULL, entered = NULL, home = NULL, me = NULL;
  g_autofree char *session = NULL, *page = NULL, *body = NULL, *no_body = world_dup_body (nobody);
  g_autoptr (Pending) pending = NULL;

  assert_status (away, 303);
  g_assert_cmpstr (location (away), ==, "/admin/login");
  assert_status (nobody, 401);
  g_assert_cmpstr (door_response_lookup_header (nobody, "Content-Type"), ==, "application/problem+json");
  g_assert_nonnull (strstr (no_body, "\"status\":401"));
  g_assert_nonnull (strstr (no_body, "DW-ADM-SESSION"));

  pending = sign_in_begin (world, "/admin/login?return_to=/admin?tab=1", NULL);
  accepted = sign_in_answer (world, pending, &(Answer){ .attributes = ROLE ("admin") });
  assert_status (accepted, 303);
  g_assert_true (g_str_has_prefix (location (accepted), "/admin/enter?code="));
  g_assert_null (door_response_lookup_header (accepted, "Set-Cookie")); /* another site has sent us here */
  assert_count (world, 0, "admin_session");
  assert_count (world, 0, "access_token");
  entered = administrator_enter (world, location (accepted), pending->cookie, NULL);
  assert_status (entered, 303);
  g_assert_cmpstr (location (entered), ==, "/admin?tab=1");
  session = administrator_dup_cookie (entered);

  home = administrator_get (world, "/admin", session);
  assert_status (home, 200);
  page = world_dup_body (home);
  g_assert_nonnull (strstr (page, "ada@example.com"));
  g_assert_nonnull (strstr (page, "Ada Lovelace"));
  g_assert_nonnull (strstr (page, "class=\"role\" dir=\"ltr\">admin<"));
  me = administrator_get (world, "/api/v1/me", session);
  assert_status (me, 200);
  body = world_dup_body (me);
  g_assert_nonnull (strstr (body, "\"email\":\"ada@example.com\""));
  g_assert_nonnull (strstr (body, "\"name\":\"Ada Lovelace\""));
  g_assert_nonnull (strstr (body, "\"roles\":[{\"role\":\"admin\",\"team\":null}]"));
  g_assert_null (strstr (body, session));
  assert_count (world, 1, "attempt WHERE fault = '' AND person_id = (SELECT id FROM administrator)");
}

static void
test_cookie (void)
{
  static const char *const parts[] = { "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax",
                                       "; Max-Age=43200" };
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (DoorResponse) accepted = sign_in_answer (world, pending, &(Answer){ 0 });
  g_autoptr (DoorResponse) entered = administrator_enter (world, location (accepted), pending->cookie, NULL);
  const char *cookie = door_response_lookup_header (entered, "Set-Cookie");
  g_autofree char *value = administrator_dup_cookie (entered), *where = NULL;

  g_assert_true (g_str_has_prefix (cookie, "__Host-dw_admin="));
  g_assert_null (strstr (cookie, "Domain"));
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    g_assert_nonnull (strstr (cookie, parts[i]));
  where = g_strdup_printf ("admin_session WHERE token_hash = '%s' OR id = '%s'", value, value);
  assert_count (world, 0, where); /* only its hash is kept */
  assert_count (world, 1, "admin_session WHERE user_agent_family = 'other' AND session_index = '_s1'");
}

/* The token of the last hop is for one use, for the browser that began, and for a short time. */
static void
test_handover (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (Pending) other = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (DoorResponse) accepted = sign_in_answer (world, pending, &(Answer){ 0 });
  const char *hop = location (accepted);
  g_autoptr (DoorResponse) without = administrator_enter (world, hop, NULL, NULL);
  g_autoptr (DoorResponse) foreign = administrator_enter (world, hop, other->cookie, NULL);
  g_autoptr (DoorResponse) made_up =
      administrator_enter (world, "/admin/enter?code=x", pending->cookie, NULL);
  g_autoptr (DoorResponse) none = administrator_enter (world, "/admin/enter", pending->cookie, NULL);
  g_autoptr (DoorResponse) good = NULL, again = NULL, reloaded = NULL, late = NULL, second = NULL;
  g_autofree char *session = NULL;

  assert_status (without, 400);
  assert_status (foreign, 400);
  assert_status (made_up, 400);
  assert_status (none, 400);
  assert_count (world, 0, "admin_session");
  good = administrator_enter (world, hop, pending->cookie, NULL);
  assert_status (good, 303);
  again = administrator_enter (world, hop, pending->cookie, NULL);
  assert_status (again, 400);
  g_assert_null (door_response_lookup_header (again, "Set-Cookie"));
  session = administrator_dup_cookie (good);
  reloaded = administrator_enter (world, hop, pending->cookie, session);
  assert_status (reloaded, 303);
  g_assert_cmpstr (location (reloaded), ==, "/admin");
  assert_count (world, 1, "admin_session");
  second = sign_in_answer (world, other, &(Answer){ .assertion_id = "_a2" });
  world_advance (world, 2 * MINUTE_MS);
  late = administrator_enter (world, location (second), other->cookie, NULL);
  assert_status (late, 400);
  assert_count (world, 1, "admin_session");
}

/* Whoever is taken out between the two hops does not come in. */
static void
test_handover_disabled (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (DoorResponse) accepted = sign_in_answer (world, pending, &(Answer){ 0 }), entered = NULL;

  world_write (world, "UPDATE administrator SET state = 'deactivated'");
  entered = administrator_enter (world, location (accepted), pending->cookie, NULL);
  assert_status (entered, 403);
  assert_count (world, 0, "admin_session");
}

/* Each sign-in has a token of its own and takes the place of the one before in the same browser. */
static void
test_fresh (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autofree char *first = administrator_sign_in (world, &(Answer){ 0 }), *second = NULL;
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (DoorResponse) accepted = sign_in_answer (world, pending, &(Answer){ .assertion_id = "_a2" });
  g_autoptr (DoorResponse) entered = administrator_enter (world, location (accepted), pending->cookie, first);
  g_autoptr (DoorResponse) old = administrator_get (world, "/api/v1/me", first);

  second = administrator_dup_cookie (entered);
  g_assert_cmpstr (first, !=, second);
  assert_status (old, 401);
  assert_count (world, 1, "admin_session WHERE end_reason = 'replaced'");
  assert_count (world, 1, "administrator");
}

static unsigned int
ask_me (World *world, const char *session)
{
  g_autoptr (DoorResponse) response = administrator_get (world, "/api/v1/me", session);

  return door_response_get_status (response);
}

static void
test_lifetime (void)
{
  g_autoptr (World) world = world_new (JIT "SessionLifetime=3h\nSessionIdle=1h\n");
  g_autofree char *session = administrator_sign_in (world, &(Answer){ 0 });
  g_autofree char *idle = administrator_sign_in (world, &(Answer){ .assertion_id = "_a2" });

  for (int i = 0; i < 3; i++)
    {
      world_advance (world, HOUR_MS - 1);
      g_assert_cmpuint (ask_me (world, session), ==, 200);
      g_assert_cmpuint (ask_me (world, i == 0 ? idle : "x"), ==, i == 0 ? 200 : 401);
    }
  g_assert_cmpuint (ask_me (world, idle), ==, 401);
  world_advance (world, 2);
  g_assert_cmpuint (ask_me (world, session), ==, 200);
  world_advance (world, 1);
  g_assert_cmpuint (ask_me (world, session), ==, 401); /* in all */
}

static void
test_idle (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autofree char *session = administrator_sign_in (world, &(Answer){ 0 });

  world_advance (world, HOUR_MS - 1);
  g_assert_cmpuint (ask_me (world, session), ==, 200);
  world_advance (world, HOUR_MS);
  g_assert_cmpuint (ask_me (world, session), ==, 401);
}

/* The provider's session ends sooner (SessionNotOnOrAfter). */
static void
test_provider_lifetime (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autofree char *end = door_clock_format_iso8601 (WORLD_NOW_MS + 10 * MINUTE_MS);
  g_autofree char *more = g_strdup_printf (" SessionNotOnOrAfter=\"%s\"", end);
  g_autofree char *session = administrator_sign_in (world, &(Answer){ .session = more });

  world_advance (world, 10 * MINUTE_MS - 1);
  g_assert_cmpuint (ask_me (world, session), ==, 200);
  world_advance (world, 1);
  g_assert_cmpuint (ask_me (world, session), ==, 401);
}

static DoorResponse *
log_out (World *world, const char *session, const char *name, const char *value)
{
  g_autofree char *cookie = g_strdup_printf (DOOR_ADMIN_COOKIE "=%s", session);
  g_autoptr (GError) error = NULL;
  const char *pairs[] = { "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded", name,
                          value,    NULL };
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, &error);
  DoorRequestParts parts = { .method = "POST", .target = "/admin/logout", .headers = headers, .id = "r" };
  g_autoptr (DoorRequest) request = door_request_new (&parts, &error);
  g_auto (DoorMatch) match = { NULL };

  g_assert_no_error (error);
  door_router_match (world->router, "POST", "/admin/logout", &match);
  door_request_complete (request, NULL, NULL);
  return door_router_run (world->router, match.route, request);
}

/* Only a page of the server itself can log somebody out. */
static void
test_logout (void)
{
  static const struct
  {
    const char *name, *value;
    unsigned int status;
  } cases[] = {
    { "X-None", "", 403 },
    { "Sec-Fetch-Site", "cross-site", 403 },
    { "Sec-Fetch-Site", "same-site", 403 },
    { "Sec-Fetch-Site", "none", 403 },
    { "Origin", "null", 403 },
    { "Origin", "https://evil.example", 403 },
    { "Origin", "https://mdm.example.com.evil.example", 403 },
    { "Origin", "http://mdm.example.com", 403 },
    { "Origin", "https://mdm.example.com", 303 },
    { "Sec-Fetch-Site", "same-origin", 303 },
  };
  g_autoptr (World) world = world_new (JIT);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("_a%zu", i);
      g_autofree char *session = administrator_sign_in (world, &(Answer){ .assertion_id = id });
      g_autoptr (DoorResponse) response = log_out (world, session, cases[i].name, cases[i].value);

      assert_status (response, cases[i].status);
      g_assert_cmpuint (ask_me (world, session), ==, cases[i].status == 303 ? 401 : 200);
      if (cases[i].status == 303)
        g_assert_cmpstr (location (response), ==, "/admin/login?out=1");
    }
  assert_count (world, 2, "admin_session WHERE end_reason = 'logout'");
  {
    g_autoptr (DoorResponse) page = administrator_get (world, "/admin/login?out=1", NULL);

    assert_status (page, 200); /* not straight to the provider, which would sign in again */
  }
}

/* Paths that browsers would take elsewhere are refused, before anything begins. */
static void
test_return_path (void)
{
  static const struct
  {
    const char *given;
    unsigned int status;
  } cases[] = {
    { "/admin", 303 },
    { "/admin%3Fa%3D1%26b", 303 },
    { "/", 303 },
    { "//evil.example", 400 },
    { "/%5Cevil.example", 400 },
    { "%5C%5Cevil.example", 400 },
    { "https://evil.example", 400 },
    { "javascript:alert(1)", 400 },
    { "data:text/html,x", 400 },
    { "/a%0D%0ASet-Cookie:x", 400 },
    { "/%09/evil.example", 400 },
    { "%09//evil.example", 400 },
    { "evil.example", 400 },
    { "", 400 },
    { "/a%20b", 400 },
    { "/%C3%A9", 400 },
    { "/%7F", 400 },
  };
  g_autoptr (World) world = world_new (JIT);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *target = g_strconcat ("/admin/login?return_to=", cases[i].given, NULL);
      int64_t flows = world_count (world, "flow");
      g_autoptr (DoorResponse) response = administrator_get (world, target, NULL);

      g_test_message ("%s", target);
      assert_status (response, cases[i].status);
      assert_count (world, flows + (cases[i].status == 303 ? 1 : 0), "flow");
    }
}

static void
test_jit_off (void)
{
  g_autoptr (World) world = world_new (ADMIN TEAMS);
  const Answer ada = { .attributes = ROLE ("admin") };

  administrator_assert_refused (world, &ada, 403, "DW-ADM-UNKNOWN", "account_invalid");
  assert_count (world, 0, "administrator");
  administrator_add (world, "ada", "observer");
  {
    g_autofree char *session =
        administrator_sign_in (world, &(Answer){ .attributes = ROLE ("admin"), .assertion_id = "_a2" });
    g_autofree char *roles = read_roles (world);

    g_assert_cmpstr (roles, ==, "[{'team': <''>, 'role': <'observer'>}]"); /* not taken from the provider */
  }
  world_write (world, "UPDATE administrator SET sso_enabled = 0");
  administrator_assert_refused (world, &(Answer){ .assertion_id = "_a3" }, 403, "DW-ADM-DISABLED",
                                "account_disabled");
  world_write (world, "UPDATE administrator SET sso_enabled = 1, state = 'deactivated'");
  administrator_assert_refused (world, &(Answer){ .assertion_id = "_a4" }, 403, "DW-ADM-DISABLED",
                                "account_disabled");
  world_write (world, "UPDATE administrator SET state = 'active'");
  world_write (world, "DELETE FROM administrator_role");
  administrator_assert_refused (world, &(Answer){ .assertion_id = "_a5" }, 403, "DW-ADM-NOROLE", "error");
}

/* The two samples of the spec, as they stand there. */
#define SAMPLE(name, value)                                                                                  \
  "<saml2:Attribute xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" Name=\"" name "\" "                \
  "NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified\">\n"                                \
  "<saml2:AttributeValue xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "                                     \
  "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\">" value                    \
  "</saml2:AttributeValue>\n</saml2:Attribute>\n"

static void
test_samples (void)
{
  static const struct
  {
    const char *attributes, *roles;
  } cases[] = {
    { SAMPLE ("FLEET_JIT_USER_ROLE_GLOBAL", "admin"), "[{'team': <''>, 'role': <'admin'>}]" },
    { SAMPLE ("FLEET_JIT_USER_ROLE_TEAM_1", "observer") SAMPLE ("FLEET_JIT_USER_ROLE_TEAM_2", "maintainer"),
      "[{'team': <'blue'>, 'role': <'maintainer'>}, {'team': <'red'>, 'role': <'observer'>}]" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_new (JIT TEAMS);
      const Answer answer = { .subject = "bar@foo.example.com",
                              .mail = "",
                              .attributes = cases[i].attributes };
      g_autofree char *session = administrator_sign_in (world, &answer), *roles = read_roles (world);

      g_assert_cmpstr (roles, ==, cases[i].roles);
      assert_count (world, 1, "administrator WHERE email = 'bar@foo.example.com' AND sso_enabled = 1");
    }
}

/* A role that is none refuses the sign-in and changes nothing; the record names attribute and value. */
static void
test_bad_roles (void)
{
  g_autoptr (World) world = world_new (JIT TEAMS);

  administrator_assert_refused (world, &(Answer){ .attributes = ROLE ("owner") }, 403, "DW-ADM-ROLE",
                                "error");
  assert_count (world, 0, "administrator");
  assert_count (world, 1, "attempt WHERE detail LIKE '%FLEET_JIT_USER_ROLE_GLOBAL%\"owner\"%'");
  administrator_assert_refused (
      world,
      &(Answer){ .assertion_id = "_a2",
                 .attributes = ROLE ("admin") ATTRIBUTE ("FLEET_JIT_USER_ROLE_TEAM_1", "admin") },
      403, "DW-ADM-ROLECONFLICT", "error");
  administrator_assert_refused (world,
                                &(Answer){ .assertion_id = "_a3",
                                           .attributes = ATTRIBUTE ("FLEET_JIT_USER_ROLE_TEAM_1", "observer")
                                               ATTRIBUTE ("FLEET_JIT_USER_ROLE_TEAM_1", "admin") },
                                403, "DW-ADM-ROLE", "error");
  administrator_add (world, "ada", "maintainer in red");
  administrator_assert_refused (world, &(Answer){ .assertion_id = "_a4", .attributes = ROLE ("owner") }, 403,
                                "DW-ADM-ROLE", "error");
  {
    g_autofree char *roles = read_roles (world);

    g_assert_cmpstr (roles, ==, "[{'team': <'red'>, 'role': <'maintainer'>}]");
  }
  assert_count (world, 0, "administrator_identity"); /* nor is the identity joined */
}

/* Who was signed in with other roles is signed out. */
static void
test_role_change (void)
{
  g_autoptr (World) world = world_new (JIT TEAMS);
  g_autofree char *first = administrator_sign_in (world, &(Answer){ .attributes = ROLE ("maintainer") });
  g_autofree char *same =
      administrator_sign_in (world, &(Answer){ .assertion_id = "_a2", .attributes = ROLE ("maintainer") });
  g_autofree char *other = NULL, *roles = NULL;

  g_assert_cmpuint (ask_me (world, first), ==, 200);
  other = administrator_sign_in (world, &(Answer){ .assertion_id = "_a3", .attributes = ROLE ("observer") });
  g_assert_cmpuint (ask_me (world, first), ==, 401);
  g_assert_cmpuint (ask_me (world, same), ==, 401);
  g_assert_cmpuint (ask_me (world, other), ==, 200);
  roles = read_roles (world);
  g_assert_cmpstr (roles, ==, "[{'team': <''>, 'role': <'observer'>}]");
}

/* The last one who may do everything is not made less by what the provider says. */
static void
test_last_admin (void)
{
  g_autoptr (World) world = world_new (JIT TEAMS);
  const Answer demoted = { .assertion_id = "_a2", .attributes = ROLE ("observer") };
  g_autofree char *first = administrator_sign_in (world, &(Answer){ .attributes = ROLE ("admin") });
  g_autofree char *roles = NULL, *last = NULL;

  administrator_assert_refused (world, &demoted, 409, "DW-ADM-LASTADMIN", "error");
  g_assert_cmpuint (ask_me (world, first), ==, 200);
  administrator_add (world, "bob", "admin in red");
  administrator_assert_refused (world, &(Answer){ .assertion_id = "_a3", .attributes = ROLE ("observer") },
                                409, "DW-ADM-LASTADMIN", "error");
  administrator_add (world, "eve", "admin");
  world_write (world, "UPDATE administrator SET sso_enabled = 0 WHERE id = 'eve'");
  administrator_assert_refused (world, &(Answer){ .assertion_id = "_a4", .attributes = ROLE ("observer") },
                                409, "DW-ADM-LASTADMIN", "error"); /* who cannot sign in does not count */
  world_write (world, "UPDATE administrator SET sso_enabled = 1 WHERE id = 'eve'");
  last = administrator_sign_in (world, &(Answer){ .assertion_id = "_a5", .attributes = ROLE ("observer") });
  roles = world_read (world, "SELECT administrator_id AS id FROM administrator_role WHERE role = 'admin' "
                             "AND team = ''");
  g_assert_cmpstr (roles, ==, "[{'id': <'eve'>}]");
}

static void
test_email (void)
{
  static const struct
  {
    const char *subject, *mail, *email;
  } cases[] = {
    { "ada@example.com", "", "ada@example.com" },
    { "Ada@Example.com", "other@example.com", "Ada@Example.com" },
    { "4711", "ada@example.com", "ada@example.com" },
    { "4711", "", NULL },
    { "4711", "ada", NULL },
    { "4711", "ada@@example.com", NULL },
    { "4711", "a b@example.com", NULL },
    { "4711", "ad\303\241@example.com", NULL },
    { "4711", "\305\277am@example.com", NULL }, /* long s: some rules make it "sam" */
    { "4711", "ada@example..com", NULL },
    { "4711", "@example.com", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_new (JIT);
      const Answer answer = { .subject = cases[i].subject, .mail = cases[i].mail };

      if (cases[i].email == NULL)
        administrator_assert_refused (world, &answer, 403, "DW-ADM-EMAIL", "error");
      else
        {
          g_autofree char *session = administrator_sign_in (world, &answer);
          g_autofree char *where = g_strdup_printf ("administrator WHERE email = '%s'", cases[i].email);

          assert_count (world, 1, where);
        }
      assert_count (world, cases[i].email != NULL ? 1 : 0, "administrator");
    }
}

static void
test_verified_email (void)
{
  g_autoptr (World) world = world_new (JIT);

  administrator_assert_refused (world, &(Answer){ .attributes = ATTRIBUTE ("email_verified", "false") }, 403,
                                "DW-ADM-EMAIL", "error");
  {
    g_autofree char *session = administrator_sign_in (
        world, &(Answer){ .assertion_id = "_a2", .attributes = ATTRIBUTE ("email_verified", "true") });
  }
}

/* The list of the spec, whatever the case of the letters; else the address. */
static void
test_full_name (void)
{
  static const struct
  {
    const char *attributes, *name;
  } cases[] = {
    { ATTRIBUTE ("name", "Countess"), "Countess" },
    { ATTRIBUTE ("DisplayName", "Countess"), "Countess" },
    { ATTRIBUTE ("CN", "Countess"), "Countess" },
    { ATTRIBUTE ("urn:oid:2.5.4.3", "Countess"), "Countess" },
    { ATTRIBUTE ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "Countess"), "Countess" },
    { ATTRIBUTE ("name", "") ATTRIBUTE ("cn", "Countess"), "Countess" },
    { ATTRIBUTE ("surname", "Countess"), "ada@example.com" },
    { "", "ada@example.com" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_new (JIT);
      const Answer answer = { .name = "", .attributes = cases[i].attributes };
      g_autofree char *session = administrator_sign_in (world, &answer);
      g_autofree char *name = world_read (world, "SELECT full_name AS n FROM administrator");
      g_autofree char *expected = g_strdup_printf ("[{'n': <'%s'>}]", cases[i].name);

      g_assert_cmpstr (name, ==, expected);
    }
}

/* A connection is used for what Use= says, at the beginning and at the end. */
static void
test_use (void)
{
  g_autoptr (World) none = world_new ("[admin]\nJit=true\n");
  g_autoptr (World) only = world_new ("Use=admin\n");
  g_autoptr (DoorResponse) login = administrator_get (none, "/admin/login", NULL);
  g_autoptr (DoorResponse) enroll = world_get (only, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) named = world_get (only, "/mdm/sso/start?idp=okta", NULL);

  assert_status (login, 503);
  assert_status (enroll, 503);
  g_assert_cmpuint (door_response_get_status (named), >=, 400);
  assert_count (none, 0, "sign_in_request");
  assert_count (only, 0, "sign_in_request");
}

/* What began as one thing does not end as another. */
static void
test_purposes (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (Pending) enroll = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (Pending) admin = sign_in_begin (world, "/admin/login", enroll->cookie);
  g_autoptr (DoorResponse) token = sign_in_answer (world, enroll, &(Answer){ 0 });
  g_autoptr (DoorResponse) session = NULL, wrong = NULL;
  g_autoptr (Pending) second = sign_in_begin (world, "/admin/login", NULL);

  g_assert_cmpstr (enroll->cookie, !=, admin->cookie);
  assert_status (token, 308);
  assert_count (world, 0, "admin_handover");
  session = sign_in_answer (world, admin, &(Answer){ .assertion_id = "_a2" });
  assert_status (session, 303);
  assert_count (world, 1, "access_token");
  wrong = sign_in_answer (world, second, &(Answer){ .assertion_id = "_a3", .acs_path = SHARED_ACS });
  sign_in_assert_refused (world, wrong, 403, "DW-SAML-RECIPIENT");
  assert_count (world, 1, "admin_handover");
}

/* Replay, and an answer in the browser of somebody else. */
static void
test_replay (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (Pending) victim = sign_in_begin (world, "/admin/login", NULL);
  g_autofree char *value = answer_build (world, &(Answer){ .in_response_to = pending->request_id });
  Carried carried = { .saml_response = value, .relay_state = pending->relay_state, .cookie = victim->cookie };
  g_autoptr (DoorResponse) foreign = sign_in_post (world, &carried), good = NULL, again = NULL;

  sign_in_assert_refused (world, foreign, 400, "DW-FLOW-COOKIE");
  carried.cookie = pending->cookie;
  good = sign_in_post (world, &carried);
  assert_status (good, 303);
  again = sign_in_post (world, &carried);
  sign_in_assert_refused (world, again, 400, "DW-FLOW-SPENT");
  assert_count (world, 1, "admin_handover");
}

static void
test_log (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autofree char *drop = world_dup_log ();
  g_autofree char *session = administrator_sign_in (world, &(Answer){ .attributes = ROLE ("admin") });
  g_autofree char *log = world_dup_log ();
  const DoorMetricSample accepted = { DOOR_METRIC_FAMILY_ADMIN_LOGINS, { "accepted" }, 0 };
  const DoorMetricSample refused = { DOOR_METRIC_FAMILY_ADMIN_LOGINS, { "refused" }, 0 };

  g_assert_nonnull (strstr (log, "administrator added at the first sign-in"));
  g_assert_nonnull (strstr (log, "DOORWARD_ROLES=admin"));
  g_assert_nonnull (strstr (log, "session of an administrator opened"));
  g_assert_null (strstr (log, session));
  g_assert_null (strstr (log, "ada@example.com"));
  administrator_assert_refused (world, &(Answer){ .subject = "eve", .assertion_id = "_a2" }, 403,
                                "DW-ADM-LINK", "error");
  g_assert_cmpint (door_metrics_lookup (world->context.metrics, &accepted), ==, 1);
  g_assert_cmpint (door_metrics_lookup (world->context.metrics, &refused), ==, 1);
}

static void
add_sign_in (void)
{
  g_test_add_func ("/admin/journey", test_journey);
  g_test_add_func ("/admin/cookie", test_cookie);
  g_test_add_func ("/admin/handover", test_handover);
  g_test_add_func ("/admin/handover-disabled", test_handover_disabled);
  g_test_add_func ("/admin/fresh", test_fresh);
  g_test_add_func ("/admin/lifetime", test_lifetime);
  g_test_add_func ("/admin/idle", test_idle);
  g_test_add_func ("/admin/provider-lifetime", test_provider_lifetime);
  g_test_add_func ("/admin/logout", test_logout);
  g_test_add_func ("/admin/return-path", test_return_path);
  g_test_add_func ("/admin/use", test_use);
  g_test_add_func ("/admin/purposes", test_purposes);
  g_test_add_func ("/admin/replay", test_replay);
  g_test_add_func ("/admin/log", test_log);
}

static void
add (void)
{
  add_sign_in ();
  g_test_add_func ("/admin/jit-off", test_jit_off);
  g_test_add_func ("/admin/samples", test_samples);
  g_test_add_func ("/admin/bad-roles", test_bad_roles);
  g_test_add_func ("/admin/role-change", test_role_change);
  g_test_add_func ("/admin/last-admin", test_last_admin);
  g_test_add_func ("/admin/email", test_email);
  g_test_add_func ("/admin/verified-email", test_verified_email);
  g_test_add_func ("/admin/full-name", test_full_name);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Administrators who sign in with a password, and who guesses one. */
#include <string.h>

#include "administrator.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-password.h"
#include "door-rate-limit.h"

#define OFF "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"
#define ON OFF "[admin]\nPasswords=true\n"
#define LOGIN "/api/v1/auth/login"
#define ALIAS "/api/management/v1/useradm/auth/login"
#define ADMINISTRATORS "/api/v1/administrators"
#define GOOD "correct horse battery"
#define BAD "correct horse buttery"
#define HOME "192.0.2.1"

static char *
dup_hash (const char *password)
{
  static const uint8_t salt[DOOR_PASSWORD_SALT_BYTES] = { 1, 2, 3 };
  g_autoptr (DoorSecret) secret = door_secret_new (password, strlen (password));
  g_autoptr (GError) error = NULL;
  char *hash = door_password_build_hash (secret, salt, &error);

  g_assert_no_error (error);
  return hash;
}

/* Somebody with the password GOOD, and nothing else that lets them in. */
static void
add_local (World *world, const char *name, const char *role)
{
  g_autofree char *hash = dup_hash (GOOD);
  g_autofree char *sql = g_strdup_printf (
      "UPDATE administrator SET sso_enabled = 0, password_hash = '%s' WHERE id = '%s'", hash, name);

  administrator_add (world, name, role);
  world_write (world, sql);
}

static World *
begin (const char *config)
{
  World *world = world_new (config);

  administrator_add (world, "root", "admin");
  add_local (world, "ada", "observer");
  return world;
}

static DoorResponse *
send (World *world, const char *target, const char *header, const char *peer)
{
  const Visit visit = {
    .method = "POST", .target = target, .peer = peer, .header = { "Authorization", header }
  };

  return world_visit (world, &visit);
}

static DoorResponse *
login_bytes (World *world, const char *bytes, size_t size, const char *peer)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *) bytes, size);
  g_autofree char *header = g_strconcat ("Basic ", encoded, NULL);

  return send (world, LOGIN, header, peer);
}

static DoorResponse *
login (World *world, const char *name, const char *password, const char *peer)
{
  g_autofree char *pair = g_strdup_printf ("%s@example.com:%s", name, password);

  return login_bytes (world, pair, strlen (pair), peer);
}

static void
assert_login (World *world, const char *name, const char *password, const char *peer, unsigned int status)
{
  g_autoptr (DoorResponse) response = login (world, name, password, peer);

  assert_status (response, status);
}

static void
assert_me (World *world, const char *token, unsigned int status)
{
  const Visit visit = { .target = "/api/v1/me", .bearer = token };
  g_autoptr (DoorResponse) response = world_visit (world, &visit);

  assert_status (response, status);
}

static char *
make_token (World *world, const char *name)
{
  g_autoptr (DoorResponse) response = login (world, name, GOOD, HOME);

  assert_status (response, 200);
  g_assert_cmpstr (door_response_lookup_header (response, "Content-Type"), ==, "application/jwt");
  g_assert_null (door_response_lookup_header (response, "Set-Cookie"));
  return world_dup_body (response);
}

static void
assert_code (const DoorResponse *response, unsigned int status, const char *code)
{
  g_autofree char *body = world_dup_body (response), *member = g_strdup_printf ("\"code\":\"%s\"", code);

  assert_status (response, status);
  g_assert_nonnull (strstr (body, member));
}

static int64_t
count_computed (World *world)
{
  return door_metrics_get (world->context.metrics, DOOR_METRIC_PASSWORDS);
}

static void
test_login (void)
{
  g_autoptr (World) world = begin (ON);
  g_autofree char *token = make_token (world, "ada"), *pair = NULL, *header = NULL, *log = NULL;
  g_autoptr (DoorResponse) alias = NULL;

  assert_me (world, token, 200);
  assert_count (world, 1,
                "admin_session WHERE administrator_id = 'ada' AND connection = '' AND ended_at = 0");
  assert_count (world, 1, "administrator WHERE id = 'ada' AND signed_in_at > 0");
  pair = g_base64_encode ((const guchar *) "ADA@Example.COM:" GOOD, strlen ("ADA@Example.COM:" GOOD));
  header = g_strconcat ("basic  ", pair, NULL);
  alias = send (world, ALIAS, header, HOME);
  assert_status (alias, 200);
  log = world_dup_log ();
  g_assert_null (strstr (log, GOOD));
  g_assert_null (strstr (log, "$y$"));
}

/* Nobody learns from answer or work who has an account, and of which kind. */
static void
test_same_work (void)
{
  static const struct
  {
    const char *name;
    const char *change;
  } cases[] = {
    { "ada", "SELECT 1" }, /* the password is wrong */
    { "nobody", "SELECT 1" },
    { "no address", "SELECT 1" },
    { "root", "SELECT 1" }, /* has no password */
    { "ada", "UPDATE administrator SET sso_enabled = 1 WHERE id = 'ada'" },
    { "ada", "UPDATE administrator SET state = 'deactivated' WHERE id = 'ada'" },
    { "ada", "UPDATE administrator SET password_hash = '' WHERE id = 'ada'" },
    { "ada", "UPDATE administrator SET password_hash = '" GOOD "' WHERE id = 'ada'" },
    { "ada", "DELETE FROM administrator WHERE id = 'ada'" },
  };
  g_autofree char *first = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = begin (ON);
      g_autoptr (DoorResponse) response = NULL;
      g_autofree char *body = NULL;

      g_test_message ("case %zu", i);
      if (i > 3)
        world_write (world, cases[i].change);
      response = login (world, cases[i].name, i == 0 ? BAD : GOOD, HOME);
      body = world_dup_body (response);
      assert_code (response, 401, "DW-ADM-PASSWORD");
      g_assert_nonnull (strstr (door_response_lookup_header (response, "WWW-Authenticate"), "Basic "));
      g_assert_cmpint (count_computed (world), ==, 1);
      assert_count (world, 0, "admin_session");
      if (first == NULL)
        first = g_strdup (body);
      g_assert_cmpstr (body, ==, first);
    }
}

/* What no password can be is refused as any wrong one, whoever is named; a prefix is not compared. */
static void
test_impossible (void)
{
  g_autofree char *huge = g_strnfill (DOOR_PASSWORD_MAX_BYTES + 1, 'x');
  const struct
  {
    const char *bytes;
    size_t size;
  } cases[] = {
    { "ada@example.com:", 16 },
    { "ada@example.com:" GOOD "\0", 16 + sizeof GOOD },
    { "ada@example.com:" GOOD "\xe4", 16 + sizeof GOOD },
    { "nobody@example.com:" GOOD "\0", 19 + sizeof GOOD },
  };
  g_autoptr (World) world = begin (ON);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response = login_bytes (world, cases[i].bytes, cases[i].size, NULL);

      g_test_message ("case %zu", i);
      assert_code (response, 401, "DW-ADM-PASSWORD");
      world_advance (world, MINUTE_MS);
    }
  assert_login (world, "ada", huge, NULL, 401);
  g_assert_cmpint (count_computed (world), ==, 0);
  assert_login (world, "ada", GOOD, NULL, 200);
}

static void
test_basic (void)
{
  static const char *const wrong[] = {
    "Basic",       "Basic ",     "Basic !!!!",  "Basic YWRh",      "Basic YWRhO",
    "Basic YW Rh", "Basic gDp4", "Bearer YWRh", "Digest YWRhOg==",
  };
  g_autoptr (World) world = begin (ON);
  const Visit without = { .method = "POST", .target = LOGIN };
  g_autoptr (DoorResponse) missing = world_visit (world, &without);

  assert_code (missing, 401, "DW-ADM-PASSWORD");
  g_assert_nonnull (door_response_lookup_header (missing, "WWW-Authenticate"));
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (DoorResponse) response = send (world, LOGIN, wrong[i], HOME);

      g_test_message ("%s", wrong[i]);
      assert_status (response, 400);
    }
  g_assert_cmpint (count_computed (world), ==, 0);
}

static void
test_off (void)
{
  g_autoptr (World) world = begin (OFF);
  g_autofree char *hash = door_digest_sha256_text ("s");
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO admin_session (token_hash, id, administrator_id, connection, issuer, subject, "
      "session_index, created_at, seen_at, expires_at, user_agent_family, ended_at, end_reason) VALUES "
      "('%s', 'i', 'ada', '', '', '', '', %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
      ", 'other', 0, '')",
      hash, WORLD_NOW_MS, WORLD_NOW_MS, WORLD_NOW_MS + HOUR_MS);
  g_autoptr (DoorResponse) refused = login (world, "ada", GOOD, HOME), me = NULL, page = NULL;
  g_autoptr (World) on = begin (ON);
  g_autoptr (DoorResponse) me_on = NULL;

  assert_code (refused, 404, "DW-ADM-PASSWORDSOFF");
  g_assert_cmpint (count_computed (world), ==, 0);
  page = administrator_get (world, "/admin/login", NULL);
  assert_status (page, 303); /* the only provider, as ever */
  world_write (world, sql);
  me = administrator_get (world, "/api/v1/me", "s");
  assert_status (me, 401);
  world_write (on, sql);
  me_on = administrator_get (on, "/api/v1/me", "s");
  assert_status (me_on, 200);
}

static void
test_account_limit (void)
{
  static const char *const names[] = { "ada", "nobody" };

  for (size_t n = 0; n < G_N_ELEMENTS (names); n++)
    {
      g_autoptr (World) world = begin (ON);
      g_autoptr (DoorResponse) limited = NULL;

      assert_login (world, "ada", GOOD, HOME, 200);
      for (int i = 0; i < 5; i++)
        {
          g_autofree char *peer = g_strdup_printf ("198.51.100.%d", i);

          assert_login (world, names[n], BAD, peer, 401);
        }
      limited = login (world, names[n], GOOD, "198.51.100.99");
      assert_code (limited, 429, "DW-ADM-TRIES");
      g_assert_cmpstr (door_response_lookup_header (limited, "Retry-After"), ==, "60");
      g_assert_cmpint (count_computed (world), ==, 6);
      g_assert_cmpint (door_metrics_get (world->context.metrics, DOOR_METRIC_LIMIT_PASSWORDS), ==, 1);
      /* strangers keep nobody out of where they have been before, nor anybody for long */
      assert_login (world, "ada", GOOD, HOME, 200);
      world_advance (world, MINUTE_MS);
      assert_login (world, "ada", GOOD, "198.51.100.99", 200);
    }
}

static void
test_address_limit (void)
{
  g_autoptr (World) world = begin (ON);
  int64_t computed;

  for (int i = 0; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("guess%d", i);

      assert_login (world, name, BAD, "2001:db8::1", 401);
    }
  computed = count_computed (world);
  assert_login (world, "ada", GOOD, "2001:db8::2", 429); /* the same network */
  g_assert_cmpint (count_computed (world), ==, computed);
  assert_login (world, "ada", GOOD, HOME, 200);
}

/* Where somebody has been before one may guess no more often than anywhere. */
static void
test_known_limit (void)
{
  g_autoptr (World) world = begin (ON);

  assert_login (world, "ada", GOOD, HOME, 200);
  for (int i = 0; i < 10; i++)
    assert_login (world, "ada", BAD, HOME, 401);
  assert_login (world, "ada", GOOD, HOME, 429);
}

static void
test_gate (void)
{
  DoorPasswordGate *gate = door_password_gate_new ();
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 4; i++)
    g_assert_true (door_password_gate_enter (gate, metrics, true, &error));
  g_assert_false (door_password_gate_enter (gate, metrics, true, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_PASSWORDS), ==, 4);
  door_password_gate_leave (gate, true);
  g_assert_true (door_password_gate_enter (gate, metrics, true, NULL));
  door_password_gate_free (gate);
}

/* A password that nobody looked at told nothing, and counts for nothing. */
static void
test_gate_gives_back (void)
{
  g_autoptr (World) world = begin (ON);
  DoorPasswordGate *gate = world->context.password_gate;

  for (int i = 0; i < 2; i++)
    g_assert_true (door_password_gate_enter (gate, world->context.metrics, false, NULL));
  for (int i = 0; i < 20; i++)
    assert_login (world, "ada", GOOD, HOME, 503);
  door_password_gate_leave (gate, false);
  assert_login (world, "ada", GOOD, HOME, 200);
  door_password_gate_leave (gate, false);
}

/* However many addresses they have, there is a place for who has been here before. */
static void
test_gate_for_strangers (void)
{
  DoorPasswordGate *gate = door_password_gate_new ();
  DoorPasswordTry ada = { "Ada@example.com", "192.0.2.1", WORLD_NOW_MS, false };
  DoorPasswordTry elsewhere = { "ada@example.com", "192.0.2.2", WORLD_NOW_MS, false };
  DoorPasswordTry again = { "ada@example.com", "192.0.2.1", WORLD_NOW_MS, false };
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (door_password_gate_take (gate, &ada));
  g_assert_false (ada.known);
  door_password_gate_accept (gate, &ada);
  g_assert_true (door_password_gate_take (gate, &again) && again.known);
  g_assert_true (door_password_gate_take (gate, &elsewhere) && !elsewhere.known);
  for (int i = 0; i < 2; i++)
    g_assert_true (door_password_gate_enter (gate, metrics, false, NULL));
  g_assert_false (door_password_gate_enter (gate, metrics, false, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY);
  g_assert_true (door_password_gate_enter (gate, metrics, true, NULL));
  door_password_gate_leave (gate, false);
  g_assert_true (door_password_gate_enter (gate, metrics, false, NULL));
  door_password_gate_free (gate);
}

/* Two who come from a new address at once: what each took is given back where it was taken, so the address
 * has all its tries again. */
static void
test_gate_two_at_once (void)
{
  DoorPasswordGate *gate = door_password_gate_new ();
  DoorPasswordTry tries[2], stranger = { "b@example.com", "192.0.2.1", WORLD_NOW_MS, false };

  for (size_t i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      tries[i] = (DoorPasswordTry){ "a@example.com", "192.0.2.1", WORLD_NOW_MS, false };
      g_assert_true (door_password_gate_take (gate, &tries[i]));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (tries); i++)
    door_password_gate_accept (gate, &tries[i]);
  for (int i = 0; i < 10; i++)
    {
      g_autofree char *account = g_strdup_printf ("b%d@example.com", i);

      stranger.account = account;
      g_assert_true (door_password_gate_take (gate, &stranger));
    }
  door_password_gate_free (gate);
}

static DoorResponse *
post_form (World *world, const char *form, const char *site)
{
  g_autoptr (GBytes) body = g_bytes_new (form, strlen (form));
  const Visit visit = { .method = "POST",
                        .target = "/admin/login",
                        .content_type = "application/x-www-form-urlencoded",
                        .header = { "Sec-Fetch-Site", site },
                        .body = body };

  return world_visit (world, &visit);
}

static void
test_form (void)
{
  static const char good[] = "email=ada%40example.com&password=correct+horse+battery&return_to=%2Fadmin%3Fx";
  g_autoptr (World) world = begin (ON);
  g_autoptr (DoorResponse) page = administrator_get (world, "/admin/login?return_to=/admin%3Fx", NULL);
  g_autoptr (DoorResponse) foreign = post_form (world, good, "cross-site");
  g_autoptr (DoorResponse) wrong =
      post_form (world, "email=ada%40example.com&password=%3Cb%3E", "same-origin");
  g_autoptr (DoorResponse) away =
      post_form (world, "email=a&password=b&return_to=https%3A%2F%2Fevil.example", "same-origin");
  g_autoptr (DoorResponse) nul =
      post_form (world, "email=ada%40example.com&password=correct+horse+battery%00", "same-origin");
  g_autoptr (DoorResponse) half = post_form (world, "email=ada%40example.com", "same-origin");
  g_autoptr (DoorResponse) in = NULL, home = NULL;
  g_autofree char *text = world_dup_body (page), *again = world_dup_body (wrong), *session = NULL;

  assert_status (page, 200);
  g_assert_nonnull (strstr (text, "type=\"password\""));
  g_assert_nonnull (strstr (text, "value=\"/admin?x\""));
  g_assert_nonnull (strstr (text, "idp=okta"));
  g_assert_cmpstr (door_response_lookup_header (page, "Referrer-Policy"), ==, "same-origin");
  assert_status (foreign, 403);
  assert_status (wrong, 401);
  g_assert_nonnull (strstr (again, "The e-mail address or the password is wrong."));
  g_assert_nonnull (strstr (again, "value=\"ada@example.com\""));
  g_assert_null (strstr (again, "&lt;b"));
  assert_status (away, 400);
  assert_status (nul, 400);
  assert_status (half, 400);
  assert_count (world, 0, "admin_session");
  in = post_form (world, good, "same-origin");
  assert_status (in, 303);
  g_assert_cmpstr (door_response_lookup_header (in, "Location"), ==, "/admin?x");
  session = administrator_dup_cookie (in);
  home = administrator_get (world, "/admin", session);
  assert_status (home, 200);
  {
    g_autofree char *shown = world_dup_body (home);
    g_autoptr (DoorResponse) out = administrator_visit (world, "POST", "/admin/logout", session),
                             after = NULL;

    g_assert_nonnull (strstr (shown, "ada@example.com"));
    assert_status (out, 303);
    after = administrator_get (world, "/api/v1/me", session);
    assert_status (after, 401);
  }
}

/* An administrator at the API, with a session. */
static char *
open_session (World *world, const char *name)
{
  g_autofree char *hash = door_digest_sha256_text (name);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO admin_session (token_hash, id, administrator_id, connection, issuer, subject, "
      "session_index, created_at, seen_at, expires_at, user_agent_family, ended_at, end_reason) VALUES "
      "('%s', 'session-%s', '%s', 'okta', 'i', 's', '', %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
      ", %" G_GINT64_FORMAT ", 'other', 0, '')",
      hash, name, name, WORLD_NOW_MS, WORLD_NOW_MS, WORLD_NOW_MS + HOUR_MS);

  world_write (world, sql);
  return g_strdup (name);
}

#define ROLES "\"roles\":[{\"role\":\"observer\"}]"
static const struct
{
  const char *json;
  unsigned int status;
  const char *code;
} additions[] = {
  { "{\"email\":\"new@example.com\"," ROLES "}", 201, NULL },
  { "{\"email\":\"NEW@example.com\"," ROLES "}", 409, "DW-ADM-EXISTS" },
  { "{\"email\":\"local@example.com\",\"password\":\"" GOOD "\",\"name\":\"Lo Cal\"," ROLES "}", 201, NULL },
  { "{\"email\":\"x@example.com\",\"password\":\"short\"," ROLES "}", 422, "DW-ADM-PASSWORDRULES" },
  { "{\"email\":\"x@example.com\",\"password\":\"" GOOD "\\u0000\"," ROLES "}", 400, NULL },
  { "{\"email\":\"x@example.com\",\"password\":null," ROLES "}", 400, NULL },
  { "{\"email\":\"x@example.com\",\"password\":\"" GOOD "\",\"sso_enabled\":true," ROLES "}", 400, NULL },
  { "{\"email\":\"x@example.com\",\"name\":\"a\\nb\"," ROLES "}", 400, NULL },
  { "{\"email\":\"x\"," ROLES "}", 400, NULL },
  { "{\"email\":\"x@ex\xc3\xa4mple.com\"," ROLES "}", 400, NULL },
  { "{\"email\":\"x@example.com\"}", 400, NULL },
  { "{\"email\":\"x@example.com\",\"roles\":[]}", 400, NULL },
  { "{\"email\":\"x@example.com\",\"roles\":[{\"role\":\"owner\"}]}", 400, NULL },
  { "{\"email\":\"x@example.com\",\"state\":\"active\"," ROLES "}", 400, NULL },
  { "{\"email\":\"x@example.com\",\"password_hash\":\"$y$\"," ROLES "}", 400, NULL },
};

static void
test_add (void)
{
  g_autoptr (World) world = begin (ON);
  g_autofree char *root = open_session (world, "root"), *maintainer = NULL, *found = NULL, *log = NULL;
  g_autoptr (DoorResponse) denied = NULL, one = NULL, none = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (additions); i++)
    {
      g_autoptr (DoorResponse) response =
          administrator_send (world, "POST", ADMINISTRATORS, root, additions[i].json);
      g_autofree char *body = world_dup_body (response);

      g_test_message ("%s", additions[i].json);
      assert_status (response, additions[i].status);
      if (additions[i].code != NULL)
        assert_code (response, additions[i].status, additions[i].code);
      g_assert_null (strstr (body, "password_hash\":"));
      g_assert_null (strstr (body, "$y$j"));
    }
  assert_count (world, 1,
                "administrator WHERE email_key = 'new@example.com' AND sso_enabled = 1 AND "
                "password_hash = ''");
  assert_count (world, 1,
                "administrator WHERE email_key = 'local@example.com' AND sso_enabled = 0 AND "
                "password_hash LIKE '$y$%' AND full_name = 'Lo Cal'");
  assert_count (world, 0, "administrator WHERE email_key LIKE 'x%'");
  assert_login (world, "local", GOOD, HOME, 200);
  administrator_add (world, "mia", "maintainer");
  maintainer = open_session (world, "mia");
  denied = administrator_send (world, "POST", ADMINISTRATORS, maintainer, additions[0].json);
  assert_status (denied, 403);
  one = administrator_get (world, ADMINISTRATORS "?email=Local%40example.com", root);
  found = world_dup_body (one);
  g_assert_nonnull (strstr (found, "Lo Cal"));
  g_assert_null (strstr (found, "root@"));
  none = administrator_get (world, ADMINISTRATORS "?email=%27", root);
  assert_status (none, 200);
  log = world_dup_log ();
  g_assert_null (strstr (log, GOOD));
  g_assert_null (strstr (log, "$y$"));
}

static void
edit (World *world, const char *session, const char *id, const char *json, unsigned int status)
{
  g_autofree char *target = g_strconcat (ADMINISTRATORS "/", id, NULL);
  g_autoptr (DoorResponse) response =
      administrator_send (world, json != NULL ? "PATCH" : "DELETE", target, session, json);

  g_test_message ("%s %s", id, json != NULL ? json : "DELETE");
  assert_status (response, status);
}

#define TOKEN                                                                                                \
  "INSERT INTO personal_token (token_hash, id, administrator_id, name, created_at, expires_at, "             \
  "used_at, connection) VALUES ('h', 't', 'ada', 'n', 1, 9, 0, '')"

/* A password that is new, gone or in the way of single sign-on ends what the old one gave. */
static void
test_change (void)
{
  static const struct
  {
    const char *json;
    unsigned int status;
    unsigned int login;
    const char *password;
  } cases[] = {
    { "{\"password\":\"another long one\"}", 204, 200, "another long one" },
    { "{\"password\":\"" GOOD "\"}", 204, 200, GOOD }, /* the same: still a new secret */
    { "{\"password\":null}", 204, 401, GOOD },
    { "{\"sso_enabled\":true}", 204, 401, GOOD },
    { "{\"state\":\"deactivated\"}", 204, 401, GOOD },
    { NULL, 204, 401, GOOD },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = begin (ON);
      g_autofree char *root = open_session (world, "root"), *token = make_token (world, "ada");

      world_write (world, TOKEN);
      assert_me (world, token, 200);
      edit (world, root, "ada", cases[i].json, cases[i].status);
      assert_me (world, token, 401);
      assert_count (world, 0, "personal_token");
      assert_login (world, "ada", GOOD, HOME, g_str_equal (cases[i].password, GOOD) ? cases[i].login : 401);
      assert_login (world, "ada", cases[i].password, HOME, cases[i].login);
      edit (world, root, "ada", "{\"sso_enabled\":false}", cases[i].json != NULL ? 204 : 404);
      if (i == 3) /* the password does not come back */
        assert_login (world, "ada", GOOD, HOME, 401);
    }
}

static void
test_no_change (void)
{
  g_autoptr (World) world = begin (ON);
  g_autofree char *root = open_session (world, "root"), *token = make_token (world, "ada");

  world_write (world, TOKEN);
  edit (world, root, "ada", "{\"name\":\"Ada\"}", 204);
  edit (world, root, "ada", "{\"password\":\"short\"}", 422);
  edit (world, root, "root", "{\"password\":\"" GOOD "\"}", 400); /* has single sign-on */
  edit (world, root, "nobody", "{\"password\":\"" GOOD "\"}", 404);
  edit (world, root, "nobody", NULL, 404);
  assert_me (world, token, 200);
  assert_count (world, 1, "personal_token");
  assert_count (world, 1, "administrator WHERE id = 'ada' AND full_name = 'Ada'");
}

/* Whoever can sign in only where passwords count keeps nobody in where they do not. */
static void
test_last_admin (void)
{
  static const char *const losses[] = { NULL, "{\"password\":null}", "{\"state\":\"deactivated\"}",
                                        "{\"roles\":[{\"role\":\"observer\"}]}" };

  for (size_t i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      g_autoptr (World) world = begin (ON), off = begin (OFF);
      g_autofree char *session = NULL, *root_off = NULL;

      add_local (world, "lea", "admin");
      session = open_session (world, "root");
      edit (world, session, "root", "{\"roles\":[{\"role\":\"observer\"}]}", 204);
      world_write (world, "UPDATE administrator_role SET role = 'admin' WHERE administrator_id = 'ada'");
      g_free (session);
      world_write (world, "UPDATE administrator SET api_only = 1 WHERE id = 'ada'");
      session = make_token (world, "ada"); /* may do it, and is nobody who counts */
      {
        g_autofree char *bearer = g_strconcat ("Bearer ", session, NULL);
        g_autoptr (GBytes) body =
            losses[i] != NULL ? g_bytes_new_static (losses[i], strlen (losses[i])) : NULL;
        const Visit visit = { .method = losses[i] != NULL ? "PATCH" : "DELETE",
                              .target = ADMINISTRATORS "/lea",
                              .content_type = "application/json",
                              .header = { "Authorization", bearer },
                              .body = body };
        g_autoptr (DoorResponse) refused = world_visit (world, &visit);

        assert_code (refused, 409, "DW-ADM-LASTADMIN");
      }
      assert_login (world, "lea", GOOD, HOME, 200);

      add_local (off, "lea", "admin");
      root_off = open_session (off, "root");
      edit (off, root_off, "root", losses[i] != NULL ? "{\"state\":\"deactivated\"}" : NULL, 409);
      edit (off, root_off, "lea", NULL, 204);
    }
}

/* An address never joins an account with a password, and a password never one of a provider. */
static void
test_providers (void)
{
  static const char *const changes[] = { "UPDATE administrator SET sso_enabled = 1", NULL };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (World) world = world_new (ON "Jit=true\n");
      g_autoptr (DoorResponse) response = NULL;

      add_local (world, "ada", "admin");
      if (changes[i] != NULL)
        world_write (world, changes[i]);
      response = administrator_answer (world, "/admin/login?idp=okta", &(Answer){ 0 });
      sign_in_assert_refused (world, response, 403, "DW-ADM-LINK");
      assert_count (world, 0, "administrator_identity");
      assert_count (world, 0, "admin_handover");
      assert_login (world, "ada", GOOD, HOME, changes[i] != NULL ? 401 : 200);
    }
}

static void
add (void)
{
  g_test_add_func ("/password-sign-in/login", test_login);
  g_test_add_func ("/password-sign-in/same-work", test_same_work);
  g_test_add_func ("/password-sign-in/impossible", test_impossible);
  g_test_add_func ("/password-sign-in/basic", test_basic);
  g_test_add_func ("/password-sign-in/off", test_off);
  g_test_add_func ("/password-sign-in/account-limit", test_account_limit);
  g_test_add_func ("/password-sign-in/address-limit", test_address_limit);
  g_test_add_func ("/password-sign-in/known-limit", test_known_limit);
  g_test_add_func ("/password-sign-in/gate", test_gate);
  g_test_add_func ("/password-sign-in/gate-gives-back", test_gate_gives_back);
  g_test_add_func ("/password-sign-in/gate-for-strangers", test_gate_for_strangers);
  g_test_add_func ("/password-sign-in/gate-two-at-once", test_gate_two_at_once);
  g_test_add_func ("/password-sign-in/form", test_form);
  g_test_add_func ("/password-sign-in/add", test_add);
  g_test_add_func ("/password-sign-in/change", test_change);
  g_test_add_func ("/password-sign-in/no-change", test_no_change);
  g_test_add_func ("/password-sign-in/last-admin", test_last_admin);
  g_test_add_func ("/password-sign-in/providers", test_providers);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

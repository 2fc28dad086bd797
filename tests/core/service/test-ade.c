/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "apple-device.h"
#include "device.h"
#include "door-error.h"
#include "door-software-updates.h"
#include "sign-in.h"

#define PROFILE "https://devices.example.com/mdm/apple/profile/"
#define HEADER "X-Apple-Aspen-DeviceInfo"
#define ENROLL "/mdm/apple/enroll"

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };

/* A world that takes the fixture's authority for Apple's. */
static World *
new_world (const char *config)
{
  World *world = world_new (config);
  g_autoptr (GBytes) pem = test_data_load ("cms", "other-ca.pem");

  world->context.device_anchor = door_certificate_parse (pem, NULL);
  return world;
}

static char *
encode (GBytes *message)
{
  return g_base64_encode (g_bytes_get_data (message, NULL), g_bytes_get_size (message));
}

static DoorResponse *
open_page (World *world, const AppleInfo *info, const AppleSigner *signer, const char *target)
{
  g_autoptr (GBytes) message = apple_device_info (info, signer);
  g_autofree char *text = encode (message);
  const Visit visit = { .target = target, .header = { HEADER, text } };

  return world_visit (world, &visit);
}

static Pending *
begin (World *world, const AppleInfo *info)
{
  g_autoptr (DoorResponse) response = open_page (world, info, NULL, "/mdm/sso");
  g_autofree char *cookie = world_dup_cookie (response);

  assert_status (response, 303);
  return pending_from_url (door_response_lookup_header (response, "Location"), cookie);
}

static char *
dup_ticket (const DoorResponse *response)
{
  const char *location = door_response_lookup_header (response, "Location");

  assert_status (response, 303);
  g_assert_true (g_str_has_prefix (location, PROFILE));
  return g_strdup (location + strlen (PROFILE));
}

static char *
get_ticket (World *world, const AppleInfo *info, const Answer *answer)
{
  g_autoptr (Pending) pending = begin (world, info);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, answer);

  return dup_ticket (response);
}

static DoorResponse *
fetch (World *world, const char *ticket)
{
  g_autofree char *target = g_strconcat ("/mdm/apple/profile/", ticket, NULL);

  return world_get (world, target, NULL);
}

static void
assert_no_profile (World *world, const char *ticket)
{
  g_autoptr (DoorResponse) response = fetch (world, ticket);
  g_autofree char *body = world_dup_body (response);

  assert_status (response, 403);
  g_assert_nonnull (strstr (body, "/mdm/sso"));
  g_assert_null (strstr (body, "PayloadContent"));
}

/* Identity certificate and Authenticate as a device that is managed as a whole. */
static unsigned int
authenticate (World *world, const char *profile, const char *udid, const char *serial)
{
  g_autoptr (Device) device = device_new (NULL, "device.key");
  const char *at = strstr (strstr (profile, "<key>Challenge</key>"), "<string>") + strlen ("<string>");
  g_autofree char *challenge = g_strndup (at, strcspn (at, "<"));
  const ScepVisit visit = { .challenge = challenge, .key = device->key };
  ScepOutcome outcome = device_scep (world, &visit);
  char *text = g_strdup_printf (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
      "<key>MessageType</key><string>Authenticate</string><key>UDID</key><string>%s</string>"
      "<key>SerialNumber</key><string>%s</string><key>ProductName</key><string>iPhone15,4</string>"
      "<key>Topic</key><string>" WORLD_TOPIC "</string></dict></plist>",
      udid, serial);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));
  g_autoptr (DoorResponse) response = NULL;

  g_assert_null (outcome.fail_info);
  device->certificate = outcome.certificate;
  response = device_put (world, device, body, NULL);
  return door_response_get_status (response);
}

static void
test_journey (void)
{
  g_autoptr (World) world = new_world (NULL);
  g_autofree char *ticket = get_ticket (world, NULL, &ada), *profile = NULL, *same = NULL;
  g_autoptr (DoorResponse) first = NULL, again = NULL, later = NULL;

  assert_count (world, 1,
                "flow WHERE way = 'ade' AND serial = '" APPLE_SERIAL "' AND udid = '" APPLE_UDID
                "' AND product = 'iPhone15,4'");
  first = fetch (world, ticket);
  assert_status (first, 200);
  g_assert_cmpstr (door_response_lookup_header (first, "Content-Type"), ==,
                   "application/x-apple-aspen-config");
  profile = device_dup_profile (first);
  g_assert_nonnull (strstr (profile, "<integer>8191</integer>"));
  g_assert_null (strstr (profile, "EnrollmentMode"));
  g_assert_null (strstr (profile, ticket));
  world_advance (world, 20 * MINUTE_MS);
  world_reopen (world);
  again = fetch (world, ticket);
  same = device_dup_profile (again);
  g_assert_cmpstr (same, ==, profile);
  g_assert_cmpuint (authenticate (world, profile, APPLE_UDID, APPLE_SERIAL), ==, 200);
  assert_count (world, 1, "device WHERE kind = 'device' AND serial = '" APPLE_SERIAL "'");
  assert_count (world, 1, "association");
  later = fetch (world, ticket);
  assert_status (later, 200);
  world_write (world, "UPDATE enrollment SET state = 'active', active_at = 5");
  assert_no_profile (world, ticket);
}

static void
enroll_again (World *world, const char *ticket)
{
  g_autoptr (DoorResponse) response = fetch (world, ticket);
  g_autofree char *profile = device_dup_profile (response);

  g_assert_cmpuint (authenticate (world, profile, APPLE_UDID, APPLE_SERIAL), ==, 200);
  world_write (world, "UPDATE enrollment SET state = 'active', active_at = 5 WHERE ended_at = 0");
}

/* Who signs in with a copy of what a device has signed takes its place, never unseen; its owner may have it
 * back in the same way. */
static void
test_takeover (void)
{
  g_autoptr (World) world = new_world (NULL);
  g_autofree char *first = get_ticket (world, NULL, &ada), *second = NULL, *third = NULL;
  g_autofree char *before = NULL, *log = NULL, *former = NULL, *later = NULL;

  enroll_again (world, first);
  former = world_read (world, "SELECT person_id FROM association");
  world_advance (world, MINUTE_MS);
  second = get_ticket (world, NULL, &ada_again);
  before = world_dup_log ();
  g_assert_null (strstr (before, "enrollment-takeover"));
  enroll_again (world, second);
  g_clear_pointer (&before, g_free);
  before = world_dup_log ();
  g_assert_null (strstr (before, "enrollment-takeover"));
  third = get_ticket (world, NULL, &bob);
  assert_count (world, 1, "enrollment WHERE ended_at = 0 AND end_reason = ''");
  g_clear_pointer (&before, g_free);
  before = world_dup_log ();
  g_assert_null (strstr (before, "enrollment-takeover"));
  enroll_again (world, third);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "enrollment-takeover"));
  later =
      world_read (world, "SELECT person_id FROM association WHERE to_at <> 0 AND end_reason = 'replaced'");
  g_assert_cmpstr (later, ==, former);
  assert_count (world, 2, "association");
}

/* A ticket is for the device that signed in, whoever gets hold of its profile. */
static void
test_other_device (void)
{
  static const char *const others[][2] = { { "00008101-00000000000000FF", APPLE_SERIAL },
                                           { APPLE_UDID, "C02OTHERDEV1" } };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (World) world = new_world (NULL);
      g_autofree char *ticket = get_ticket (world, NULL, &ada);
      g_autoptr (DoorResponse) response = fetch (world, ticket);
      g_autofree char *profile = device_dup_profile (response);

      g_assert_cmpuint (authenticate (world, profile, others[i][0], others[i][1]), ==, 403);
      assert_count (world, 0, "enrollment");
    }
}

static void
test_ticket_ends (void)
{
  g_autoptr (World) world = new_world (NULL);
  g_autofree char *ticket = get_ticket (world, NULL, &ada), *second = NULL, *token = NULL;
  g_autoptr (DoorResponse) response = NULL;

  assert_no_profile (world, "nonsense");
  world_advance (world, 15 * MINUTE_MS);
  assert_no_profile (world, ticket);
  world_advance (world, -15 * MINUTE_MS);
  response = fetch (world, ticket);
  assert_status (response, 200);
  world_advance (world, 2 * HOUR_MS);
  assert_no_profile (world, ticket);
  world_advance (world, -2 * HOUR_MS);
  second = get_ticket (world, NULL, &ada_again);
  assert_no_profile (world, ticket);
  world_write (world, "UPDATE access_token SET eula = 'terms'");
  assert_no_profile (world, second);
  token = sign_in (world, "/mdm/sso?user-identifier=ada@example.com", &(Answer){ .assertion_id = "_a3" });
  assert_no_profile (world, token);
}

/* A ticket is not an access token either. */
static void
test_ticket_as_bearer (void)
{
  g_autoptr (World) world = new_world (NULL);
  g_autofree char *ticket = get_ticket (world, NULL, &ada);
  g_autoptr (DoorResponse) response = device_ask_profile (world, NULL, ticket);

  assert_status (response, 401);
  assert_count (world, 0, "scep_challenge");
}

static void
test_forged (void)
{
  static const AppleSigner bad[] = {
    { .issuer = "ca.pem", .issuer_key = "ca.key" },
    { .issuer_key = "ca.key" },
    { .to_s = INT64_C (1790000001) },
  };
  g_autoptr (World) world = new_world (NULL);
  g_autoptr (World) real = world_new (NULL); /* nobody but Apple is believed */
  g_autoptr (DoorResponse) unknown = open_page (real, NULL, NULL, "/mdm/sso");

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DoorResponse) response = open_page (world, NULL, &bad[i], "/mdm/sso");

      assert_status (response, 403);
    }
  assert_count (world, 0, "flow");
  assert_status (unknown, 403);
  assert_count (real, 0, "flow");
}

/* In the address too, but never instead of a bad header; nonsense is no device. */
static void
test_query (void)
{
  g_autoptr (World) world = new_world (NULL);
  g_autoptr (GBytes) message = apple_device_info (NULL, NULL);
  g_autofree char *text = encode (message), *escaped = g_uri_escape_string (text, NULL, FALSE);
  g_autofree char *target = g_strconcat ("/mdm/sso?deviceinfo=", escaped, NULL);
  g_autoptr (DoorResponse) good = world_get (world, target, NULL);
  g_autoptr (DoorResponse) nonsense = world_get (world, "/mdm/sso?deviceinfo=AAAA", NULL);
  const Visit both = { .target = target, .header = { HEADER, "%%%" } };
  g_autoptr (DoorResponse) bad = world_visit (world, &both);

  assert_status (good, 303);
  g_assert_cmpuint (door_response_get_status (nonsense), >=, 400);
  g_assert_cmpuint (door_response_get_status (bad), >=, 400);
  assert_count (world, 1, "flow WHERE way = 'ade'");
}

/* Setup Assistant may lose the cookie on any page: addresses name the flow, and the answer tells it. */
static void
test_no_cookie (void)
{
  g_autoptr (World) world = new_world ("[sign-in]\nAutoRedirect=false\n");
  g_autoptr (DoorResponse) page = open_page (world, NULL, NULL, "/mdm/sso"), made_up = NULL, response = NULL;
  g_autofree char *body = world_dup_body (page), *target = NULL, *ticket = NULL, *wrong = NULL;
  const char *at = strstr (body, "/mdm/sso/start?");
  g_autoptr (Pending) pending = NULL;
  g_auto (GStrv) parts = NULL;

  assert_status (page, 200);
  g_assert_nonnull (at);
  target = g_strndup (at, strcspn (at, "\""));
  parts = g_strsplit (target, "&amp;", -1);
  g_free (target);
  target = g_strjoinv ("&", parts);
  g_assert_nonnull (strstr (target, "flow="));
  pending = sign_in_begin (world, target, NULL);
  assert_count (world, 1, "flow");
  g_assert_null (pending->cookie);
  response = sign_in_answer (world, pending, &ada);
  ticket = dup_ticket (response);
  assert_count (world, 1, "access_token WHERE kind = 'ade' AND serial = '" APPLE_SERIAL "'");
  /* a name that was made up leads nowhere, and a cookie of another flow is no lost one */
  wrong = g_strdup (target);
  at = strchr (strstr (wrong, "flow="), '.') + 1;
  wrong[at - wrong] = *at == '0' ? '1' : '0';
  made_up = world_get (world, wrong, NULL);
  assert_count (world, 2, "flow");
  assert_count (world, 1, "flow WHERE way = 'ade'");
}

static void
test_cookie_of_another (void)
{
  g_autoptr (World) world = new_world (NULL);
  g_autoptr (Pending) pending = begin (world, NULL), browser = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) other = NULL, none = NULL;

  g_free (pending->cookie);
  pending->cookie = g_strdup (browser->cookie);
  other = sign_in_answer (world, pending, &ada);
  sign_in_assert_refused (world, other, 400, "DW-FLOW-COOKIE");
  g_clear_pointer (&browser->cookie, g_free);
  none = sign_in_answer (world, browser, &ada_again);
  sign_in_assert_refused (world, none, 400, "DW-FLOW-COOKIE");
  assert_count (world, 0, "access_token");
}

/* Who comes back without the header goes on; who enrolls with an account in the same browser does not. */
static void
test_same_flow (void)
{
  g_autoptr (World) world = new_world ("[team/red]\nTitle=Red\n");
  g_autoptr (Pending) pending = begin (world, NULL), again = NULL, account = NULL, team = NULL;

  again = sign_in_begin (world, "/mdm/sso", pending->cookie);
  assert_count (world, 1, "flow");
  account = sign_in_begin (world, "/mdm/sso?user-identifier=ada@example.com", pending->cookie);
  assert_count (world, 1, "flow WHERE way = 'account'");
  team = sign_in_begin (world, "/mdm/sso?team=red", pending->cookie);
  assert_count (world, 2, "flow WHERE way = 'account'");
}

/* Whatever else the tables have is of no matter here. */
static void
insert (World *world, const char *table, const char *values)
{
  g_autofree char *info = g_strdup_printf (
      "SELECT group_concat(name || ':' || type, ',') AS columns FROM pragma_table_info('%s')", table);
  g_autofree char *text = world_read (world, info);
  const char *start = strstr (text, "<'") + 2;
  g_autofree char *list = g_strndup (start, strcspn (start, "'"));
  g_auto (GStrv) columns = g_strsplit (list, ",", -1);
  g_autoptr (GString) names = g_string_new (NULL), row = g_string_new (NULL);
  g_autofree char *sql = NULL;

  for (size_t i = 0; columns[i] != NULL; i++)
    {
      g_auto (GStrv) column = g_strsplit (columns[i], ":", 2);
      g_autofree char *key = g_strconcat (column[0], "=", NULL);
      const char *given = strstr (values, key);
      g_autofree char *value =
          given != NULL ? g_strndup (given + strlen (key), strcspn (given + strlen (key), ";")) : NULL;

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", column[0]);
      g_string_append_printf (row, "%s'%s'", i > 0 ? ", " : "",
                              value != NULL                       ? value
                              : g_str_equal (column[1], "BIGINT") ? "0"
                                                                  : "");
    }
  sql = g_strdup_printf ("INSERT INTO %s (%s) VALUES (%s)", table, names->str, row->str);
  world_write (world, sql);
}

static void
assign (World *world, const char *serial, const char *team)
{
  g_autofree char *values = g_strdup_printf ("serial=%s;team=%s;server=a", serial, team);

  insert (world, "dep_device", values);
}

static void
add_server (World *world)
{
  insert (world, "dep_server", "name=a");
}

static const char red[] =
    "[team/red]\nTitle=Red\n[team/closed]\nFlows=account\n[team/mac]\nModelFamilies=Mac\n"
    "[team/new]\nMinimumOs=Mac:20;iPhone:17.10\n";

/* The assignment decides, not the address; and once there is a server, only what it knows may come. */
static void
test_team (void)
{
  g_autoptr (World) world = new_world (red);
  g_autoptr (DoorResponse) response = NULL, closed = NULL, mac = NULL, unknown = NULL, none = NULL;

  none = open_page (world, NULL, NULL, "/mdm/sso?team=nothing");
  assert_status (none, 404);
  closed = open_page (world, NULL, NULL, "/mdm/sso?team=closed");
  assert_status (closed, 403);
  mac = open_page (world, NULL, NULL, "/mdm/sso?team=mac");
  assert_status (mac, 403);
  assert_count (world, 0, "flow");
  assign (world, APPLE_SERIAL, "red");
  response = open_page (world, NULL, NULL, "/mdm/sso?team=closed");
  assert_status (response, 303);
  assert_count (world, 1, "flow WHERE team = 'red' AND way = 'ade'");
  world_write (world, "UPDATE dep_device SET removed_at = 5");
  add_server (world);
  unknown = open_page (world, NULL, NULL, "/mdm/sso");
  assert_status (unknown, 403);
  assert_count (world, 1, "flow");
}

static void
test_minimum_os (void)
{
  static const struct
  {
    AppleInfo info;
    unsigned int status;
    bool update;
  } cases[] = {
    { { .os_version = "17.9.9", .can_update = true }, 403, true },
    { { .os_version = "17.9.9" }, 403, false },
    { { .os_version = "", .can_update = true }, 403, true },
    { { .os_version = "17.10" }, 303, false },
    { { .os_version = "18" }, 303, false },
    { { .os_version = "14.1", .product = "Mac15,3", .can_update = true }, 403, true },
    { { .os_version = "1.0", .product = "iPad14,1" }, 303, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = new_world (red);
      g_autoptr (DoorResponse) response = open_page (world, &cases[i].info, NULL, "/mdm/sso?team=new");
      g_autofree char *body = world_dup_body (response);

      assert_status (response, cases[i].status);
      g_assert_true ((strstr (body, "com.apple.softwareupdate.required") != NULL) == cases[i].update);
      if (cases[i].update && cases[i].info.product == NULL)
        g_assert_nonnull (strstr (body, "\"details\":{\"OSVersion\":\"17.10\"}"));
    }
}

static unsigned int n_fetched;
static bool unreachable;

static bool
fetch_updates (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable,
               GError **error)
{
  n_fetched++;
  g_assert_cmpstr (request->url, ==, "https://gdmf.apple.com/v2/pmv");
  g_assert_true (g_str_has_prefix (request->trust, "-----BEGIN CERTIFICATE-----"));
  g_assert_cmpuint (request->max_bytes, >, 0);
  g_assert_cmpuint (request->timeout_s, >, 0);
  g_assert_false (request->allow_private);
  if (unreachable)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "no route");
  answer->status = 200;
  answer->body = test_data_load ("mdm", "updates/list.json");
  return true;
}

static World *
new_world_of_latest (void)
{
  World *world = new_world ("[team/newest]\nMinimumOs=iPhone:latest;Mac:latest\n");

  world->context.updates = door_software_updates_new ();
  world->context.fetch = fetch_updates;
  n_fetched = 0;
  unreachable = false;
  return world;
}

static void
free_world_of_latest (World *world)
{
  door_software_updates_free (world->context.updates);
  world_free (world);
}

static unsigned int
come (World *world, const AppleInfo *info, char **body)
{
  g_autoptr (DoorResponse) response = open_page (world, info, NULL, "/mdm/sso?team=newest");

  g_free (*body);
  *body = world_dup_body (response);
  return door_response_get_status (response);
}

static void
test_latest (void)
{
  World *world = new_world_of_latest ();
  const AppleInfo old = { .os_version = "18.7.2", .can_update = true }, stuck = { .os_version = "18.7.2" },
                  good = { .os_version = "26.1" }, newer = { .os_version = "26.2" },
                  mac = { .os_version = "26.0.1",
                          .product = "Mac14,2",
                          .update_id = "J413AP",
                          .can_update = true },
                  odd = { .os_version = "1.0", .product = "Mac99,9", .can_update = true };
  g_autofree char *body = NULL;

  door_software_updates_round (&world->context, NULL);
  g_assert_cmpuint (come (world, &old, &body), ==, 403);
  g_assert_nonnull (strstr (body, "\"details\":{\"OSVersion\":\"26.1\",\"BuildVersion\":\"23B85\"}"));
  g_assert_cmpuint (come (world, &stuck, &body), ==, 403);
  g_assert_null (strstr (body, "softwareupdate"));
  g_assert_cmpuint (come (world, &mac, &body), ==, 403);
  g_assert_nonnull (strstr (body, "\"details\":{\"OSVersion\":\"26.1\",\"BuildVersion\":\"25B78\"}"));
  g_assert_cmpuint (come (world, &good, &body), ==, 303);
  g_assert_cmpuint (come (world, &newer, &body), ==, 303);
  g_assert_cmpuint (come (world, &odd, &body), ==, 303);
  g_assert_cmpuint (n_fetched, ==, 1);
  free_world_of_latest (world);
}

/* Nobody waits for the list, and nobody is locked out for want of it; what is known is not asked again. */
static void
test_latest_unknown (void)
{
  World *world = new_world_of_latest ();
  const AppleInfo old = { .os_version = "18.7.2", .can_update = true };
  g_autofree char *body = NULL;

  g_assert_cmpuint (come (world, &old, &body), ==, 303);
  g_assert_cmpuint (n_fetched, ==, 0);
  unreachable = true;
  g_test_expect_message ("doorward-service", G_LOG_LEVEL_WARNING,
                         "*list of updates was not fetched*no route*");
  door_software_updates_round (&world->context, NULL);
  g_test_assert_expected_messages ();
  door_software_updates_round (&world->context, NULL);
  g_assert_cmpuint (n_fetched, ==, 1);
  g_assert_cmpuint (come (world, &old, &body), ==, 303);
  unreachable = false;
  world_advance (world, 6 * MINUTE_MS);
  door_software_updates_round (&world->context, NULL);
  door_software_updates_round (&world->context, NULL);
  g_assert_cmpuint (n_fetched, ==, 2);
  g_assert_cmpuint (come (world, &old, &body), ==, 403);
  world_advance (world, 7 * 60 * MINUTE_MS);
  unreachable = true;
  g_test_expect_message ("doorward-service", G_LOG_LEVEL_WARNING, "*no route*");
  door_software_updates_round (&world->context, NULL);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (come (world, &old, &body), ==, 403);
  world_advance (world, 4 * 24 * 60 * MINUTE_MS);
  g_assert_cmpuint (come (world, &old, &body), ==, 303);
  free_world_of_latest (world);
}

/* Who does not want it asks Apple nothing. */
static void
test_latest_unwanted (void)
{
  g_autoptr (World) world = new_world (red);

  world->context.updates = NULL;
  world->context.fetch = fetch_updates;
  n_fetched = 0;
  door_software_updates_round (&world->context, NULL);
  g_assert_cmpuint (n_fetched, ==, 0);
}

static DoorResponse *
post (World *world, const char *path, const AppleInfo *info, const AppleSigner *signer)
{
  g_autoptr (GBytes) message = apple_device_info (info, signer);
  const Visit visit = {
    .method = "POST",
    .target = path,
    .content_type = "application/pkcs7-signature",
    .body = message,
  };

  return world_visit (world, &visit);
}

/* Whatever Apple has told the device once, and whether it is known or not. */
static void
test_post_needs_sign_in (void)
{
  g_autoptr (World) world = new_world (red);
  g_autoptr (DoorResponse) response = NULL, red_team = NULL;
  g_autofree char *body = NULL;

  assign (world, APPLE_SERIAL, "red");
  response = post (world, ENROLL, NULL, NULL);
  red_team = post (world, ENROLL "/red", NULL, NULL);
  body = world_dup_body (response);
  assert_status (response, 403);
  assert_status (red_team, 403);
  g_assert_nonnull (strstr (body, "DW-DEV-NOSIGNIN"));
  assert_count (world, 0, "access_token");
  assert_count (world, 0, "scep_challenge");
}

static void
test_post_without_person (void)
{
  g_autoptr (World) world = new_world ("[enrollment]\nRequireSignIn=false\nMinimumOs=iPhone:17\n");
  g_autoptr (DoorResponse) unknown = post (world, ENROLL, NULL, NULL), first = NULL, again = NULL,
                           forged = NULL;
  g_autoptr (DoorResponse) old = NULL;
  g_autofree char *profile = NULL, *same = NULL, *body = NULL;

  assert_status (unknown, 403);
  assert_count (world, 0, "access_token");
  assign (world, APPLE_SERIAL, "");
  forged = post (world, ENROLL, NULL, &(AppleSigner){ .issuer = "ca.pem", .issuer_key = "ca.key" });
  assert_status (forged, 403);
  old = post (world, ENROLL, &(AppleInfo){ .os_version = "16.7", .can_update = true }, NULL);
  assert_status (old, 403);
  body = world_dup_body (old);
  g_assert_nonnull (strstr (body, "com.apple.softwareupdate.required"));
  first = post (world, ENROLL, NULL, NULL);
  assert_status (first, 200);
  profile = device_dup_profile (first);
  again = post (world, ENROLL, NULL, NULL);
  same = device_dup_profile (again);
  g_assert_cmpstr (same, ==, profile);
  assert_count (world, 1, "access_token WHERE person_id = '' AND serial = '" APPLE_SERIAL "'");
  g_assert_cmpuint (authenticate (world, profile, APPLE_UDID, APPLE_SERIAL), ==, 200);
  assert_count (world, 1, "enrollment WHERE way = 'ade'");
  assert_count (world, 0, "association");
}

static void
add_tests (void)
{
  g_test_add_func ("/ade/journey", test_journey);
  g_test_add_func ("/ade/takeover", test_takeover);
  g_test_add_func ("/ade/other-device", test_other_device);
  g_test_add_func ("/ade/ticket-ends", test_ticket_ends);
  g_test_add_func ("/ade/ticket-as-bearer", test_ticket_as_bearer);
  g_test_add_func ("/ade/forged", test_forged);
  g_test_add_func ("/ade/query", test_query);
  g_test_add_func ("/ade/no-cookie", test_no_cookie);
  g_test_add_func ("/ade/cookie-of-another", test_cookie_of_another);
  g_test_add_func ("/ade/same-flow", test_same_flow);
  g_test_add_func ("/ade/team", test_team);
  g_test_add_func ("/ade/minimum-os", test_minimum_os);
  g_test_add_func ("/ade/latest", test_latest);
  g_test_add_func ("/ade/latest/unknown", test_latest_unknown);
  g_test_add_func ("/ade/latest/unwanted", test_latest_unwanted);
  g_test_add_func ("/ade/post-needs-sign-in", test_post_needs_sign_in);
  g_test_add_func ("/ade/post-without-person", test_post_without_person);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}

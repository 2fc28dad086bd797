/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"
#include "device.h"
#include "door-digest.h"

#define LINKS "/api/v1/enrollment-links"
#define CONFIG                                                                                               \
  "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n[team/red]\nTitle=Red\n[team/"                      \
  "blue]\nFlows=account\n"
#define IN_RED "{\"team\":\"red\"}"
#define SAFARI                                                                                               \
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "         \
  "Version/18.2 Mobile/15E148 Safari/604.1"
#define DAY_MS (24 * HOUR_MS)

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };

/* A session of an administrator who is made for it; the token is the name. */
static void
open_session (World *world, const char *name, const char *roles)
{
  administrator_add (world, name, roles);
  administrator_open_session (world, name, name);
}

static World *
begin (void)
{
  World *world = world_new (CONFIG);

  open_session (world, "root", "admin");
  open_session (world, "help", "helpdesk in red");
  open_session (world, "other", "maintainer in blue");
  open_session (world, "looker", "observer");
  return world;
}

/* Path of a new link. */
static char *
make (World *world, const char *session, const char *json)
{
  static const char host[] = "https://mdm.example.com/enroll/";
  g_autoptr (DoorResponse) made = administrator_send (world, "POST", LINKS, session, json);
  g_autofree char *url = NULL;

  assert_status (made, 201);
  url = world_dup_member (made, "url");
  g_assert_true (g_str_has_prefix (url, host));
  return g_strdup (url + strlen ("https://mdm.example.com"));
}

static DoorResponse *
look (World *world, const char *path, const char *agent)
{
  const Visit visit = { .target = path, .header = { "User-Agent", agent } };

  return world_visit (world, &visit);
}

static void
assert_looks (World *world, const char *path, unsigned int status)
{
  g_autofree char *start = g_strconcat (path, "/sign-in", NULL);
  g_autoptr (DoorResponse) page = look (world, path, SAFARI), begun = look (world, start, SAFARI);

  assert_status (page, status);
  assert_status (begun, status == 200 ? 303 : status);
}

static void
test_make (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "help", IN_RED), *list = NULL;
  g_autofree char *hash = door_digest_sha256_text (path + strlen ("/enroll/"));
  g_autofree char *where = g_strdup_printf ("enrollment_link WHERE token_hash = '%s' AND created_by = 'help' "
                                            "AND expires_at - created_at = %" G_GINT64_FORMAT,
                                            hash, 14 * DAY_MS);
  g_autoptr (DoorResponse) listed = NULL;

  assert_count (world, 1, where);
  listed = administrator_get (world, LINKS, "help");
  list = world_dup_body (listed);
  g_assert_nonnull (strstr (list, "\"team\":\"red\""));
  g_assert_null (strstr (list, path + strlen ("/enroll/")));
  g_assert_null (strstr (list, hash));
}

static void
test_wishes (void)
{
  static const struct
  {
    const char *json;
    unsigned int status;
  } cases[] = {
    { "{}", 201 },
    { "{\"expires_in\":1,\"max_uses\":1}", 201 },
    { "{\"expires_in\":31536000,\"max_uses\":1000000}", 201 },
    { "{\"expires_in\":31536001}", 400 },
    { "{\"expires_in\":0}", 400 },
    { "{\"expires_in\":-9223372036854775808}", 400 },
    { "{\"expires_in\":9223372036854775807}", 400 },
    { "{\"max_uses\":-1}", 400 },
    { "{\"max_uses\":1000001}", 400 },
    { "{\"max_uses\":\"1\"}", 400 },
    { "{\"team\":\"green\"}", 404 },
    { "{\"teams\":\"red\"}", 400 },
  };
  g_autoptr (World) world = begin ();

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response = administrator_send (world, "POST", LINKS, "root", cases[i].json);

      if (door_response_get_status (response) != cases[i].status)
        g_error ("%s: %u", cases[i].json, door_response_get_status (response));
    }
  assert_count (world, 3, "enrollment_link");
}

static void
assert_made (World *world, const char *session, const char *json, unsigned int status)
{
  g_autoptr (DoorResponse) response = administrator_send (world, "POST", LINKS, session, json);

  assert_status (response, status);
}

/* Who has a role in a team makes, sees and ends links of that team, and learns of no other. */
static void
test_teams (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", IN_RED), *id = NULL, *target = NULL, *list = NULL;
  g_autoptr (DoorResponse) foreign = NULL, foreign_list = NULL, looker = NULL, own = NULL, none = NULL;

  assert_made (world, "help", "{\"team\":\"blue\"}", 403);
  assert_made (world, "help", "{}", 403);
  assert_made (world, "other", IN_RED, 403);
  assert_made (world, "looker", IN_RED, 403);
  assert_made (world, "looker", "{}", 403);
  assert_count (world, 1, "enrollment_link");
  id = world_read (world, "SELECT id AS i FROM enrollment_link");
  {
    g_auto (GStrv) parts = g_strsplit (id, "'", -1);

    target = g_strconcat (LINKS "/", parts[3], NULL);
  }
  foreign = administrator_send (world, "DELETE", target, "other", NULL);
  assert_status (foreign, 404);
  none = administrator_send (world, "DELETE", LINKS "/nonsense", "root", NULL);
  assert_status (none, 404);
  foreign_list = administrator_get (world, LINKS, "other");
  list = world_dup_body (foreign_list);
  g_assert_null (strstr (list, "red"));
  looker = administrator_get (world, LINKS, "looker");
  assert_status (looker, 403);
  assert_looks (world, path, 200);
  own = administrator_send (world, "DELETE", target, "help", NULL);
  assert_status (own, 204);
  assert_looks (world, path, 403);
}

static void
test_ends (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", "{\"team\":\"red\",\"expires_in\":60,\"max_uses\":2}");
  g_autofree char *closed = make (world, "root", IN_RED);
  g_autoptr (DoorResponse) none = administrator_send (world, "POST", LINKS, "root", "{\"team\":\"blue\"}");
  g_autofree char *log = NULL, *long_one = g_strnfill (129, 'a'), *too_long = NULL;

  assert_looks (world, path, 200);
  assert_status (none, 409); /* Flows of the team lists no link */
  world_write (world, "UPDATE enrollment_link SET team = 'blue' WHERE max_uses = 0");
  assert_looks (world, closed, 409);
  assert_looks (world, "/enroll/nonsense", 403);
  too_long = g_strconcat ("/enroll/", long_one, NULL);
  assert_looks (world, too_long, 403);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "enrollment link too long"));
  g_assert_nonnull (strstr (log, "Flows of [team/blue] lists no link"));
  world_write (world, "UPDATE enrollment_link SET uses = 1 WHERE team = 'red'");
  assert_looks (world, path, 200);
  world_write (world, "UPDATE enrollment_link SET uses = 2 WHERE team = 'red'");
  assert_looks (world, path, 403);
  world_write (world, "UPDATE enrollment_link SET uses = 0 WHERE team = 'red'");
  world_advance (world, MINUTE_MS - 1);
  assert_looks (world, path, 200);
  world_advance (world, 1);
  assert_looks (world, path, 403);
}

static void
test_browsers (void)
{
  static const struct
  {
    const char *agent;
    bool button, safari, code;
  } cases[] = {
    { SAFARI, true, false, false },
    { "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
      false, true, false },
    { "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
      false, true, false },
    { "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "Version/17.0 EdgiOS/131.0.2903.68 Mobile/15E148 Safari/605.1.15",
      false, true, false },
    { "Mozilla/5.0 (iPad; CPU OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "Version/18.2 Brave/1 Mobile/15E148 Safari/604.1",
      false, true, false },
    { "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      "Mobile/15E148 [FBAN/FBIOS]",
      false, true, false },
    { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 "
      "Safari/605.1.15",
      true, false, true },
    { "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0", false, false,
      true },
    { "", false, false, true },
  };
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", IN_RED);
  g_autofree char *start = g_strdup_printf ("href=\"%s/sign-in\"", path);
  g_autofree char *address = g_strdup_printf ("https://mdm.example.com%s", path);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) page = look (world, path, cases[i].agent);
      g_autofree char *body = world_dup_body (page);

      assert_status (page, 200);
      g_assert_cmpint (strstr (body, start) != NULL, ==, cases[i].button);
      g_assert_cmpint (strstr (body, "open this page in Safari") != NULL, ==, cases[i].safari);
      g_assert_cmpint (strstr (body, "<svg class=\"qr\"") != NULL, ==, cases[i].code);
      g_assert_cmpint (strstr (body, address) != NULL, ==, cases[i].safari || cases[i].code);
      g_assert_nonnull (strstr (body, "Red"));
    }
  assert_count (world, 1, "enrollment_link WHERE uses = 0");
  assert_count (world, 0, "flow");
}

/* From the page of a link to the ticket. */
static char *
sign_in_by (World *world, const char *path, const Answer *answer)
{
  static const char install[] = "https://devices.example.com/mdm/apple/install/";
  g_autofree char *start = g_strconcat (path, "/sign-in", NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, start, NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, answer);
  const char *location = door_response_lookup_header (response, "Location");

  assert_status (response, 303);
  g_assert_true (g_str_has_prefix (location, install));
  return g_strdup (location + strlen (install));
}

/* The page after the sign-in needs no cookie: another browser may open it. */
static void
test_install (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", IN_RED), *ticket = sign_in_by (world, path, &ada);
  g_autofree char *target = g_strconcat ("/mdm/apple/install/", ticket, NULL);
  g_autofree char *link = g_strdup_printf ("href=\"/mdm/apple/profile/%s\"", ticket);
  g_autofree char *body = NULL, *token = NULL, *account = NULL;
  g_autoptr (DoorResponse) page = look (world, target, SAFARI), late = NULL, other = NULL;

  assert_status (page, 200);
  body = world_dup_body (page);
  g_assert_nonnull (strstr (body, link));
  assert_count (world, 1, "flow WHERE way = 'link' AND team = 'red' AND link <> ''");
  assert_count (
      world, 1,
      "access_token t JOIN enrollment_link l ON l.id = t.link WHERE t.kind = 'link' AND t.team = 'red'");
  world_advance (world, 20 * MINUTE_MS);
  late = look (world, target, SAFARI);
  assert_status (late, 403);
  /* an access token is not installed by hand */
  token = sign_in (world, "/mdm/sso", &bob);
  account = g_strconcat ("/mdm/apple/install/", token, NULL);
  other = look (world, account, SAFARI);
  assert_status (other, 308);
}

/* A sign-in that another link began does not go on with this one. */
static void
test_flow_of_link (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *first = make (world, "root", IN_RED), *second = make (world, "root", IN_RED);
  g_autofree char *first_start = g_strconcat (first, "/sign-in", NULL),
                  *second_start = g_strconcat (second, "/sign-in", NULL), *cookie = NULL;
  g_autoptr (DoorResponse) begun = world_get (world, first_start, NULL), same = NULL, other = NULL;

  cookie = world_dup_cookie (begun);
  same = world_get (world, first_start, cookie);
  g_assert_null (door_response_lookup_header (same, "Set-Cookie"));
  other = world_get (world, second_start, cookie);
  g_assert_nonnull (door_response_lookup_header (other, "Set-Cookie"));
  assert_count (world, 2, "flow WHERE way = 'link'");
}

/* Profile and identity, in whatever browser: there is no cookie. */
static Device *
get_identity (World *world, const char *ticket, const char *key)
{
  Device *device = device_new (ticket, key);
  g_autofree char *path = g_strconcat ("/mdm/apple/profile/", ticket, NULL), *profile = NULL,
                  *challenge = NULL;
  g_autoptr (DoorResponse) response = world_get (world, path, NULL);
  ScepVisit visit = { .key = device->key };
  const char *at;

  assert_status (response, 200);
  profile = device_dup_profile (response);
  /* what a person owns is neither locked nor erased */
  g_assert_nonnull (strstr (profile, "<key>AccessRights</key>\n\t\t\t<integer>8179</integer>"));
  g_assert_null (strstr (profile, "EnrollmentMode"));
  at = strstr (strstr (profile, "<key>Challenge</key>"), "<string>") + strlen ("<string>");
  challenge = g_strndup (at, strcspn (at, "<"));
  visit.challenge = challenge;
  device->certificate = device_scep (world, &visit).certificate;
  g_assert_nonnull (device->certificate);
  return device;
}

static unsigned int
authenticate (World *world, const Device *device, const char *udid)
{
  g_autofree char *text = g_strdup_printf (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict><key>UDID</key><string>%s"
      "</string><key>MessageType</key><string>Authenticate</string><key>Topic</key><string>" WORLD_TOPIC
      "</string><key>ProductName</key><string>iPhone12,1</string></dict></plist>",
      udid);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (DoorResponse) response = device_put (world, device, body, NULL);

  return door_response_get_status (response);
}

/* A use is an enrollment, however often the device repeats itself; the last one is given once. */
static void
test_uses (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", "{\"team\":\"red\",\"max_uses\":1}");
  g_autofree char *first = sign_in_by (world, path, &ada), *second = sign_in_by (world, path, &bob);
  g_autoptr (Device) phone = get_identity (world, first, "device.key"),
                     other = get_identity (world, second, "rsa-2048.key");

  g_assert_cmpuint (authenticate (world, phone, "U1"), ==, 200);
  assert_count (world, 1, "enrollment_link WHERE uses = 1");
  g_assert_cmpuint (authenticate (world, phone, "U1"), ==, 200);
  assert_count (world, 1, "enrollment_link WHERE uses = 1");
  g_assert_cmpuint (authenticate (world, other, "U2"), ==, 403);
  assert_count (world, 1, "enrollment_link WHERE uses = 1");
  assert_count (world, 1, "enrollment WHERE way = 'link' AND team = 'red'");
  assert_count (world, 1, "device WHERE kind = 'device'");
  assert_looks (world, path, 403);
}

/* Who has signed in already is stopped by a revocation, and not by the end of the time. */
static void
test_revoked_meanwhile (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", "{\"team\":\"red\",\"expires_in\":60}");
  g_autofree char *first = sign_in_by (world, path, &ada), *second = sign_in_by (world, path, &bob);
  g_autoptr (Device) phone = get_identity (world, first, "device.key"),
                     other = get_identity (world, second, "rsa-2048.key");

  world_advance (world, 2 * MINUTE_MS);
  g_assert_cmpuint (authenticate (world, phone, "U1"), ==, 200);
  world_write (world, "UPDATE enrollment_link SET revoked_at = 5");
  g_assert_cmpuint (authenticate (world, other, "U2"), ==, 403);
  assert_count (world, 1, "enrollment");
}

/* While a device is enrolled, for somebody or for nobody, nobody else becomes its owner by naming its UDID.
 */
static void
test_owners (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", IN_RED);
  g_autofree char *first = sign_in_by (world, path, &ada), *second = sign_in_by (world, path, &bob),
                  *third = sign_in_by (world, path, &(Answer){ .assertion_id = "_ada2" });
  g_autoptr (Device) phone = get_identity (world, first, "device.key"),
                     other = get_identity (world, second, "rsa-2048.key"),
                     again = get_identity (world, third, "device.key");

  g_assert_cmpuint (authenticate (world, phone, "U1"), ==, 200);
  g_assert_cmpuint (authenticate (world, other, "U1"), ==, 403);
  world_write (world, "UPDATE association SET to_at = 5, end_reason = 'replaced'");
  g_assert_cmpuint (authenticate (world, other, "U1"), ==, 403);
  g_assert_cmpuint (authenticate (world, again, "U1"), ==, 403);
  assert_count (world, 1, "enrollment");
  world_write (world, "UPDATE association SET to_at = 0, end_reason = ''");
  g_assert_cmpuint (authenticate (world, again, "U1"), ==, 200);
  assert_count (world, 1, "enrollment WHERE ended_at = 0");
  world_write (world, "UPDATE enrollment SET state = 'ended', ended_at = 5");
  g_assert_cmpuint (authenticate (world, other, "U1"), ==, 200);
  assert_count (world, 1, "association WHERE to_at = 0");
  assert_count (world, 1, "association WHERE end_reason = 'replaced'");
}

/* What was enrolled for its person alone is never a whole device. */
static void
test_kinds (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *path = make (world, "root", IN_RED);
  g_autofree char *ticket = sign_in_by (world, path, &ada);
  g_autoptr (Device) phone = get_identity (world, ticket, "device.key");

  world_write (world,
               "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, serial, name, "
               "model, model_name, created_at, seen_at) VALUES ('d', 'U1', 'user-enrollment', '', '', "
               "'', '', '', '', '', 1, 1)");
  g_assert_cmpuint (authenticate (world, phone, "U1"), ==, 403);
  assert_count (world, 0, "enrollment");
}

static void
add (void)
{
  g_test_add_func ("/enrollment-link/make", test_make);
  g_test_add_func ("/enrollment-link/wishes", test_wishes);
  g_test_add_func ("/enrollment-link/teams", test_teams);
  g_test_add_func ("/enrollment-link/ends", test_ends);
  g_test_add_func ("/enrollment-link/browsers", test_browsers);
  g_test_add_func ("/enrollment-link/install", test_install);
  g_test_add_func ("/enrollment-link/flow-of-link", test_flow_of_link);
  g_test_add_func ("/enrollment-link/uses", test_uses);
  g_test_add_func ("/enrollment-link/revoked-meanwhile", test_revoked_meanwhile);
  g_test_add_func ("/enrollment-link/owners", test_owners);
  g_test_add_func ("/enrollment-link/kinds", test_kinds);
}

int
main (int argc, char *argv[])
{
  return world_run (argc, argv, add);
}

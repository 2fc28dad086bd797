/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One device over the API: who sees it, and how much of its past. */
#include <string.h>

#include "administrator.h"
#include "device.h"

#define CONFIG                                                                                               \
  "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"                                                   \
  "[team/red]\nTitle=Red\n[team/blue]\nTitle=Blue\n"
#define ONE "/api/v1/devices/" DEVICE_ID

static const Answer ada = { .assertion_id = "_ada1" };

/* A device of team red, and those who look at it: one everywhere, one in its team, one in another. */
static World *
prepare (void)
{
  World *world = world_new (CONFIG);
  g_autofree char *token = sign_in (world, "/mdm/sso?team=red", &ada);
  g_autoptr (Device) device =
      device_get_certificate (world, "/mdm/apple/account_driven_enroll/red", token, "device.key");

  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", token), ==, 200);
  administrator_add (world, "root", "admin");
  administrator_add (world, "all", "observer");
  administrator_add (world, "red", "observer in red");
  administrator_add (world, "blue", "observer in blue");
  administrator_open_session (world, "all", "token-of-all");
  administrator_open_session (world, "red", "token-of-red");
  administrator_open_session (world, "blue", "token-of-blue");
  return world;
}

static char *
ask (World *world, const char *session, const char *target, unsigned int status)
{
  g_autoptr (DoorResponse) response = administrator_get (world, target, session);
  g_autofree char *body = world_dup_body (response);

  if (door_response_get_status (response) != status)
    g_error ("%s, %s: %u %s", session, target, door_response_get_status (response), body);
  return g_steal_pointer (&body);
}

/* Whether some text is part of what somebody is shown. */
static void
assert_shown (World *world, const char *session, const char *part, bool shown)
{
  g_autofree char *body = ask (world, session, ONE, 200);

  if ((strstr (body, part) != NULL) != shown)
    g_error ("%s, %s: %s", session, part, body);
}

static void
assert_refused (World *world, const char *session, const char *target, unsigned int status, const char *part)
{
  g_autofree char *body = ask (world, session, target, status);

  if (strstr (body, part) == NULL || strstr (body, DEVICE_ID) != NULL)
    g_error ("%s, %s: %s", session, target, body);
}

static void
test_show (void)
{
  static const char *const parts[] = {
    "\"enrollment_id\":\"" DEVICE_ID "\"",
    "\"kind\":\"user-enrollment\"",
    "\"team\":\"red\"",
    "\"state\":\"active\"",
    "\"email\":\"ada@example.com\"",
    "\"to\":null",
    "\"push\":true",
    "\"identity_ends\":\"20",
    "\"seen_at\":\"2027-01-15T12:00:00Z\"",
    "\"escrow\":{\"unlock_token\":false,\"bootstrap_token\":false,\"admin_password\":false}",
  };
  g_autoptr (World) world = prepare ();

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      assert_shown (world, "token-of-all", parts[i], true);
      assert_shown (world, "token-of-red", parts[i], true);
    }
  assert_shown (world, "token-of-all", "\"agent\"", false);
}

/* A device of another team is as good as none, and so is one that is in no team any more. */
static void
test_reach (void)
{
  g_autoptr (World) world = prepare ();

  assert_refused (world, "token-of-blue", ONE, 404, "DW-HTTP-NOTFOUND");
  assert_refused (world, "token-of-all", "/api/v1/devices/nothing", 404, "DW-HTTP-NOTFOUND");
  assert_refused (world, NULL, ONE, 401, "");
  world_write (world, "UPDATE enrollment SET state = 'ended', ended_at = 5, end_reason = 'check-out'");
  assert_refused (world, "token-of-red", ONE, 404, "DW-HTTP-NOTFOUND");
  assert_shown (world, "token-of-all", "\"end_reason\":\"check-out\"", true);
  assert_shown (world, "token-of-all", "\"team\":\"\",\"state\":\"ended\"", true);
}

/* Who has no role is not told whether there is such a device, nor whether there are several. */
static void
test_no_role (void)
{
  g_autoptr (World) world = prepare ();

  world_write (world, "DELETE FROM administrator_role WHERE administrator_id = 'red'");
  assert_refused (world, "token-of-red", ONE, 403, "DW-ADM-FORBIDDEN");
  assert_refused (world, "token-of-red", "/api/v1/devices/nothing", 403, "DW-ADM-FORBIDDEN");
}

/* A device that comes to another team does not bring there who had it before, nor in which team it was. */
static void
test_former_team (void)
{
  static const char *const past[] = { "\"former\"", "\"team\":\"blue\"", "lucy@example.test", "lucys-mac" };
  g_autoptr (World) world = prepare ();

  world_write (world,
               "INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, push_magic, "
               "push_token, created_at, active_at, token_updated_at, ended_at, end_reason) SELECT 'former', "
               "id, 'blue', 'ended', '', '', '', '', 1, 1, 1, 2, 'replaced' FROM device");
  world_write (world,
               "INSERT INTO person (id, state, user_name, email, full_name, given_name, family_name, "
               "department, managed_account, group_names, created_at, updated_at, signed_in_at) "
               "VALUES ('p0', 'active', 'lucy', 'lucy@example.test', '', '', '', '', '', '', 1, 1, 1)");
  world_write (world,
               "INSERT INTO association (id, person_id, device_id, source, from_at, to_at, end_reason) "
               "SELECT 'a0', 'p0', id, 'sign-in', 1, 2, 'replaced' FROM device");
  world_write (world,
               "INSERT INTO osquery_node (key_hash, team, host_identifier, serial, uuid, hostname, "
               "mdm_url, device_id, enrolled_at, seen_at, reported_at, confirmed_at) SELECT 'k', 'blue', "
               "'h', '', '', 'lucys-mac', '', id, 1, 2, 2, 2 FROM device");
  for (size_t i = 0; i < G_N_ELEMENTS (past); i++)
    {
      assert_shown (world, "token-of-all", past[i], true);
      assert_shown (world, "token-of-red", past[i], false);
    }
  assert_shown (world, "token-of-red", "\"email\":\"ada@example.com\"", true);
  assert_refused (world, "token-of-blue", ONE, 404, "DW-HTTP-NOTFOUND");
}

/* That there are secrets is shown, and nothing of them. */
static void
test_escrow (void)
{
  g_autoptr (World) world = prepare ();

  world_write (world, "UPDATE enrollment SET sealed_unlock_token = 'sealed-1'");
  assert_shown (world, "token-of-red", "\"unlock_token\":true,\"bootstrap_token\":false", true);
  world_write (world, "UPDATE enrollment SET sealed_bootstrap_token = 'sealed-2', sealed_unlock_token = ''");
  assert_shown (world, "token-of-red", "\"unlock_token\":false,\"bootstrap_token\":true", true);
  world_write (world,
               "INSERT INTO device_setup (enrollment_id, begun_at, prepared_at, due_at, account_name, "
               "admin_name, sealed_admin_password, releases, finished_at, outcome) SELECT id, 1, 1, 1, "
               "'', 'a', 'sealed-3', 1, 1, 'done' FROM enrollment");
  assert_shown (world, "token-of-red", "\"admin_password\":true", true);
  assert_shown (world, "token-of-all", "sealed-", false);
}

/* Who calls itself by the serial number of another device is not taken for it. */
static void
test_names (void)
{
  g_autoptr (World) world = prepare ();
  g_autofree char *by_serial = NULL;

  world_write (world, "UPDATE device SET serial = 'C02X'");
  by_serial = ask (world, "token-of-red", "/api/v1/devices/C02X", 200);
  g_assert_nonnull (strstr (by_serial, DEVICE_ID));
  assert_refused (world, "token-of-blue", "/api/v1/devices/C02X", 404, "DW-HTTP-NOTFOUND");
  world_write (world,
               "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, serial, name, "
               "model, model_name, created_at, seen_at) VALUES ('shadow', 'C02X', 'device', 'Mac1,1', "
               "'', '', '', '', '', '', 1, 1)");
  assert_refused (world, "token-of-all", "/api/v1/devices/C02X", 409, "several devices");
  assert_shown (world, "token-of-all", "\"serial\":\"C02X\"", true);
}

static void
add (void)
{
  g_test_add_func ("/device-api/show", test_show);
  g_test_add_func ("/device-api/reach", test_reach);
  g_test_add_func ("/device-api/no-role", test_no_role);
  g_test_add_func ("/device-api/former-team", test_former_team);
  g_test_add_func ("/device-api/escrow", test_escrow);
  g_test_add_func ("/device-api/names", test_names);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"
#include "device.h"
#include "door-command-queue.h"
#include "door-device-order.h"

#define CONFIG                                                                                               \
  "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"                                                   \
  "[team/red]\nTitle=Red\n[team/blue]\nTitle=Blue\n"
#define COMMANDS "/api/v1/devices/" DEVICE_ID "/commands"

static const Answer ada = { .assertion_id = "_ada1" };

/* A device of team red, and an administrator. */
typedef struct
{
  World *world;
  Device *device;
  char *session;
} Stage;

static void
stage_free (Stage *self)
{
  g_free (self->session);
  device_free (self->device);
  world_free (self->world);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

static Stage *
stage_new (const char *roles)
{
  Stage *self = g_new0 (Stage, 1);
  g_autofree char *token = NULL;

  self->world = world_new (CONFIG);
  token = sign_in (self->world, "/mdm/sso?team=red", &ada);
  self->device =
      device_get_certificate (self->world, "/mdm/apple/account_driven_enroll/red", token, "device.key");
  g_assert_cmpuint (device_say (self->world, self->device, "Authenticate", token), ==, 200);
  g_assert_cmpuint (device_say (self->world, self->device, "TokenUpdate", token), ==, 200);
  administrator_add (self->world, "root", "admin");
  self->session = g_strdup ("token-of-who");
  administrator_add (self->world, "who", roles);
  administrator_open_session (self->world, "who", self->session);
  return self;
}

/* What is answered, of which some text is part. */
static void
assert_answer (Stage *stage, const char *method, const char *target, const char *json, unsigned int status,
               const char *part)
{
  g_autoptr (DoorResponse) response = administrator_send (stage->world, method, target, stage->session, json);
  g_autofree char *body = world_dup_body (response);

  if (door_response_get_status (response) != status || strstr (body, part) == NULL)
    g_error ("%s %s: %u %s", method, target, door_response_get_status (response), body);
}

static void
test_life (void)
{
  g_autoptr (Stage) stage = stage_new ("admin");

  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\",\"uuid\":\"a\"}", 201,
                 "\"queued\"");
  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\",\"uuid\":\"a\"}", 201,
                 "\"queued\"");
  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"SecurityInfo\",\"uuid\":\"a\"}", 409,
                 "the CommandUUID a is that of another command");
  world_advance (stage->world, 1);
  assert_answer (stage, "POST", COMMANDS,
                 "{\"request_type\":\"InstallProfile\",\"parameters\":{\"Payload\":\"AQID\"},\"uuid\":\"b\"}",
                 201, "InstallProfile");
  assert_answer (stage, "GET", COMMANDS "?limit=1", NULL, 200, "\"next\":\"b\"");
  assert_answer (stage, "GET", COMMANDS "?after=b", NULL, 200, "\"uuid\":\"a\"");
  assert_answer (stage, "GET", COMMANDS "?after=c", NULL, 404, "");
  assert_answer (stage, "DELETE", COMMANDS "/b", NULL, 204, "");
  assert_answer (stage, "DELETE", COMMANDS "/b", NULL, 204, "");
  assert_count (stage->world, 1, "command WHERE uuid = 'b' AND state = 'cancelled' AND message = ''");
  g_assert_cmpuint (device_say (stage->world, stage->device, "Idle", NULL), ==, 200);
  assert_answer (stage, "DELETE", COMMANDS "/a", NULL, 409, "the device has the command");
  assert_answer (stage, "GET", COMMANDS "/a", NULL, 200, "\"state\":\"sent\"");
  assert_answer (stage, "GET", COMMANDS "/c", NULL, 404, "");
  assert_count (stage->world, 1, "command WHERE uuid = 'a' AND source = 'who'");
}

/* One of a user must not hide one of the device from who takes that back. */
static void
test_other_channel (void)
{
  g_autoptr (Stage) stage = stage_new ("admin");

  world_write (stage->world,
               "INSERT INTO user_channel SELECT 'u', id, 'user-1', '', '', '', '', '', 0, 0, 1, 1, 1, 0 "
               "FROM enrollment");
  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"SecurityInfo\",\"uuid\":\"a\"}", 201,
                 "\"queued\"");
  world_advance (stage->world, 1);
  assert_answer (stage, "POST", COMMANDS,
                 "{\"request_type\":\"ProfileList\",\"uuid\":\"a\",\"user\":\"user-1\"}", 409,
                 "on another channel of the device");
  assert_answer (stage, "POST", COMMANDS,
                 "{\"request_type\":\"ProfileList\",\"uuid\":\"b\",\"user\":\"user-1\"}", 201,
                 "\"user\":true");
  assert_answer (stage, "DELETE", COMMANDS "/a", NULL, 204, "");
  assert_count (stage->world, 1, "command WHERE request_type = 'SecurityInfo' AND state = 'cancelled'");
}

/* What is sent to a device is neither in the database nor found by its digest; the device gets it, and a
 * repeat is one. */
static void
test_sealed (void)
{
  const char *json = "{\"request_type\":\"DeviceLock\",\"uuid\":\"lock\",\"parameters\":"
                     "{\"Message\":\"271828\"}}";
  const char *other = "{\"request_type\":\"DeviceLock\",\"uuid\":\"lock\",\"parameters\":"
                      "{\"Message\":\"271829\"}}";
  g_autoptr (Stage) stage = stage_new ("admin");
  const char *idle =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict><key>Status</key>"
      "<string>Idle</string><key>EnrollmentID</key><string>" DEVICE_ID "</string></dict></plist>";
  g_autoptr (GBytes) body = g_bytes_new_static (idle, strlen (idle));
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *answer = NULL, *digest = NULL, *count = NULL;

  assert_answer (stage, "POST", COMMANDS, json, 201, "\"queued\"");
  assert_answer (stage, "POST", COMMANDS, json, 201, "\"queued\"");
  assert_answer (stage, "POST", COMMANDS, other, 409, "is that of another command");
  assert_count (stage->world, 1, "command WHERE message LIKE 'sealed:%' AND message NOT LIKE '%271828%'");
  response = device_put (stage->world, stage->device, body, NULL);
  assert_status (response, 200);
  answer = world_dup_body (response);
  g_assert_nonnull (strstr (answer, "<string>271828</string>"));
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, answer, -1);
  count = g_strdup_printf ("command WHERE digest = '%s'", digest);
  assert_count (stage->world, 0, count);
  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\",\"uuid\":\"list\"}", 201,
                 "\"queued\"");
  assert_count (stage->world, 1, "command WHERE uuid = 'list' AND message LIKE '<?xml%'");
}

/* What unlocks a device is neither in the database nor in an answer; whoever has the state key opens it. */
static void
test_secret (void)
{
  static const char *const answers[] = { "<key>UnlockToken</key><data>VU5MT0NLTUU=</data>",
                                         "<key>ActivationLockBypassCode</key><string>VU5MT0NLTUU=</string>" };
  g_autoptr (Stage) stage = stage_new ("admin");

  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *uuid = g_strdup_printf ("secret-%zu", i),
                      *target = g_strconcat (COMMANDS "/", uuid, NULL);
      g_autofree char *json = g_strdup_printf ("{\"request_type\":\"SecurityInfo\",\"uuid\":\"%s\"}", uuid);
      g_autofree char *text = g_strdup_printf (
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict><key>Status</key><string>"
          "Acknowledged</string><key>CommandUUID</key><string>%s</string><key>EnrollmentID</key><string>"
          "%s</string>%s</dict></plist>",
          uuid, DEVICE_ID, answers[i]);
      g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
      g_autoptr (DoorResponse) response = NULL;
      g_autoptr (DoorStoredCommand) row = NULL;
      g_autoptr (DoorSecret) opened = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = NULL;
      g_autofree char *found = world_read (stage->world, "SELECT id FROM device");
      g_auto (GStrv) parts = g_strsplit (found, "'", -1); /* [{'id': <'…'>}] */
      size_t size;

      assert_answer (stage, "POST", COMMANDS, json, 201, "\"sealed\":false");
      g_assert_cmpuint (device_say (stage->world, stage->device, "Idle", NULL), ==, 200);
      response = device_put (stage->world, stage->device, body, NULL);
      assert_status (response, 200);
      assert_answer (stage, "GET", target, NULL, 200, "\"result\":\"\",\"sealed\":true");
      assert_count (stage->world, 0, "command WHERE result LIKE '%VU5MT0NLTUU=%'");
      txn = door_storage_begin (stage->world->context.storage, DOOR_TXN_READ, NULL, &error);
      g_assert_true (door_command_store_lookup_of_device (txn, &(DoorCommandScope){ .device_id = parts[3] },
                                                          uuid, &row, &error));
      opened = door_command_queue_open_result (stage->world->context.state_key, row, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (door_secret_get_data (opened, &size), size, text, strlen (text));
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *json;
    unsigned int status;
    const char *part;
  } cases[] = {
    { "{}", 400, "either request_type" },
    { "{\"request_type\":\"ProfileList\",\"plist\":\"x\"}", 400, "either request_type" },
    { "{\"request_type\":\"ProfileList\",\"kind\":1}", 400, "kind" },
    { "{\"request_type\":\"Nonsense\"}", 400, "RequestType: Nonsense" },
    { "{\"request_type\":\"ProfileList\",\"parameters\":{\"ManagedOnly\":1}}", 400, "ManagedOnly: boolean" },
    { "{\"request_type\":\"EraseDevice\"}", 400, "of which only a user" },
    { "{\"request_type\":\"ProfileList\",\"uuid\":\"a/b\"}", 400, "CommandUUID" },
    { "{\"request_type\":\"ProfileList\",\"user\":\"nobody\"}", 404, "" },
    { "{\"plist\":\"<plist version='1.0'><dict><key>RequestType</key><string>New</string></dict></plist>\"}",
      400, "RequestType: New" },
    { "{\"plist\":\"no\"}", 400, "" },
  };
  g_autoptr (Stage) stage = stage_new ("admin");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_answer (stage, "POST", COMMANDS, cases[i].json, cases[i].status, cases[i].part);
  assert_count (stage->world, 0, "command");
  assert_answer (
      stage, "POST", COMMANDS,
      "{\"plist\":\"<plist version='1.0'><dict><key>RequestType</key><string>New</string></dict></plist>\","
      "\"force\":true}",
      201, "\"New\"");
}

/* A device that came by a link is its owner's: its profile asks for no right to lock or erase it. */
static void
test_rights (void)
{
  static const struct
  {
    const char *way, *mode;
    unsigned int erases;
  } cases[] = { { "link", "", 400 }, { "ota", "", 400 }, { "ade", "", 201 }, { "account", "ADDE", 201 } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Stage) stage = stage_new ("admin");
      g_autofree char *sql =
          g_strdup_printf ("UPDATE enrollment SET way = '%s', mode = '%s'", cases[i].way, cases[i].mode);

      g_test_message ("%s %s", cases[i].way, cases[i].mode);
      world_write (stage->world, sql);
      world_write (stage->world, "UPDATE device SET kind = 'device'");
      assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"EraseDevice\"}", cases[i].erases,
                     cases[i].erases == 201 ? "" : "AccessRights lacks 8");
      assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"DeviceLock\"}", cases[i].erases,
                     cases[i].erases == 201 ? "" : "AccessRights lacks 4");
      assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"EraseDevice\",\"force\":true}", 201, "");
    }
}

/* A role in a team is good for its devices; what changes a device needs more than what asks it. */
static void
test_reach (void)
{
  static const struct
  {
    const char *roles;
    unsigned int asks, commands, forces;
  } cases[] = {
    { "maintainer in red", 201, 201, 201 }, { "maintainer in blue", 404, 404, 404 },
    { "technician", 201, 403, 403 },        { "technician in red", 201, 403, 403 },
    { "observer_plus", 403, 403, 403 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Stage) stage = stage_new (cases[i].roles);

      g_test_message ("%s", cases[i].roles);
      assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\"}", cases[i].asks, "");
      assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"DeviceLock\"}", cases[i].commands, "");
      assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\",\"force\":true}",
                     cases[i].forces, "");
    }
}

/* Who may only ask takes back no more than that. */
static void
test_cancel_reach (void)
{
  g_autoptr (Stage) stage = stage_new ("technician");

  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\",\"uuid\":\"a\"}", 201, "");
  world_write (stage->world, "UPDATE command SET request_type = 'DeviceLock'");
  assert_answer (stage, "DELETE", COMMANDS "/a", NULL, 403, "");
  world_write (stage->world, "UPDATE command SET request_type = 'ProfileList'");
  assert_answer (stage, "DELETE", COMMANDS "/a", NULL, 204, "");
}

/* A device that comes to another team does not bring there what it answered in the former one. */
static void
test_former_team (void)
{
  g_autoptr (Stage) stage = stage_new ("maintainer in red");

  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\",\"uuid\":\"a\"}", 201, "");
  assert_answer (stage, "GET", COMMANDS "/a", NULL, 200, "");
  world_write (stage->world,
               "UPDATE command SET enrollment_id = 'former', uuid = 'b', channel_id = 'former'");
  assert_answer (stage, "GET", COMMANDS, NULL, 200, "\"commands\":[]");
  assert_answer (stage, "GET", COMMANDS "?after=b", NULL, 404, "");
  assert_answer (stage, "GET", COMMANDS "/b", NULL, 404, "");
  assert_answer (stage, "DELETE", COMMANDS "/b", NULL, 404, "");
  administrator_add (stage->world, "all", "maintainer");
  administrator_open_session (stage->world, "all", "token-of-all");
  g_free (stage->session);
  stage->session = g_strdup ("token-of-all");
  assert_answer (stage, "GET", COMMANDS "/b", NULL, 200, "");
}

/* Who calls itself by the serial number of another device gets nothing that is meant for it. */
static void
test_names (void)
{
  static const char shadow[] =
      "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, serial, name, model, "
      "model_name, created_at, seen_at) VALUES ('shadow', 'C02X', 'udid', 'Mac1,1', '', '', '%s', '', '', "
      "'', "
      "1, 1)";
  g_autoptr (Stage) stage = stage_new ("admin");
  g_autofree char *alone = g_strdup_printf (shadow, "");
  static const char question[] = "{\"request_type\":\"ProfileList\"}";

  world_write (stage->world, "UPDATE device SET serial = 'C02X'");
  assert_answer (stage, "POST", "/api/v1/devices/C02X/commands", question, 201, "");
  world_write (stage->world, alone);
  assert_answer (stage, "POST", "/api/v1/devices/C02X/commands", question, 409, "several devices");
  assert_answer (stage, "POST", COMMANDS, question, 201, "");
  world_write (stage->world, "UPDATE device SET apple_id = 'other', serial = 'C02X' WHERE id = 'shadow'");
  assert_answer (stage, "POST", "/api/v1/devices/C02X/commands", question, 409, "several devices");
}

static void
test_end (void)
{
  g_autoptr (Stage) stage = stage_new ("admin");
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorDevice) device = NULL;
  g_autoptr (DoorDevice) by_serial = NULL;
  g_autoptr (GError) error = NULL, again = NULL;

  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\"}", 201, "");
  world_write (stage->world, "UPDATE device SET serial = 'C02X'");
  txn = door_storage_begin (stage->world->context.storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (door_device_order_find (txn, DEVICE_ID, &device, &error));
  g_assert_true (door_device_order_find (txn, "C02X", &by_serial, &error));
  g_assert_cmpstr (device->id, ==, by_serial->id);
  g_assert_true (door_device_order_end (txn, device, 5, &error));
  g_assert_false (door_device_order_end (txn, device, 5, &again));
  g_assert_true (door_txn_commit (txn, &error));
  assert_count (stage->world, 1, "enrollment WHERE end_reason = 'administrator' AND ended_at = 5");
  assert_count (stage->world, 1, "certificate WHERE revoked_at = 5");
  assert_count (stage->world, 1, "association WHERE to_at = 5 AND end_reason = 'administrator'");
  assert_count (stage->world, 1, "command WHERE state = 'cancelled'");
  g_assert_cmpuint (device_say (stage->world, stage->device, "Idle", NULL), ==, 403);
  assert_answer (stage, "POST", COMMANDS, "{\"request_type\":\"ProfileList\"}", 409,
                 "the device is not enrolled");
}

static void
add (void)
{
  g_test_add_func ("/command-api/life", test_life);
  g_test_add_func ("/command-api/other-channel", test_other_channel);
  g_test_add_func ("/command-api/secret", test_secret);
  g_test_add_func ("/command-api/sealed", test_sealed);
  g_test_add_func ("/command-api/refused", test_refused);
  g_test_add_func ("/command-api/rights", test_rights);
  g_test_add_func ("/command-api/reach", test_reach);
  g_test_add_func ("/command-api/cancel-reach", test_cancel_reach);
  g_test_add_func ("/command-api/former-team", test_former_team);
  g_test_add_func ("/command-api/names", test_names);
  g_test_add_func ("/command-api/end", test_end);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <openssl/pem.h>

#include "door-base64.h"
#include "door-channel.h"
#include "door-dep-server.h"
#include "door-error.h"
#include "door-escrow.h"
#include "door-housekeeping.h"
#include "mac.h"

#define SECOND_ID "00008112-00FFFFFFFFFFFFFF"
#define SECRET "<key>BootstrapToken</key><data>c2VjcmV0LWJvb3Q=</data>" /* secret-boot */

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };

/* The answer's status, and that the log names the reason, so that no other check stands in for this one. */
static void
assert_refused (World *world, const Device *mac, const char *type, const char *keys, unsigned int status,
                const char *reason)
{
  g_autofree char *before = world_dup_log (), *log = NULL;

  g_assert_cmpuint (mac_say (world, mac, type, keys, NULL), ==, status);
  log = world_dup_log ();
  if (strstr (log, reason) == NULL)
    g_error ("%s: \"%s\" was expected in %s", type, reason, log);
}

static char *
dup_answer (World *world, const Device *mac, const char *type, const char *keys)
{
  g_autoptr (DoorResponse) response = mac_send (world, mac, type, keys, NULL);

  assert_status (response, 200);
  g_assert_cmpstr (door_response_lookup_header (response, "Content-Type"), ==, "text/xml; charset=utf-8");
  return world_dup_body (response);
}

/* A Mac of which somebody is a user. */
static Device *
enroll_with_user (World *world)
{
  Device *mac = mac_enroll (world, &ada, "device.key", MAC_ID);

  world_write (world, "UPDATE enrollment SET way = 'ade'");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, NULL), ==, 200);
  return mac;
}

static void
test_user (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = enroll_with_user (world);
  g_autofree char *id = NULL, *after = NULL;

  assert_count (world, 1,
                "user_channel WHERE user_key = '501' AND short_name = 'anna' AND push_token = '000102'");
  assert_count (world, 1, "enrollment WHERE push_magic = 'magic-1'");
  id = world_read (world, "SELECT id FROM user_channel");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate",
                             MAC_USER
                             "<key>Token</key><data>AwQF</data><key>PushMagic</key><string>magic-2</string>",
                             NULL),
                    ==, 200);
  after = world_read (world, "SELECT id FROM user_channel");
  g_assert_cmpstr (after, ==, id);
  assert_count (world, 1, "user_channel WHERE push_token = '030405' AND push_magic = 'magic-2'");
  assert_count (world, 1, "enrollment WHERE push_token = '000102' AND push_magic = 'magic-1'");
  g_assert_cmpuint (
      mac_say (world, mac, "TokenUpdate", "<key>UserID</key><string>502</string>" MAC_PUSH, NULL), ==, 200);
  assert_count (world, 2, "user_channel");
}

/* The device channel of an account-driven Mac carries no access token; its first user must. */
static void
test_user_bearer (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autofree char *other = sign_in (world, "/mdm/sso", &bob);

  assert_refused (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, 401, "no access token");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, other), ==, 401);
  assert_count (world, 0, "user_channel");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, mac->token), ==, 200);
  world_advance (world, 2 * HOUR_MS);
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, mac->token), ==, 200);
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, NULL), ==, 200);
}

/* Nothing that a user says reaches the enrollment before it has begun, or after it has ended. */
static void
test_user_standing (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_new (world, &ada, "device.key", MAC_ID);
  g_autoptr (Device) enrolled = NULL;

  assert_refused (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, 403, "TokenUpdate before Authenticate");
  assert_refused (world, mac, "GetBootstrapToken", "", 403, "GetBootstrapToken before Authenticate");
  assert_refused (world, mac, "UserAuthenticate", MAC_USER, 403, "UserAuthenticate before Authenticate");
  g_assert_cmpuint (
      mac_say (world, mac, "Authenticate", "<key>ProductName</key><string>Mac14,2</string>", NULL), ==, 200);
  assert_refused (world, mac, "GetBootstrapToken", "", 403, "GetBootstrapToken before TokenUpdate");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_PUSH, NULL), ==, 200);
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, mac->token), ==, 200);
  g_assert_cmpuint (mac_say (world, mac, "CheckOut", "", NULL), ==, 200);
  assert_count (world, 1, "user_channel WHERE ended_at <> 0 AND push_token = '' AND push_magic = ''");
  assert_refused (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, 403, "the enrollment has ended");
  assert_refused (world, mac, "UserAuthenticate", MAC_USER, 403, "the enrollment has ended");
  assert_refused (world, mac, "SetBootstrapToken", SECRET, 403, "the enrollment has ended");
  assert_refused (world, mac, "GetBootstrapToken", "", 403, "the enrollment has ended");
  assert_count (world, 0, "user_channel WHERE ended_at = 0");
}

/* A certificate speaks for its own device and its users alone. */
static void
test_user_elsewhere (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = enroll_with_user (world);
  g_autoptr (Device) second = mac_enroll (world, &bob, "scepclient.key", SECOND_ID);

  g_free (second->enrollment_id);
  second->enrollment_id = g_strdup (MAC_ID);
  assert_refused (world, second, "TokenUpdate", MAC_USER MAC_PUSH, 403, "pinned to another enrollment");
  assert_refused (world, second, "SetBootstrapToken", SECRET, 403, "pinned to another enrollment");
  assert_refused (world, second, "GetBootstrapToken", "", 403, "pinned to another enrollment");
  assert_refused (world, second, "UserAuthenticate", MAC_USER, 403, "pinned to another enrollment");
  assert_count (world, 1, "user_channel");
}

/* A device that makes up users does not fill the database; those it has go on. */
static void
test_user_room (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = enroll_with_user (world);

  world_write (world, "INSERT INTO user_channel SELECT id || n, enrollment_id, user_key || '-' || n, '', '', "
                      "topic, '', '', 0, 0, 1, 1, 1, 0 FROM user_channel, (WITH RECURSIVE k (n) AS (SELECT 1 "
                      "UNION ALL SELECT n + 1 FROM k WHERE n < 498) SELECT n FROM k) numbers");
  g_assert_cmpuint (
      mac_say (world, mac, "TokenUpdate", "<key>UserID</key><string>502</string>" MAC_PUSH, NULL), ==, 200);
  assert_count (world, 500, "user_channel");
  assert_refused (world, mac, "TokenUpdate", "<key>UserID</key><string>503</string>" MAC_PUSH, 410,
                  "has 500 users already");
  assert_count (world, 500, "user_channel");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, NULL), ==, 200);
}

/* What has ended is kept as long as results of commands, what goes on is kept. */
static void
test_user_forgotten (void)
{
  g_autoptr (World) world = world_new ("[commands]\nResultRetention=9d\n");
  g_autoptr (Device) mac = enroll_with_user (world);
  bool more = false;

  world_advance (world, 10 * 24 * HOUR_MS);
  g_assert_true (door_housekeeping_run (&world->context, &more, NULL));
  assert_count (world, 1, "user_channel");
  g_assert_cmpuint (mac_say (world, mac, "CheckOut", "", NULL), ==, 200);
  world_advance (world, 9 * 24 * HOUR_MS);
  g_assert_true (door_housekeeping_run (&world->context, &more, NULL));
  assert_count (world, 1, "user_channel");
  world_advance (world, 1);
  g_assert_true (door_housekeeping_run (&world->context, &more, NULL));
  assert_count (world, 0, "user_channel");
}

/* Which channel a message came on, among those of the enrollment alone. */
static void
test_find (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = enroll_with_user (world);
  g_autoptr (Device) second = mac_enroll (world, &bob, "scepclient.key", SECOND_ID);
  g_autofree char *own = device_dup_sha256 (mac->certificate),
                  *other = device_dup_sha256 (second->certificate);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (world->context.storage, DOOR_TXN_READ, NULL, &error);
  g_autoptr (DoorKnownDevice) known = NULL, known_second = NULL;
  g_autofree char *device_channel = NULL, *user_channel = NULL, *none = NULL;

  g_assert_true (door_known_device_lookup (txn, own, &known, &error));
  g_assert_true (door_known_device_lookup (txn, other, &known_second, &error));
  g_assert_true (door_channel_find (txn, known, NULL, &device_channel, &error));
  g_assert_cmpstr (device_channel, ==, known->enrollment_id);
  g_assert_true (door_channel_find (txn, known, "501", &user_channel, &error));
  g_assert_cmpstr (user_channel, !=, device_channel);
  g_assert_false (door_channel_find (txn, known_second, "501", &none, &error));
  assert_fault (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNKNOWN);
}

static void
test_find_ended (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = enroll_with_user (world);
  g_autofree char *own = device_dup_sha256 (mac->certificate), *none = NULL;
  g_autoptr (DoorKnownDevice) known = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = NULL;

  world_write (world, "UPDATE user_channel SET ended_at = 5");
  txn = door_storage_begin (world->context.storage, DOOR_TXN_READ, NULL, &error);
  g_assert_true (door_known_device_lookup (txn, own, &known, &error));
  g_assert_false (door_channel_find (txn, known, "501", &none, &error));
  assert_fault (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_CHANNEL);
}

static void
test_shared_ipad (void)
{
#define SHARED "<key>UserID</key><string>FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF</string>"
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) ipad = mac_enroll (world, &ada, "device.key", MAC_ID);

  world_write (world, "UPDATE enrollment SET way = 'ade'");
  g_assert_cmpuint (mac_say (world, ipad, "TokenUpdate",
                             SHARED "<key>UserShortName</key><string>anna@example.com</string>"
                                    "<key>AwaitingConfiguration</key><true/>" MAC_PUSH,
                             NULL),
                    ==, 200);
  g_assert_cmpuint (mac_say (world, ipad, "TokenUpdate",
                             SHARED "<key>UserShortName</key><string>ben@example.com</string>" MAC_PUSH,
                             NULL),
                    ==, 200);
  assert_refused (world, ipad, "TokenUpdate", SHARED MAC_PUSH, 400, "without UserShortName");
  assert_count (world, 2, "user_channel");
  assert_count (world, 1,
                "user_channel WHERE user_key = 'anna@example.com' AND awaiting_since = 1800014400000");
  assert_count (world, 1, "user_channel WHERE user_key = 'ben@example.com' AND awaiting_since = 0");
  assert_count (world, 0, "device_setup");
}

static void
test_user_authenticate (void)
{
  g_autoptr (World) refusing = world_new (NULL),
                    accepting = world_new ("[enrollment]\nUserAuthenticate=accept\n");
  g_autoptr (Device) strict = mac_enroll (refusing, &ada, "device.key", MAC_ID);
  g_autoptr (Device) mac = mac_enroll (accepting, &ada, "device.key", MAC_ID);
  g_autofree char *answer = NULL;

  assert_refused (refusing, strict, "UserAuthenticate", MAC_USER, 410,
                  "users of network accounts are not managed");
  answer = dup_answer (accepting, mac, "UserAuthenticate", MAC_USER);
  g_assert_nonnull (strstr (answer, "<key>DigestChallenge</key>"));
  g_assert_nonnull (strstr (answer, "<string></string>"));
  assert_refused (accepting, mac, "UserAuthenticate", MAC_USER "<key>DigestResponse</key><string>x</string>",
                  410, "never given");
}

/* A team's own word wins. */
static void
test_user_authenticate_team (void)
{
  g_autoptr (World) world =
      world_new ("[enrollment]\nUserAuthenticate=accept\n[team/red]\nUserAuthenticate=refuse\n");
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);

  g_assert_cmpuint (mac_say (world, mac, "UserAuthenticate", MAC_USER, NULL), ==, 200);
  world_write (world, "UPDATE certificate SET team = 'red'");
  g_assert_cmpuint (mac_say (world, mac, "UserAuthenticate", MAC_USER, NULL), ==, 410);
  world_write (world, "UPDATE certificate SET team = 'gone'");
  g_assert_cmpuint (mac_say (world, mac, "UserAuthenticate", MAC_USER, NULL), ==, 410);
}

static void
test_bootstrap_token (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autofree char *none = dup_answer (world, mac, "GetBootstrapToken", ""), *kept = NULL, *gone = NULL;
  g_autofree char *drop = world_dup_log (), *log = NULL;

  g_assert_null (strstr (none, "BootstrapToken"));
  g_assert_cmpuint (mac_say (world, mac, "SetBootstrapToken", SECRET, NULL), ==, 200);
  assert_count (world, 1,
                "enrollment WHERE sealed_bootstrap_token <> '' AND sealed_bootstrap_token NOT LIKE '%secret%'"
                " AND sealed_bootstrap_token NOT LIKE '%c2VjcmV0%'");
  kept = dup_answer (world, mac, "GetBootstrapToken", "");
  g_assert_nonnull (strstr (kept, "c2VjcmV0LWJvb3Q="));
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "bootstrap token handed to its device"));
  g_assert_null (strstr (log, "secret-boot"));
  g_assert_cmpuint (mac_say (world, mac, "SetBootstrapToken", "", NULL), ==, 200);
  assert_count (world, 1, "enrollment WHERE sealed_bootstrap_token = ''");
  gone = dup_answer (world, mac, "GetBootstrapToken", "");
  g_assert_null (strstr (gone, "BootstrapToken"));
  g_assert_cmpuint (mac_say (world, mac, "SetBootstrapToken", SECRET, NULL), ==, 200);
  g_assert_cmpuint (mac_say (world, mac, "SetBootstrapToken", "<key>BootstrapToken</key><data></data>", NULL),
                    ==, 200);
  assert_count (world, 1, "enrollment WHERE sealed_bootstrap_token = ''");
}

/* What was sealed for one enrollment opens for no other. */
static void
test_bootstrap_token_moved (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autoptr (Device) second = mac_enroll (world, &bob, "scepclient.key", SECOND_ID);

  g_assert_cmpuint (mac_say (world, mac, "SetBootstrapToken", SECRET, NULL), ==, 200);
  world_write (world,
               "UPDATE enrollment SET sealed_bootstrap_token = (SELECT MAX(sealed_bootstrap_token) FROM "
               "enrollment), sealed_unlock_token = (SELECT MAX(sealed_bootstrap_token) FROM enrollment)");
  g_assert_cmpuint (mac_say (world, mac, "GetBootstrapToken", "", NULL), ==, 200);
  g_assert_cmpuint (mac_say (world, second, "GetBootstrapToken", "", NULL), ==, 500);
}

/* A device of which only a part is managed escrows nothing. */
static void
test_user_enrollment (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) phone = device_enroll (world, token, "device.key");
  static const struct
  {
    const char *keys;
    unsigned int status;
  } rows[] = {
    { "<key>MessageType</key><string>SetBootstrapToken</string>" SECRET, 403 },
    { "<key>MessageType</key><string>GetBootstrapToken</string>", 403 },
    { "<key>MessageType</key><string>TokenUpdate</string><key>Topic</key><string>" WORLD_TOPIC "</string>"
      "<key>UnlockToken</key><data>AAEC</data><key>AwaitingConfiguration</key><true/>" MAC_PUSH,
      200 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "<plist version=\"1.0\"><dict><key>EnrollmentID</key><string>%s</string>%s</dict></plist>",
          phone->enrollment_id, rows[i].keys);
      g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
      g_autoptr (DoorResponse) response = device_put (world, phone, body, NULL);

      assert_status (response, rows[i].status);
    }
  assert_count (world, 1, "enrollment WHERE sealed_bootstrap_token = '' AND sealed_unlock_token = ''");
  assert_count (world, 0, "device_setup");
}

static void
test_unlock_token (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autofree char *enrollment_id = NULL, *row = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorKnownDevice) known = NULL;
  g_autofree char *sha256 = device_dup_sha256 (mac->certificate);
  g_autoptr (DoorSecret) token = NULL;

  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate",
                             MAC_PUSH "<key>UnlockToken</key><data>dW5sb2Nr</data>"
                                      "<key>AwaitingConfiguration</key><true/>",
                             NULL),
                    ==, 200);
  assert_count (world, 1, "device_setup WHERE begun_at = 1800014400000");
  world_advance (world, 1000);
  g_assert_cmpuint (
      mac_say (world, mac, "TokenUpdate", MAC_PUSH "<key>AwaitingConfiguration</key><true/>", NULL), ==, 200);
  assert_count (world, 1, "device_setup WHERE begun_at = 1800014400000");
  assert_count (world, 1, "enrollment WHERE sealed_unlock_token <> ''");
  txn = door_storage_begin (world->context.storage, DOOR_TXN_READ, NULL, &error);
  g_assert_true (door_known_device_lookup (txn, sha256, &known, &error));
  g_assert_true (door_escrow_read (txn, world->context.state_key, known->enrollment_id,
                                   DOOR_ESCROW_UNLOCK_TOKEN, &token, &error));
  g_assert_cmpstr (door_secret_get_text (token), ==, "unlock");
}

/* The claims of a token, once its signature was found to be of the key that Apple has the certificate of. */
static char *
open_token (const char *token, const char *certificate_pem)
{
  g_auto (GStrv) parts = g_strsplit (token, ".", 0);
  g_autofree char *input = g_strdup_printf ("%s.%s", parts[0], parts[1]);
  g_autoptr (GBytes) claims = door_base64_decode_url (parts[1], strlen (parts[1]), 4096);
  g_autoptr (GBytes) signature = door_base64_decode_url (parts[2], strlen (parts[2]), 4096);
  g_autoptr (GBytes) pem = g_bytes_new (certificate_pem, strlen (certificate_pem));
  g_autoptr (BIO) bio = sim_bio_new (pem);
  g_autoptr (X509) certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  EVP_MD_CTX *digest = EVP_MD_CTX_new ();

  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  g_assert_cmpint (EVP_DigestVerifyInit (digest, NULL, EVP_sha256 (), NULL, X509_get0_pubkey (certificate)),
                   ==, 1);
  g_assert_cmpint (EVP_DigestVerify (digest, g_bytes_get_data (signature, NULL), g_bytes_get_size (signature),
                                     (const unsigned char *) input, strlen (input)),
                   ==, 1);
  EVP_MD_CTX_free (digest);
  return g_strndup (g_bytes_get_data (claims, NULL), g_bytes_get_size (claims));
}

#define TOKEN_FOR(service) "<key>TokenServiceType</key><string>" service "</string>"
#define MAID TOKEN_FOR ("com.apple.maid")

static char *
dup_token (World *world, const Device *mac)
{
  g_autofree char *answer = dup_answer (world, mac, "GetToken", MAID), *data = NULL;
  const char *at = strstr (answer, "<data>");
  g_autofree guchar *token = NULL;
  gsize size;

  g_assert_nonnull (strstr (answer, "<key>TokenData</key>"));
  data = g_strndup (at + strlen ("<data>"), strcspn (at + strlen ("<data>"), "<"));
  token = g_base64_decode (data, &size);
  return g_strndup ((const char *) token, size);
}

static void
test_get_token (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDepServer) server = NULL, other = NULL;
  g_autofree char *token = NULL, *claims = NULL, *second = NULL;
  bool made;

  assert_refused (world, mac, "GetToken", MAID, 400, "vouches for the device");
  server = door_dep_server_ensure (&world->context, "main", &made, &error);
  g_assert_no_error (error);
  assert_refused (world, mac, "GetToken", MAID, 400,
                  "vouches for the device"); /* Apple has not said who it is */
  world_write (world, "UPDATE dep_server SET server_uuid = 'UUID-1'");
  token = dup_token (world, mac);
  claims = open_token (token, server->certificate);
  g_assert_nonnull (strstr (claims, "\"iss\":\"UUID-1\""));
  g_assert_nonnull (strstr (claims, "\"iat\":1800014400"));
  g_assert_nonnull (strstr (claims, "\"service_type\":\"com.apple.maid\""));
  second = dup_token (world, mac);
  g_assert_cmpstr (second, !=, token);
  assert_refused (world, mac, "GetToken", TOKEN_FOR ("com.apple.watch.pairing"), 400, "is not offered");
  assert_refused (world, mac, "GetToken", TOKEN_FOR ("else"), 400, "is not offered");
  assert_refused (world, mac, "GetToken", MAC_USER MAID, 403, "a user channel before its TokenUpdate");
  other = door_dep_server_ensure (&world->context, "other", &made, &error);
  g_assert_no_error (error);
  world_write (world, "UPDATE dep_server SET server_uuid = 'UUID-2' WHERE name = 'other'");
  assert_refused (world, mac, "GetToken", MAID, 400, "vouches for the device"); /* which one is not known */
  g_assert_cmpuint (mac_say (world, mac, "CheckOut", "", NULL), ==, 200);
  assert_refused (world, mac, "GetToken", MAID, 403, "the enrollment has ended");
}

static void
add_tests (void)
{
  g_test_add_func ("/channel/user", test_user);
  g_test_add_func ("/channel/user-bearer", test_user_bearer);
  g_test_add_func ("/channel/user-standing", test_user_standing);
  g_test_add_func ("/channel/user-elsewhere", test_user_elsewhere);
  g_test_add_func ("/channel/user-room", test_user_room);
  g_test_add_func ("/channel/user-forgotten", test_user_forgotten);
  g_test_add_func ("/channel/find", test_find);
  g_test_add_func ("/channel/find-ended", test_find_ended);
  g_test_add_func ("/channel/shared-ipad", test_shared_ipad);
  g_test_add_func ("/channel/user-authenticate", test_user_authenticate);
  g_test_add_func ("/channel/user-authenticate-team", test_user_authenticate_team);
  g_test_add_func ("/channel/bootstrap-token", test_bootstrap_token);
  g_test_add_func ("/channel/bootstrap-token-moved", test_bootstrap_token_moved);
  g_test_add_func ("/channel/user-enrollment", test_user_enrollment);
  g_test_add_func ("/channel/unlock-token", test_unlock_token);
  g_test_add_func ("/channel/get-token", test_get_token);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}

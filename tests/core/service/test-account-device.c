/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-token.h"
#include "device.h"
#include "sign-in.h"

#define USER_PATH "/mdm/apple/account_driven_enroll"
#define DEVICE_PATH "/mdm/apple/account_driven_device_enroll"
#define UDID "00008101-001938611EE9001E"

static const Answer ada = { .assertion_id = "_ada1" };
static const char phones[] = "[enrollment]\nAccountDeviceFamilies=iPhone\n"
                             "[team/mac]\nAllowedDomains=mac.example\nAccountDeviceFamilies=Mac\n";

static void
test_discovery (void)
{
  static const struct
  {
    const char *query, *text;
  } cases[] = {
    { "ada@example.com&model-family=iPhone",
      "\"mdm-adde\",\"BaseURL\":\"https://devices.example.com" DEVICE_PATH "\"" },
    { "ada@example.com&model-family=iPad",
      "\"mdm-byod\",\"BaseURL\":\"https://devices.example.com" USER_PATH "\"" },
    { "ada@example.com", "\"mdm-byod\",\"BaseURL\":\"https://devices.example.com" USER_PATH "\"" },
    { "ada@mac.example&model-family=Mac",
      "\"mdm-adde\",\"BaseURL\":\"https://devices.example.com" DEVICE_PATH "/mac\"" },
    { "ada@mac.example&model-family=iPhone",
      "\"mdm-byod\",\"BaseURL\":\"https://devices.example.com" USER_PATH "/mac\"" },
  };
  g_autoptr (World) world = world_new (phones);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path =
          g_strconcat ("/.well-known/com.apple.remotemanagement?user-identifier=", cases[i].query, NULL);
      g_autoptr (DoorResponse) response = world_get (world, path, NULL);
      g_autofree char *body = world_dup_body (response);

      assert_status (response, 200);
      if (strstr (body, cases[i].text) == NULL)
        g_error ("%s: %s is not in %s", cases[i].query, cases[i].text, body);
    }
}

static DoorResponse *
ask (World *world, const char *path, const char *product, const char *token)
{
  g_autoptr (GBytes) body = device_build_machine_info (product);
  const Visit visit = {
    .method = "POST",
    .target = path,
    .content_type = "application/pkcs7-signature",
    .bearer = token,
    .body = body,
  };

  return world_visit (world, &visit);
}

static void
assert_asked (World *world, const char *path, const char *product, const char *token, unsigned int status)
{
  g_autoptr (DoorResponse) response = ask (world, path, product, token);

  assert_status (response, status);
}

static void
test_profile (void)
{
  static const char *const parts[] = {
    "<key>EnrollmentMode</key>\n\t\t\t<string>ADDE</string>",
    "<key>AssignedManagedAppleID</key>\n\t\t\t<string>ada@example.com</string>",
    "<key>AccessRights</key>\n\t\t\t<integer>8191</integer>",
    "<key>PayloadScope</key>\n\t<string>System</string>",
    "<string>com.apple.mdm.per-user-connections</string>",
    "<string>com.apple.mdm.bootstraptoken</string>",
  };
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *profile = NULL, *again = NULL;
  g_autoptr (DoorResponse) first = NULL, second = NULL;

  assert_asked (world, DEVICE_PATH, "iPhone12,1", NULL, 401);
  first = ask (world, DEVICE_PATH, "iPhone12,1", token);
  profile = device_dup_profile (first);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (profile, parts[i]) == NULL)
      g_error ("%s is not in %s", parts[i], profile);
  assert_count (world, 1, "access_token WHERE mode = 'ADDE' AND kind = 'account'");
  second = ask (world, DEVICE_PATH, "iPhone12,1", token);
  again = device_dup_profile (second);
  g_assert_cmpstr (again, ==, profile);
}

/* Who is to be managed as a whole is not managed by half, nor the other way round. */
static void
test_wrong_address (void)
{
  static const struct
  {
    const char *path, *product;
    unsigned int status;
  } cases[] = {
    { USER_PATH, "iPhone12,1", 403 },
    { USER_PATH, "iPad13,1", 401 },
    { USER_PATH, "Mac14,2", 401 },
    { USER_PATH, "Novelty1,1", 401 },
    { DEVICE_PATH, "iPhone12,1", 401 },
    { DEVICE_PATH, "iPad13,1", 403 },
    { DEVICE_PATH, "Novelty1,1", 403 },
    { DEVICE_PATH "/mac", "Mac14,2", 401 },
    { DEVICE_PATH "/mac", "iPhone12,1", 403 },
    { USER_PATH "/mac", "Mac14,2", 403 },
    { DEVICE_PATH "/green", "iPhone12,1", 404 },
  };
  g_autoptr (World) world = world_new (phones);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_asked (world, cases[i].path, cases[i].product, NULL, cases[i].status);
}

/* A token that was used for one mode gives no profile of the other. */
static void
test_other_mode (void)
{
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);

  assert_asked (world, USER_PATH, "iPad13,1", token, 200);
  assert_asked (world, DEVICE_PATH, "iPhone12,1", token, 401);
  assert_asked (world, USER_PATH, "iPad13,1", token, 200);
  assert_count (world, 1, "access_token WHERE mode = 'BYOD'");
}

/* Profile at the given address and certificate. */
static Device *
get_certificate (World *world, const char *path, const char *product, const char *token)
{
  Device *self = device_new (token, "device.key");
  g_autoptr (DoorResponse) response = ask (world, path, product, token);
  g_autofree char *profile = device_dup_profile (response), *challenge = NULL;
  const char *at = strstr (strstr (profile, "<key>Challenge</key>"), "<string>") + strlen ("<string>");
  ScepVisit visit = { .key = self->key };

  challenge = g_strndup (at, strcspn (at, "<"));
  visit.challenge = challenge;
  self->certificate = device_scep (world, &visit).certificate;
  g_assert_nonnull (self->certificate);
  return self;
}

/* A check-in message by which a device names its UDID; returns the HTTP status. */
static unsigned int
say (World *world, const Device *device, const char *type, const char *product, const char *bearer)
{
  g_autofree char *text =
      g_strdup_printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
                       "<key>UDID</key><string>" UDID "</string><key>MessageType</key><string>%s</string>"
                       "<key>Topic</key><string>" WORLD_TOPIC "</string><key>Token</key><data>AAEC</data>"
                       "<key>PushMagic</key><string>magic-1</string><key>ProductName</key><string>%s</string>"
                       "<key>SerialNumber</key><string>C02ABC</string></dict></plist>",
                       type, product);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (DoorResponse) response = device_put (world, device, body, bearer);

  return door_response_get_status (response);
}

static void
test_phone (void)
{
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = get_certificate (world, DEVICE_PATH, "iPhone12,1", token);

  g_assert_cmpuint (say (world, device, "Authenticate", "iPhone12,1", NULL), ==, 401);
  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 400); /* by an EnrollmentID */
  assert_count (world, 0, "device");
  g_assert_cmpuint (say (world, device, "Authenticate", "iPhone12,1", token), ==, 200);
  g_assert_cmpuint (say (world, device, "TokenUpdate", "iPhone12,1", NULL), ==, 401);
  g_assert_cmpuint (say (world, device, "TokenUpdate", "iPhone12,1", token), ==, 200);
  assert_count (world, 1, "device WHERE kind = 'device' AND apple_id = '" UDID "' AND serial = 'C02ABC'");
  assert_count (world, 1, "enrollment WHERE state = 'active' AND mode = 'ADDE' AND way = 'account'");
  assert_count (world, 1, "association WHERE to_at = 0");
  g_assert_cmpuint (say (world, device, "TokenUpdate", "iPhone12,1", NULL), ==, 200);
  assert_asked (world, DEVICE_PATH, "iPhone12,1", token, 401); /* used up */
}

/* A certificate is for what its profile was: with a token for something else it enrolls nothing, and with a
 * new one, for which no profile was fetched, it is what it was. */
static void
test_mode (void)
{
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autofree char *other = sign_in (world, "/mdm/sso", &(Answer){ .assertion_id = "_ada2" });
  g_autofree char *fresh = sign_in (world, "/mdm/sso", &(Answer){ .assertion_id = "_ada3" });
  g_autoptr (Device) device = get_certificate (world, DEVICE_PATH, "iPhone12,1", token);

  world_write (world, "UPDATE access_token SET mode = 'BYOD' WHERE mode = ''");
  g_assert_cmpuint (say (world, device, "Authenticate", "iPhone12,1", other), ==, 401);
  assert_log ("of another mode than the certificate");
  world_write (world, "UPDATE access_token SET mode = '' WHERE mode = 'BYOD'");
  g_assert_cmpuint (say (world, device, "Authenticate", "iPhone12,1", fresh), ==, 200);
  assert_count (world, 1, "enrollment WHERE mode = 'ADDE'");
}

/* What two servers read at the same moment, one of them finds changed. */
static void
test_bound_meanwhile (void)
{
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autofree char *hash = door_digest_sha256_text (token);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (world->context.storage, DOOR_TXN_WRITE, NULL, &error);
  g_autoptr (DoorAccessToken) read = NULL, again = NULL;

  g_assert_true (door_token_check (txn, token, 0, &read, &error));
  g_assert_true (door_token_bind (txn, read, "one", &error));
  g_assert_false (door_token_bind (txn, read, "two", &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_true (door_token_check_hash (txn, hash, 0, &again, &error));
  g_assert_cmpstr (again->certificate_sha256, ==, "one");
  g_assert_true (door_token_bind (txn, again, "one", &error));
}

/* Without the sign-in that it comes from, nobody knows what a certificate is for. */
static void
test_forgotten (void)
{
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = get_certificate (world, DEVICE_PATH, "iPhone12,1", token);

  world_write (world, "DELETE FROM scep_challenge");
  g_assert_cmpuint (say (world, device, "Authenticate", "iPhone12,1", token), ==, 401);
  assert_log ("comes from no sign-in that is known");
}

/* The device channel of a Mac carries no access token. */
static void
test_mac (void)
{
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso?team=mac", &(Answer){ .mail = "ada@mac.example" });
  g_autoptr (Device) device = get_certificate (world, DEVICE_PATH "/mac", "Mac14,2", token);

  g_assert_cmpuint (say (world, device, "Authenticate", "Mac14,2", NULL), ==, 200);
  g_assert_cmpuint (say (world, device, "TokenUpdate", "Mac14,2", NULL), ==, 200);
  assert_count (world, 1, "enrollment WHERE state = 'active' AND mode = 'ADDE' AND team = 'mac'");
}

/* A user enrollment never names the whole device. */
static void
test_user_by_udid (void)
{
  g_autoptr (World) world = world_new (phones);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = get_certificate (world, USER_PATH, "iPad13,1", token);

  g_assert_cmpuint (say (world, device, "Authenticate", "iPad13,1", token), ==, 400);
  assert_count (world, 0, "device");
}

static void
add (void)
{
  g_test_add_func ("/account-device/discovery", test_discovery);
  g_test_add_func ("/account-device/profile", test_profile);
  g_test_add_func ("/account-device/wrong-address", test_wrong_address);
  g_test_add_func ("/account-device/other-mode", test_other_mode);
  g_test_add_func ("/account-device/phone", test_phone);
  g_test_add_func ("/account-device/mode", test_mode);
  g_test_add_func ("/account-device/forgotten", test_forgotten);
  g_test_add_func ("/account-device/bound-meanwhile", test_bound_meanwhile);
  g_test_add_func ("/account-device/mac", test_mac);
  g_test_add_func ("/account-device/user-by-udid", test_user_by_udid);
}

int
main (int argc, char *argv[])
{
  return world_run (argc, argv, add);
}

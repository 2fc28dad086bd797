/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Over-the-air enrollment: a device shows which one it is before it gets its profile. */
#include <string.h>

#include "apple-device.h"
#include "door-error.h"
#include "mac.h"

#define CONFIG "Use=enrollment\n[enrollment]\nOta=true\n"
#define OTHER_UDID "00008101-00000000000OTHER"
#define HARDWARE "<key>ProductName</key><string>iPhone12,1</string>"

static const Answer ada = { .assertion_id = "_ada1" };

typedef struct
{
  World *world;
  char *ticket;
} Begun;

static void
begin (Begun *self, const char *config)
{
  g_autoptr (GBytes) pem = test_data_load ("cms", "other-ca.pem");

  self->world = world_new (config);
  self->world->context.device_anchor = door_certificate_parse (pem, NULL);
  self->ticket = sign_in (self->world, "/mdm/sso", &ada);
  world_write (self->world, "UPDATE access_token SET kind = 'link', mode = ''");
}

static void
set_up (Begun *self, gconstpointer data)
{
  begin (self, CONFIG);
}

static void
tear_down (Begun *self, gconstpointer data)
{
  world_free (self->world);
  g_free (self->ticket);
}

static char *
value_of (const char *text, const char *key)
{
  g_autofree char *name = g_strdup_printf ("<key>%s</key>", key);
  const char *at = strstr (text, name);

  g_assert_nonnull (at);
  at = strstr (at, "<string>") + strlen ("<string>");
  return g_strndup (at, strcspn (at, "<"));
}

static GBytes *
attributes (const char *challenge, const char *udid)
{
  g_autofree char *repeated = challenge != NULL
                                  ? g_strdup_printf ("<key>CHALLENGE</key><string>%s</string>", challenge)
                                  : g_strdup ("");
  char *text = g_strdup_printf (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>%s"
      "<key>PRODUCT</key><string>iPhone12,1</string><key>SERIAL</key><string>" APPLE_SERIAL "</string>"
      "<key>UDID</key><string>%s</string><key>VERSION</key><string>22C161</string></dict></plist>",
      repeated, udid);

  return g_bytes_new_take (text, strlen (text));
}

static DoorResponse *
post (World *world, GBytes *message)
{
  const Visit visit = { .method = "POST",
                        .target = "/mdm/apple/ota",
                        .content_type = "application/pkcs7-signature",
                        .body = message };

  return world_visit (world, &visit);
}

/* With the certificate that a device has from its maker. */
static DoorResponse *
come (Begun *self, const char *challenge, const char *udid)
{
  g_autoptr (GBytes) content = attributes (challenge, udid);
  g_autoptr (GBytes) message = apple_device_sign (content, NULL);

  return post (self->world, message);
}

/* With the identity that it was given here. */
static DoorResponse *
come_again (Begun *self, const Device *device, const char *challenge, const char *udid)
{
  g_autoptr (GBytes) content = attributes (challenge, udid);
  g_autoptr (GBytes) message = device_sign (content, device->key, device->certificate, SIM_CMS_EMBEDDED);

  return post (self->world, message);
}

static void
assert_refused (DoorResponse *response, const char *reason)
{
  g_autoptr (DoorResponse) own = response;
  g_autofree char *log = world_dup_log ();

  g_assert_cmpuint (door_response_get_status (own), >=, 400);
  if (strstr (log, reason) == NULL)
    g_error ("\"%s\" was expected in %s", reason, log);
}

static char *
take_profile (DoorResponse *response)
{
  g_autoptr (DoorResponse) own = response;

  assert_status (own, 200);
  return device_dup_profile (own);
}

/* What SCEP gives for the challenge of a profile. */
static Device *
get_certificate (Begun *self, const char *profile, const char *key)
{
  Device *device = device_new (NULL, key);
  g_autofree char *challenge = value_of (profile, "Challenge");
  const ScepVisit visit = { .challenge = challenge, .key = device->key };
  ScepOutcome outcome = device_scep (self->world, &visit);

  g_assert_null (outcome.fail_info);
  device->certificate = outcome.certificate;
  g_free (device->enrollment_id);
  device->enrollment_id = g_strdup (APPLE_UDID);
  return device;
}

static Device *
get_identity (Begun *self)
{
  g_autofree char *profile = take_profile (come (self, self->ticket, APPLE_UDID));

  return get_certificate (self, profile, "device.key");
}

static void
test_whole (Begun *self, gconstpointer data)
{
  g_autofree char *path = g_strconcat ("/mdm/apple/profile/", self->ticket, NULL);
  g_autofree char *service = take_profile (world_get (self->world, path, NULL));
  g_autofree char *url = value_of (service, "URL"), *challenge = value_of (service, "Challenge");
  g_autofree char *first = NULL, *repeat = NULL, *profile = NULL, *same = NULL;
  g_autoptr (Device) identity = NULL, phone = NULL;

  g_assert_cmpstr (url, ==, "https://devices.example.com/mdm/apple/ota");
  g_assert_cmpstr (challenge, ==, self->ticket);
  g_assert_nonnull (strstr (service, "<string>Profile Service</string>"));
  g_assert_null (strstr (service, "com.apple.mdm"));
  first = take_profile (come (self, self->ticket, APPLE_UDID));
  repeat = take_profile (come (self, self->ticket, APPLE_UDID));
  g_assert_cmpstr (first, ==, repeat);
  g_assert_null (strstr (first, "com.apple.mdm"));
  assert_count (self->world, 1, "access_token WHERE kind = 'link' AND udid = '" APPLE_UDID "'");
  identity = get_certificate (self, first, "device.key");
  profile = take_profile (come_again (self, identity, self->ticket, APPLE_UDID));
  same = take_profile (come_again (self, identity, NULL, APPLE_UDID));
  g_assert_cmpstr (profile, ==, same);
  g_assert_nonnull (strstr (profile, "com.apple.mdm"));
  phone = get_certificate (self, profile, "scepclient.key");
  g_assert_cmpuint (mac_say (self->world, phone, "Authenticate", HARDWARE, NULL), ==, 200);
  g_assert_cmpuint (mac_say (self->world, phone, "TokenUpdate", MAC_PUSH, NULL), ==, 200);
  assert_count (self->world, 1, "enrollment WHERE state = 'active' AND way = 'link'");
  assert_refused (come_again (self, identity, NULL, APPLE_UDID), "used up by an enrollment");
  assert_refused (come (self, self->ticket, APPLE_UDID), "used up by an enrollment");
}

static void
test_forged (Begun *self, gconstpointer data)
{
  const AppleSigner stranger = { .issuer = "ca.pem", .issuer_key = "ca.key" };
  g_autoptr (GBytes) content = attributes (self->ticket, APPLE_UDID);
  g_autoptr (GBytes) message = apple_device_sign (content, &stranger);
  g_autoptr (GBytes) good = apple_device_sign (content, NULL);
  g_autofree guint8 *changed = g_memdup2 (g_bytes_get_data (good, NULL), g_bytes_get_size (good));
  char *at = memmem (changed, g_bytes_get_size (good), APPLE_SERIAL, strlen (APPLE_SERIAL));
  g_autoptr (GBytes) other = NULL;

  assert_refused (post (self->world, message), "not one of Apple's for devices");
  g_assert_nonnull (at);
  at[3] = 'X';
  other = g_bytes_new (changed, g_bytes_get_size (good));
  assert_refused (post (self->world, other), "does not fit the content");
  assert_count (self->world, 0, "access_token WHERE kind = 'ota' OR udid <> ''");
}

static void
test_challenge (Begun *self, gconstpointer data)
{
  assert_refused (come (self, "wrong", APPLE_UDID), "access token unknown");
  assert_refused (come (self, NULL, APPLE_UDID), "CHALLENGE is missing");
  world_write (self->world, "UPDATE access_token SET kind = 'ade'");
  assert_refused (come (self, self->ticket, APPLE_UDID), "no ticket for the Profile Service");
  world_write (self->world, "UPDATE access_token SET kind = 'link', eula = 'terms'");
  assert_refused (come (self, self->ticket, APPLE_UDID), "no ticket for the Profile Service");
  assert_count (self->world, 0, "access_token WHERE kind = 'ota'");
}

/* The first device has the ticket; after its time nobody has. */
static void
test_bound (Begun *self, gconstpointer data)
{
  g_autoptr (Device) identity = get_identity (self);

  assert_refused (come (self, self->ticket, OTHER_UDID),
                  "another device than the one that the ticket is for");
  assert_refused (come_again (self, identity, NULL, OTHER_UDID),
                  "another device than the one that the ticket is for");
  assert_refused (come_again (self, identity, "another", APPLE_UDID), "was given for another ticket");
  world_advance (self->world, 3 * HOUR_MS);
  assert_refused (come_again (self, identity, NULL, APPLE_UDID), "access token expired");
  assert_refused (come (self, self->ticket, APPLE_UDID), "access token expired");
}

/* An identity of the Profile Service enrolls nothing, and that of an enrollment fetches nothing. */
static void
test_identities (Begun *self, gconstpointer data)
{
  g_autoptr (Device) identity = get_identity (self), phone = NULL;
  g_autofree char *profile = take_profile (come_again (self, identity, NULL, APPLE_UDID));

  g_assert_cmpuint (mac_say (self->world, identity, "Authenticate", HARDWARE, NULL), ==, 401);
  phone = get_certificate (self, profile, "scepclient.key");
  assert_refused (come_again (self, phone, NULL, APPLE_UDID), "is none of the Profile Service");
  world_write (self->world, "UPDATE certificate SET revoked_at = 1");
  assert_refused (come_again (self, identity, NULL, APPLE_UDID), "unknown, revoked or out of its time");
  assert_count (self->world, 0, "enrollment");
}

/* An access token of the same person makes up for nothing: the one identity enrolls nothing, and the other is
 * for the device and the link of its ticket. */
static void
test_access_token (Begun *self, gconstpointer data)
{
  g_autoptr (Device) identity = get_identity (self), phone = NULL;
  g_autofree char *profile = take_profile (come_again (self, identity, NULL, APPLE_UDID));
  g_autofree char *token = sign_in (self->world, "/mdm/sso", &(Answer){ .assertion_id = "_ada2" });
  Device *devices[] = { identity, NULL };

  phone = get_certificate (self, profile, "scepclient.key");
  devices[1] = phone;
  for (size_t i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      g_free (devices[i]->enrollment_id);
      devices[i]->enrollment_id = g_strdup (DEVICE_ID);
      g_assert_cmpuint (device_say (self->world, devices[i], "Authenticate", token), ==, 401);
      assert_log ("was issued for a ticket, and comes with an access token");
    }
  assert_count (self->world, 0, "enrollment");
}

static void
test_out_of_time (Begun *self, gconstpointer data)
{
  g_autoptr (Device) identity = get_identity (self);

  world_write (self->world, "UPDATE access_token SET expires_at = 9000000000000000");
  world_advance (self->world, 366 * 24 * HOUR_MS);
  assert_refused (come_again (self, identity, NULL, APPLE_UDID), "unknown, revoked or out of its time");
}

/* Without the switch the profile comes at once, and there is no service. */
static void
test_off (void)
{
  Begun begun = { NULL };
  g_autofree char *path = NULL, *profile = NULL;

  begin (&begun, "Use=enrollment\n");
  assert_refused (come (&begun, begun.ticket, APPLE_UDID), "no ticket for the Profile Service");
  path = g_strconcat ("/mdm/apple/profile/", begun.ticket, NULL);
  profile = take_profile (world_get (begun.world, path, NULL));
  g_assert_nonnull (strstr (profile, "com.apple.mdm"));
  tear_down (&begun, NULL);
}

static void
add_tests (void)
{
#define ADD(name, function) g_test_add ("/ota/" name, Begun, NULL, set_up, function, tear_down)
  ADD ("whole", test_whole);
  ADD ("forged", test_forged);
  ADD ("challenge", test_challenge);
  ADD ("bound", test_bound);
  ADD ("identities", test_identities);
  ADD ("access-token", test_access_token);
  ADD ("out-of-time", test_out_of_time);
#undef ADD
  g_test_add_func ("/ota/off", test_off);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mac.h"

#include <string.h>

#define HARDWARE                                                                                             \
  "<key>ProductName</key><string>Mac14,2</string><key>SerialNumber</key><string>C02XK1</string>"             \
  "<key>OSVersion</key><string>15.1</string>"

/* Signs in and gets a certificate, for an enrollment of the whole device. */
Device *
mac_new (World *world, const Answer *answer, const char *key, const char *udid)
{
  g_autofree char *token = sign_in (world, "/mdm/sso", answer);
  Device *self;

  self = device_get_certificate (world, NULL, token, key);
  world_write (world, "UPDATE access_token SET mode = 'ADDE' WHERE certificate_sha256 = ''");
  g_free (self->enrollment_id);
  self->enrollment_id = g_strdup (udid);
  return self;
}

Device *
mac_enroll (World *world, const Answer *answer, const char *key, const char *udid)
{
  Device *self = mac_new (world, answer, key, udid);

  g_assert_cmpuint (mac_say (world, self, "Authenticate", HARDWARE, NULL), ==, 200);
  g_assert_cmpuint (mac_say (world, self, "TokenUpdate", MAC_PUSH, NULL), ==, 200);
  return self;
}

DoorResponse *
mac_send (World *world, const Device *self, const char *type, const char *keys, const char *bearer)
{
  g_autofree char *text =
      g_strdup_printf ("<plist version=\"1.0\"><dict><key>MessageType</key><string>%s</string>"
                       "<key>UDID</key><string>%s</string>"
                       "<key>Topic</key><string>" WORLD_TOPIC "</string>%s</dict></plist>",
                       type, self->enrollment_id, keys);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));

  return device_put (world, self, body, bearer);
}

/* Returns the HTTP status. */
unsigned int
mac_say (World *world, const Device *self, const char *type, const char *keys, const char *bearer)
{
  g_autoptr (DoorResponse) response = mac_send (world, self, type, keys, bearer);

  return door_response_get_status (response);
}

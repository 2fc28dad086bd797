/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "apple-device.h"
#include "cms-fixture.h"
#include "door-apple-device-private.h"
#include "door-error.h"

#define NOW_MS (INT64_C (1800014400) * 1000)
#define NOW_S (NOW_MS / 1000)

static GBytes *
open_message (GBytes *message, const DoorCertificate *anchor, GError **error)
{
  g_autofree char *pin = apple_device_issuer_key_sha256 ("other-ca.pem");

  return door_apple_device_open_pinned (message, pin, anchor, NOW_MS, error);
}

static void
assert_refused (GBytes *message, const DoorCertificate *anchor)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_message (message, anchor, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_BADSIG);
}

/* With signed attributes and without, and by an authority that is long over. */
static void
test_good (void)
{
  static const AppleSigner good[] = {
    { .flags = SIM_CMS_AS_DEVICE },
    { .flags = SIM_CMS_EMBEDDED },
    { .issuer_to_s = INT64_C (1397682000) },
    { .from_s = NOW_S, .to_s = NOW_S + 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) message = apple_device_info (NULL, &good[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) content = open_message (message, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (memmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), APPLE_SERIAL,
                                strlen (APPLE_SERIAL)));
    }
}

/* A name is not enough, nor to be sent along with the right authority; dates of the device itself count. */
static void
test_refused (void)
{
  static const AppleSigner bad[] = {
    { .issuer = "ca.pem", .issuer_key = "ca.key" },
    { .issuer_key = "ca.key" },
    { .issuer = "device.pem", .issuer_key = "device.key" },
    { .without_issuer = true },
    { .from_s = NOW_S - 10, .to_s = NOW_S - 1 },
    { .from_s = NOW_S + 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) message = apple_device_info (NULL, &bad[i]);

      assert_refused (message, NULL);
    }
}

static void
test_tampered (void)
{
  g_autoptr (GBytes) message = apple_device_info (NULL, NULL), changed = NULL;
  g_autoptr (GBytes) detached = apple_device_info (NULL, &(AppleSigner){ .flags = SIM_CMS_DETACHED });

  changed = fixture_replace (message, fixture_find (message, APPLE_SERIAL, strlen (APPLE_SERIAL)), 'D');
  assert_refused (changed, NULL);
  assert_refused (detached, NULL);
}

static void
test_large (void)
{
  g_autofree char *text = g_strnfill (DOOR_APPLE_DEVICE_MAX_BYTES, 'a');
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) message = apple_device_sign (body, NULL);

  assert_refused (message, NULL);
}

/* Only with an anchor of its own is anything but Apple's authority believed, and that only by issue. */
static void
test_anchor (void)
{
  g_autoptr (DoorCertificate) anchor = fixture_load_certificate ("other-ca.pem");
  g_autoptr (GBytes) message = apple_device_info (NULL, &(AppleSigner){ .without_issuer = true });
  g_autoptr (GBytes) foreign =
      apple_device_info (NULL, &(AppleSigner){ .issuer = "ca.pem", .issuer_key = "ca.key" });
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) content = door_apple_device_open (message, anchor, NOW_MS, &error), none = NULL;

  g_assert_no_error (error);
  g_assert_nonnull (content);
  none = door_apple_device_open (foreign, anchor, NOW_MS, &error);
  g_assert_null (none);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_BADSIG);
  g_clear_error (&error);
  none = door_apple_device_open (message, NULL, NOW_MS, &error);
  g_assert_null (none);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_BADSIG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/apple-device/good", test_good);
  g_test_add_func ("/apple-device/refused", test_refused);
  g_test_add_func ("/apple-device/tampered", test_tampered);
  g_test_add_func ("/apple-device/large", test_large);
  g_test_add_func ("/apple-device/anchor", test_anchor);
  return g_test_run ();
}

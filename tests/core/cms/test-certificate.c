/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-certificate.h"

#include <string.h>

#include "cms-fixture.h"
#include "door-error.h"

static void
test_values (void)
{
  g_autoptr (GBytes) der = fixture_load ("device.der");
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  g_autoptr (DoorCertificate) same = fixture_load_certificate ("device.der");
  g_autoptr (DoorCertificate) authority = fixture_load_certificate ("ca.pem");
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, der);

  g_assert_true (g_bytes_equal (door_certificate_get_der (device), der));
  g_assert_cmpstr (door_certificate_get_sha256 (device), ==, sha256);
  g_assert_cmpstr (door_certificate_get_sha256 (same), ==, sha256);
  g_assert_cmpstr (door_certificate_get_serial (device), ==, "22");
  g_assert_cmpstr (door_certificate_get_subject (device), ==, "");
  g_assert_cmpstr (door_certificate_get_subject (authority), ==, "CN=Fixture CA,O=Fixture");
  g_assert_cmpint (door_certificate_get_not_before_ms (device), ==, INT64_C (1577836800000));
  g_assert_cmpint (door_certificate_get_not_after_ms (device), ==, INT64_C (1609459200000));
}

static void
test_public_key (void)
{
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  g_autoptr (DoorCertificate) impostor = fixture_load_certificate ("impostor.pem");
  g_autoptr (DoorCertificate) authority = fixture_load_certificate ("ca.pem");

  g_assert_cmpstr (door_certificate_get_public_key_sha256 (device), ==,
                   door_certificate_get_public_key_sha256 (impostor));
  g_assert_cmpstr (door_certificate_get_public_key_sha256 (device), !=,
                   door_certificate_get_public_key_sha256 (authority));
  g_assert_cmpuint (strlen (door_certificate_get_public_key_sha256 (device)), ==, 64);
}

static void
test_validity (void)
{
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  int64_t start = door_certificate_get_not_before_ms (device);
  int64_t end = door_certificate_get_not_after_ms (device);

  g_assert_false (door_certificate_is_valid_at (device, start - 1));
  g_assert_true (door_certificate_is_valid_at (device, start));
  g_assert_true (door_certificate_is_valid_at (device, end + 999));
  g_assert_false (door_certificate_is_valid_at (device, end + 1000));
}

static void
test_pem (void)
{
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  g_autoptr (GBytes) pem = door_certificate_dup_pem (device);
  g_autoptr (DoorCertificate) again = door_certificate_parse (pem, NULL);

  g_assert_cmpstr (door_certificate_get_sha256 (again), ==, door_certificate_get_sha256 (device));
}

static void
assert_rejected (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (door_certificate_parse (bytes, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_CERTIFICATE);
}

static void
test_rejected (void)
{
  static const char *const bad[] = { "ca.key", "csr-plain.der", "body.plist", "attached-sha256-attr.der" };
  g_autoptr (GBytes) der = fixture_load ("device.der");
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (64), 64);
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_autoptr (GBytes) trailing = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = fixture_load (bad[i]);

      assert_rejected (bytes);
    }
  for (size_t size = 0; size < g_bytes_get_size (der); size++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (der, 0, size);

      assert_rejected (part);
    }
  assert_rejected (zeros);
  g_byte_array_append (longer, g_bytes_get_data (der, NULL), (guint) g_bytes_get_size (der));
  g_byte_array_append (longer, (const guint8 *) "x", 1);
  trailing = g_bytes_new (longer->data, longer->len);
  assert_rejected (trailing);
}

/* The limit holds for text as well, whatever the certificate in it. */
static void
test_oversized (void)
{
  g_autoptr (GBytes) pem = fixture_load ("device.pem");
  g_autoptr (GString) text = g_string_new_len (g_bytes_get_data (pem, NULL), (gssize) g_bytes_get_size (pem));
  g_autoptr (GBytes) most = NULL, more = NULL;
  g_autoptr (DoorCertificate) certificate = NULL;

  while (text->len < DOOR_CERTIFICATE_MAX_BYTES)
    g_string_append_c (text, '\n');
  most = g_bytes_new (text->str, text->len);
  certificate = door_certificate_parse (most, NULL);
  g_assert_nonnull (certificate);
  g_string_append_c (text, '\n');
  more = g_bytes_new (text->str, text->len);
  assert_rejected (more);
}

static void
test_issued_by (void)
{
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  g_autoptr (DoorCertificate) authority = fixture_load_certificate ("ca.pem");
  g_autoptr (DoorCertificate) namesake = fixture_load_certificate ("other-ca.pem");
  g_autoptr (DoorCertificate) other = fixture_load_certificate ("ec-ca.pem");
  g_autoptr (DoorCertificate) self_signed = fixture_load_certificate ("rsa-2048.pem");
  DoorCertificate *const bad[] = { namesake, other, device };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_certificate_verify_issued_by (device, authority, &error));
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (door_certificate_verify_issued_by (device, bad[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_AUTHENTICATED);
      g_clear_error (&error);
    }
  /* the right name and key, but not the right to issue */
  g_assert_false (door_certificate_verify_issued_by (self_signed, self_signed, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate/values", test_values);
  g_test_add_func ("/certificate/public-key", test_public_key);
  g_test_add_func ("/certificate/validity", test_validity);
  g_test_add_func ("/certificate/pem", test_pem);
  g_test_add_func ("/certificate/rejected", test_rejected);
  g_test_add_func ("/certificate/oversized", test_oversized);
  g_test_add_func ("/certificate/issued-by", test_issued_by);
  return g_test_run ();
}

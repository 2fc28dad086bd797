/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cms.h"

#include <string.h>

#include "cms-fixture.h"
#include "door-error.h"

static void
assert_fault (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_BADSIG);
}

static void
assert_not_opened (GBytes *message, DoorError code)
{
  g_autoptr (GError) error = NULL;
  DoorCertificate *signer = NULL;

  g_assert_null (door_cms_open_signed (message, &signer, &error));
  g_assert_error (error, DOOR_ERROR, (int) code);
  assert_fault (error);
  g_assert_null (signer);
}

static void
assert_not_verified (GBytes *message, GBytes *content, DoorError code)
{
  g_autoptr (GError) error = NULL;
  DoorCertificate *signer = NULL;

  g_assert_false (door_cms_verify_detached (message, content, &signer, &error));
  g_assert_error (error, DOOR_ERROR, (int) code);
  assert_fault (error);
  g_assert_null (signer);
}

static void
test_open (void)
{
  static const struct
  {
    const char *message;
    const char *signer;
  } good[] = {
    { "attached-sha1-attr.der", "device.pem" },
    { "attached-sha1-plain.der", "device.pem" },
    { "attached-sha256-attr.der", "device.pem" },
    { "attached-sha256-plain.der", "device.pem" },
    { "attached-sha384-attr.der", "device.pem" },
    { "attached-sha384-plain.der", "device.pem" },
    { "attached-sha512-attr.der", "device.pem" },
    { "attached-sha512-plain.der", "device.pem" },
    { "attached-sha1-attr-indef.der", "device.pem" },
    { "attached-sha1-plain-indef.der", "device.pem" },
    { "attached-chain.der", "device.pem" },
    { "attached-keyid.der", "rsa-2048.pem" },
    { "attached-ec.der", "ec.pem" },
    { "attached-rsa-1024.der", "rsa-1024.pem" },
  };
  g_autoptr (GBytes) body = fixture_load ("body.plist");

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) message = fixture_load (good[i].message);
      g_autoptr (DoorCertificate) expected = fixture_load_certificate (good[i].signer);
      g_autoptr (DoorCertificate) signer = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) content = door_cms_open_signed (message, &signer, &error);

      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (content, body));
      g_assert_cmpstr (door_certificate_get_sha256 (signer), ==, door_certificate_get_sha256 (expected));
    }
}

static void
test_open_rejected (void)
{
  static const struct
  {
    const char *message;
    DoorError code;
  } bad[] = {
    { "bad-two-signers.der", DOOR_ERROR_INVALID_DATA },
    { "bad-no-signer.der", DOOR_ERROR_INVALID_DATA },
    { "bad-no-certificate.der", DOOR_ERROR_INVALID_DATA },
    { "bad-other-certificate.der", DOOR_ERROR_INVALID_DATA },
    { "bad-content-type.der", DOOR_ERROR_INVALID_DATA },
    { "bad-digested.der", DOOR_ERROR_INVALID_DATA },
    { "bad-md5.der", DOOR_ERROR_NOT_AUTHENTICATED },
    { "bad-pss.der", DOOR_ERROR_NOT_AUTHENTICATED },
    { "bad-rsa-512.der", DOOR_ERROR_NOT_AUTHENTICATED },
    { "bad-rsa-8448.der", DOOR_ERROR_NOT_AUTHENTICATED },
    { "bad-rsa-exponent.der", DOOR_ERROR_NOT_AUTHENTICATED },
    { "detached-sha1-attr.der", DOOR_ERROR_INVALID_DATA },
    { "device.der", DOOR_ERROR_INVALID_DATA },
    { "body.plist", DOOR_ERROR_INVALID_DATA },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) message = fixture_load (bad[i].message);

      assert_not_opened (message, bad[i].code);
    }
}

static void
test_open_truncated (void)
{
  static const char *const names[] = { "attached-sha1-attr-indef.der", "attached-sha256-plain.der" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) whole = fixture_load (names[i]);

      for (size_t size = 0; size < g_bytes_get_size (whole); size++)
        {
          g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, 0, size);

          assert_not_opened (part, DOOR_ERROR_INVALID_DATA);
        }
    }
}

/* Each byte of the body counts, whether signed itself or through the message digest. */
static void
test_open_tampered_body (void)
{
  static const char *const names[] = { "attached-sha256-attr.der", "attached-sha1-plain-indef.der",
                                       "attached-ec.der" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) message = fixture_load (names[i]);
      size_t at = fixture_find (message, "<string>0000", 12) + 8;
      g_autoptr (GBytes) tampered = fixture_replace (message, at, '1');

      assert_not_opened (tampered, DOOR_ERROR_NOT_AUTHENTICATED);
    }
}

/* contentType, and messageDigest as changed together with the body: only the signature tells. */
static void
test_open_tampered_attribute (void)
{
  static const uint8_t digest_head[] = { 0x01, 0x09, 0x04, 0x31, 0x22, 0x04, 0x20 };
  g_autoptr (GBytes) message = fixture_load ("attached-sha256-attr.der");
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autofree uint8_t *changed = g_memdup2 (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  size_t digest_at = fixture_find (message, digest_head, sizeof digest_head) + sizeof digest_head;
  size_t body_at = fixture_find (message, changed, g_bytes_get_size (body));
  g_autofree uint8_t *copy = g_memdup2 (g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = 32;
  g_autoptr (GBytes) tampered = NULL;

  changed[0] = '>';
  g_checksum_update (checksum, changed, (gssize) g_bytes_get_size (body));
  g_checksum_get_digest (checksum, copy + digest_at, &size);
  copy[body_at] = '>';
  tampered = g_bytes_new (copy, g_bytes_get_size (message));
  assert_not_opened (tampered, DOOR_ERROR_NOT_AUTHENTICATED);
}

/* Signed as encryptedData, said to be data: the signature over the attributes still holds. */
static void
test_open_relabelled (void)
{
  static const uint8_t type[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06, 0xa0 };
  g_autoptr (GBytes) message = fixture_load ("bad-content-type.der");
  g_autoptr (GBytes) relabelled =
      fixture_replace (message, fixture_find (message, type, sizeof type) + 10, 0x01);

  assert_not_opened (relabelled, DOOR_ERROR_NOT_AUTHENTICATED);
}

/* The name of the signature's algorithm is not signed; it must be one of those known all the same. */
static void
test_open_algorithm (void)
{
  static const uint8_t sha256[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
  g_autoptr (GBytes) message = fixture_load ("attached-ec.der");
  g_autoptr (GBytes) renamed = NULL;
  const uint8_t *data = g_bytes_get_data (message, NULL);
  size_t at = g_bytes_get_size (message) - sizeof sha256;

  while (memcmp (data + at, sha256, sizeof sha256) != 0)
    at--;
  renamed = fixture_replace (message, at + sizeof sha256 - 1, 0x01); /* ecdsa-with-SHA224 */
  assert_not_opened (renamed, DOOR_ERROR_NOT_AUTHENTICATED);
}

/* Valid but for its thousands of parts: refused before a library looks at it. */
static void
test_open_elements (void)
{
  g_autoptr (GBytes) message = fixture_load ("attached-sha1-plain-indef.der");
  size_t at = fixture_find (message, "\x04\x76<?xml", 7);
  g_autoptr (GBytes) few = fixture_insert_empty (message, at, 1000);
  g_autoptr (GBytes) many = fixture_insert_empty (message, at, 2100);
  g_autoptr (GBytes) content = door_cms_open_signed (few, NULL, NULL);

  g_assert_nonnull (content);
  assert_not_opened (many, DOOR_ERROR_INVALID_DATA);
}

/* No change of one bit makes it say something else. */
static void
test_open_every_bit (void)
{
  g_autoptr (GBytes) message = fixture_load ("attached-sha256-attr.der");
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");

  for (size_t i = 0; i < g_bytes_get_size (message); i++)
    {
      const uint8_t *data = g_bytes_get_data (message, NULL);
      g_autoptr (GBytes) flipped = fixture_replace (message, i, data[i] ^ (uint8_t) (1 << i % 8));
      g_autoptr (DoorCertificate) signer = NULL;
      g_autoptr (GBytes) content = door_cms_open_signed (flipped, &signer, NULL);

      if (content != NULL)
        {
          g_assert_true (g_bytes_equal (content, body));
          g_assert_cmpstr (door_certificate_get_public_key_sha256 (signer), ==,
                           door_certificate_get_public_key_sha256 (device));
        }
    }
}

/* The content is as large as it takes for the message to have a size on either side of the limit. */
static GBytes *
sign_zeros (size_t size)
{
  g_autoptr (GBytes) chain = fixture_load ("device.pem");
  g_autoptr (DoorSecret) key = fixture_load_secret ("device.key");
  g_autoptr (DoorCmsSigner) signer = door_cms_signer_new (chain, key, NULL);
  g_autoptr (GBytes) content = g_bytes_new_take (g_malloc0 (size), size);

  return door_cms_sign (signer, content, FIXTURE_NOW_MS, NULL);
}

static void
test_limits (void)
{
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (GBytes) first = sign_zeros (DOOR_CMS_MAX_BYTES / 2);
  size_t overhead = g_bytes_get_size (first) - DOOR_CMS_MAX_BYTES / 2;
  g_autoptr (GBytes) largest = sign_zeros (DOOR_CMS_MAX_BYTES - overhead);
  g_autoptr (GBytes) larger = sign_zeros (DOOR_CMS_MAX_BYTES - overhead + 1);
  g_autoptr (GBytes) content = door_cms_open_signed (largest, NULL, NULL);
  g_autoptr (GBytes) large_header = fixture_load ("bad-large-detached.der");
  g_autoptr (GBytes) many = fixture_load ("bad-many-certificates.der");

  g_assert_cmpuint (g_bytes_get_size (largest), ==, DOOR_CMS_MAX_BYTES);
  g_assert_nonnull (content);
  assert_not_opened (larger, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpuint (g_bytes_get_size (large_header), >, DOOR_CMS_MAX_DETACHED_BYTES);
  assert_not_verified (large_header, body, DOOR_ERROR_INVALID_DATA);
  assert_not_opened (many, DOOR_ERROR_INVALID_DATA);
}

static void
test_detached (void)
{
  static const char *const good[] = { "detached-sha1-plain-indef.der", "detached-sha1-plain.der",
                                      "detached-sha1-attr.der", "detached-sha1-attr-indef.der" };
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (GBytes) tampered = fixture_replace (body, 5, 'X');
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) message = fixture_load (good[i]);
      g_autoptr (DoorCertificate) signer = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (door_cms_verify_detached (message, body, &signer, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (door_certificate_get_sha256 (signer), ==, door_certificate_get_sha256 (device));
      assert_not_verified (message, tampered, DOOR_ERROR_NOT_AUTHENTICATED);
      assert_not_verified (message, empty, DOOR_ERROR_NOT_AUTHENTICATED);
    }
}

/* What it signs is inside it, so it says nothing about the body. */
static void
test_detached_with_content (void)
{
  static const char *const names[] = { "attached-sha1-plain.der", "attached-sha256-attr.der" };
  g_autoptr (GBytes) body = fixture_load ("body.plist");

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) message = fixture_load (names[i]);

      assert_not_verified (message, body, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_list_certificates (void)
{
  g_autoptr (GBytes) message = fixture_load ("attached-chain.der");
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  g_autoptr (DoorCertificate) authority = fixture_load_certificate ("ca.pem");
  g_autoptr (GPtrArray) list = door_cms_list_certificates (message, NULL);

  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (door_certificate_get_sha256 (list->pdata[0]), ==, door_certificate_get_sha256 (device));
  g_assert_cmpstr (door_certificate_get_sha256 (list->pdata[1]), ==, door_certificate_get_sha256 (authority));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cms/open", test_open);
  g_test_add_func ("/cms/open/rejected", test_open_rejected);
  g_test_add_func ("/cms/open/truncated", test_open_truncated);
  g_test_add_func ("/cms/open/tampered-body", test_open_tampered_body);
  g_test_add_func ("/cms/open/tampered-attribute", test_open_tampered_attribute);
  g_test_add_func ("/cms/open/relabelled", test_open_relabelled);
  g_test_add_func ("/cms/open/algorithm", test_open_algorithm);
  g_test_add_func ("/cms/open/elements", test_open_elements);
  g_test_add_func ("/cms/open/every-bit", test_open_every_bit);
  g_test_add_func ("/cms/limits", test_limits);
  g_test_add_func ("/cms/detached", test_detached);
  g_test_add_func ("/cms/detached/with-content", test_detached_with_content);
  g_test_add_func ("/cms/list-certificates", test_list_certificates);
  return g_test_run ();
}

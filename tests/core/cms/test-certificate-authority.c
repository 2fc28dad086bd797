/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-certificate-authority.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cms-fixture.h"
#include "door-error.h"

#define DAY_MS (INT64_C (86400) * 1000)

static const uint8_t serial[DOOR_SERIAL_BYTES] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static DoorCsr *
load_csr (const char *name)
{
  g_autoptr (GBytes) der = fixture_load (name);
  DoorCsr *csr = door_csr_parse (der, NULL);

  g_assert_nonnull (csr);
  return csr;
}

static X509 *
to_x509 (const DoorCertificate *certificate)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (door_certificate_get_der (certificate), &size);
  X509 *x509 = d2i_X509 (NULL, &data, (long) size);

  g_assert_nonnull (x509);
  return x509;
}

static void
test_generate (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCertificateAuthority) authority =
      door_certificate_authority_generate ("Example & Söhne", FIXTURE_NOW_MS, 86400 * 3650, &error);
  DoorCertificate *certificate;
  X509 *x509;

  g_assert_no_error (error);
  certificate = door_certificate_authority_get_certificate (authority);
  g_assert_cmpstr (door_certificate_get_subject (certificate), ==, "CN=Device Identity CA,O=Example & Söhne");
  g_assert_cmpint (door_certificate_get_not_before_ms (certificate), ==, FIXTURE_NOW_MS);
  g_assert_cmpint (door_certificate_get_not_after_ms (certificate), ==, FIXTURE_NOW_MS + 3650 * DAY_MS);
  x509 = to_x509 (certificate);
  g_assert_cmpint (X509_check_ca (x509), ==, 1);
  g_assert_cmpint (X509_get_key_usage (x509), ==,
                   X509v3_KU_KEY_CERT_SIGN | X509v3_KU_CRL_SIGN | X509v3_KU_DIGITAL_SIGNATURE |
                       X509v3_KU_KEY_ENCIPHERMENT);
  g_assert_cmpint (EVP_PKEY_get_bits (X509_get0_pubkey (x509)), ==, 3072);
  g_assert_cmpint (X509_verify (x509, X509_get0_pubkey (x509)), ==, 1);
  X509_free (x509);
}

static void
test_generate_rejected (void)
{
  static const char *const names[] = { "", "\xff",
                                       "12345678901234567890123456789012345678901234567890123456789012345" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_certificate_authority_generate (names[i], FIXTURE_NOW_MS, 86400, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
  g_assert_null (door_certificate_authority_generate ("x", FIXTURE_NOW_MS, 0, NULL));
}

static void
test_round_trip (void)
{
  g_autoptr (DoorCertificateAuthority) first = fixture_load_authority ();
  g_autoptr (GBytes) certificate = door_certificate_authority_dup_certificate_pem (first);
  g_autoptr (DoorSecret) key = door_certificate_authority_dup_key_pem (first);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCertificateAuthority) second = door_certificate_authority_load (certificate, key, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_certificate_get_sha256 (door_certificate_authority_get_certificate (first)), ==,
                   door_certificate_get_sha256 (door_certificate_authority_get_certificate (second)));
}

static void
test_load_rejected (void)
{
  static const struct
  {
    const char *certificate;
    const char *key;
  } bad[] = {
    { "ca.pem", "other-ca.key" },             /* another key */
    { "other-ca.pem", "ca.key" },             /* another certificate of the name */
    { "ca-signs-only.pem", "ca.key" },        /* nothing may be encrypted to it */
    { "not-ca.pem", "ca.key" },               /* may not issue */
    { "ec-ca.pem", "ec.key" },                /* SCEP needs RSA */
    { "device.pem", "device-encrypted.key" }, /* encrypted */
    { "ca.pem", "body.plist" },
    { "body.plist", "ca.key" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) certificate = fixture_load (bad[i].certificate);
      g_autoptr (DoorSecret) key = fixture_load_secret (bad[i].key);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_certificate_authority_load (certificate, key, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

static void
test_issue (void)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorCsr) csr = load_csr ("csr-plain.der");
  const DoorIssueRequest request = { csr,
                                     "c0ffee00-0000-4000-8000-000000000001",
                                     "Example",
                                     serial,
                                     FIXTURE_NOW_MS,
                                     FIXTURE_NOW_MS + 365 * DAY_MS };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCertificate) issued = door_certificate_authority_issue (authority, &request, &error);
  X509 *x509, *issuer = to_x509 (door_certificate_authority_get_certificate (authority));

  g_assert_no_error (error);
  g_assert_cmpstr (door_certificate_get_subject (issued), ==,
                   "CN=c0ffee00-0000-4000-8000-000000000001,O=Example");
  g_assert_cmpstr (door_certificate_get_serial (issued), ==, "7f0102030405060708090a0b0c0d0e0f");
  g_assert_cmpint (door_certificate_get_not_before_ms (issued), ==, FIXTURE_NOW_MS);
  g_assert_cmpint (door_certificate_get_not_after_ms (issued), ==, FIXTURE_NOW_MS + 365 * DAY_MS);
  g_assert_cmpstr (door_certificate_get_public_key_sha256 (issued), ==, door_csr_get_public_key_sha256 (csr));
  x509 = to_x509 (issued);
  g_assert_cmpint (X509_check_issued (issuer, x509), ==, X509_V_OK);
  g_assert_cmpint (X509_verify (x509, X509_get0_pubkey (issuer)), ==, 1);
  g_assert_cmpint (X509_get_signature_nid (x509), ==, NID_sha256WithRSAEncryption);
  g_assert_cmpint (X509_check_ca (x509), ==, 0);
  g_assert_cmpint (X509_get_key_usage (x509), ==, X509v3_KU_DIGITAL_SIGNATURE | X509v3_KU_KEY_ENCIPHERMENT);
  g_assert_cmpint (X509_get_extended_key_usage (x509), ==, XKU_SSL_CLIENT);
  g_assert_nonnull (X509_get0_subject_key_id (x509));
  g_assert_cmpint (
      ASN1_OCTET_STRING_cmp (X509_get0_authority_key_id (x509), X509_get0_subject_key_id (issuer)), ==, 0);
  X509_free (x509);
  X509_free (issuer);
}

static void
test_issue_ec (void)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorCsr) csr = load_csr ("csr-ec.der");
  const DoorIssueRequest request = { csr, "x", "y", serial, FIXTURE_NOW_MS, FIXTURE_NOW_MS + DAY_MS };
  g_autoptr (DoorCertificate) issued = door_certificate_authority_issue (authority, &request, NULL);
  X509 *x509 = to_x509 (issued);

  g_assert_cmpint (X509_get_key_usage (x509), ==, X509v3_KU_DIGITAL_SIGNATURE);
  X509_free (x509);
}

/* The authority's own end is the latest. */
static void
test_issue_cut (void)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  int64_t end_ms = door_certificate_get_not_after_ms (door_certificate_authority_get_certificate (authority));
  g_autoptr (DoorCsr) csr = load_csr ("csr-plain.der");
  const DoorIssueRequest longer = { csr, "x", "y", serial, FIXTURE_NOW_MS, end_ms + DAY_MS };
  const DoorIssueRequest late = { csr, "x", "y", serial, end_ms, end_ms + DAY_MS };
  g_autoptr (DoorCertificate) issued = door_certificate_authority_issue (authority, &longer, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (door_certificate_get_not_after_ms (issued), ==, end_ms);
  g_assert_null (door_certificate_authority_issue (authority, &late, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

static void
test_issue_rejected (void)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorCsr) csr = load_csr ("csr-plain.der");
  const DoorIssueRequest bad[] = {
    { csr, "", "y", serial, FIXTURE_NOW_MS, FIXTURE_NOW_MS + DAY_MS },
    { csr, "x", "", serial, FIXTURE_NOW_MS, FIXTURE_NOW_MS + DAY_MS },
    { csr, "x\xc0", "y", serial, FIXTURE_NOW_MS, FIXTURE_NOW_MS + DAY_MS },
    { csr, "x", "y", serial, FIXTURE_NOW_MS, FIXTURE_NOW_MS },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_certificate_authority_issue (authority, &bad[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_issued (void)
{
  /* the same name with another key; another issuer; self-signed; the authority itself */
  static const char *const bad[] = { "impostor.pem", "rsa-2048.pem", "ec.pem",
                                     "ca.pem",       "other-ca.pem", "ca-signs-only.pem" };
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  g_autoptr (GError) error = NULL;

  /* expired: dates are not its business */
  g_assert_true (door_certificate_authority_issued (authority, device, &error));
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DoorCertificate) certificate = fixture_load_certificate (bad[i]);

      g_assert_false (door_certificate_authority_issued (authority, certificate, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_AUTHENTICATED);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_UNKNOWN);
      g_clear_error (&error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate-authority/generate", test_generate);
  g_test_add_func ("/certificate-authority/generate/rejected", test_generate_rejected);
  g_test_add_func ("/certificate-authority/round-trip", test_round_trip);
  g_test_add_func ("/certificate-authority/load/rejected", test_load_rejected);
  g_test_add_func ("/certificate-authority/issue", test_issue);
  g_test_add_func ("/certificate-authority/issue/ec", test_issue_ec);
  g_test_add_func ("/certificate-authority/issue/cut", test_issue_cut);
  g_test_add_func ("/certificate-authority/issue/rejected", test_issue_rejected);
  g_test_add_func ("/certificate-authority/issued", test_issued);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cms-signer.h"

#include <openssl/cms.h>

#include "cms-fixture.h"
#include "door-cms.h"
#include "door-error.h"

static DoorCmsSigner *
load (const char *chain_name, const char *key_name, GError **error)
{
  g_autoptr (GBytes) chain = fixture_load (chain_name);
  g_autoptr (DoorSecret) key = fixture_load_secret (key_name);

  return door_cms_signer_new (chain, key, error);
}

static void
test_sign (void)
{
  static const struct
  {
    const char *chain;
    const char *key;
    unsigned int certificates;
  } signers[] = {
    { "device-chain.pem", "device.key", 2 },
    { "device.pem", "device.key", 1 },
    { "ec.pem", "ec.key", 1 },
  };
  g_autoptr (GBytes) body = fixture_load ("body.plist");

  for (size_t i = 0; i < G_N_ELEMENTS (signers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorCmsSigner) signer = load (signers[i].chain, signers[i].key, &error);
      g_autoptr (GBytes) message = NULL, content = NULL;
      g_autoptr (DoorCertificate) certificate = NULL;
      g_autoptr (GPtrArray) certificates = NULL;
      GPtrArray *chain;

      g_assert_no_error (error);
      chain = door_cms_signer_get_chain (signer);
      g_assert_cmpuint (chain->len, ==, signers[i].certificates);
      message = door_cms_sign (signer, body, FIXTURE_NOW_MS, &error);
      g_assert_no_error (error);
      content = door_cms_open_signed (message, &certificate, &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (content, body));
      g_assert_cmpstr (door_certificate_get_sha256 (certificate), ==,
                       door_certificate_get_sha256 (chain->pdata[0]));
      certificates = door_cms_list_certificates (message, NULL);
      g_assert_cmpuint (certificates->len, ==, signers[i].certificates);
    }
}

/* The form of RFC 5652 that Apple's devices read: DER, the time as given, SHA-256. */
static void
test_form (void)
{
  g_autoptr (DoorCmsSigner) signer = load ("device-chain.pem", "device.key", NULL);
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (GBytes) message = door_cms_sign (signer, body, FIXTURE_NOW_MS, NULL);
  g_autoptr (GBytes) again = door_cms_sign (signer, body, FIXTURE_NOW_MS, NULL);
  const uint8_t *data = g_bytes_get_data (message, NULL);
  CMS_ContentInfo *cms = d2i_CMS_ContentInfo (NULL, &data, (long) g_bytes_get_size (message));
  CMS_SignerInfo *info = sk_CMS_SignerInfo_value (CMS_get0_SignerInfos (cms), 0);
  const ASN1_TIME *time =
      CMS_signed_get0_data_by_OBJ (info, OBJ_nid2obj (NID_pkcs9_signingTime), -3, V_ASN1_UTCTIME);
  X509_ALGOR *digest = NULL, *algorithm = NULL;

  g_assert_cmpmem (time->data, (size_t) time->length, "261122030743Z", 13);
  CMS_SignerInfo_get0_algs (info, NULL, NULL, &digest, &algorithm);
  g_assert_cmpint (OBJ_obj2nid (digest->algorithm), ==, NID_sha256);
  g_assert_cmpint (OBJ_obj2nid (algorithm->algorithm), ==, NID_rsaEncryption);
  g_assert_true (g_bytes_equal (message, again));
  CMS_ContentInfo_free (cms);
}

static void
test_empty (void)
{
  g_autoptr (DoorCmsSigner) signer = load ("ec.pem", "ec.key", NULL);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) message = door_cms_sign (signer, empty, FIXTURE_NOW_MS, NULL);
  g_autoptr (GBytes) content = door_cms_open_signed (message, NULL, NULL);

  g_assert_cmpuint (g_bytes_get_size (content), ==, 0);
}

static void
test_rejected (void)
{
  static const struct
  {
    const char *chain;
    const char *key;
  } bad[] = {
    { "device.pem", "ec.key" },               /* another key */
    { "device.pem", "device-encrypted.key" }, /* must not ask for a pass phrase either */
    { "rsa-1024.pem", "rsa-1024.key" },       /* too small */
    { "ca.key", "ca.key" },                   /* no certificate */
    { "ca.pem", "ca.pem" },                   /* no key */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (load (bad[i].chain, bad[i].key, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cms-signer/sign", test_sign);
  g_test_add_func ("/cms-signer/form", test_form);
  g_test_add_func ("/cms-signer/empty", test_empty);
  g_test_add_func ("/cms-signer/rejected", test_rejected);
  return g_test_run ();
}

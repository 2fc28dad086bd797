/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apple-device.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "door-certificate.h"
#include "test-data.h"

#define USUAL_FROM_S INT64_C (1790000000) /* 2026-09-21 */
#define USUAL_TO_S INT64_C (1850000000)   /* 2028-08-15 */

static EVP_PKEY *
load_key (const char *name)
{
  g_autoptr (GBytes) pem = test_data_load ("cms", name);
  g_autoptr (BIO) bio = sim_bio_new (pem);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  g_assert_nonnull (key);
  return key;
}

static X509 *
load_certificate (const char *name)
{
  g_autoptr (GBytes) pem = test_data_load ("cms", name);
  g_autoptr (BIO) bio = sim_bio_new (pem);
  X509 *certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);

  g_assert_nonnull (certificate);
  return certificate;
}

/* As the device has it: an empty subject, a signature by its authority. */
static X509 *
issue (EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, const AppleSigner *signer)
{
  X509 *certificate = X509_new ();

  X509_set_version (certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate), 4711);
  X509_set_issuer_name (certificate, X509_get_subject_name (issuer));
  ASN1_TIME_set (X509_getm_notBefore (certificate), signer->from_s != 0 ? signer->from_s : USUAL_FROM_S);
  ASN1_TIME_set (X509_getm_notAfter (certificate), signer->to_s != 0 ? signer->to_s : USUAL_TO_S);
  X509_set_pubkey (certificate, key);
  g_assert_cmpint (X509_sign (certificate, issuer_key, EVP_sha1 ()), >, 0);
  return certificate;
}

GBytes *
apple_device_sign (GBytes *content, const AppleSigner *signer)
{
  static const AppleSigner usual = { NULL };
  const AppleSigner *by = signer != NULL ? signer : &usual;
  g_autoptr (EVP_PKEY) key = load_key ("rsa-1024.key");
  g_autoptr (EVP_PKEY) issuer_key = load_key (by->issuer_key != NULL ? by->issuer_key : "other-ca.key");
  g_autoptr (X509) issuer = load_certificate (by->issuer != NULL ? by->issuer : "other-ca.pem");
  g_autoptr (X509) certificate = NULL;
  g_autoptr (SimCertificates) chain = sk_X509_new_null ();
  const bool as_device = (by->flags & SIM_CMS_AS_DEVICE) != 0;
  g_autoptr (GError) error = NULL;
  GBytes *message;
  SimSigner cms = { .key = key, .digest = as_device ? EVP_sha1 () : EVP_sha256 () };

  if (by->issuer_to_s != 0)
    {
      ASN1_TIME_set (X509_getm_notBefore (issuer), by->issuer_to_s - 1000);
      ASN1_TIME_set (X509_getm_notAfter (issuer), by->issuer_to_s);
      g_assert_cmpint (X509_sign (issuer, issuer_key, EVP_sha256 ()), >, 0);
    }
  certificate = issue (key, issuer, issuer_key, by);
  cms.certificate = certificate;
  if (!by->without_issuer)
    {
      X509_up_ref (issuer);
      sk_X509_push (chain, issuer);
      cms.chain = chain;
    }
  message = sim_cms_sign (content, &cms, by->flags, &error);
  g_assert_no_error (error);
  return message;
}

GBytes *
apple_device_info (const AppleInfo *info, const AppleSigner *signer)
{
  static const AppleInfo usual = { NULL };
  const AppleInfo *of = info != NULL ? info : &usual;
  const char *version = of->os_version != NULL ? of->os_version : "17.2";
  g_autofree char *os = *version != '\0'
                            ? g_strdup_printf ("<key>OS_VERSION</key><string>%s</string>", version)
                            : g_strdup ("");
  g_autofree char *update_id =
      of->update_id != NULL
          ? g_strdup_printf ("<key>SOFTWARE_UPDATE_DEVICE_ID</key><string>%s</string>", of->update_id)
          : g_strdup ("");
  char *text = g_strdup_printf (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>"
      "<key>SERIAL</key><string>%s</string><key>UDID</key><string>%s</string>"
      "<key>PRODUCT</key><string>%s</string><key>VERSION</key><string>21C62</string>"
      "<key>LANGUAGE</key><string>en-US</string><key>MDM_CAN_REQUEST_SOFTWARE_UPDATE</key><%s/>%s%s"
      "</dict></plist>",
      of->serial != NULL ? of->serial : APPLE_SERIAL, of->udid != NULL ? of->udid : APPLE_UDID,
      of->product != NULL ? of->product : "iPhone15,4", of->can_update ? "true" : "false", os, update_id);
  g_autoptr (GBytes) plist = g_bytes_new_take (text, strlen (text));

  return apple_device_sign (plist, signer);
}

char *
apple_device_issuer_key_sha256 (const char *certificate)
{
  g_autoptr (GBytes) pem = test_data_load ("cms", certificate);
  g_autoptr (DoorCertificate) parsed = door_certificate_parse (pem, NULL);

  return g_strdup (door_certificate_get_public_key_sha256 (parsed));
}

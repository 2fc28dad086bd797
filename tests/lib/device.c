/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "device.h"

#include <string.h>

#include <openssl/pem.h>

#include "door-cms.h"

#define CHECKIN_TYPE "application/x-apple-aspen-mdm-checkin"
#define COMMAND_TYPE "application/x-apple-aspen-mdm"
#define ENROLL_PATH "/mdm/apple/account_driven_enroll"

EVP_PKEY *
device_load_key (const char *name)
{
  g_autoptr (GBytes) pem = test_data_load ("cms", name);
  g_autoptr (BIO) bio = sim_bio_new (pem);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  g_assert_nonnull (key);
  return key;
}

Device *
device_new (const char *token, const char *key)
{
  Device *self = g_new0 (Device, 1);

  self->key = device_load_key (key);
  self->enrollment_id = g_strdup (DEVICE_ID);
  self->token = g_strdup (token);
  return self;
}

void
device_free (Device *self)
{
  EVP_PKEY_free (self->key);
  X509_free (self->certificate);
  g_free (self->enrollment_id);
  g_free (self->token);
  g_free (self->query);
  g_free (self);
}

void
scep_outcome_clear (ScepOutcome *self)
{
  X509_free (self->certificate);
  g_free (self->fail_info);
}

char *
device_dup_sha256 (X509 *certificate)
{
  unsigned char *der = NULL;
  int size = i2d_X509 (certificate, &der);
  char *text = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, (size_t) size);

  OPENSSL_free (der);
  return text;
}

GBytes *
device_sign (GBytes *content, EVP_PKEY *key, X509 *certificate, SimCmsFlags flags)
{
  const bool as_device = (flags & SIM_CMS_AS_DEVICE) != 0;
  const SimSigner signer = { .key = key,
                             .certificate = certificate,
                             .digest = as_device ? EVP_sha1 () : EVP_sha256 () };
  g_autoptr (GError) error = NULL;
  GBytes *signed_data = sim_cms_sign (content, &signer, flags, &error);

  g_assert_no_error (error);
  return signed_data;
}

static GBytes *
wrap (const char *keys)
{
  char *text = g_strdup_printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                "<plist version=\"1.0\"><dict>%s</dict></plist>",
                                keys);

  return g_bytes_new_take (text, strlen (text));
}

static X509 *
new_self_signed (EVP_PKEY *key)
{
  g_autoptr (X509_NAME) name = X509_NAME_new ();
  g_autoptr (GError) error = NULL;
  X509 *certificate;

  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8, (const unsigned char *) "device", -1, -1, 0);
  certificate = sim_certificate_new_for_scep (name, key, &error);
  g_assert_no_error (error);
  return certificate;
}

/* What a device says of itself at the enrollment address, signed. */
GBytes *
device_build_machine_info (const char *product)
{
  g_autofree char *keys =
      g_strdup_printf ("<key>LANGUAGE</key><string>en-US</string><key>OS_VERSION</key><string>18.2.1</string>"
                       "<key>PRODUCT</key><string>%s</string><key>VERSION</key><string>22C161</string>",
                       product);
  g_autoptr (GBytes) plist = wrap (keys);
  g_autoptr (EVP_PKEY) key = device_load_key ("device.key");
  g_autoptr (X509) certificate = new_self_signed (key);

  return device_sign (plist, key, certificate, SIM_CMS_EMBEDDED);
}

DoorResponse *
device_ask_profile (World *world, const char *path, const char *token)
{
  g_autoptr (GBytes) body = device_build_machine_info ("iPhone12,1");
  const Visit visit = {
    .method = "POST",
    .target = path != NULL ? path : ENROLL_PATH,
    .content_type = "application/pkcs7-signature",
    .bearer = token,
    .body = body,
  };

  return world_visit (world, &visit);
}

/* The text under the signature. */
char *
device_dup_profile (const DoorResponse *response)
{
  g_autoptr (DoorCertificate) signer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) content = door_cms_open_signed (door_response_get_body (response), &signer, &error);

  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (content, NULL), g_bytes_get_size (content));
}

char *
device_dup_challenge (World *world, const char *path, const char *token)
{
  g_autoptr (DoorResponse) response = device_ask_profile (world, path, token);
  g_autofree char *profile = NULL;
  const char *at;

  assert_status (response, 200);
  profile = device_dup_profile (response);
  at = strstr (profile, "<key>Challenge</key>");
  g_assert_nonnull (at);
  at = strstr (at, "<string>");
  g_assert_nonnull (at);
  at += strlen ("<string>");
  return g_strndup (at, strcspn (at, "<"));
}

static SimCertificates *
load_authorities (World *world)
{
  DoorCertificate *ca = door_certificate_authority_get_certificate (world->context.authority);
  g_autoptr (GError) error = NULL;
  SimCertificates *list = sim_scep_authorities_parse (door_certificate_get_der (ca), false, &error);

  g_assert_no_error (error);
  return list;
}

GBytes *
device_build_scep (World *world, const ScepVisit *visit)
{
  const SimScepCaps caps = { true, true, true, true };
  g_autoptr (SimCertificates) authorities = load_authorities (world);
  g_autoptr (X509_NAME) name = X509_NAME_new ();
  g_autoptr (X509) self_signed = new_self_signed (visit->key);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) csr = NULL;
  g_autoptr (SimScepRequest) request = NULL;
  const SimIssuer signer = { visit->signer != NULL ? visit->signer : self_signed,
                             visit->signer_key != NULL ? visit->signer_key : visit->key };

  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8, (const unsigned char *) "ada@example.com", -1, -1,
                              0);
  csr = sim_scep_csr_new (name, visit->key, visit->challenge, &error);
  g_assert_no_error (error);
  request = sim_scep_request_new (visit->type != NULL ? visit->type : SIM_SCEP_PKCS_REQ, csr, signer,
                                  authorities, caps, &error);
  g_assert_no_error (error);
  return g_bytes_ref (request->message);
}

DoorResponse *
device_post_scep (World *world, GBytes *message)
{
  const Visit visit = {
    .method = "POST",
    .target = "/mdm/apple/scep?operation=PKIOperation",
    .content_type = "application/x-pki-message",
    .body = message,
  };

  return world_visit (world, &visit);
}

static char *
dup_attribute (CMS_SignerInfo *info, const char *oid)
{
  ASN1_OBJECT *object = OBJ_txt2obj (oid, 1);
  ASN1_STRING *value = CMS_signed_get0_data_by_OBJ (info, object, -3, V_ASN1_PRINTABLESTRING);
  char *text = value != NULL ? g_strndup ((const char *) ASN1_STRING_get0_data (value),
                                          (gsize) ASN1_STRING_length (value))
                             : NULL;

  ASN1_OBJECT_free (object);
  return text;
}

static X509 *
open_envelope (BIO *content, EVP_PKEY *key)
{
  g_autoptr (CMS_ContentInfo) envelope = d2i_CMS_bio (content, NULL);
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  g_autoptr (CMS_ContentInfo) inner = NULL;
  g_autoptr (SimCertificates) list = NULL;

  g_assert_cmpint (CMS_decrypt (envelope, key, NULL, NULL, out, CMS_BINARY), ==, 1);
  inner = d2i_CMS_bio (out, NULL);
  g_assert_nonnull (inner);
  list = CMS_get1_certs (inner);
  for (int i = 0; i < sk_X509_num (list); i++)
    if (!sim_certificate_is_authority (sk_X509_value (list, i)))
      {
        X509_up_ref (sk_X509_value (list, i));
        return sk_X509_value (list, i);
      }
  g_assert_not_reached ();
}

/* Reads a CertRep without any look at the clock. */
ScepOutcome
device_read_scep (World *world, const DoorResponse *response, EVP_PKEY *key)
{
  g_autoptr (SimCertificates) authorities = load_authorities (world);
  g_autoptr (BIO) in = sim_bio_new (door_response_get_body (response));
  g_autoptr (CMS_ContentInfo) cms = d2i_CMS_bio (in, NULL);
  g_autoptr (BIO) content = BIO_new (BIO_s_mem ());
  g_autoptr (BIO) nothing = NULL;
  g_autofree char *status = NULL;
  CMS_SignerInfo *info;
  ScepOutcome outcome = { NULL, NULL };

  assert_status (response, 200);
  g_assert_nonnull (cms);
  if (CMS_is_detached (cms) == 1) /* a failure has no content (RFC 8894, 3.3.2.2) */
    nothing = BIO_new_mem_buf ("", 0);
  g_assert_cmpint (
      CMS_verify (cms, authorities, NULL, nothing, content, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY), ==, 1);
  info = sk_CMS_SignerInfo_value (CMS_get0_SignerInfos (cms), 0);
  status = dup_attribute (info, SIM_SCEP_OID_PKI_STATUS);
  if (g_str_equal (status, "0"))
    outcome.certificate = open_envelope (content, key);
  else
    outcome.fail_info = dup_attribute (info, SIM_SCEP_OID_FAIL_INFO);
  return outcome;
}

ScepOutcome
device_scep (World *world, const ScepVisit *visit)
{
  g_autoptr (GBytes) message = device_build_scep (world, visit);
  g_autoptr (DoorResponse) response = device_post_scep (world, message);

  return device_read_scep (world, response, visit->signer_key != NULL ? visit->signer_key : visit->key);
}

/* Profile and certificate. */
Device *
device_get_certificate (World *world, const char *path, const char *token, const char *key)
{
  Device *self = device_new (token, key);
  g_autofree char *challenge = device_dup_challenge (world, path, token);
  const ScepVisit visit = { .challenge = challenge, .key = self->key };
  ScepOutcome outcome = device_scep (world, &visit);

  g_assert_null (outcome.fail_info);
  self->certificate = outcome.certificate;
  return self;
}

/* Profile, certificate, Authenticate and TokenUpdate. */
Device *
device_enroll (World *world, const char *token, const char *key)
{
  Device *self = device_get_certificate (world, NULL, token, key);

  g_assert_cmpuint (device_say (world, self, "Authenticate", token), ==, 200);
  g_assert_cmpuint (device_say (world, self, "TokenUpdate", token), ==, 200);
  return self;
}

static const char *
details_of (const char *type, bool is_report)
{
  if (g_str_equal (type, "TokenUpdate"))
    return "<key>Token</key><data>AAEC</data><key>PushMagic</key><string>magic-1</string>";
  if (g_str_equal (type, "Idle"))
    return "";
  if (is_report)
    return "<key>CommandUUID</key><string>command-1</string>";
  return "<key>ProductName</key><string>iPhone12,1</string><key>OSVersion</key><string>18.2.1</string>"
         "<key>BuildVersion</key><string>22C161</string>";
}

/* A check-in message, or with the status of a report a report. */
GBytes *
device_build_message (const char *type, const char *enrollment_id)
{
  static const char *const statuses[] = { "Idle", "Acknowledged", "Error", "CommandFormatError", "NotNow",
                                          NULL };
  const bool is_report = g_strv_contains (statuses, type);
  g_autofree char *keys = g_strdup_printf (
      "<key>EnrollmentID</key><string>%s</string><key>%s</key><string>%s</string>"
      "<key>Topic</key><string>" WORLD_TOPIC "</string>%s",
      enrollment_id, is_report ? "Status" : "MessageType", type, details_of (type, is_report));

  return wrap (keys);
}

DoorResponse *
device_put (World *world, const Device *self, GBytes *body, const char *bearer)
{
  g_autoptr (GBytes) cms =
      device_sign (body, self->key, self->certificate, SIM_CMS_DETACHED | SIM_CMS_AS_DEVICE);
  g_autofree char *signature = g_base64_encode (g_bytes_get_data (cms, NULL), g_bytes_get_size (cms));
  g_autofree char *target = g_strconcat ("/mdm/apple/mdm", self->query, NULL);
  static const char status[] = "<key>Status</key>";
  const bool report =
      memmem (g_bytes_get_data (body, NULL), g_bytes_get_size (body), status, strlen (status)) != NULL;
  const Visit visit = {
    .method = "PUT",
    .target = target,
    .content_type = report ? COMMAND_TYPE : CHECKIN_TYPE,
    .bearer = bearer,
    .header = { "Mdm-Signature", signature },
    .body = body,
  };

  return world_visit (world, &visit);
}

/* Returns the HTTP status. */
unsigned int
device_say (World *world, const Device *self, const char *type, const char *bearer)
{
  g_autoptr (GBytes) body = device_build_message (type, self->enrollment_id);
  g_autoptr (DoorResponse) response = device_put (world, self, body, bearer);

  return door_response_get_status (response);
}

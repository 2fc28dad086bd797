/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <json-glib/json-glib.h>

#include "door-device-refusal.h"
#include "door-enrollment-profile.h"
#include "door-error.h"
#include "door-https-url.h"
#include "door-plist.h"
#include "door-service-discovery.h"
#include "door-sign-in-link.h"
#include "door-web-challenge.h"
#include "test-data.h"

#define ACCOUNT "anna.chao@example.test"
#define REFERENCE "00000000-0000-4000-8000-000000000009"

static GBytes *
load (const char *name)
{
  return test_data_load ("mdm", name);
}

static DoorEnrollmentProfileParams
params_new (GBytes *ca)
{
  return (DoorEnrollmentProfileParams){
    .identifier = "test.example.mdm.doorward",
    .organization = "Example Corp",
    .display_name = "Arbeitskonto von Example Corp",
    .description = "Richtet das Arbeitskonto ein.",
    .server_url = "https://mdm.example.test/mdm/apple/mdm",
    .scep_url = "https://mdm.example.test/mdm/apple/scep",
    .challenge = "pK3x-test-challenge",
    .certificate_name = "Doorward device identity",
    .topic = "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555",
    .managed_apple_id = ACCOUNT,
    .ca_certificate = ca,
    .profile_uuid = "00000000-0000-4000-8000-000000000001",
    .scep_uuid = "00000000-0000-4000-8000-000000000003",
    .mdm_uuid = "00000000-0000-4000-8000-000000000004",
  };
}

static GVariant *
payload (GVariant *profile, size_t index)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (profile, "PayloadContent", G_VARIANT_TYPE ("av"));
  g_autoptr (GVariant) boxed = NULL;

  g_assert_nonnull (list);
  boxed = g_variant_get_child_value (list, index);
  return g_variant_get_variant (boxed);
}

static void
assert_string (GVariant *dict, const char *key, const char *expected)
{
  const char *text = NULL;

  g_assert_true (g_variant_lookup (dict, key, "&s", &text));
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_true_key (GVariant *dict, const char *key)
{
  gboolean value = FALSE;

  g_assert_true (g_variant_lookup (dict, key, "b", &value));
  g_assert_true (value);
}

static void
test_profile_bytes (void)
{
  g_autoptr (GBytes) ca = load ("ca.der"), expected = load ("enrollment-profile.plist"), once = NULL,
                     twice = NULL;
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autoptr (GError) error = NULL;

  once = door_enrollment_profile_build (&params, &error);
  g_assert_no_error (error);
  twice = door_enrollment_profile_build (&params, &error);
  g_assert_true (g_bytes_equal (once, twice));
  if (!g_bytes_equal (once, expected))
    g_test_message ("%.*s", (int) g_bytes_get_size (once), (const char *) g_bytes_get_data (once, NULL));
  g_assert_true (g_bytes_equal (once, expected));
}

static void
check_scep (GVariant *scep, GBytes *ca)
{
  g_autoptr (GVariant) content = g_variant_lookup_value (scep, "PayloadContent", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) fingerprint = NULL, subject = NULL;
  g_autofree char *expected = g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, ca), *printed = NULL;
  g_autoptr (GString) hex = g_string_new (NULL);
  const uint8_t *digest = NULL;
  size_t size = 0;
  int64_t number = 0;

  assert_string (scep, "PayloadType", "com.apple.security.scep");
  assert_string (content, "URL", "https://mdm.example.test/mdm/apple/scep");
  assert_string (content, "Challenge", "pK3x-test-challenge");
  assert_string (content, "Key Type", "RSA");
  g_assert_true (g_variant_lookup (content, "Keysize", "x", &number));
  g_assert_cmpint (number, ==, 2048);
  g_assert_true (g_variant_lookup (content, "Key Usage", "x", &number));
  g_assert_cmpint (number, ==, 5);

  fingerprint = g_variant_lookup_value (content, "CAFingerprint", G_VARIANT_TYPE_BYTESTRING);
  digest = g_variant_get_fixed_array (fingerprint, &size, 1);
  for (size_t i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", digest[i]);
  g_assert_cmpstr (hex->str, ==, expected);

  subject = g_variant_lookup_value (content, "Subject", NULL);
  printed = g_variant_print (subject, FALSE);
  g_assert_cmpstr (printed, ==,
                   "[<[<[<'O'>, <'Example Corp'>]>]>, <[<[<'CN'>, <'Doorward device identity'>]>]>]");
}

static void
test_profile_content (void)
{
  g_autoptr (GBytes) ca = load ("ca.der"), bytes = NULL;
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autoptr (GVariant) profile = NULL, scep = NULL, mdm = NULL, none = NULL;
  g_autoptr (GVariant) absent = NULL;

  bytes = door_enrollment_profile_build (&params, NULL);
  profile = door_plist_parse (bytes, 1 << 20, NULL);
  g_assert_nonnull (profile);
  assert_string (profile, "PayloadType", "Configuration");
  assert_string (profile, "PayloadScope", "User");
  assert_string (profile, "PayloadIdentifier", "test.example.mdm.doorward");
  assert_string (profile, "PayloadDisplayName", "Arbeitskonto von Example Corp");
  assert_string (profile, "PayloadDescription", "Richtet das Arbeitskonto ein.");

  scep = payload (profile, 0);
  check_scep (scep, ca);

  mdm = payload (profile, 1);
  assert_string (mdm, "PayloadType", "com.apple.mdm");
  assert_string (mdm, "EnrollmentMode", "BYOD");
  assert_string (mdm, "AssignedManagedAppleID", ACCOUNT);
  assert_string (mdm, "IdentityCertificateUUID", params.scep_uuid);
  assert_string (mdm, "ServerURL", params.server_url);
  assert_string (mdm, "Topic", params.topic);
  assert_true_key (mdm, "SignMessage");
  assert_true_key (mdm, "CheckOutWhenRemoved");
  absent = g_variant_lookup_value (mdm, "AccessRights", NULL);
  g_assert_null (absent);
  none = g_variant_lookup_value (mdm, "ServerCapabilities", NULL);
  g_assert_cmpuint (g_variant_n_children (none), ==, 0);
}

/* The golden profile of each way to manage a device. */
static void
assert_golden (const DoorEnrollmentProfileParams *params, const char *name)
{
  g_autoptr (GBytes) expected = load (name), bytes = NULL;
  g_autoptr (GError) error = NULL;

  bytes = door_enrollment_profile_build (params, &error);
  g_assert_no_error (error);
  if (!g_bytes_equal (bytes, expected))
    g_test_message ("%s: %.*s", name, (int) g_bytes_get_size (bytes),
                    (const char *) g_bytes_get_data (bytes, NULL));
  g_assert_true (g_bytes_equal (bytes, expected));
}

static const char *const all_capabilities[] = { "com.apple.mdm.per-user-connections",
                                                "com.apple.mdm.bootstraptoken", "com.apple.mdm.token", NULL };

static void
test_profile_account_device (void)
{
  g_autoptr (GBytes) ca = load ("ca.der");
  DoorEnrollmentProfileParams params = params_new (ca);

  params.mode = DOOR_ENROLLMENT_PROFILE_ACCOUNT_DEVICE;
  params.access_rights = DOOR_ACCESS_RIGHTS_ALL;
  params.server_capabilities = all_capabilities;
  assert_golden (&params, "enrollment-profile-adde.plist");
}

static void
test_profile_device (void)
{
  g_autoptr (GBytes) ca = load ("ca.der");
  DoorEnrollmentProfileParams params = params_new (ca);

  params.mode = DOOR_ENROLLMENT_PROFILE_DEVICE;
  params.managed_apple_id = NULL;
  params.access_rights = DOOR_ACCESS_RIGHTS_ALL;
  params.server_capabilities = all_capabilities;
  assert_golden (&params, "enrollment-profile-device.plist");
  params.access_rights = DOOR_ACCESS_RIGHTS_PERSONAL;
  g_assert_cmpint (params.access_rights, ==, 8179);
  assert_golden (&params, "enrollment-profile-personal.plist");
}

/* A new key for an enrollment that stays the same: all but the SCEP payload's own is as it was. */
static void
test_profile_renewal (void)
{
  g_autoptr (GBytes) ca = load ("ca.der"), first = NULL, second = NULL;
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autofree char *text = NULL;
  g_autoptr (GString) expected = NULL;

  first = door_enrollment_profile_build (&params, NULL);
  expected = g_string_new_len (g_bytes_get_data (first, NULL), (gssize) g_bytes_get_size (first));
  g_assert_cmpuint (g_string_replace (expected, params.challenge, "another", 0), ==, 1);
  g_assert_cmpuint (g_string_replace (expected, params.scep_uuid, "00000000-0000-4000-8000-000000000009", 0),
                    ==, 2);

  params.challenge = "another";
  params.scep_uuid = "00000000-0000-4000-8000-000000000009";
  second = door_enrollment_profile_build (&params, NULL);
  text = g_strndup (g_bytes_get_data (second, NULL), g_bytes_get_size (second));
  g_assert_cmpstr (text, ==, expected->str);
}

static void
test_profile_identity (void)
{
  g_autoptr (GBytes) ca = load ("ca.der"), bytes = NULL;
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autoptr (GVariant) profile = NULL, list = NULL, scep = NULL;
  g_autoptr (GError) error = NULL;

  params.mode = DOOR_ENROLLMENT_PROFILE_DEVICE;
  params.managed_apple_id = NULL;
  bytes = door_enrollment_profile_build_identity (&params, &error);
  g_assert_no_error (error);
  profile = door_plist_parse (bytes, 1 << 20, NULL);
  assert_string (profile, "PayloadType", "Configuration");
  assert_string (profile, "PayloadScope", "System");
  list = g_variant_lookup_value (profile, "PayloadContent", G_VARIANT_TYPE ("av"));
  g_assert_cmpuint (g_variant_n_children (list), ==, 1);
  scep = payload (profile, 0);
  check_scep (scep, ca);

  params.challenge = "";
  g_assert_null (door_enrollment_profile_build_identity (&params, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
}

static void
test_profile_access_rights (void)
{
  static const struct
  {
    DoorEnrollmentProfileMode mode;
    int64_t rights;
    bool allowed;
  } cases[] = {
    { DOOR_ENROLLMENT_PROFILE_USER, 0, true },     { DOOR_ENROLLMENT_PROFILE_USER, 1, false },
    { DOOR_ENROLLMENT_PROFILE_USER, 8191, false }, { DOOR_ENROLLMENT_PROFILE_DEVICE, 0, false },
    { DOOR_ENROLLMENT_PROFILE_DEVICE, 1, true },   { DOOR_ENROLLMENT_PROFILE_DEVICE, 2, false },
    { DOOR_ENROLLMENT_PROFILE_DEVICE, 3, true },   { DOOR_ENROLLMENT_PROFILE_DEVICE, 128, false },
    { DOOR_ENROLLMENT_PROFILE_DEVICE, 192, true }, { DOOR_ENROLLMENT_PROFILE_DEVICE, 8192, false },
    { DOOR_ENROLLMENT_PROFILE_DEVICE, -1, false }, { DOOR_ENROLLMENT_PROFILE_ACCOUNT_DEVICE, 0, false },
  };
  g_autoptr (GBytes) ca = load ("ca.der");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DoorEnrollmentProfileParams params = params_new (ca);
      g_autoptr (GBytes) bytes = NULL;

      params.mode = cases[i].mode;
      params.access_rights = cases[i].rights;
      if (params.mode == DOOR_ENROLLMENT_PROFILE_DEVICE)
        params.managed_apple_id = NULL;
      bytes = door_enrollment_profile_build (&params, NULL);
      g_assert_cmpint (bytes != NULL, ==, cases[i].allowed);
    }
}

/* A device that is enrolled without an account names none, and one with an account names it. */
static void
test_profile_account_by_mode (void)
{
  g_autoptr (GBytes) ca = load ("ca.der");
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autoptr (GError) error = NULL;

  params.mode = DOOR_ENROLLMENT_PROFILE_DEVICE;
  params.access_rights = DOOR_ACCESS_RIGHTS_ALL;
  g_assert_null (door_enrollment_profile_build (&params, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_clear_error (&error);
  params.mode = DOOR_ENROLLMENT_PROFILE_ACCOUNT_DEVICE;
  params.managed_apple_id = NULL;
  g_assert_null (door_enrollment_profile_build (&params, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

static void
test_profile_capabilities (void)
{
  const char *const good[] = { "com.apple.mdm.token", NULL };
  const char *const bad[][3] = {
    { "com.apple.mdm.token", "x" },
    { "com.apple.mdm.token", "com.apple.mdm.token" },
    { "com.apple.mdm.bootstraptoken" },
    { "com.apple.mdm.per-user-connections" },
  };
  g_autoptr (GBytes) ca = load ("ca.der"), bytes = NULL;
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autoptr (GVariant) profile = NULL, mdm = NULL, list = NULL;
  g_autofree char *printed = NULL;

  params.server_capabilities = good;
  bytes = door_enrollment_profile_build (&params, NULL);
  profile = door_plist_parse (bytes, 1 << 20, NULL);
  mdm = payload (profile, 1);
  list = g_variant_lookup_value (mdm, "ServerCapabilities", NULL);
  printed = g_variant_print (list, FALSE);
  g_assert_cmpstr (printed, ==, "[<'com.apple.mdm.token'>]");

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      params.server_capabilities = bad[i];
      g_assert_null (door_enrollment_profile_build (&params, NULL));
    }
}

static void
test_profile_long_organization (void)
{
  g_autoptr (GBytes) ca = load ("ca.der"), bytes = NULL;
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autofree char *name = g_strnfill (65, 'x'), *printed = NULL;
  g_autoptr (GVariant) profile = NULL, scep = NULL, content = NULL, subject = NULL;

  params.organization = name;
  bytes = door_enrollment_profile_build (&params, NULL);
  profile = door_plist_parse (bytes, 1 << 20, NULL);
  scep = payload (profile, 0);
  content = g_variant_lookup_value (scep, "PayloadContent", NULL);
  subject = g_variant_lookup_value (content, "Subject", NULL);
  printed = g_variant_print (subject, FALSE);
  g_assert_cmpstr (printed, ==, "[<[<[<'CN'>, <'Doorward device identity'>]>]>]");

  params.certificate_name = name;
  g_assert_null (door_enrollment_profile_build (&params, NULL));
}

/* It stands behind the address of the server, and nowhere else. */
static void
test_profile_reference (void)
{
  g_autoptr (GBytes) ca = load ("ca.der"), with = NULL, without = NULL;
  DoorEnrollmentProfileParams params = params_new (ca);
  g_autoptr (GVariant) profile = NULL, mdm = NULL;
  g_autoptr (GString) text = NULL;

  without = door_enrollment_profile_build (&params, NULL);
  params.enroll_reference = REFERENCE;
  with = door_enrollment_profile_build (&params, NULL);
  profile = door_plist_parse (with, 1 << 20, NULL);
  mdm = payload (profile, 1);
  assert_string (mdm, "ServerURL", "https://mdm.example.test/mdm/apple/mdm?enroll_reference=" REFERENCE);
  text = g_string_new_len (g_bytes_get_data (with, NULL), (gssize) g_bytes_get_size (with));
  g_assert_cmpuint (g_string_replace (text, "?enroll_reference=" REFERENCE, "", 0), ==, 1);
  g_assert_cmpmem (text->str, text->len, g_bytes_get_data (without, NULL), g_bytes_get_size (without));
}

#define FIELD(name) G_STRUCT_OFFSET (DoorEnrollmentProfileParams, name)

static void
test_profile_refused (void)
{
  static const struct
  {
    size_t field;
    const char *value;
    DoorError code;
    DoorFault fault;
  } bad[] = {
    { FIELD (managed_apple_id), NULL, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ID_NOACCOUNT },
    { FIELD (managed_apple_id), "", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ID_NOACCOUNT },
    { FIELD (managed_apple_id), "anna", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ID_NOACCOUNT },
    { FIELD (managed_apple_id), "@example.test", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ID_NOACCOUNT },
    { FIELD (managed_apple_id), "anna@", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ID_NOACCOUNT },
    { FIELD (managed_apple_id), "anna\n@example.test", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ID_NOACCOUNT },
    { FIELD (identifier), "a b", DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (organization), NULL, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (display_name), "a\nb", DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (description), "", DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (certificate_name), NULL, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (topic), "com.example.push", DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (topic), "com.apple.mgmt.a b", DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (server_url), "http://mdm.example.test/mdm", DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (server_url), "https://mdm.example.test/mdm?ref=1", DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (server_url), "https://mdm.example.test/" ACCOUNT, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (server_url), "https://mdm.example.test/Anna.Chao%40example.test", DOOR_ERROR_CONFIG,
      DOOR_FAULT_CFG_VALUE },
    { FIELD (enroll_reference), "", DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
    { FIELD (enroll_reference), "x", DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
    { FIELD (enroll_reference), REFERENCE "&x=1", DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
    { FIELD (scep_url), "https://mdm.example.test/scep?challenge=x", DOOR_ERROR_CONFIG,
      DOOR_FAULT_CFG_VALUE },
    { FIELD (scep_url), "https://mdm.example.test/" ACCOUNT, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE },
    { FIELD (challenge), "", DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
    { FIELD (challenge), NULL, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
    { FIELD (profile_uuid), "x", DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
    { FIELD (mdm_uuid), NULL, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
    { FIELD (scep_uuid), "00000000-0000-4000-8000-000000000001", DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL },
  };
  g_autoptr (GBytes) ca = load ("ca.der");

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      DoorEnrollmentProfileParams params = params_new (ca);
      g_autoptr (GError) error = NULL;

      G_STRUCT_MEMBER (const char *, &params, bad[i].field) = bad[i].value;
      g_assert_null (door_enrollment_profile_build (&params, &error));
      g_assert_error (error, DOOR_ERROR, (int) bad[i].code);
      g_assert_cmpint (door_error_get_fault (error), ==, bad[i].fault);
    }
}

static void
test_profile_certificate_refused (void)
{
  g_autoptr (GBytes) ca = load ("ca.der");
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (ca, 0, g_bytes_get_size (ca) - 1);
  g_autoptr (GBytes) pem = g_bytes_new_static ("-----BEGIN CERTIFICATE-----", 27);
  GBytes *bad[] = { NULL, cut, pem };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      DoorEnrollmentProfileParams params = params_new (bad[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_enrollment_profile_build (&params, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

static void
test_discovery (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json = door_service_discovery_build ("https://mdm.example.test/enroll", false, &error);
  g_autoptr (GBytes) whole = door_service_discovery_build ("https://mdm.example.test/e", true, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (
      g_bytes_get_data (json, NULL), g_bytes_get_size (json),
      "{\"Servers\":[{\"Version\":\"mdm-byod\",\"BaseURL\":\"https://mdm.example.test/enroll\"}]}", 80);
  g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole),
                   "{\"Servers\":[{\"Version\":\"mdm-adde\",\"BaseURL\":\"https://mdm.example.test/e\"}]}",
                   75);
  g_assert_null (door_service_discovery_build ("http://mdm.example.test/enroll", false, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

static void
test_sign_in_link (void)
{
  g_autoptr (GBytes) json = door_sign_in_link_build ("https://idp.example.test/sso?a=\"b\"&c=1");
  static const char expected[] = "{\"url\":\"https://idp.example.test/sso?a=\\\"b\\\"&c=1\"}";

  g_assert_cmpmem (g_bytes_get_data (json, NULL), g_bytes_get_size (json), expected, strlen (expected));
}

static void
test_refusal (void)
{
  g_autoptr (GBytes) full =
      door_device_refusal_build (DOOR_DEVICE_REFUSAL_UNRECOGNIZED, "no \"such\" device", "Gerät\n</x>");
  g_autoptr (GBytes) bare = door_device_refusal_build (DOOR_DEVICE_REFUSAL_DISCOVERY, NULL, NULL);
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = g_strndup (g_bytes_get_data (full, NULL), g_bytes_get_size (full));
  JsonObject *object = NULL;

  root = json_from_string (text, NULL);
  object = json_node_get_object (root);
  g_assert_cmpuint (json_object_get_size (object), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (object, "code"), ==, "com.apple.unrecognized.device");
  g_assert_cmpstr (json_object_get_string_member (object, "description"), ==, "no \"such\" device");
  g_assert_cmpstr (json_object_get_string_member (object, "message"), ==, "Gerät\n</x>");
  g_assert_cmpmem (g_bytes_get_data (bare, NULL), g_bytes_get_size (bare),
                   "{\"code\":\"com.apple.well-known.failed\"}", 38);
}

static void
test_challenge (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *value = door_web_challenge_build ("https://mdm.example.test/mdm/sso?f=1", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, "Bearer method=\"apple-as-web\", url=\"https://mdm.example.test/mdm/sso?f=1\"");
  g_assert_null (door_web_challenge_build ("https://mdm.example.test/\", x=\"", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

static void
test_oauth2_challenge (void)
{
  static const DoorOauth2Challenge good = { "https://a.test/a", "https://a.test/t", "s:/x",
                                            "doorward.red_1-a", "mdm" };
  static const DoorOauth2Challenge bad[] = {
    { "http://a.test/a", "https://a.test/t", "s:/x", "doorward", "mdm" },
    { "https://a.test/a?b=c", "https://a.test/t", "s:/x", "doorward", "mdm" }, /* the device adds a query */
    { "https://a.test/a", "https://a.test/\"", "s:/x", "doorward", "mdm" },
    { "https://a.test/a", "https://a.test/t", "s:/x", "doorward\", x=\"", "mdm" },
    { "https://a.test/a", "https://a.test/t", "s:/x", "doorward\\", "mdm" },
    { "https://a.test/a", "https://a.test/t", "s:/x", "doorward", "openid\", x=\"" },
    { "https://a.test/a", "https://a.test/t", "s:/x", "doorward", "openid\n" },
  };
  g_autofree char *value = door_oauth2_challenge_build (&good, NULL);

  g_assert_cmpstr (value, ==,
                   "Bearer method=\"apple-oauth2\", authorization-url=\"https://a.test/a\", "
                   "token-url=\"https://a.test/t\", redirect-url=\"s:/x\", client-id=\"doorward.red_1-a\", "
                   "scope=\"mdm\"");
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_oauth2_challenge_build (&bad[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

static void
test_https_url (void)
{
  static const char *const good[] = { "https://a.test", "https://a.test:8443/x", "https://[::1]/x",
                                      "https://a.test/%20" };
  static const char *const bad[] = {
    NULL,
    "",
    "/x",
    "http://a.test",
    "HTTPS://a.test",
    "https://",
    "https:///x",
    "https://user@a.test/",
    "https://a.test/#x",
    "https://a.test/\r\nX: y",
    "https://a.test/ x",
    "https://a.test/\"",
    "https://a.test/\\",
    "https://a.test/<",
    "https://a.test/\xc3\xa9",
    "https://a.test:99999/",
    "javascript:alert(1)//https://a.test",
  };
  g_autofree char *padding = g_strnfill (2048, 'x');
  g_autofree char *long_url = g_strconcat ("https://a.test/", padding, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (door_https_url_is_valid (good[i], DOOR_HTTPS_URL_NO_QUERY));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (door_https_url_is_valid (bad[i], DOOR_HTTPS_URL_QUERY_ALLOWED));
  g_assert_false (door_https_url_is_valid (long_url, DOOR_HTTPS_URL_NO_QUERY));
  g_assert_true (door_https_url_is_valid ("https://a.test/?q", DOOR_HTTPS_URL_QUERY_ALLOWED));
  g_assert_false (door_https_url_is_valid ("https://a.test/?q", DOOR_HTTPS_URL_NO_QUERY));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mdm/profile/bytes", test_profile_bytes);
  g_test_add_func ("/mdm/profile/content", test_profile_content);
  g_test_add_func ("/mdm/profile/account-device", test_profile_account_device);
  g_test_add_func ("/mdm/profile/device", test_profile_device);
  g_test_add_func ("/mdm/profile/renewal", test_profile_renewal);
  g_test_add_func ("/mdm/profile/identity", test_profile_identity);
  g_test_add_func ("/mdm/profile/access-rights", test_profile_access_rights);
  g_test_add_func ("/mdm/profile/account-by-mode", test_profile_account_by_mode);
  g_test_add_func ("/mdm/profile/capabilities", test_profile_capabilities);
  g_test_add_func ("/mdm/profile/long-organization", test_profile_long_organization);
  g_test_add_func ("/mdm/profile/reference", test_profile_reference);
  g_test_add_func ("/mdm/profile/refused", test_profile_refused);
  g_test_add_func ("/mdm/profile/certificate-refused", test_profile_certificate_refused);
  g_test_add_func ("/mdm/discovery", test_discovery);
  g_test_add_func ("/mdm/sign-in-link", test_sign_in_link);
  g_test_add_func ("/mdm/refusal", test_refusal);
  g_test_add_func ("/mdm/challenge", test_challenge);
  g_test_add_func ("/mdm/oauth2-challenge", test_oauth2_challenge);
  g_test_add_func ("/mdm/https-url", test_https_url);
  return g_test_run ();
}

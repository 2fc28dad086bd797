/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "device.h"
#include "sign-in.h"

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };
static const char teams[] = "[team/red]\nTitle=Red\n[team/blue]\nTitle=Blue\n";

/* The answer's status, and that the log names the reason, so that no other check stands in for this one. */
static void
assert_said (World *world, const Device *device, const char *type, const char *bearer, unsigned int status,
             const char *reason)
{
  g_autofree char *before = world_dup_log (), *log = NULL;

  g_assert_cmpuint (device_say (world, device, type, bearer), ==, status);
  log = world_dup_log ();
  if (strstr (log, reason) == NULL)
    g_error ("%s: \"%s\" was expected in %s", type, reason, log);
}

static void
assert_unchanged (World *world, const char *before)
{
  g_autofree char *now = world_read (world, "SELECT * FROM enrollment ORDER BY id");

  g_assert_cmpstr (now, ==, before);
}

static void
test_life (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");
  g_autofree char *sha256 = device_dup_sha256 (device->certificate);
  g_autofree char *where = g_strdup_printf (
      "enrollment WHERE state = 'pending' AND active_at = 0 AND certificate_sha256 = '%s'", sha256);

  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  assert_count (world, 1, where);
  assert_count (world, 1, "device WHERE product = 'iPhone12,1' AND os_version = '18.2.1'");
  assert_count (world, 1, "association WHERE source = 'sign-in' AND to_at = 0");
  assert_count (world, 1, "access_token WHERE certificate_sha256 <> ''");
  assert_count (world, 1, "scep_challenge WHERE ended_at = 1800014400000");
  world_advance (world, 1000);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", token), ==, 200);
  assert_count (world, 1, "device WHERE seen_at = 1800014401000");
  assert_count (world, 1,
                "enrollment WHERE state = 'active' AND push_token = '000102' AND push_magic = 'magic-1'");
  assert_count (world, 1, "enrollment WHERE active_at = 1800014401000");
  world_advance (world, HOUR_MS);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", NULL), ==, 200);
  assert_count (world, 1, "enrollment WHERE active_at = 1800014401000");
  assert_count (world, 1, "enrollment WHERE token_updated_at = 1800018001000");
  g_assert_cmpuint (device_say (world, device, "CheckOut", NULL), ==, 200);
  assert_count (world, 1, "enrollment WHERE end_reason = 'check-out' AND push_token = ''");
  assert_count (world, 1, "certificate WHERE revoked_at <> 0");
  assert_count (world, 1, "association WHERE end_reason = 'check-out' AND to_at <> 0");
  g_assert_cmpuint (device_say (world, device, "CheckOut", NULL), ==, 200);
  assert_said (world, device, "Authenticate", token, 403, "the enrollment has ended");
  assert_said (world, device, "TokenUpdate", token, 403, "the enrollment has ended");
  assert_said (world, device, "Idle", token, 403, "the enrollment has ended");
}

static void
test_bearer_missing (void)
{
  g_autoptr (World) world = world_new (teams);
  g_autofree char *token = sign_in (world, "/mdm/sso?team=red", &ada);
  g_autoptr (Device) device =
      device_get_certificate (world, "/mdm/apple/account_driven_enroll/red", token, "device.key");
  g_autoptr (GBytes) body = device_build_message ("Authenticate", DEVICE_ID);
  g_autoptr (DoorResponse) response = device_put (world, device, body, NULL);
  const char *challenge = door_response_lookup_header (response, "WWW-Authenticate");

  assert_status (response, 401);
  g_assert_cmpstr (challenge, ==,
                   "Bearer method=\"apple-as-web\", url=\"https://devices.example.com/mdm/sso?team=red\"");
  assert_count (world, 0, "device");
  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  assert_said (world, device, "TokenUpdate", NULL, 401, "no access token");
  assert_said (world, device, "Authenticate", NULL, 401, "no access token");
  assert_said (world, device, "Idle", NULL, 401, "no access token");
  assert_said (world, device, "CheckOut", NULL, 401, "no access token");
  assert_count (world, 1, "enrollment WHERE state = 'pending'");
  g_assert_cmpuint (device_say (world, device, "Idle", token), ==, 200);
  g_assert_cmpuint (device_say (world, device, "CheckOut", token), ==, 200);
  assert_count (world, 1, "enrollment WHERE state = 'ended'");
}

/* Authenticate of a device that calls itself @product; returns the HTTP status. */
static unsigned int
authenticate_as (World *world, const Device *device, const char *product, const char *bearer)
{
  g_autoptr (GBytes) body = device_build_message ("Authenticate", DEVICE_ID), changed = NULL;
  g_autoptr (GString) text =
      g_string_new_len (g_bytes_get_data (body, NULL), (gssize) g_bytes_get_size (body));
  g_autoptr (DoorResponse) response = NULL;

  g_assert_cmpuint (g_string_replace (text, "iPhone12,1", product, 0), ==, 1);
  changed = g_bytes_new (text->str, text->len);
  response = device_put (world, device, changed, bearer);
  return door_response_get_status (response);
}

/* Only a Mac comes without its access token, and only where Macs may enroll. */
static void
test_bearer_product (void)
{
  static const char families[] = "[team/phones]\nModelFamilies=iPhone\n";
  static const char *const others[] = { "iPhone12,1", "", "NotAMac1,1" };
  g_autoptr (World) world = world_new (families);
  g_autofree char *token = sign_in (world, "/mdm/sso?team=phones", &ada);
  g_autofree char *any = sign_in (world, "/mdm/sso", &ada_again);
  g_autoptr (Device) phone =
      device_get_certificate (world, "/mdm/apple/account_driven_enroll/phones", token, "device.key");
  g_autoptr (Device) mac = device_get_certificate (world, NULL, any, "scepclient.key");

  g_assert_cmpuint (authenticate_as (world, phone, "MacBookPro18,1", NULL), ==, 403);
  g_assert_cmpuint (authenticate_as (world, phone, "MacBookPro18,1", token), ==, 403);
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_assert_cmpuint (authenticate_as (world, phone, others[i], NULL), ==, 401);
      g_assert_cmpuint (authenticate_as (world, mac, others[i], NULL), ==, 401);
    }
  assert_count (world, 0, "device");
  g_assert_cmpuint (authenticate_as (world, mac, "MacBookPro18,1", NULL), ==, 200);
  assert_count (world, 1, "enrollment WHERE state = 'pending'");
}

/* A report by a pending device says which team to sign in to. */
static void
test_report_challenge (void)
{
  g_autoptr (World) world = world_new (teams);
  g_autofree char *token = sign_in (world, "/mdm/sso?team=red", &ada);
  g_autoptr (Device) device =
      device_get_certificate (world, "/mdm/apple/account_driven_enroll/red", token, "device.key");
  g_autoptr (GBytes) body = device_build_message ("Idle", DEVICE_ID);
  g_autoptr (DoorResponse) response = NULL;

  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  response = device_put (world, device, body, NULL);
  assert_status (response, 401);
  g_assert_nonnull (strstr (door_response_lookup_header (response, "WWW-Authenticate"), "?team=red\""));
}

static void
test_bearer_wrong (void)
{
  g_autoptr (World) world = world_new (teams);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *other = sign_in (world, "/mdm/sso", &bob);
  g_autofree char *red = sign_in (world, "/mdm/sso?team=red", &ada_again);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  assert_said (world, device, "Authenticate", "nonsense", 401, "access token unknown");
  assert_said (world, device, "Authenticate", other, 401, "of another person or team");
  assert_said (world, device, "Authenticate", red, 401, "of another person or team");
  world_advance (world, HOUR_MS);
  assert_said (world, device, "Authenticate", token, 401, "access token expired");
  world_advance (world, -1);
  world_write (world, "UPDATE person SET state = 'deactivated'");
  assert_said (world, device, "Authenticate", token, 401, "person is deactivated");
  world_write (world, "UPDATE person SET state = 'active'");
  world_write (world, "UPDATE access_token SET revoked_at = 5");
  assert_said (world, device, "Authenticate", token, 401, "access token revoked");
  world_write (world, "UPDATE access_token SET revoked_at = 0");
  assert_count (world, 0, "device");
  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
}

/* A token serves one certificate. */
static void
test_bearer_bound (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *first = sign_in (world, "/mdm/sso", &ada);
  g_autofree char *second = sign_in (world, "/mdm/sso", &ada_again);
  g_autoptr (Device) one = device_get_certificate (world, NULL, first, "device.key");
  g_autoptr (Device) two = device_get_certificate (world, NULL, second, "scepclient.key");

  two->enrollment_id[0] = 'A';
  g_assert_cmpuint (device_say (world, one, "Authenticate", first), ==, 200);
  assert_said (world, two, "Authenticate", first, 401, "bound to another certificate");
  g_assert_cmpuint (device_say (world, two, "Authenticate", second), ==, 200);
  assert_count (world, 2, "enrollment WHERE ended_at = 0");
  /* an unbound token of the same person completes an enrollment and is bound then */
  assert_said (world, one, "TokenUpdate", second, 401, "bound to another certificate");
}

/* A fresh sign-in in the middle of an enrollment: its token is bound when it is used. */
static void
test_bearer_fresh (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *first = sign_in (world, "/mdm/sso", &ada);
  g_autofree char *fresh = NULL;
  g_autoptr (Device) device = device_get_certificate (world, NULL, first, "device.key");

  g_assert_cmpuint (device_say (world, device, "Authenticate", first), ==, 200);
  world_advance (world, 2 * HOUR_MS);
  assert_said (world, device, "TokenUpdate", first, 401, "access token expired");
  fresh = sign_in (world, "/mdm/sso", &ada_again);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", fresh), ==, 200);
  assert_count (world, 2, "access_token WHERE certificate_sha256 <> ''");
}

static void
test_authenticate_again (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");
  g_autofree char *owner = NULL, *now = NULL;

  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  owner = world_read (world, "SELECT * FROM association");
  world_write (world, "UPDATE device SET os_version = '17'");
  world_advance (world, 1000);
  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  assert_count (world, 1, "device WHERE seen_at = 1800014401000 AND os_version = '18.2.1'");
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", token), ==, 200);
  g_assert_cmpuint (device_say (world, device, "Authenticate", NULL), ==, 200);
  now = world_read (world, "SELECT * FROM association");
  g_assert_cmpstr (now, ==, owner);
  assert_count (world, 1, "device WHERE seen_at = 1800014401000");
  assert_count (world, 1, "enrollment WHERE state = 'active'");
}

static void
test_order (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  assert_said (world, device, "TokenUpdate", token, 403, "TokenUpdate before Authenticate");
  assert_said (world, device, "CheckOut", token, 403, "CheckOut before Authenticate");
  assert_said (world, device, "Idle", token, 403, "poll before Authenticate");
  world_write (world, "UPDATE certificate SET revoked_at = 5");
  assert_said (world, device, "Authenticate", token, 403, "the identity certificate was revoked");
  assert_count (world, 0, "device");
}

/* The certificate names the enrollment; a message that names another is not believed. */
static void
test_pinned_elsewhere (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *other = sign_in (world, "/mdm/sso", &bob);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (Device) second = device_get_certificate (world, NULL, other, "scepclient.key");
  g_autofree char *before = NULL;
  static const char *const types[] = { "Authenticate", "TokenUpdate", "CheckOut", "Idle" };

  second->enrollment_id[0] = 'B';
  g_assert_cmpuint (device_say (world, second, "Authenticate", other), ==, 200);
  g_assert_cmpuint (device_say (world, second, "TokenUpdate", other), ==, 200);
  before = world_read (world, "SELECT * FROM enrollment ORDER BY id");
  device->enrollment_id[0] = 'B';
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    assert_said (world, device, types[i], token, 403, "pinned to another enrollment");
  assert_unchanged (world, before);
  device->enrollment_id[0] = DEVICE_ID[0];
  g_assert_cmpuint (device_say (world, device, "CheckOut", NULL), ==, 200);
  device->enrollment_id[0] = 'B';
  assert_said (world, device, "CheckOut", NULL, 403, "pinned to another enrollment");
}

static void
test_revoked (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  static const char *const types[] = { "Authenticate", "TokenUpdate", "CheckOut", "Idle" };

  world_write (world, "UPDATE certificate SET revoked_at = 5");
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    assert_said (world, device, types[i], token, 403, "the identity certificate was revoked");
  assert_count (world, 1, "enrollment WHERE state = 'active'");
}

static void
test_message (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  static const struct
  {
    const char *from, *to;
    const char *type, *reason;
    unsigned int status;
  } cases[] = {
    { "External.1", "External.9", "Authenticate", "the Topic is not ours", 403 },
    { "EnrollmentID", "UDID", "Authenticate", "no EnrollmentID", 400 },
    { "EnrollmentID", "UDID", "Idle", "no EnrollmentID", 400 },
    { "MessageType", "MessageKind", "Authenticate", "MessageType", 400 },
    { "EnrollmentID", "Nothing", "Idle", "", 400 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) good = device_build_message (cases[i].type, DEVICE_ID), bad = NULL;
      g_autofree char *text = g_strndup (g_bytes_get_data (good, NULL), g_bytes_get_size (good));
      g_auto (GStrv) parts = g_strsplit (text, cases[i].from, 2);
      g_autofree char *edited = g_strjoinv (cases[i].to, parts), *drop = world_dup_log (), *log = NULL;
      g_autoptr (DoorResponse) response = NULL;

      bad = g_bytes_new (edited, strlen (edited));
      response = device_put (world, device, bad, token);
      assert_status (response, cases[i].status);
      log = world_dup_log ();
      g_assert_nonnull (strstr (log, cases[i].reason));
    }
  assert_count (world, 1, "enrollment WHERE state = 'active'");
}

static DoorResponse *
put (World *world, GBytes *body, const char *type, const char *signature, GBytes *certificate)
{
  const Visit visit = {
    .method = "PUT",
    .target = "/mdm/apple/mdm",
    .content_type = type,
    .header = { signature != NULL ? "Mdm-Signature" : NULL, signature },
    .certificate = certificate,
    .body = body,
  };

  return world_visit (world, &visit);
}

static char *
sign_text (GBytes *body, EVP_PKEY *key, X509 *certificate)
{
  g_autoptr (GBytes) cms = device_sign (body, key, certificate, SIM_CMS_DETACHED);

  return g_base64_encode (g_bytes_get_data (cms, NULL), g_bytes_get_size (cms));
}

#define COMMAND "application/x-apple-aspen-mdm"

static void
test_proof (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (GBytes) body = device_build_message ("Idle", DEVICE_ID);
  g_autoptr (GBytes) tampered = device_build_message ("Idle", "6D1E0A4C-93A7-4E1B-8C5C-0B6C3F1A2D77");
  g_autoptr (EVP_PKEY) stranger = device_load_key ("scepclient.key");
  g_autofree char *good = sign_text (body, device->key, device->certificate);
  g_autofree char *padded = g_strnfill (16 * 1024, 'A');
  const struct
  {
    GBytes *body;
    const char *type, *signature;
    unsigned int status;
  } cases[] = {
    { body, COMMAND, good, 200 },  { body, COMMAND, NULL, 403 },   { tampered, COMMAND, good, 403 },
    { body, COMMAND, "%%%", 403 }, { body, COMMAND, padded, 403 }, { body, "text/xml", good, 415 },
    { body, NULL, good, 415 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response = put (world, cases[i].body, cases[i].type, cases[i].signature, NULL);

      assert_status (response, cases[i].status);
    }
}

/* Certificates that are not ours, are not on record, or out of their time. */
static void
test_certificates (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *sha256 = NULL, *sql = NULL;
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (Device) foreign = device_new (token, "scepclient.key");
  const SimIssuer self_signed = { NULL, foreign->key };
  g_autoptr (GError) error = NULL;

  foreign->certificate = sim_certificate_new ("device", foreign->key, &self_signed, false, &error);
  g_assert_no_error (error);
  assert_said (world, foreign, "Authenticate", token, 403, "");
  /* not even a record of it makes it ours */
  sha256 = device_dup_sha256 (foreign->certificate);
  sql =
      g_strdup_printf ("INSERT INTO certificate SELECT '%s', 'serial', key_hash, person_id, team, "
                       "enrollment_id, der, not_before, not_after, issued_at, revoked_at, 0 FROM certificate",
                       sha256);
  world_write (world, sql);
  assert_said (world, foreign, "Authenticate", token, 403, "");
  assert_said (world, foreign, "Idle", token, 403, "");
  g_clear_pointer (&sha256, g_free);
  g_clear_pointer (&sql, g_free);
  world_advance (world, 365 * 24 * HOUR_MS - 1000);
  g_assert_cmpuint (device_say (world, device, "Idle", NULL), ==, 200);
  world_advance (world, 2000);
  assert_said (world, device, "Idle", NULL, 403, "out of its time");
  world_advance (world, -366 * 24 * HOUR_MS);
  assert_said (world, device, "Idle", NULL, 403, "out of its time");
  world_advance (world, 365 * 24 * HOUR_MS);
  sha256 = device_dup_sha256 (device->certificate);
  sql = g_strdup_printf ("UPDATE certificate SET enrollment_id = 'gone' WHERE sha256 = '%s'", sha256);
  world_write (world, sql);
  assert_said (world, device, "Idle", NULL, 403, "enrollment not on record");
  world_write (world, "DELETE FROM certificate");
  assert_said (world, device, "Idle", NULL, 403, "identity certificate not on record");
  assert_said (world, device, "TokenUpdate", NULL, 403, "identity certificate not on record");
}

/* A trusted proxy names the certificate; it is judged as one of a signature. */
static void
test_client_certificate (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (GBytes) body = device_build_message ("Idle", DEVICE_ID), der = NULL, foreign_der = NULL;
  g_autoptr (GBytes) nonsense = g_bytes_new_static ("x", 1);
  g_autoptr (EVP_PKEY) key = device_load_key ("scepclient.key");
  const SimIssuer self_signed = { NULL, key };
  g_autoptr (X509) foreign = sim_certificate_new ("device", key, &self_signed, false, NULL);
  g_autofree char *bad = sign_text (body, key, foreign);
  unsigned char *data = NULL;
  int size = i2d_X509 (device->certificate, &data);
  g_autoptr (DoorResponse) good = NULL, unknown = NULL, broken = NULL, both = NULL;

  der = g_bytes_new (data, (size_t) size);
  OPENSSL_free (data);
  data = NULL;
  size = i2d_X509 (foreign, &data);
  foreign_der = g_bytes_new (data, (size_t) size);
  OPENSSL_free (data);
  good = put (world, body, COMMAND, NULL, der);
  assert_status (good, 200);
  unknown = put (world, body, COMMAND, NULL, foreign_der);
  assert_status (unknown, 403);
  broken = put (world, body, COMMAND, NULL, nonsense);
  g_assert_cmpuint (door_response_get_status (broken), >=, 400);
  /* a signature that is there must be right, whatever the proxy says */
  both = put (world, body, COMMAND, bad, der);
  assert_status (both, 403);
}

/* The same person enrolls the device anew: the former enrollment ends with all its certificates. */
static void
test_new_certificate (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *fresh = NULL, *log = NULL;
  g_autoptr (Device) old = device_enroll (world, token, "device.key");
  g_autoptr (Device) device = NULL;

  world_advance (world, HOUR_MS);
  fresh = sign_in (world, "/mdm/sso", &ada_again);
  device = device_get_certificate (world, NULL, fresh, "scepclient.key");
  assert_said (world, device, "Authenticate", NULL, 401, "no access token");
  assert_count (world, 1, "enrollment");
  g_assert_cmpuint (device_say (world, device, "Authenticate", fresh), ==, 200);
  assert_count (world, 1, "enrollment WHERE end_reason = 'replaced'");
  assert_count (world, 1, "enrollment WHERE state = 'pending'");
  assert_count (world, 1, "certificate WHERE revoked_at <> 0");
  assert_count (world, 1, "association");
  assert_count (world, 1, "device");
  assert_said (world, old, "Idle", NULL, 403, "the enrollment was replaced");
  assert_said (world, old, "CheckOut", NULL, 403, "the enrollment was replaced");
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", fresh), ==, 200);
}

/* Whether the answer is the one by which a device removes its enrollment. */
static bool
is_dismissed (World *world, const Device *device, const char *type, const char *bearer)
{
  g_autoptr (GBytes) message = device_build_message (type, DEVICE_ID);
  g_autoptr (DoorResponse) response = device_put (world, device, message, bearer);
  g_autofree char *body = world_dup_body (response);

  if (strstr (body, "com.apple.unrecognized.device") == NULL)
    return false;
  assert_status (response, 403);
  g_assert_cmpstr (door_response_lookup_header (response, "Content-Type"), ==, "application/json");
  return true;
}

/* Only a device of ours whose enrollment has ended is told to forget it; whatever else is wrong may be
 * mended, and who has taken its place may be somebody else. */
static void
test_dismissed (void)
{
  static const char *const reasons[] = { "administrator", "check-out" };
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");

  g_assert_false (is_dismissed (world, device, "Idle", NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_autofree char *sql =
          g_strdup_printf ("UPDATE enrollment SET ended_at = 5, end_reason = '%s'", reasons[i]);

      world_write (world, sql);
      g_assert_true (is_dismissed (world, device, "Idle", NULL));
      g_assert_true (is_dismissed (world, device, "TokenUpdate", token));
      g_assert_true (is_dismissed (world, device, "Authenticate", token));
    }
  world_write (world, "UPDATE enrollment SET ended_at = 5, end_reason = 'replaced'");
  g_assert_false (is_dismissed (world, device, "Idle", NULL));
  g_assert_false (is_dismissed (world, device, "TokenUpdate", token));
  assert_said (world, device, "TokenUpdate", token, 403, "replaced by a newer one");
  world_write (world, "UPDATE enrollment SET ended_at = 0, end_reason = ''");
  world_write (world, "UPDATE enrollment SET active_at = 0, state = 'pending'");
  assert_said (world, device, "TokenUpdate", NULL, 401, "no access token");
  g_assert_false (is_dismissed (world, device, "TokenUpdate", NULL));
  world_write (world, "UPDATE certificate SET revoked_at = 5");
  g_assert_false (is_dismissed (world, device, "Idle", NULL));
  world_write (world, "UPDATE device SET apple_id = 'another'");
  g_assert_false (is_dismissed (world, device, "Idle", NULL));
  world_write (world, "DELETE FROM certificate");
  g_assert_false (is_dismissed (world, device, "Idle", NULL));
}

/* Somebody else who names a device's EnrollmentID gets nothing, also after the device has gone. */
static void
test_other_person (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *other = sign_in (world, "/mdm/sso", &bob);
  g_autofree char *fresh = NULL, *before = NULL;
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (Device) thief = device_get_certificate (world, NULL, other, "scepclient.key");
  g_autoptr (Device) back = NULL;

  before = world_read (world, "SELECT * FROM enrollment");
  assert_said (world, thief, "Authenticate", other, 403, "belongs to another person");
  assert_unchanged (world, before);
  assert_count (world, 1, "association WHERE to_at = 0");
  g_assert_cmpuint (device_say (world, device, "Idle", NULL), ==, 200);
  g_assert_cmpuint (device_say (world, device, "CheckOut", NULL), ==, 200);
  assert_said (world, thief, "Authenticate", other, 403, "belongs to another person");
  assert_count (world, 0, "enrollment WHERE ended_at = 0");
  assert_count (world, 0, "association WHERE to_at = 0");
  world_advance (world, MINUTE_MS);
  fresh = sign_in (world, "/mdm/sso", &ada_again);
  back = device_get_certificate (world, NULL, fresh, "strongswan.key");
  g_assert_cmpuint (device_say (world, back, "Authenticate", fresh), ==, 200);
  assert_count (world, 1, "enrollment WHERE ended_at = 0");
  assert_count (world, 1, "association WHERE to_at = 0");
}

static Device *
renew (World *world, const Device *device, const char *key)
{
  Device *renewed = device_new (device->token, key);
  const ScepVisit visit = { .type = SIM_SCEP_RENEWAL_REQ,
                            .key = renewed->key,
                            .signer = device->certificate,
                            .signer_key = device->key };
  ScepOutcome outcome = device_scep (world, &visit);

  g_assert_null (outcome.fail_info);
  renewed->certificate = outcome.certificate;
  return renewed;
}

static void
test_renewal_switch (void)
{
  static const char *const types[] = { "Idle", "TokenUpdate", "Authenticate" };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (World) world = world_new (NULL);
      g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *sha256 = NULL, *where = NULL;
      g_autoptr (Device) device = device_enroll (world, token, "device.key");
      g_autoptr (Device) renewed = renew (world, device, "scepclient.key");

      g_assert_cmpuint (device_say (world, device, types[i], NULL), ==, 200);
      assert_count (world, 0, "certificate WHERE revoked_at <> 0");
      g_assert_cmpuint (device_say (world, renewed, types[i], NULL), ==, 200);
      sha256 = device_dup_sha256 (renewed->certificate);
      where = g_strdup_printf ("enrollment WHERE certificate_sha256 = '%s' AND ended_at = 0", sha256);
      assert_count (world, 1, where);
      assert_count (world, 1, "certificate WHERE revoked_at <> 0");
      assert_count (world, 1, "enrollment");
      assert_said (world, device, types[i], NULL, 403, "the identity certificate was revoked");
      g_assert_cmpuint (device_say (world, renewed, "CheckOut", NULL), ==, 200);
      assert_count (world, 2, "certificate WHERE revoked_at <> 0");
    }
}

/* Who had a copy of the old key renewed too, and kept what he got for later. */
static void
test_renewal_kept (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *before = NULL;
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (Device) kept = renew (world, device, "strongswan.key");
  g_autoptr (Device) renewed = renew (world, device, "scepclient.key");

  g_assert_cmpuint (device_say (world, renewed, "Idle", NULL), ==, 200);
  before = world_read (world, "SELECT * FROM enrollment ORDER BY id");
  assert_said (world, kept, "TokenUpdate", NULL, 403, "the identity certificate was revoked");
  assert_unchanged (world, before);
  g_assert_cmpuint (device_say (world, renewed, "Idle", NULL), ==, 200);
}

static void
test_poll_writes (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");

  world_advance (world, MINUTE_MS - 1);
  g_assert_cmpuint (device_say (world, device, "Idle", NULL), ==, 200);
  assert_count (world, 1, "device WHERE seen_at = 1800014400000");
  world_advance (world, 1);
  g_assert_cmpuint (device_say (world, device, "Idle", NULL), ==, 200);
  assert_count (world, 1, "device WHERE seen_at = 1800014460000");
  world_advance (world, 1);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", NULL), ==, 200);
  assert_count (world, 1, "device WHERE seen_at = 1800014460001");
  /* a clock that is set back does not make a device unseen until it has caught up */
  world_advance (world, -HOUR_MS);
  g_assert_cmpuint (device_say (world, device, "Idle", NULL), ==, 200);
  assert_count (world, 1, "device WHERE seen_at = 1800010860001");
}

/* That a certificate is remembered says nothing about its time and its record: they are asked each time. */
static void
test_remembered (void)
{
  static const char *const types[] = { "Idle", "TokenUpdate" };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (World) world = world_new (NULL);
      g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
      g_autoptr (Device) device = device_enroll (world, token, "device.key");
      uint64_t hits = door_signer_cache_get_hits (world->context.signers);

      g_assert_cmpuint (device_say (world, device, types[i], NULL), ==, 200);
      g_assert_cmpuint (door_signer_cache_get_hits (world->context.signers), ==, hits + 1);
      world_advance (world, 400 * 24 * HOUR_MS);
      assert_said (world, device, types[i], NULL, 403, "identity certificate out of its time");
      world_advance (world, -800 * 24 * HOUR_MS);
      assert_said (world, device, types[i], NULL, 403, "identity certificate out of its time");
      world_advance (world, 400 * 24 * HOUR_MS);
      world_write (world, "UPDATE certificate SET revoked_at = 5");
      assert_said (world, device, types[i], NULL, 403, "the identity certificate was revoked");
      world_write (world, "UPDATE certificate SET revoked_at = 0");
      world_write (world, "UPDATE enrollment SET ended_at = 5, end_reason = 'replaced'");
      assert_said (world, device, types[i], NULL, 403, "the enrollment was replaced");
      world_write (world, "UPDATE enrollment SET ended_at = 0, end_reason = ''");
      g_assert_cmpuint (device_say (world, device, types[i], NULL), ==, 200);
      world_write (world, "DELETE FROM certificate");
      assert_said (world, device, types[i], NULL, 403, "identity certificate not on record");
      g_assert_cmpuint (door_signer_cache_get_hits (world->context.signers), >=, hits + 7);
    }
}

static void
test_answers (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *text = NULL;
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (GBytes) idle = device_build_message ("Idle", DEVICE_ID);
  g_autoptr (GBytes) update = device_build_message ("TokenUpdate", DEVICE_ID);
  g_autoptr (DoorResponse) report = device_put (world, device, idle, NULL);
  g_autoptr (DoorResponse) checkin = device_put (world, device, update, NULL);

  g_assert_cmpstr (door_response_lookup_header (report, "Content-Type"), ==, "text/xml; charset=utf-8");
  g_assert_null (door_response_lookup_header (checkin, "Content-Type"));
  text = world_dup_body (report);
  g_assert_cmpstr (text, ==, "");
}

/* A device without any owner on record, as an older version may have left it. */
static void
test_no_owner (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *fresh = NULL;
  g_autoptr (Device) old = device_enroll (world, token, "device.key"), device = NULL;

  world_write (world, "DELETE FROM association");
  fresh = sign_in (world, "/mdm/sso", &ada_again);
  device = device_get_certificate (world, NULL, fresh, "scepclient.key");
  g_assert_cmpuint (device_say (world, device, "Authenticate", fresh), ==, 200);
  assert_count (world, 1, "association WHERE to_at = 0");
}

static void
test_database_down (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");
  unsigned int status;

  world_break_table (world, "enrollment");
  status = device_say (world, device, "Authenticate", token);
  g_assert_cmpuint (status, >=, 500);
  assert_count (world, 0, "device");
  world_write (world, "ALTER TABLE access_token RENAME TO gone");
  status = device_say (world, device, "Authenticate", token);
  g_assert_cmpuint (status, >=, 500);
}

static void
add (void)
{
  g_test_add_func ("/check-in/life", test_life);
  g_test_add_func ("/check-in/bearer-missing", test_bearer_missing);
  g_test_add_func ("/check-in/bearer-product", test_bearer_product);
  g_test_add_func ("/check-in/report-challenge", test_report_challenge);
  g_test_add_func ("/check-in/bearer-wrong", test_bearer_wrong);
  g_test_add_func ("/check-in/bearer-bound", test_bearer_bound);
  g_test_add_func ("/check-in/bearer-fresh", test_bearer_fresh);
  g_test_add_func ("/check-in/authenticate-again", test_authenticate_again);
  g_test_add_func ("/check-in/order", test_order);
  g_test_add_func ("/check-in/pinned-elsewhere", test_pinned_elsewhere);
  g_test_add_func ("/check-in/revoked", test_revoked);
  g_test_add_func ("/check-in/message", test_message);
  g_test_add_func ("/check-in/proof", test_proof);
  g_test_add_func ("/check-in/certificates", test_certificates);
  g_test_add_func ("/check-in/client-certificate", test_client_certificate);
  g_test_add_func ("/check-in/new-certificate", test_new_certificate);
  g_test_add_func ("/check-in/dismissed", test_dismissed);
  g_test_add_func ("/check-in/other-person", test_other_person);
  g_test_add_func ("/check-in/renewal-switch", test_renewal_switch);
  g_test_add_func ("/check-in/renewal-kept", test_renewal_kept);
  g_test_add_func ("/check-in/poll-writes", test_poll_writes);
  g_test_add_func ("/check-in/remembered", test_remembered);
  g_test_add_func ("/check-in/answers", test_answers);
  g_test_add_func ("/check-in/no-owner", test_no_owner);
  g_test_add_func ("/check-in/database-down", test_database_down);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

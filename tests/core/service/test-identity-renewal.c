/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server has devices renew their identity certificate before it ends. */
#include <string.h>

#include "device.h"
#include "door-cms.h"
#include "door-error.h"
#include "door-identity-renewal.h"
#include "sign-in.h"

#define DAY_MS (24 * HOUR_MS)
#define UNTIL_DUE_MS ((365 - 30) * DAY_MS)

static const Answer ada = { .assertion_id = "_ada1" };

typedef struct
{
  World *world;
  char *token;
  char *profile; /* the first one */
  Device *device;
} Enrolled;

static void
set_up (Enrolled *self, gconstpointer data)
{
  g_autoptr (DoorResponse) response = NULL;

  self->world = world_new (NULL);
  self->token = sign_in (self->world, "/mdm/sso", &ada);
  response = device_ask_profile (self->world, NULL, self->token);
  assert_status (response, 200);
  self->profile = device_dup_profile (response);
  self->device = device_enroll (self->world, self->token, "device.key");
}

static void
tear_down (Enrolled *self, gconstpointer data)
{
  device_free (self->device);
  world_free (self->world);
  g_free (self->token);
  g_free (self->profile);
}

static void
run (Enrolled *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (door_identity_renewal_run (&self->world->context, &error));
  g_assert_no_error (error);
}

static char *
read_text (World *world, const char *sql)
{
  g_autofree char *rows = world_read (world, sql);
  g_auto (GStrv) parts = g_strsplit (rows, "<'", 2);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strndup (parts[1], strcspn (parts[1], "'"));
}

/* What stands behind a key of a property list. */
static char *
dup_value (const char *text, const char *key, const char *type)
{
  g_autofree char *name = g_strdup_printf ("<key>%s</key>", key);
  g_autofree char *tag = g_strdup_printf ("<%s>", type);
  const char *at = strstr (text, name);

  g_assert_nonnull (at);
  at = strstr (at, tag);
  g_assert_nonnull (at);
  at += strlen (tag);
  return g_strndup (at, strcspn (at, "<"));
}

/* What the device is answered to a report about a command, or to Idle. */
static char *
report (Enrolled *self, const char *status, const char *uuid)
{
  g_autofree char *about =
      uuid != NULL ? g_strdup_printf ("<key>CommandUUID</key><string>%s</string>", uuid) : g_strdup ("");
  g_autofree char *text =
      g_strdup_printf ("<plist version=\"1.0\"><dict>%s<key>EnrollmentID</key><string>%s</string>"
                       "<key>Status</key><string>%s</string></dict></plist>",
                       about, self->device->enrollment_id, status);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (DoorResponse) response = device_put (self->world, self->device, body, self->token);

  assert_status (response, 200);
  return world_dup_body (response);
}

/* The profile in an InstallProfile. */
static char *
dup_payload (const char *command)
{
  g_autofree char *base64 = dup_value (command, "Payload", "data");
  gsize size = 0;
  guchar *der = g_base64_decode (base64, &size);
  g_autoptr (GBytes) bytes = g_bytes_new_take (der, size);
  g_autoptr (DoorCertificate) signer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) content = door_cms_open_signed (bytes, &signer, &error);

  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (content, NULL), g_bytes_get_size (content));
}

/* The near end makes the server ask; gives the profile that the device is sent. */
static char *
take_profile (Enrolled *self)
{
  g_autofree char *command = NULL;

  world_advance (self->world, UNTIL_DUE_MS);
  run (self);
  command = report (self, "Idle", NULL);
  g_assert_nonnull (strstr (command, "<string>InstallProfile</string>"));
  return dup_payload (command);
}

static ScepOutcome
renew (Enrolled *self, const char *challenge, const char *key_name)
{
  g_autoptr (EVP_PKEY) key = device_load_key (key_name);
  const ScepVisit visit = { .challenge = challenge, .key = key };

  return device_scep (self->world, &visit);
}

static void
assert_refused (Enrolled *self, const char *challenge, const char *key_name, const char *reason)
{
  g_autofree char *drop = world_dup_log (), *log = NULL;
  g_auto (ScepOutcome) outcome = renew (self, challenge, key_name);

  g_assert_null (outcome.certificate);
  log = world_dup_log ();
  if (strstr (log, reason) == NULL)
    g_error ("\"%s\" was expected in %s", reason, log);
}

/* From its thirtieth last day on, once. */
static void
test_due (Enrolled *self, gconstpointer data)
{
  g_autofree char *command = NULL, *challenge = NULL, *payload = NULL, *where = NULL;

  world_advance (self->world, UNTIL_DUE_MS - 1);
  run (self);
  assert_count (self->world, 0, "command");
  world_advance (self->world, 1);
  run (self);
  run (self);
  assert_count (self->world, 1, "command WHERE request_type = 'InstallProfile' AND source = 'renewal'");
  assert_count (self->world, 1, "identity_renewal WHERE tries = 1 AND done_at = 0");
  assert_count (self->world, 1, "push_wish");
  assert_count (self->world, 1, "command WHERE message LIKE 'sealed:%'");
  command = report (self, "Idle", NULL);
  payload = dup_payload (command);
  challenge = dup_value (payload, "Challenge", "string");
  where = g_strdup_printf ("identity_renewal WHERE challenge_hash = '%s'", challenge);
  assert_count (self->world, 0, where); /* only its hash is kept */
}

/* What a device does not let change is as it was. */
static void
test_same_profile (Enrolled *self, gconstpointer data)
{
  g_autofree char *again = take_profile (self), *before = dup_value (self->profile, "Challenge", "string");
  g_autofree char *challenge = dup_value (again, "Challenge", "string");
  g_auto (GStrv) parts = g_strsplit (self->profile, before, -1);
  g_autofree char *expected = g_strjoinv (challenge, parts);

  g_assert_cmpstr (challenge, !=, before);
  g_assert_nonnull (strstr (again, "<key>AssignedManagedAppleID</key>"));
  g_assert_cmpstr (again, ==, expected);
}

/* The whole way: another key, another certificate, the same owner; then the former is worth nothing. */
static void
test_renewed (Enrolled *self, gconstpointer data)
{
  g_autofree char *again = take_profile (self), *challenge = dup_value (again, "Challenge", "string");
  g_autofree char *sha256 = NULL, *where = NULL, *rest = NULL, *uuid = NULL;
  g_auto (ScepOutcome) outcome = renew (self, challenge, "scepclient.key"), repeat = { NULL, NULL };
  g_autoptr (Device) renewed = device_new (self->token, "scepclient.key");

  g_assert_nonnull (outcome.certificate);
  repeat = renew (self, challenge, "scepclient.key");
  g_assert_cmpint (X509_cmp (outcome.certificate, repeat.certificate), ==, 0);
  assert_refused (self, challenge, "device.key", "used with another key");
  g_assert_cmpuint (device_say (self->world, self->device, "Idle", NULL), ==, 200); /* still the former */
  renewed->certificate = g_steal_pointer (&outcome.certificate);
  g_assert_cmpuint (device_say (self->world, renewed, "Authenticate", NULL), ==, 200);
  g_assert_cmpuint (device_say (self->world, renewed, "TokenUpdate", NULL), ==, 200);
  sha256 = device_dup_sha256 (renewed->certificate);
  where = g_strdup_printf ("enrollment WHERE certificate_sha256 = '%s' AND state = 'active'", sha256);
  assert_count (self->world, 1, where);
  assert_count (self->world, 1, "enrollment");
  assert_count (self->world, 1, "association WHERE to_at = 0");
  assert_count (self->world, 1, "identity_renewal WHERE done_at > 0");
  g_assert_cmpuint (device_say (self->world, self->device, "Idle", NULL), ==, 403);
  assert_refused (self, challenge, "scepclient.key", "renewed its certificate already");
  uuid = read_text (self->world, "SELECT uuid AS value FROM command");
  EVP_PKEY_up_ref (renewed->key);
  EVP_PKEY_free (self->device->key);
  self->device->key = renewed->key;
  X509_free (self->device->certificate);
  self->device->certificate = X509_dup (renewed->certificate);
  rest = report (self, "Acknowledged", uuid);
  g_assert_cmpstr (rest, ==, "");
  assert_count (self->world, 1, "command WHERE state = 'acknowledged' AND message = ''");
  run (self);
  assert_count (self->world, 1, "command");
}

/* What the device has not taken is not asked twice; what it refused is, with another challenge. */
static void
test_again (Enrolled *self, gconstpointer data)
{
  g_autofree char *first = take_profile (self), *before = dup_value (first, "Challenge", "string");
  g_autofree char *uuid = read_text (self->world, "SELECT uuid AS value FROM command"), *rest = NULL;

  world_advance (self->world, 7 * DAY_MS);
  run (self);
  assert_count (self->world, 1, "command");
  rest = report (self, "Error", uuid);
  run (self);
  assert_count (self->world, 1, "command");
  world_advance (self->world, 7 * DAY_MS + DAY_MS);
  run (self);
  run (self);
  assert_count (self->world, 2, "command");
  assert_count (self->world, 1, "identity_renewal WHERE tries = 2");
  assert_refused (self, before, "scepclient.key", "unknown challenge");
}

/* A challenge ends with the certificate it renews; the device is on no list then. */
static void
test_too_late (Enrolled *self, gconstpointer data)
{
  g_autofree char *again = take_profile (self), *challenge = dup_value (again, "Challenge", "string");
  g_autofree char *drop = NULL, *log = NULL;

  world_advance (self->world, 30 * DAY_MS);
  assert_refused (self, challenge, "scepclient.key", "challenge expired");
  drop = world_dup_log ();
  run (self);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "the device must be enrolled again"));
  assert_count (self->world, 1, "certificate WHERE renewal_due = 0");
  run (self);
  assert_count (self->world, 1, "command");
}

/* A challenge ends long before a certificate that is renewed early. */
static void
test_challenge_ends (Enrolled *self, gconstpointer data)
{
  g_autofree char *command = NULL, *payload = NULL, *challenge = NULL;

  world_write (self->world, "UPDATE certificate SET not_after = not_after + 7776000000");
  world_write (self->world, "UPDATE certificate SET renewal_due = 1");
  run (self);
  assert_count (self->world, 1, "identity_renewal WHERE expires_at = asked_at + 2592000000");
  command = report (self, "Idle", NULL);
  payload = dup_payload (command);
  challenge = dup_value (payload, "Challenge", "string");
  world_advance (self->world, 30 * DAY_MS);
  assert_refused (self, challenge, "scepclient.key", "challenge expired");
}

static void
test_ended (Enrolled *self, gconstpointer data)
{
  g_autofree char *again = take_profile (self), *challenge = dup_value (again, "Challenge", "string");

  g_assert_cmpuint (device_say (self->world, self->device, "CheckOut", NULL), ==, 200);
  assert_refused (self, challenge, "scepclient.key", "unknown challenge");
}

/* Who was deactivated is not asked, and gets nothing for what he was asked before. */
static void
test_deactivated (Enrolled *self, gconstpointer data)
{
  g_autofree char *again = take_profile (self), *challenge = dup_value (again, "Challenge", "string");

  world_write (self->world, "UPDATE person SET state = 'inactive'");
  assert_refused (self, challenge, "scepclient.key", "deactivated");
  world_write (self->world, "UPDATE command SET done_at = 1, state = 'error'");
  world_advance (self->world, 8 * DAY_MS);
  run (self);
  assert_count (self->world, 1, "command");
}

/* A device does not take another topic. */
static void
test_topic (Enrolled *self, gconstpointer data)
{
  g_autofree char *drop = world_dup_log (), *log = NULL;

  self->world->context.topic = "com.apple.mgmt.External.other";
  world_advance (self->world, UNTIL_DUE_MS);
  run (self);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "the topic of the server is another"));
  assert_count (self->world, 0, "command");
  self->world->context.topic = WORLD_TOPIC;
}

static gboolean
write_wish (DoorTxn *txn, gpointer data, GError **error)
{
  g_autoptr (DoorEnrollment) enrollment = NULL;
  g_autofree char *id = read_text (data, "SELECT id AS value FROM enrollment");
  World *world = data;
  bool changed = false;

  if (!door_device_store_lookup_enrollment (txn, id, &enrollment, error) ||
      !door_identity_renewal_wish (txn, enrollment, door_clock_now_ms (world->context.clock), &changed,
                                   error))
    return FALSE;
  return changed || door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE, "it is to renew it already");
}

/* An administrator need not wait, but comes too late when the certificate has ended. */
static void
test_wish (Enrolled *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (door_writer_run (self->world->context.writer, write_wish, self->world, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (door_writer_run (self->world->context.writer, write_wish, self->world, NULL, &error));
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE);
  g_clear_error (&error);
  run (self);
  assert_count (self->world, 1, "command");
  g_assert_false (door_writer_run (self->world->context.writer, write_wish, self->world, NULL, &error));
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE);
  g_clear_error (&error);
  world_write (self->world, "UPDATE command SET done_at = 1, state = 'error'");
  world_advance (self->world, 365 * DAY_MS);
  g_assert_false (door_writer_run (self->world->context.writer, write_wish, self->world, NULL, &error));
  assert_fault (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_CMD_CONFLICT);
}

/* Of two who have it on their list one asks. */
static void
test_claimed (Enrolled *self, gconstpointer data)
{
  g_autofree char *sql = NULL;

  world_advance (self->world, UNTIL_DUE_MS);
  sql =
      g_strdup_printf ("INSERT INTO lease (name, holder, expires_at) VALUES ('identity-renewal', 'another', "
                       "%" G_GINT64_FORMAT ")",
                       WORLD_NOW_MS + UNTIL_DUE_MS + MINUTE_MS);
  world_write (self->world, sql);
  run (self);
  assert_count (self->world, 0, "command");
  world_write (self->world, "DELETE FROM lease");
  run (self);
  assert_count (self->world, 1, "command");
}

/* One for whom no profile can be made keeps nobody waiting, and is not looked at all the time. */
static void
test_fails (Enrolled *self, gconstpointer data)
{
  g_autofree char *drop = world_dup_log (), *log = NULL, *again = NULL;

  world_write (self->world, "UPDATE enrollment SET managed_account = char(1)");
  world_advance (self->world, UNTIL_DUE_MS);
  run (self);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "the identity certificate of a device ends on"));
  assert_count (self->world, 0, "command");
  run (self);
  again = world_dup_log ();
  g_assert_null (strstr (again, "the identity certificate of a device ends on"));
}

/* What was sealed by a key that is lost keeps nothing behind it waiting, and is asked again. */
static void
test_lost_key (Enrolled *self, gconstpointer data)
{
  g_autofree char *drop = NULL, *log = NULL, *rest = NULL, *again = NULL;

  world_advance (self->world, UNTIL_DUE_MS);
  run (self);
  world_write (self->world, "UPDATE command SET message = 'sealed:AAAA'");
  drop = world_dup_log ();
  rest = report (self, "Idle", NULL);
  g_assert_null (strstr (rest, "InstallProfile"));
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "is given up"));
  assert_count (self->world, 1, "command WHERE state = 'error' AND done_at > 0");
  world_advance (self->world, 8 * DAY_MS);
  run (self);
  again = report (self, "Idle", NULL);
  g_assert_nonnull (strstr (again, "<string>InstallProfile</string>"));
}

/* On the last day there is no week to wait. */
static void
test_last_day (Enrolled *self, gconstpointer data)
{
  g_autofree char *uuid = NULL, *rest = NULL;

  world_advance (self->world, UNTIL_DUE_MS + 29 * DAY_MS);
  run (self);
  uuid = read_text (self->world, "SELECT uuid AS value FROM command");
  rest = report (self, "Idle", NULL);
  g_free (rest);
  rest = report (self, "Error", uuid);
  world_advance (self->world, DAY_MS / 4);
  run (self);
  assert_count (self->world, 1, "identity_renewal WHERE tries = 2");
}

/* A clock that was years ahead has put it off for years. */
static void
test_clock (Enrolled *self, gconstpointer data)
{
  world_write (self->world, "UPDATE certificate SET renewal_due = 4000000000000");
  run (self);
  assert_count (self->world, 1, "command");
}

static void
add_tests (void)
{
#define ADD(name, function)                                                                                  \
  g_test_add ("/identity-renewal/" name, Enrolled, NULL, set_up, function, tear_down)
  ADD ("due", test_due);
  ADD ("same-profile", test_same_profile);
  ADD ("renewed", test_renewed);
  ADD ("again", test_again);
  ADD ("too-late", test_too_late);
  ADD ("challenge-ends", test_challenge_ends);
  ADD ("ended", test_ended);
  ADD ("deactivated", test_deactivated);
  ADD ("topic", test_topic);
  ADD ("wish", test_wish);
  ADD ("claimed", test_claimed);
  ADD ("fails", test_fails);
  ADD ("lost-key", test_lost_key);
  ADD ("last-day", test_last_day);
  ADD ("clock", test_clock);
#undef ADD
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}

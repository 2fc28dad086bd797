/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-hex.h"
#include "door-pbkdf2.h"
#include "door-setup-assistant.h"
#include "mac.h"

#define AWAITING MAC_PUSH "<key>AwaitingConfiguration</key><true/>"
#define MAC_HARDWARE "<key>ProductName</key><string>Mac14,2</string>"
#define PHONE_HARDWARE "<key>ProductName</key><string>iPhone15,4</string>"
#define WAIT_MS (15 * MINUTE_MS)

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };

static Device *
unbox_of (World *world, const Answer *person, const char *key, const char *udid, const char *hardware)
{
  Device *device = mac_new (world, person, key, udid);

  world_write (world, "UPDATE access_token SET kind = 'ade', mode = '' WHERE mode = 'ADDE'");
  g_assert_cmpuint (mac_say (world, device, "Authenticate", hardware, NULL), ==, 200);
  g_assert_cmpuint (mac_say (world, device, "TokenUpdate", AWAITING, NULL), ==, 200);
  return device;
}

/* A device that has just come out of its box. */
static Device *
unbox (World *world, const char *hardware)
{
  return unbox_of (world, &ada, "device.key", MAC_ID, hardware);
}

/* What the device is answered to a report about the command of the answer before; "" at the end. */
static char *
report (World *world, const Device *device, const char *status, const char *before)
{
  const char *uuid = before != NULL ? strstr (before, "<key>CommandUUID</key>") : NULL;
  const char *from = uuid != NULL ? strstr (uuid, "<string>") + strlen ("<string>") : NULL;
  g_autofree char *id = from != NULL ? g_strndup (from, (size_t) (strstr (from, "</string>") - from)) : NULL;
  g_autofree char *about =
      id != NULL ? g_strdup_printf ("<key>CommandUUID</key><string>%s</string>", id) : g_strdup ("");
  g_autofree char *text =
      g_strdup_printf ("<plist version=\"1.0\"><dict>%s<key>UDID</key><string>%s</string><key>Status</key>"
                       "<string>%s</string></dict></plist>",
                       about, device->enrollment_id, status);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (DoorResponse) response = device_put (world, device, body, NULL);

  assert_status (response, 200);
  return world_dup_body (response);
}

static void
assert_names (const char *command, const char *request_type)
{
  g_autofree char *wanted = g_strdup_printf ("<string>%s</string>", request_type);

  if (strstr (command, wanted) == NULL)
    g_error ("%s was expected, not: %s", request_type, command);
}

static void
round_trip (World *world)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (door_setup_assistant_round (&world->context, &error));
  g_assert_no_error (error);
}

static void
test_mac (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);
  g_autofree char *first = report (world, mac, "Idle", NULL), *second = NULL, *third = NULL;

  assert_names (first, "AccountConfiguration");
  g_assert_nonnull (strstr (first, "<key>PrimaryAccountUserName</key>\n\t\t<string>ada</string>"));
  g_assert_nonnull (strstr (first, "<key>PrimaryAccountFullName</key>\n\t\t<string>Ada Lovelace</string>"));
  g_assert_nonnull (strstr (first, "<key>LockPrimaryAccountInfo</key>\n\t\t<true/>"));
  g_assert_null (strstr (first, "AutoSetupAdminAccounts"));
  assert_count (world, 1, "device_setup WHERE begun_at > 0 AND finished_at = 0");
  second = report (world, mac, "Acknowledged", first);
  assert_names (second, "DeviceConfigured");
  assert_count (
      world, 1,
      "device_setup WHERE outcome = 'done' AND finished_at > 0 AND account_name = 'ada' AND admin_name = ''");
  third = report (world, mac, "Acknowledged", second);
  g_assert_cmpstr (third, ==, "");
  round_trip (world);
  assert_count (world, 2, "command");
}

/* However the device answers, it is let go. */
static void
test_refused (void)
{
  static const char *const statuses[] = { "Error", "CommandFormatError", "NotNow" };

  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autoptr (World) world = world_new (NULL);
      g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);
      g_autofree char *first = report (world, mac, "Idle", NULL);
      g_autofree char *second = report (world, mac, statuses[i], first);

      assert_names (second, "DeviceConfigured");
    }
}

/* One that says nothing is let go when its time is over, and not before. */
static void
test_late (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);

  world_advance (world, WAIT_MS - 1);
  round_trip (world);
  assert_count (world, 0, "command WHERE request_type = 'DeviceConfigured'");
  world_advance (world, 1);
  round_trip (world);
  round_trip (world);
  assert_count (world, 1, "command WHERE request_type = 'DeviceConfigured'");
  assert_count (world, 1, "device_setup WHERE outcome = 'time'");
}

/* What is wrong with one device keeps no other waiting. */
static void
test_one_fails (void)
{
  static const char second_id[] = "00008112-00FFFFFFFFFFFFFF";
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) first = unbox (world, PHONE_HARDWARE);
  g_autoptr (Device) second = NULL;
  g_autofree char *log = NULL;

  world_write (world, "UPDATE device_setup SET due_at = 1, finished_at = 0, releases = 0, outcome = ''");
  world_write (world,
               "ALTER TABLE device_setup ADD COLUMN trap TEXT CHECK (outcome <> 'time' OR due_at > 1)");
  second = unbox_of (world, &bob, "scepclient.key", second_id, PHONE_HARDWARE);
  world_write (world, "UPDATE device_setup SET due_at = 2, finished_at = 0, releases = 0 WHERE due_at > 1");
  g_free (world_dup_log ());
  round_trip (world);
  assert_count (world, 1, "device_setup WHERE outcome = '' AND finished_at = 0 AND due_at > 2");
  assert_count (world, 1, "device_setup WHERE outcome = 'time' AND due_at = 2");
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "which waits in Setup Assistant: "));
}

/* Only Macs have accounts. */
static void
test_phone (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) phone = unbox (world, PHONE_HARDWARE);
  g_autofree char *first = report (world, phone, "Idle", NULL);

  assert_names (first, "DeviceConfigured");
  assert_count (world, 1, "command");
}

static void
test_none (void)
{
  g_autoptr (World) world = world_new ("Use=enrollment\n[enrollment]\nLocalAccountName=none\n");
  g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);
  g_autofree char *first = report (world, mac, "Idle", NULL);

  assert_names (first, "DeviceConfigured");
}

/* A device that is not in Setup Assistant has nothing to wait for. */
static void
test_not_awaiting (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);

  assert_count (world, 0, "device_setup");
  assert_count (world, 0, "command");
}

static void
test_admin (void)
{
  g_autoptr (World) world =
      world_new ("Use=enrollment\n[enrollment]\nManagedAdmin=ada\nPrimaryAccount=standard\n"
                 "LockLocalAccount=false\nManagedAdminFullName=IT\n");
  g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);
  g_autofree char *first = report (world, mac, "Idle", NULL);
  g_autofree char *row = world_read (world, "SELECT sealed_admin_password FROM device_setup");
  g_autofree char *id_row = world_read (world, "SELECT enrollment_id FROM device_setup");
  g_auto (GStrv) sealed = g_strsplit (row, "'", -1), id = g_strsplit (id_row, "'", -1);
  g_autoptr (DoorSecret) password =
      door_setup_assistant_open_password (world->context.state_key, id[3], sealed[3], NULL);
  g_autoptr (DoorSecret) other =
      door_setup_assistant_open_password (world->context.state_key, "other", sealed[3], NULL);

  assert_names (first, "AccountConfiguration");
  g_assert_nonnull (strstr (first, "<key>shortName</key>\n\t\t\t\t<string>ada</string>"));
  g_assert_nonnull (strstr (first, "<key>fullName</key>\n\t\t\t\t<string>IT</string>"));
  g_assert_nonnull (strstr (first, "<key>hidden</key>\n\t\t\t\t<true/>"));
  g_assert_nonnull (strstr (first, "<string>ada2</string>")); /* the person's: the other is taken */
  g_assert_nonnull (strstr (first, "<key>LockPrimaryAccountInfo</key>\n\t\t<false/>"));
  g_assert_nonnull (strstr (first, "SetPrimarySetupAccountAsRegularUser"));
  g_assert_nonnull (password);
  g_assert_null (other);
  g_assert_cmpuint (strlen (door_secret_get_text (password)), ==, 24);
  g_assert_null (strstr (first, door_secret_get_text (password)));
}

/* A server that stops after the device was answered does the rest when it is back. */
static void
test_restart (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);

  world_write (world, "DELETE FROM command");
  world_write (world, "UPDATE device_setup SET prepared_at = 0, due_at = begun_at, account_name = ''");
  round_trip (world);
  round_trip (world);
  assert_count (world, 1, "command WHERE request_type = 'AccountConfiguration'");
  assert_count (world, 1, "command");
}

static void
test_again (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = unbox (world, PHONE_HARDWARE);
  g_autofree char *first = report (world, mac, "Idle", NULL), *end = NULL, *second = NULL;

  assert_names (first, "DeviceConfigured");
  end = report (world, mac, "Error", first);
  g_assert_cmpstr (end, ==, "");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", AWAITING, NULL), ==, 200);
  round_trip (world);
  round_trip (world);
  second = report (world, mac, "Idle", NULL);
  assert_names (second, "DeviceConfigured");
  assert_count (world, 2, "command");
  assert_count (world, 1, "device_setup WHERE outcome = 'again' AND releases = 2");
}

/* A device that was let go and waits all the same is let go again by its next poll. */
static void
test_again_at_once (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) phone = unbox (world, PHONE_HARDWARE);
  g_autofree char *first = report (world, phone, "Idle", NULL), *end = NULL, *second = NULL;

  end = report (world, phone, "Acknowledged", first);
  g_assert_cmpstr (end, ==, "");
  g_assert_cmpuint (mac_say (world, phone, "TokenUpdate", AWAITING, NULL), ==, 200);
  second = report (world, phone, "Idle", NULL);
  assert_names (second, "DeviceConfigured");
  assert_count (world, 1, "device_setup WHERE releases = 2 AND finished_at > 0");
}

static void
test_ended (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);

  g_assert_cmpuint (mac_say (world, mac, "CheckOut", "", NULL), ==, 200);
  world_advance (world, WAIT_MS);
  round_trip (world);
  round_trip (world);
  assert_count (world, 1, "device_setup WHERE outcome = 'ended'");
  assert_count (world, 0, "command WHERE request_type = 'DeviceConfigured'");
}

/* A database in which something happens between a read and the write after it. */
G_DECLARE_FINAL_TYPE (BusyStorage, busy_storage, BUSY, STORAGE, GObject)
struct _BusyStorage
{
  GObject parent_instance;
  World *world;
  DoorStorage *storage;
  const char *meanwhile; /* NULL once it has happened */
};

static gpointer
busy_begin (DoorStorage *storage, DoorTxnMode mode, GCancellable *cancellable, GError **error)
{
  return door_storage_begin (BUSY_STORAGE (storage)->storage, mode, cancellable, error);
}

static GVariant *
busy_query (DoorStorage *storage, gpointer handle, const char *sql, GVariant *params, GError **error)
{
  return door_txn_query (handle, sql, params, error);
}

static gboolean
busy_end (DoorStorage *storage, gpointer handle, gboolean commit, GError **error)
{
  BusyStorage *self = BUSY_STORAGE (storage);
  const char *sql = g_steal_pointer (&self->meanwhile);

  door_txn_free (handle);
  self->world->context.storage = self->storage;
  if (sql != NULL)
    world_write (self->world, sql);
  return TRUE;
}

static void
busy_iface_init (DoorStorageInterface *iface)
{
  iface->begin = busy_begin;
  iface->query = busy_query;
  iface->end = busy_end;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BusyStorage, busy_storage, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DOOR_TYPE_STORAGE, busy_iface_init))

static void
busy_storage_init (BusyStorage *self)
{
}

static void
busy_storage_class_init (BusyStorageClass *klass)
{
}

/* Prepares a Mac that nobody has prepared yet, while something happens behind the first read. */
static void
prepare_while (World *world, const char *meanwhile)
{
  g_autoptr (BusyStorage) busy = g_object_new (busy_storage_get_type (), NULL);
  g_autofree char *row = world_read (world, "SELECT enrollment_id FROM device_setup");
  g_auto (GStrv) id = g_strsplit (row, "'", -1);
  g_autoptr (GError) error = NULL;

  world_write (world, "DELETE FROM command");
  world_write (world, "UPDATE device_setup SET prepared_at = 0, due_at = begun_at, account_name = ''");
  g_free (world_dup_log ());
  busy->world = world;
  busy->storage = world->context.storage;
  busy->meanwhile = meanwhile;
  world->context.storage = DOOR_STORAGE (busy);
  g_assert_true (door_setup_assistant_prepare (&world->context, id[3], &error));
  g_assert_no_error (error);
  g_assert_null (busy->meanwhile);
}

/* Nothing is queued for a device that has left, nor a second time after another instance has done it. */
static void
test_over_meanwhile (void)
{
  static const char *const events[] = {
    "UPDATE enrollment SET state = 'ended', ended_at = 1, end_reason = 'check-out'",
    "UPDATE device_setup SET prepared_at = 1, account_name = 'by another'",
    "DELETE FROM device_setup",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (World) world = world_new (NULL);
      g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);
      g_autofree char *log = NULL;

      prepare_while (world, events[i]);
      assert_count (world, 0, "command");
      assert_count (world, 0, "device_setup WHERE prepared_at > 1 OR account_name NOT IN ('', 'by another')");
      log = world_dup_log ();
      g_assert_null (strstr (log, "is being prepared"));
    }
}

/* The account is that of the person whose device it is when the command is queued. */
static void
test_person_meanwhile (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = unbox (world, MAC_HARDWARE);
  g_autofree char *first = NULL;

  prepare_while (world, "UPDATE person SET user_name = 'grace', email = 'grace@example.com'");
  first = report (world, mac, "Idle", NULL);
  assert_names (first, "AccountConfiguration");
  g_assert_nonnull (strstr (first, "<key>PrimaryAccountUserName</key>\n\t\t<string>grace</string>"));
  assert_count (world, 1, "device_setup WHERE account_name = 'grace'");
}

/* The vector is that of many, for one iteration of "password" and "salt". */
static void
test_pbkdf2 (void)
{
  g_autoptr (DoorSecret) password = door_secret_new ("password", 8);
  uint8_t out[64];
  const DoorPbkdf2 params = { (const uint8_t *) "salt", 4, 1, out, sizeof out };
  g_autofree char *hex = NULL;

  g_assert_true (door_pbkdf2_sha512 (password, &params, NULL));
  hex = door_hex_encode (out, sizeof out);
  g_assert_cmpstr (hex, ==,
                   "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
                   "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce");
}

static void
add_tests (void)
{
  g_test_add_func ("/setup/mac", test_mac);
  g_test_add_func ("/setup/refused", test_refused);
  g_test_add_func ("/setup/late", test_late);
  g_test_add_func ("/setup/one-fails", test_one_fails);
  g_test_add_func ("/setup/phone", test_phone);
  g_test_add_func ("/setup/none", test_none);
  g_test_add_func ("/setup/not-awaiting", test_not_awaiting);
  g_test_add_func ("/setup/admin", test_admin);
  g_test_add_func ("/setup/restart", test_restart);
  g_test_add_func ("/setup/again", test_again);
  g_test_add_func ("/setup/again-at-once", test_again_at_once);
  g_test_add_func ("/setup/ended", test_ended);
  g_test_add_func ("/setup/over-meanwhile", test_over_meanwhile);
  g_test_add_func ("/setup/person-meanwhile", test_person_meanwhile);
  g_test_add_func ("/setup/pbkdf2", test_pbkdf2);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}

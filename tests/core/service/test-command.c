/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "device.h"
#include "door-command-queue.h"
#include "door-error.h"
#include "sign-in.h"

#define QUEUED "command WHERE state = 'queued'"
#define WISHED "push_wish"
#define OF_DEVICE "<key>EnrollmentID</key><string>" DEVICE_ID "</string>"
#define OF_USER OF_DEVICE "<key>EnrollmentUserID</key><string>user-1</string>"

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };

/* One device, enrolled, and the id of its channel. */
typedef struct
{
  World *world;
  Device *device;
  char *channel_id;
  const char *ids; /* what the device calls itself by */
} Stage;

static void
stage_free (Stage *self)
{
  g_free (self->channel_id);
  device_free (self->device);
  world_free (self->world);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

static char *
read_text (World *world, const char *sql)
{
  g_autofree char *rows = world_read (world, sql);
  g_auto (GStrv) parts = g_strsplit (rows, "'", -1);

  g_assert_cmpuint (g_strv_length (parts), ==, 5); /* one row of one text */
  return g_strdup (parts[3]);
}

static Stage *
stage_new (void)
{
  Stage *self = g_new0 (Stage, 1);
  g_autofree char *token = NULL;

  self->ids = OF_DEVICE;
  self->world = world_new (NULL);
  token = sign_in (self->world, "/mdm/sso", &ada);
  self->device = device_enroll (self->world, token, "device.key");
  self->channel_id = read_text (self->world, "SELECT id FROM enrollment");
  return self;
}

typedef struct
{
  DoorNewCommand command;
  const Stage *stage;
} Order;

static gboolean
write_order (DoorTxn *txn, gpointer data, GError **error)
{
  const Order *order = data;

  return door_command_queue_add (txn, &order->command, error);
}

static bool
try_order (Stage *stage, const char *uuid, const char *request_type, GError **error)
{
  g_autofree char *text = g_strdup_printf ("<plist>%s %s</plist>", uuid, request_type);
  g_autoptr (GBytes) message = g_bytes_new (text, strlen (text));
  Order order = { .command = { .channel_id = stage->channel_id,
                               .enrollment_id = stage->channel_id,
                               .uuid = uuid,
                               .request_type = request_type,
                               .message = message,
                               .source = "ada",
                               .now_ms = 1 } };

  return door_writer_run (stage->world->context.writer, write_order, &order, NULL, error);
}

static void
order (Stage *stage, const char *uuid)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (try_order (stage, uuid, "DeviceInformation", &error));
  g_assert_no_error (error);
}

/* What the device says, about a command or none; and which command it is answered. */
static void
assert_exchange (Stage *stage, const char *status, const char *uuid, const char *expected)
{
  g_autofree char *about =
      uuid != NULL ? g_strdup_printf ("<key>CommandUUID</key><string>%s</string>", uuid) : g_strdup ("");
  g_autofree char *text = g_strdup_printf (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>%s%s"
      "<key>Status</key><string>%s</string>%s</dict></plist>",
      about, stage->ids, status,
      g_str_equal (status, "Error")
          ? "<key>ErrorChain</key><array><dict><key>ErrorCode</key><integer>7</integer></dict></array>"
          : "");
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (DoorResponse) response = device_put (stage->world, stage->device, body, NULL);
  g_autofree char *said = NULL;
  g_autofree char *wanted =
      expected != NULL ? g_strdup_printf ("<plist>%s DeviceInformation</plist>", expected) : g_strdup ("");

  g_assert_cmpuint (door_response_get_status (response), ==, 200);
  said = world_dup_body (response);
  g_assert_cmpstr (said, ==, wanted);
}

/* One after the other, each until it is answered. */
static void
test_order (void)
{
  g_autoptr (Stage) stage = stage_new ();

  order (stage, "a");
  order (stage, "b");
  assert_count (stage->world, 1, WISHED);
  assert_exchange (stage, "Idle", NULL, "a");
  assert_exchange (stage, "Idle", NULL, "a"); /* the answer was lost */
  assert_count (stage->world, 1, WISHED);
  assert_exchange (stage, "Acknowledged", "a", "b");
  assert_count (stage->world, 1, "command WHERE uuid = 'a' AND state = 'acknowledged' AND message = ''");
  assert_count (stage->world, 1, "command WHERE uuid = 'a' AND result LIKE '<?xml%Acknowledged%'");
  assert_exchange (stage, "Error", "b", NULL);
  assert_count (stage->world, 1,
                "command WHERE uuid = 'b' AND state = 'error' AND errors = '[{\"code\":7}]'");
  assert_count (stage->world, 0, WISHED);
  assert_exchange (stage, "Idle", NULL, NULL);
}

/* What a device repeats, and what it says of commands that nobody sent, changes nothing. */
static void
test_repeats (void)
{
  g_autoptr (Stage) stage = stage_new ();
  g_autofree char *before = NULL, *after = NULL;

  order (stage, "a");
  order (stage, "b");
  assert_exchange (stage, "Acknowledged", "b", "a"); /* never sent */
  assert_exchange (stage, "Acknowledged", "unknown", "a");
  assert_exchange (stage, "CommandFormatError", "a", "b");
  before = world_read (stage->world, "SELECT * FROM command WHERE uuid = 'a'");
  assert_exchange (stage, "CommandFormatError", "a", "b");
  assert_exchange (stage, "Acknowledged", "a", "b");
  assert_exchange (stage, "NotNow", "a", "b");
  after = world_read (stage->world, "SELECT * FROM command WHERE uuid = 'a'");
  g_assert_cmpstr (before, ==, after);
  assert_count (stage->world, 1, "command WHERE uuid = 'a' AND state = 'format-error'");
}

/* A command that is put off waits until the device begins anew; all of them do, in their order. */
static void
test_not_now (void)
{
  g_autoptr (Stage) stage = stage_new ();

  for (const char *uuid = "abc"; *uuid != '\0'; uuid++)
    order (stage, (char[]){ *uuid, '\0' });
  assert_exchange (stage, "Idle", NULL, "a");
  assert_exchange (stage, "NotNow", "a", "b");
  assert_exchange (stage, "NotNow", "b", "c");
  assert_exchange (stage, "Acknowledged", "c", NULL);
  assert_count (stage->world, 1, WISHED); /* it does not come by itself */
  assert_count (stage->world, 2, "command WHERE state = 'not-now' AND done_at = 0");
  assert_exchange (stage, "Idle", NULL, "a");
  assert_exchange (stage, "NotNow", "a", "b");
  assert_exchange (stage, "NotNow", "b", NULL);
  assert_count (stage->world, 0, WISHED); /* it does */
  assert_exchange (stage, "Idle", NULL, "a");
  assert_exchange (stage, "Acknowledged", "a", "b");
  assert_exchange (stage, "Acknowledged", "b", NULL);
  assert_count (stage->world, 0, WISHED);
  assert_count (stage->world, 3, "command WHERE state = 'acknowledged'");
}

/* What says nothing new makes no push, however often it is said after NotNow, and takes none away. */
static void
test_nothing_new (void)
{
  static const char *const statuses[] = { "Acknowledged", "Error", "CommandFormatError" };
  g_autoptr (Stage) stage = stage_new ();

  order (stage, "a");
  order (stage, "b");
  assert_exchange (stage, "Idle", NULL, "a");
  assert_exchange (stage, "NotNow", "a", "b");
  assert_exchange (stage, "Acknowledged", "b", NULL);
  assert_count (stage->world, 1, WISHED);
  for (size_t i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      assert_exchange (stage, statuses[i], "b", NULL); /* its answer was lost, so it says it again */
      assert_count (stage->world, 1, WISHED);
      assert_exchange (stage, statuses[i], "x", NULL);
      assert_count (stage->world, 1, WISHED);
    }
  for (size_t i = 0; i < 3 * G_N_ELEMENTS (statuses); i++)
    {
      assert_exchange (stage, "NotNow", "a", NULL);
      assert_count (stage->world, 0, WISHED);
      assert_exchange (stage, statuses[i % G_N_ELEMENTS (statuses)], i % 2 == 0 ? "x" : "b", NULL);
      assert_count (stage->world, 0, WISHED);
    }
}

/* The same command once, however often it is ordered; and no other under its name. */
static void
test_same (void)
{
  g_autoptr (Stage) stage = stage_new ();
  g_autoptr (GError) error = NULL;

  order (stage, "a");
  order (stage, "a");
  assert_count (stage->world, 1, QUEUED);
  assert_exchange (stage, "Idle", NULL, "a");
  assert_exchange (stage, "Acknowledged", "a", NULL);
  order (stage, "a"); /* also when it is done */
  assert_count (stage->world, 0, QUEUED);
  assert_count (stage->world, 0, WISHED);
  g_assert_false (try_order (stage, "a", "DeviceLock", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFLICT);
}

/* What was queued for an enrollment is not for the next one. */
static void
test_end (void)
{
  g_autoptr (Stage) stage = stage_new ();
  g_autofree char *token = NULL;
  g_autoptr (Device) renewed = NULL;

  order (stage, "a");
  order (stage, "b");
  assert_exchange (stage, "Idle", NULL, "a");
  token = sign_in (stage->world, "/mdm/sso", &ada_again);
  renewed = device_enroll (stage->world, token, "scepclient.key");
  assert_count (stage->world, 2, "command WHERE state = 'cancelled' AND message = ''");
  device_free (stage->device);
  stage->device = g_steal_pointer (&renewed);
  assert_exchange (stage, "Idle", NULL, NULL);
}

/* A device that has nothing to do and says nothing new costs no write. */
static void
test_quiet (void)
{
  g_autoptr (Stage) stage = stage_new ();

  world_advance (stage->world, 1000);
  assert_exchange (stage, "Idle", NULL, NULL);
  assert_count (stage->world, 1, "device WHERE seen_at = 1800014400000");
  world_write (stage->world, "INSERT INTO push_wish SELECT id, id, 1, 1, '', 0, 0, 0, '' FROM enrollment");
  assert_exchange (stage, "Idle", NULL, NULL); /* pushed for nothing */
  assert_count (stage->world, 0, WISHED);
}

/* Nobody else's commands, whatever their names. */
static void
test_channels (void)
{
  g_autoptr (Stage) stage = stage_new ();

  order (stage, "a");
  world_write (stage->world, "UPDATE command SET channel_id = 'other', sent_at = 1");
  assert_exchange (stage, "Idle", NULL, NULL);
  assert_exchange (stage, "Acknowledged", "a", NULL);
  assert_exchange (stage, "NotNow", "a", NULL);
  assert_count (stage->world, 1, QUEUED);
}

/* A user of the device has a queue of their own, and one who is not known has nothing to do. */
static void
test_user (void)
{
  g_autoptr (Stage) stage = stage_new ();

  order (stage, "a");
  stage->ids = OF_USER;
  assert_exchange (stage, "Idle", NULL, NULL);
  assert_exchange (stage, "Acknowledged", "a", NULL);
  world_write (stage->world,
               "INSERT INTO user_channel SELECT 'u', id, 'user-1', '', '', '', '', '', 0, 0, 1, 1, 1, 0 "
               "FROM enrollment");
  assert_exchange (stage, "Idle", NULL, NULL);
  assert_count (stage->world, 1, "user_channel WHERE seen_at = 1800014400000");
  world_write (stage->world, "UPDATE command SET channel_id = 'u'");
  assert_exchange (stage, "Idle", NULL, "a");
  stage->ids = OF_DEVICE;
  assert_exchange (stage, "Acknowledged", "a", NULL); /* it was not asked */
  stage->ids = OF_USER;
  assert_exchange (stage, "Acknowledged", "a", NULL);
  assert_count (stage->world, 1, "command WHERE state = 'acknowledged'");
  world_write (stage->world, "UPDATE command SET state = 'queued', done_at = 0");
  world_write (stage->world, "UPDATE user_channel SET ended_at = 5");
  assert_exchange (stage, "Idle", NULL, NULL);
}

static void
add (void)
{
  g_test_add_func ("/command/order", test_order);
  g_test_add_func ("/command/repeats", test_repeats);
  g_test_add_func ("/command/not-now", test_not_now);
  g_test_add_func ("/command/nothing-new", test_nothing_new);
  g_test_add_func ("/command/same", test_same);
  g_test_add_func ("/command/end", test_end);
  g_test_add_func ("/command/quiet", test_quiet);
  g_test_add_func ("/command/channels", test_channels);
  g_test_add_func ("/command/user", test_user);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}

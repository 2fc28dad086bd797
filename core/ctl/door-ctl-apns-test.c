/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doorctl apns test: has the running server push a device. */
#include "door-clock.h"
#include "door-ctl-apns.h"
#include "door-ctl-database.h"
#include "door-ctl-device.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-push-certificate-store.h"
#include "door-push-store.h"

/* The server looks every two seconds, and APNs answers within one. */
#define WAIT_MS 15000
#define LOOK_MS 250

static bool
find_enrollment (DoorTxn *txn, const char *name, DoorEnrollment **out, GError **error)
{
  g_autoptr (DoorDevice) device = NULL;
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (!door_ctl_find_device (txn, name, &device, error) ||
      !door_device_store_lookup_open_enrollment (txn, device->id, &enrollment, error))
    return false;
  if (enrollment == NULL || *enrollment->push_token == '\0')
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                           "%s is not enrolled, or has not said yet where to push it", name);
  *out = g_steal_pointer (&enrollment);
  return true;
}

/* Without one the server sends nothing, and there is nothing to wait for. */
static bool
check_certificate (DoorTxn *txn, const DoorPushCertificate *configured, const char *topic, GError **error)
{
  g_autoptr (GPtrArray) rows = door_push_certificate_store_list (txn, error);

  if (rows == NULL)
    return false;
  return door_ctl_apns_has_topic (rows, configured, topic) ||
         door_error_set (
             error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE,
             "there is no push certificate of the topic %s, with which the device is enrolled: look "
             "at doorctl apns list; doorctl apns request begins a first one",
             topic);
}

static bool
wish (DoorCtlDatabase *database, const DoorPushCertificate *configured, const char *name, char **channel_id,
      GError **error)
{
  g_autoptr (DoorTxn) txn = door_ctl_database_begin_write (database, error);
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autoptr (DoorEnrollment) enrollment = NULL;
  int64_t now_ms = door_clock_now_ms (clock);

  if (txn == NULL || !find_enrollment (txn, name, &enrollment, error) ||
      !check_certificate (txn, configured, enrollment->topic, error) ||
      !door_push_store_poll_seen (txn, enrollment->id, error) ||
      !door_push_store_wish (txn, enrollment->id, enrollment->id, now_ms, error) ||
      !door_txn_commit (txn, error))
    return false;
  *channel_id = g_strdup (enrollment->id);
  return true;
}

/* NULL: the device has polled already. */
static bool
look (DoorStorage *storage, const char *channel_id, DoorPushWish **out, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_SINGLE, NULL, error);

  return txn != NULL && door_push_store_lookup (txn, channel_id, out, error);
}

static bool
is_decided (const DoorPushWish *wish)
{
  return wish == NULL || wish->sent_at != 0 || wish->status != 0 || *wish->reason != '\0';
}

static JsonObject *
build_object (const DoorPushWish *wish)
{
  JsonObject *object = json_object_new ();
  bool sent = wish == NULL || wish->sent_at != 0;

  json_object_set_boolean_member (object, "sent", sent);
  json_object_set_boolean_member (object, "polled", wish == NULL);
  json_object_set_int_member (object, "status", wish != NULL ? wish->status : 200);
  json_object_set_string_member (object, "reason", wish != NULL ? wish->reason : "");
  return object;
}

/* What helps when APNs did not take a push; all but a token is tried again by itself. */
static char *
dup_next_step (const DoorPushWish *wish, const char *server)
{
  if (wish->due_at == 0)
    return g_strdup (
        ". Nothing more is sent until the device gives a new token: it was erased, or its profile "
        "is gone");
  if (wish->status == 0)
    return g_strdup_printf (
        ".\nThis machine must reach %s by TCP, without a proxy; try: openssl s_client -connect %s. Where "
        "only "
        "port 2197 is let out, set [apple] PushServer=api.push.apple.com:2197. The server tries again by "
        "itself",
        server, server);
  if (wish->status == 403 || wish->status == 400)
    return g_strdup (".\nIt is the push certificate that is not taken: look at doorctl apns list and doorctl "
                     "explain DW-PUSH-CERTIFICATE");
  return g_strdup (". The server tries again by itself");
}

static void
print_refused (const char *name, const DoorPushWish *wish, const char *server)
{
  g_autofree char *next = dup_next_step (wish, server);

  if (g_str_equal (wish->reason, "NoCertificate"))
    g_print (
        "There is no push certificate of the topic with which %s is enrolled: look at doorctl apns list and "
        "doorctl explain DW-PUSH-TOPIC.\n",
        name);
  else if (g_str_equal (wish->reason, "TopicWaits"))
    g_print ("APNs (%s) did not answer or did not take the certificate a moment ago, so pushes wait. The "
             "server tries "
             "again by itself; doorctl doctor says what was wrong.\n",
             server);
  else if (wish->status == 0)
    g_print ("APNs (%s) does not answer: it cannot be reached, or what answers there is not APNs%s.\n",
             server, next);
  else
    g_print ("APNs (%s) did not take a push for %s: %" G_GINT64_FORMAT " %s%s.\n", server, name, wish->status,
             wish->reason, next);
}

static void
print (const char *name, const DoorPushWish *wish, const char *server)
{
  if (wish == NULL)
    g_print ("%s was pushed and has polled.\n", name);
  else if (wish->sent_at != 0)
    g_print ("APNs took a push for %s. When it is online it polls within seconds.\n", name);
  else if (!is_decided (wish))
    g_print ("Nothing was sent within 15 s. Does the server run, and has it a push certificate (doorctl apns "
             "list)?\n");
  else
    print_refused (name, wish, server);
}

/**
 * door_ctl_apns_test:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl apns test DEVICE`: has the running server push a device, and tells what came of it. Blocks for
 * some seconds.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND, %DOOR_CTL_ERROR, or %DOOR_CTL_PROBLEMS when nothing was sent
 */
DoorCtlExit
door_ctl_apns_test (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorPushCertificate) configured = NULL;
  g_autoptr (DoorPushWish) wish_now = NULL;
  g_autofree char *channel_id = NULL;
  const DoorSettings *apple;
  const char *server;
  JsonObject *object;
  bool sent;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  apple = door_config_get_settings (door_setup_get_config (database->setup), "apple");
  server = door_settings_get_string (apple, "PushServer");
  if (!door_keys_load_push_certificate (apple, &configured, error) ||
      !wish (database, configured, context->words[0], &channel_id, error))
    return door_ctl_status_of (*error);
  for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += LOOK_MS)
    {
      g_clear_pointer (&wish_now, door_push_wish_free);
      if (!look (database->storage, channel_id, &wish_now, error))
        return DOOR_CTL_ERROR;
      if (is_decided (wish_now))
        break;
      g_usleep (LOOK_MS * 1000);
    }
  if (!context->json)
    print (context->words[0], wish_now, server);
  object = build_object (wish_now);
  json_object_set_string_member (object, "server", server);
  sent = json_object_get_boolean_member (object, "sent");
  context->result = door_ctl_output_take_object (object);
  return sent ? DOOR_CTL_OK : DOOR_CTL_PROBLEMS;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-order.h"

#include <string.h>

#include "door-association-store.h"
#include "door-checkin-write.h"
#include "door-command-queue.h"
#include "door-command.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-log.h"
#include "door-model-family.h"
#include "door-os-version.h"
#include "door-profile-issue.h"
#include "door-purpose.h"
#include "door-token.h"
#include "door-user-channel-store.h"

#define MAX_ERRORS_DEPTH 8
#define DIGEST_PURPOSE "digest of a command"

static bool
conflict (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_CMD_CONFLICT, "%s", reason);
}

static bool
not_found (GError **error, const char *what, const char *name)
{
  return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND, "there is no %s %.100s", what,
                         name);
}

/* What devices are called they say themselves, and one may call itself by the serial number of another. */
static bool
find_called (DoorTxn *txn, const char *name, DoorDevice **out, GError **error)
{
  g_autoptr (DoorDevice) device = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (!door_device_store_lookup_by_apple_id (txn, name, &device, error))
    return false;
  rows = door_device_store_list_by_serial (txn, name, 2, error);
  if (rows == NULL)
    return false;
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorDevice *other = g_ptr_array_index (rows, i);

      if (rows->len > 1 || (device != NULL && !g_str_equal (device->id, other->id)))
        return conflict (error, "several devices are called that; name one by its id");
    }
  *out = device == NULL && rows->len == 1 ? g_ptr_array_steal_index (rows, 0) : g_steal_pointer (&device);
  return true;
}

/**
 * door_device_order_find:
 * @txn: a transaction
 * @name: our id of a device, its UDID or EnrollmentID, or its serial number
 * @out: (out) (transfer full): the device
 * @error: return location for an error
 *
 * Finds a device by whatever somebody calls it.
 *
 * Returns: false with %DOOR_ERROR_NOT_FOUND, %DOOR_FAULT_CMD_CONFLICT when that may be more than one, or
 *   another error
 */
bool
door_device_order_find (DoorTxn *txn, const char *name, DoorDevice **out, GError **error)
{
  g_autoptr (DoorDevice) device = NULL;

  if (!door_device_store_lookup (txn, name, &device, error) ||
      (device == NULL && *name != '\0' && !find_called (txn, name, &device, error)))
    return false;
  if (device == NULL)
    return not_found (error, "device", name);
  *out = g_steal_pointer (&device);
  return true;
}

/**
 * door_device_order_find_enrollment:
 * @txn: a transaction
 * @device: a device
 * @out: (out) (transfer full): its enrollment
 * @error: return location for an error
 *
 * Returns: false with %DOOR_FAULT_CMD_CONFLICT when it has none, or has not finished it, or another error
 */
bool
door_device_order_find_enrollment (DoorTxn *txn, const DoorDevice *device, DoorEnrollment **out,
                                   GError **error)
{
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (!door_device_store_lookup_open_enrollment (txn, device->id, &enrollment, error))
    return false;
  if (enrollment == NULL || enrollment->active_at == 0)
    return conflict (error, "the device is not enrolled");
  *out = g_steal_pointer (&enrollment);
  return true;
}

static bool
find_channel (DoorTxn *txn, const DoorEnrollment *enrollment, const char *user_key, char **channel_id,
              GError **error)
{
  g_autoptr (DoorUserChannel) channel = NULL;

  if (user_key == NULL)
    {
      *channel_id = g_strdup (enrollment->id);
      return true;
    }
  if (!door_user_channel_store_lookup (txn, enrollment->id, user_key, &channel, error))
    return false;
  if (channel == NULL || channel->ended_at != 0)
    return not_found (error, "user of this device", user_key);
  *channel_id = g_strdup (channel->id);
  return true;
}

/* A Mac that is managed as a whole is supervised since macOS 11. */
static bool
is_supervised (const DoorDevice *device, const DoorEnrollment *enrollment)
{
  return g_str_equal (enrollment->way, DOOR_WAY_ADE) ||
         (g_str_equal (device->kind, DOOR_DEVICE_WHOLE) && door_model_family_is_mac (device->product) &&
          door_os_version_compare (device->os_version, "11") >= 0);
}

static DoorCommandTarget
get_target (const DoorDevice *device, const DoorEnrollment *enrollment, const DoorDeviceOrder *order)
{
  return (DoorCommandTarget){
    .product = device->product,
    .os_version = device->os_version,
    .is_user = order->user_key != NULL,
    .user_enrollment = g_str_equal (device->kind, DOOR_DEVICE_USER),
    .access_rights = door_profile_get_access_rights (enrollment),
    .supervised = is_supervised (device, enrollment),
  };
}

/**
 * door_device_order_dup_doubt:
 * @device: a device
 * @enrollment: its enrollment
 * @order: what it is to do
 *
 * Tells who wants it what is not known, and can make the device refuse. Pure.
 *
 * Returns: (transfer full) (nullable): why it may, %NULL when nothing speaks for that
 */
char *
door_device_order_dup_doubt (const DoorDevice *device, const DoorEnrollment *enrollment,
                             const DoorDeviceOrder *order)
{
  DoorCommandTarget target = get_target (device, enrollment, order);
  g_autoptr (GError) error = NULL;

  if (order->force && !door_command_schema_check (order->schema, order->command, &target, &error))
    return g_strdup_printf ("forced although: %s", error->message);
  return door_command_schema_dup_doubt (order->schema, order->command, &target);
}

static bool
check (const DoorDevice *device, const DoorEnrollment *enrollment, const DoorDeviceOrder *order,
       GError **error)
{
  DoorCommandTarget target = get_target (device, enrollment, order);

  if (!door_command_is_uuid (order->uuid))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CMD_INVALID,
                           "CommandUUID: 1 to 64 letters, digits, -, _ and . are expected");
  return order->force || door_command_schema_check (order->schema, order->command, &target, error);
}

/* A command is shown and taken back by device and CommandUUID, so one of a user must not hide another. */
static bool
check_uuid (DoorTxn *txn, const DoorDevice *device, const char *channel_id, const char *uuid, GError **error)
{
  const DoorCommandScope whole = { .device_id = device->id };
  g_autoptr (DoorStoredCommand) there = NULL;

  if (!door_command_store_lookup_of_device (txn, &whole, uuid, &there, error))
    return false;
  return there == NULL || g_str_equal (there->channel_id, channel_id) ||
         conflict (error, "the CommandUUID is that of a command on another channel of the device");
}

/* PINs, passwords, tokens and profiles lie in the database sealed; neither does a plain digest stay there, by
 * which a PIN is soon guessed. */
static bool
seal (const DoorDeviceOrder *order, GBytes **message, char **digest, GError **error)
{
  g_autoptr (GBytes) plain = g_steal_pointer (message);
  g_autofree char *hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, plain);

  *digest = door_token_derive (order->context, DIGEST_PURPOSE, hash);
  *message = door_command_queue_seal (order->context, order->uuid, plain, error);
  return *message != NULL;
}

/**
 * door_device_order_add:
 * @txn: a transaction of the writer
 * @device: a device
 * @enrollment: its enrollment
 * @order: what it is to do
 * @error: return location for an error
 *
 * Checks a command for a device by what is published about it, and queues it; sealed, unless it is one that
 * door_device_order_is_harmless() knows. The same again changes nothing.
 *
 * Returns: false with %DOOR_FAULT_CMD_INVALID, %DOOR_FAULT_CMD_CONFLICT, %DOOR_ERROR_NOT_FOUND for a user who
 * is not known, or another error
 */
bool
door_device_order_add (DoorTxn *txn, const DoorDevice *device, const DoorEnrollment *enrollment,
                       const DoorDeviceOrder *order, GError **error)
{
  const char *request_type = door_command_get_request_type (order->command);
  g_autofree char *channel_id = NULL, *digest = NULL;
  g_autoptr (GBytes) message = NULL;
  DoorNewCommand command = {
    .enrollment_id = enrollment->id,
    .uuid = order->uuid,
    .request_type = request_type,
    .source = order->source,
    .now_ms = order->now_ms,
  };

  if (!check (device, enrollment, order, error) ||
      !find_channel (txn, enrollment, order->user_key, &channel_id, error) ||
      !check_uuid (txn, device, channel_id, order->uuid, error))
    return false;
  message = door_command_build (order->uuid, order->command, error);
  if (message == NULL || ((order->force || !door_device_order_is_harmless (request_type)) &&
                          !seal (order, &message, &digest, error)))
    return false;
  command.channel_id = channel_id;
  command.message = message;
  command.digest = digest;
  return door_command_queue_add (txn, &command, error);
}

/**
 * door_device_order_cancel:
 * @txn: a transaction of the writer
 * @scope: a device
 * @uuid: a command
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Takes a command back that the device does not have.
 *
 * Returns: false with %DOOR_ERROR_NOT_FOUND, %DOOR_FAULT_CMD_CONFLICT or another error
 */
bool
door_device_order_cancel (DoorTxn *txn, const DoorCommandScope *scope, const char *uuid, int64_t now_ms,
                          GError **error)
{
  g_autoptr (DoorStoredCommand) row = NULL;
  bool changed = false;

  if (!door_command_store_lookup_of_device (txn, scope, uuid, &row, error))
    return false;
  if (row == NULL)
    return not_found (error, "command", uuid);
  if (!door_command_store_cancel (txn, row, now_ms, &changed, error))
    return false;
  if (changed || g_str_equal (row->state, DOOR_COMMAND_CANCELLED))
    return true;
  return conflict (error, "the device has the command, or is done with it");
}

/**
 * door_device_order_end:
 * @txn: a transaction of the writer
 * @device: a device
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ends the enrollment of a device from this side: what is queued, its certificates, and that it is
 * somebody's. The device is not told; what it says from then on is refused.
 *
 * Returns: false with %DOOR_FAULT_CMD_CONFLICT when it is not enrolled, or another error
 */
bool
door_device_order_end (DoorTxn *txn, const DoorDevice *device, int64_t now_ms, GError **error)
{
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (!door_device_store_lookup_open_enrollment (txn, device->id, &enrollment, error))
    return false;
  if (enrollment == NULL)
    return conflict (error, "the device is not enrolled");
  return door_checkin_end_enrollment (txn, enrollment->id, DOOR_END_ADMINISTRATOR, now_ms, error) &&
         door_association_store_close (txn, device->id, DOOR_END_ADMINISTRATOR, now_ms, error);
}

/**
 * door_device_order_is_harmless:
 * @request_type: a RequestType
 *
 * What a device only answers, or does and is as before. Pure.
 *
 * Returns: whether it changes nothing on the device and nothing of its data
 */
bool
door_device_order_is_harmless (const char *request_type)
{
  static const char *const types[] = {
    "CertificateList",        "DeviceInformation", "InstalledApplicationList",
    "ManagedApplicationList", "ProfileList",       "ProvisioningProfileList",
    "RestartDevice",          "SecurityInfo",      NULL,
  };

  return g_strv_contains (types, request_type);
}

/**
 * door_device_order_log:
 * @outcome: "queued", "cancelled", "ended" or "to be renewed"
 * @device: the device
 * @request_type: RequestType of the command, "" where it was not read or there is none
 * @uuid: its CommandUUID, "" when the whole enrollment is meant
 * @by: who wanted it
 *
 * Writes into the log who had a device do something, after it is stored. Parameters are not: they may be
 * secret.
 */
void
door_device_order_log (const char *outcome, const DoorDevice *device, const char *request_type,
                       const char *uuid, const char *by)
{
  const char *thing = *uuid != '\0' ? "command" : "enrollment";
  g_autofree char *message = g_strdup_printf ("%s %s", *request_type != '\0' ? request_type : thing, outcome);

  door_log_event (G_LOG_LEVEL_MESSAGE, "command", message, "DOORWARD_OUTCOME", outcome, "DOORWARD_DEVICE",
                  device->id, "DOORWARD_REQUEST_TYPE", request_type, "DOORWARD_COMMAND", uuid, "DOORWARD_BY",
                  by, NULL);
}

static JsonArray *
read_errors (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (JsonNode) node = *text != '\0' ? door_json_parse (bytes, MAX_ERRORS_DEPTH, NULL) : NULL;

  /* we wrote it; what a person did to it since is not shown */
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_dup_array (node) : json_array_new ();
}

/**
 * door_device_order_view:
 * @row: a command
 *
 * Shows a command as doorctl and the API do, without its parameters.
 *
 * Returns: (transfer full): the object
 */
JsonObject *
door_device_order_view (const DoorStoredCommand *row)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "uuid", row->uuid);
  json_object_set_string_member (object, "channel", row->channel_id);
  json_object_set_boolean_member (object, "user", !g_str_equal (row->channel_id, row->enrollment_id));
  json_object_set_string_member (object, "enrollment", row->enrollment_id);
  json_object_set_string_member (object, "request_type", row->request_type);
  json_object_set_string_member (object, "state", row->state);
  json_object_set_string_member (object, "by", row->source);
  json_object_set_array_member (object, "errors", read_errors (row->errors));
  door_json_member_set_time (object, "queued_at", row->queued_at);
  door_json_member_set_time (object, "sent_at", row->sent_at);
  door_json_member_set_time (object, "deferred_at", row->deferred_at);
  door_json_member_set_time (object, "done_at", row->done_at);
  return object;
}

/**
 * door_device_order_view_whole:
 * @row: a command
 * @opened: (nullable): its result, where that is sealed and may be shown
 *
 * Shows a command with what the device answered; what unlocks a device only where it was opened for that.
 *
 * Returns: (transfer full): the object
 */
JsonObject *
door_device_order_view_whole (const DoorStoredCommand *row, const char *opened)
{
  JsonObject *object = door_device_order_view (row);
  bool sealed = door_command_queue_is_sealed (row);
  const char *shown = sealed ? "" : row->result;

  json_object_set_string_member (object, "result", opened != NULL ? opened : shown);
  json_object_set_boolean_member (object, "sealed", sealed);
  return object;
}

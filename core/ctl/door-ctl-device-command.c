/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What doorctl has devices do, beside the server that may run. */
#include <string.h>

#include "door-clock.h"
#include "door-command-queue.h"
#include "door-command.h"
#include "door-ctl-actor.h"
#include "door-ctl-database.h"
#include "door-ctl-device.h"
#include "door-ctl-file.h"
#include "door-ctl-output.h"
#include "door-ctl-service.h"
#include "door-device-order.h"
#include "door-error.h"
#include "door-identity-renewal.h"
#include "door-key-value.h"
#include "door-log.h"
#include "door-random.h"
#include "door-state-key.h"
#include "door-text.h"

#define MAX_LIST 500
#define POLL_US (1000 * 1000)

/* A database, a device in it, and a transaction that writes. */
typedef struct
{
  DoorCtlDatabase *database;
  DoorTxn *txn;
  DoorDevice *device;
  char *by;
  int64_t now_ms;
} Desk;

static void
desk_clear (Desk *self)
{
  g_clear_pointer (&self->txn, door_txn_free);
  g_clear_pointer (&self->database, door_ctl_database_free);
  g_clear_pointer (&self->device, door_device_free);
  g_free (self->by);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Desk, desk_clear)

static int64_t
now_ms (void)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();

  return door_clock_now_ms (clock);
}

static bool
desk_open (Desk *self, DoorCtlContext *context, DoorTxnMode mode, GError **error)
{
  self->now_ms = now_ms ();
  self->by = door_ctl_actor_dup ();
  self->database = door_ctl_database_open (context->line, error);
  if (self->database == NULL)
    return false;
  g_clear_pointer (&self->database->txn, door_txn_free); /* nothing may be older than what is written here */
  self->txn = door_storage_begin (self->database->storage, mode, NULL, error);
  return self->txn != NULL && door_ctl_find_device (self->txn, context->words[0], &self->device, error);
}

/* "Key=@FILE": what is in the file, in base64. */
static char *
dup_word (const char *word, GError **error)
{
  const char *at = strstr (word, "=@");
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *base64 = NULL;

  if (at == NULL || memchr (word, '=', (size_t) (at - word)) != NULL)
    return g_strdup (word);
  bytes = door_ctl_file_read (at + 2, DOOR_COMMAND_MAX_BYTES, error);
  if (bytes == NULL)
    return NULL;
  base64 = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return g_strdup_printf ("%.*s=%s", (int) (at - word), word, base64);
}

static GVariant *
read_words (DoorCtlContext *context, const DoorCommandSchema *schema, GError **error)
{
  const char *const *given = door_command_line_get_values (context->line, "set");
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  for (size_t i = 0; given != NULL && given[i] != NULL; i++)
    {
      char *word = dup_word (given[i], error);

      if (word == NULL)
        return NULL;
      g_ptr_array_add (words, word);
    }
  g_ptr_array_add (words, NULL);
  return door_command_schema_read_words (schema, context->words[1], (const char *const *) words->pdata,
                                         error);
}

static GVariant *
read_plist (const char *file, GError **error)
{
  g_autoptr (GBytes) bytes = door_ctl_file_read (file, DOOR_COMMAND_MAX_BYTES, error);

  return bytes != NULL ? door_command_parse (bytes, error) : NULL;
}

static GVariant *
read_command (DoorCtlContext *context, const DoorCommandSchema *schema, DoorCtlExit *status, GError **error)
{
  const char *file = door_command_line_get_value (context->line, "plist");
  bool typed = context->words[1] != NULL;

  if (typed != (file != NULL) && (typed || !door_command_line_has (context->line, "set")))
    {
      GVariant *command = typed ? read_words (context, schema, error) : read_plist (file, error);

      *status = command == NULL ? door_ctl_status_of (*error) : DOOR_CTL_OK;
      return command;
    }
  *status = DOOR_CTL_USAGE;
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                  "name a RequestType, with --set for its keys, or give --plist FILE: either of them; see "
                  "doorctl device command --help");
  return NULL;
}

static void
print_row (const DoorStoredCommand *row)
{
  g_autofree char *queued = door_ctl_output_dup_time (row->queued_at);
  g_autofree char *done = door_ctl_output_dup_time (row->done_at);

  g_print ("%-36s  %-24s %-13s %s  %s  %s\n", row->uuid, row->request_type, row->state, queued,
           row->done_at != 0 ? done : "-", row->source);
}

/* The time for which somebody has waited is over. */
static void
print_unanswered (const DoorStoredCommand *row)
{
  const char *why = "the device has not fetched it yet: it is off, or not reached by a push (doorctl apns "
                    "test)";

  if (g_str_equal (row->state, DOOR_COMMAND_SENT))
    why = "the device has fetched it and has not answered yet";
  else if (row->deferred_at != 0)
    why = "the device has put it off, as it does while it is locked or busy";
  g_printerr ("No answer in that time: %s. It stays queued; see later with: doorctl device command-show "
              "DEVICE %s\n",
              why, row->uuid);
}

/* What unlocks a device is shown to whoever may read the state key, and that is logged. */
static bool
open_result (const DoorCtlContext *context, const DoorStoredCommand *row, char **out, GError **error)
{
  g_autoptr (DoorCtlService) service = NULL;
  g_autoptr (DoorSecret) secret = NULL;
  const char *data;
  size_t size;

  if (!door_command_queue_is_sealed (row))
    return true;
  service = door_ctl_service_open (context->line, error);
  if (service == NULL || !door_ctl_service_load_state_key (service, error))
    return false;
  secret = door_command_queue_open_result (service->context.state_key, row, error);
  if (secret == NULL)
    return false;
  door_log_event (G_LOG_LEVEL_MESSAGE, "escrow", "result of a command shown to root", "DOORWARD_DEVICE",
                  context->words[0], "DOORWARD_BY", service->actor, NULL);
  data = (const char *) door_secret_get_data (secret, &size);
  *out = g_strndup (data, size);
  return true;
}

/* What a device has said may be made to speak to the terminal. */
static void
print_said (const char *text)
{
  g_autofree char *plain = door_text_dup_lines (text);

  if (*plain != '\0')
    g_print ("%s\n", plain);
}

static DoorCtlExit
show_row (DoorCtlContext *context, const DoorStoredCommand *row, GError **error)
{
  g_autofree char *opened = NULL;

  if (!open_result (context, row, &opened, error))
    return DOOR_CTL_ERROR;
  if (!context->json)
    {
      print_row (row);
      print_said (row->errors);
      print_said (opened != NULL ? opened : row->result);
    }
  context->result = door_ctl_output_take_object (door_device_order_view_whole (row, opened));
  if (g_str_equal (row->state, DOOR_COMMAND_FAILED) || g_str_equal (row->state, DOOR_COMMAND_UNREADABLE))
    return DOOR_CTL_PROBLEMS;
  return DOOR_CTL_OK;
}

static bool
has_none (const Desk *desk, const char *uuid, GError **error)
{
  return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                         "the device has no command %.100s, or not any more: doorctl device commands %s "
                         "lists those that it has",
                         uuid, desk->device->apple_id);
}

static bool
look_up (Desk *desk, const char *uuid, DoorStoredCommand **out, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (desk->database->storage, DOOR_TXN_READ, NULL, error);
  g_autoptr (DoorStoredCommand) row = NULL;

  if (txn == NULL || !door_command_store_lookup_of_device (
                         txn, &(DoorCommandScope){ .device_id = desk->device->id }, uuid, &row, error))
    return false;
  if (row == NULL)
    return has_none (desk, uuid, error);
  *out = g_steal_pointer (&row);
  return true;
}

/* Once a second, until the device is done with it or the time is over. */
static DoorCtlExit
wait_and_show (DoorCtlContext *context, Desk *desk, const char *uuid, uint64_t wait_s, GError **error)
{
  int64_t until_us = g_get_monotonic_time () + (int64_t) wait_s * G_USEC_PER_SEC;

  while (true)
    {
      g_autoptr (DoorStoredCommand) row = NULL;

      if (!look_up (desk, uuid, &row, error))
        return door_ctl_status_of (*error);
      if (row->done_at != 0 || wait_s == 0)
        return show_row (context, row, error);
      if (g_get_monotonic_time () >= until_us)
        {
          show_row (context, row, NULL); /* it has no result yet */
          if (!context->json)
            print_unanswered (row);
          return DOOR_CTL_NOTHING;
        }
      g_usleep (POLL_US);
    }
}

static DoorSecret *
load_state_key (Desk *desk, GError **error)
{
  const DoorStateKeyPlace place = door_ctl_database_find_state_key (desk->database);

  return door_state_key_open (&place, error);
}

/* @repeated: (out): whether it was queued before; @doubt: (out) (nullable) (transfer full): why the device
 * may refuse it. */
static bool
queue (Desk *desk, const DoorDeviceOrder *order, bool *repeated, char **doubt, GError **error)
{
  const DoorCommandScope scope = { .device_id = desk->device->id };
  g_autoptr (DoorEnrollment) enrollment = NULL;
  g_autoptr (DoorStoredCommand) before = NULL;

  if (!door_command_store_lookup_of_device (desk->txn, &scope, order->uuid, &before, error))
    return false;
  *repeated = before != NULL;
  if (!door_device_order_find_enrollment (desk->txn, desk->device, &enrollment, error) ||
      !door_device_order_add (desk->txn, desk->device, enrollment, order, error) ||
      !door_txn_commit (desk->txn, error))
    return false;
  *doubt = door_device_order_dup_doubt (desk->device, enrollment, order);
  return true;
}

static bool
read_wait (DoorCtlContext *context, uint64_t *wait_s, GError **error)
{
  const char *text = door_command_line_get_value (context->line, "wait");

  *wait_s = 0;
  return text == NULL || door_key_value_parse_number (DOOR_KEY_DURATION, text, wait_s) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                         "--wait takes a duration such as 60s");
}

/**
 * door_ctl_device_command:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device command DEVICE [REQUEST-TYPE]`: queues a command, and may wait for the answer. Blocks.
 *
 * Returns: %DOOR_CTL_OK; %DOOR_CTL_PROBLEMS when the device says it failed, %DOOR_CTL_NOTHING when it has not
 *   answered in time, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_command (DoorCtlContext *context, GError **error)
{
  const char *wanted = door_command_line_get_value (context->line, "uuid");
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_autoptr (DoorSecret) state_key = NULL;
  DoorContext sealing = { .random = random };
  g_autofree char *uuid = wanted != NULL ? g_strdup (wanted) : door_random_dup_uuid (random);
  g_autoptr (GVariant) command = NULL;
  g_auto (Desk) desk = { NULL };
  g_autoptr (DoorCommandSchema) schema = door_command_schema_new (error);
  g_autofree char *doubt = NULL;
  DoorCtlExit status = DOOR_CTL_ERROR;
  uint64_t wait_s = 0;
  bool repeated = false;
  DoorDeviceOrder order = {
    .context = &sealing,
    .uuid = uuid,
    .schema = schema,
    .user_key = door_command_line_get_value (context->line, "user"),
    .force = door_command_line_has (context->line, "force"),
  };

  if (!read_wait (context, &wait_s, error))
    return DOOR_CTL_USAGE;
  command = schema != NULL ? read_command (context, schema, &status, error) : NULL;
  if (command == NULL)
    return status;
  if (!desk_open (&desk, context, DOOR_TXN_WRITE, error))
    return door_ctl_status_of (*error);
  sealing.state_key = state_key = load_state_key (&desk, error);
  if (state_key == NULL)
    return DOOR_CTL_ERROR;
  order.command = command;
  order.source = desk.by;
  order.now_ms = desk.now_ms;
  if (!queue (&desk, &order, &repeated, &doubt, error))
    return door_ctl_status_of (*error);
  if (doubt != NULL && !context->json)
    g_printerr ("warning: %s\n", doubt);
  g_clear_pointer (&desk.txn, door_txn_free);
  if (!repeated)
    door_device_order_log ("queued", desk.device, door_command_get_request_type (command), uuid, desk.by);
  status = wait_and_show (context, &desk, uuid, wait_s, error);
  if (doubt != NULL && context->result != NULL)
    json_object_set_string_member (json_node_get_object (context->result), "warning", doubt);
  if (repeated && wait_s == 0 && status == DOOR_CTL_OK)
    return door_ctl_nothing (context->json, "the command was queued before");
  return status;
}

static bool
find_last (Desk *desk, const char *after, DoorStoredCommand **last, GError **error)
{
  if (after == NULL)
    return true;
  if (!door_command_store_lookup_of_device (desk->txn, &(DoorCommandScope){ .device_id = desk->device->id },
                                            after, last, error))
    return false;
  return *last != NULL || has_none (desk, after, error);
}

/**
 * door_ctl_device_commands:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device commands DEVICE`: one page of the commands of a device, the latest first. Blocks.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_commands (DoorCtlContext *context, GError **error)
{
  g_auto (Desk) desk = { NULL };
  g_autoptr (DoorStoredCommand) last = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (JsonArray) array = json_array_new ();
  JsonObject *object;

  if (!desk_open (&desk, context, DOOR_TXN_READ, error) ||
      !find_last (&desk, door_command_line_get_value (context->line, "after"), &last, error))
    return door_ctl_status_of (*error);
  rows = door_command_store_list_before (desk.txn, &(DoorCommandScope){ .device_id = desk.device->id }, last,
                                         MAX_LIST, error);
  if (rows == NULL)
    return DOOR_CTL_ERROR;
  if (!context->json)
    g_print ("%-36s  %-24s %-13s %-20s  %-20s  %s\n", "COMMAND", "REQUEST TYPE", "STATE", "QUEUED", "DONE",
             "BY");
  for (guint i = 0; i < rows->len; i++)
    {
      if (!context->json)
        print_row (rows->pdata[i]);
      json_array_add_object_element (array, door_device_order_view (rows->pdata[i]));
    }
  door_ctl_output_print_none (context->json, rows->len,
                              last != NULL ? "the page before was the last"
                                           : "doorctl device command gives it one");
  object = json_object_new ();
  json_object_set_array_member (object, "commands", g_steal_pointer (&array));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_device_command_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device command-show DEVICE UUID`: a command and what the device answered. Blocks.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_PROBLEMS when it failed, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_command_show (DoorCtlContext *context, GError **error)
{
  g_auto (Desk) desk = { NULL };

  if (!desk_open (&desk, context, DOOR_TXN_READ, error))
    return door_ctl_status_of (*error);
  g_clear_pointer (&desk.txn, door_txn_free);
  return wait_and_show (context, &desk, context->words[1], 0, error);
}

/* What was taken back before is shown, and is no error. */
static bool
cancel (Desk *desk, const char *uuid, bool *done, GError **error)
{
  const DoorCommandScope scope = { .device_id = desk->device->id };
  g_autoptr (DoorStoredCommand) row = NULL;

  if (!door_command_store_lookup_of_device (desk->txn, &scope, uuid, &row, error))
    return false;
  if (row == NULL)
    return has_none (desk, uuid, error);
  *done = g_str_equal (row->state, DOOR_COMMAND_CANCELLED);
  return *done || (door_device_order_cancel (desk->txn, &scope, uuid, desk->now_ms, error) &&
                   door_txn_commit (desk->txn, error));
}

/**
 * door_ctl_device_command_cancel:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device command-cancel DEVICE UUID`: takes a command back that the device does not have. Blocks.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when it was taken back before, %DOOR_CTL_NOT_FOUND or
 *   %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_command_cancel (DoorCtlContext *context, GError **error)
{
  const char *uuid = context->words[1];
  g_auto (Desk) desk = { NULL };
  DoorCtlExit status;
  bool done = false;

  if (!desk_open (&desk, context, DOOR_TXN_WRITE, error) || !cancel (&desk, uuid, &done, error))
    return door_ctl_status_of (*error);
  g_clear_pointer (&desk.txn, door_txn_free);
  if (!done)
    door_device_order_log ("cancelled", desk.device, "", uuid, desk.by);
  status = wait_and_show (context, &desk, uuid, 0, error);
  if (!done || *error != NULL)
    return status;
  return door_ctl_nothing (context->json, "the command was taken back before");
}

static void
set_state (DoorCtlContext *context, const DoorDevice *device, const char *member, const char *value)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, member, value);
  context->result = door_ctl_output_take_object (object);
}

/**
 * door_ctl_device_end:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device end DEVICE`: ends the enrollment of a device from this side. Blocks.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when it is not enrolled, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_end (DoorCtlContext *context, GError **error)
{
  g_auto (Desk) desk = { NULL };
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (!desk_open (&desk, context, DOOR_TXN_WRITE, error) ||
      !door_device_store_lookup_open_enrollment (desk.txn, desk.device->id, &enrollment, error))
    return door_ctl_status_of (*error);
  set_state (context, desk.device, "state", "ended");
  if (enrollment == NULL)
    return door_ctl_nothing (context->json,
                             "%s is not enrolled; doorctl device show %s says since when and why",
                             desk.device->apple_id, desk.device->apple_id);
  if (!door_device_order_end (desk.txn, desk.device, desk.now_ms, error) ||
      !door_txn_commit (desk.txn, error))
    return door_ctl_status_of (*error);
  door_device_order_log ("ended", desk.device, "", "", desk.by);
  if (!context->json)
    g_print ("%s is not managed any more; on the device the profile is still to be removed\n",
             desk.device->apple_id);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_device_renew:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device renew DEVICE`: has the server ask a device to renew its identity certificate. Blocks.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when it is to do that already, %DOOR_CTL_NOT_FOUND or
 *   %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_renew (DoorCtlContext *context, GError **error)
{
  g_auto (Desk) desk = { NULL };
  g_autoptr (DoorEnrollment) enrollment = NULL;
  bool changed = false;

  if (!desk_open (&desk, context, DOOR_TXN_WRITE, error) ||
      !door_device_order_find_enrollment (desk.txn, desk.device, &enrollment, error) ||
      !door_identity_renewal_wish (desk.txn, enrollment, desk.now_ms, &changed, error) ||
      !door_txn_commit (desk.txn, error))
    return door_ctl_status_of (*error);
  set_state (context, desk.device, "enrollment", enrollment->id);
  if (!changed)
    return door_ctl_nothing (context->json,
                             "%s is to renew it already and has not answered; doorctl device show %s tells "
                             "how far it is",
                             desk.device->apple_id, desk.device->apple_id);
  door_device_order_log ("to be renewed", desk.device, "", "", desk.by);
  if (!context->json)
    g_print ("the server has %s renew its identity certificate, within seconds where it runs\n",
             desk.device->apple_id);
  return DOOR_CTL_OK;
}

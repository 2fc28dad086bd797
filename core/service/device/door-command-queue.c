/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-queue.h"

#include <string.h>

#include "door-command-store.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-push-store.h"
#include "door-sealing.h"

#define MAX_SECRET_BYTES (48 * 1024)

static bool
ask_again (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE, "%s", reason);
}

/* Property lists are checked text without a NUL, see door_plist_parse() and door_plist_build(). */
static char *
dup_text (GBytes *bytes)
{
  size_t size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  return g_strndup (data, size);
}

static char *
dup_sealed (const DoorSecret *state_key, DoorRandom *random, DoorSealedPlace place, GBytes *bytes,
            GError **error)
{
  g_autoptr (DoorSecret) secret = door_secret_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *sealed = door_sealing_seal (state_key, random, place, secret, error);

  return sealed != NULL ? g_strconcat (DOOR_SEALED_COMMAND, sealed, NULL) : NULL;
}

static char *
build_result_id (const char *channel_id, const char *uuid)
{
  return g_strconcat (channel_id, "/", uuid, NULL);
}

/**
 * door_command_queue_seal:
 * @context: what every service needs
 * @uuid: CommandUUID of the command
 * @message: the property list that is sent
 * @error: return location for an error
 *
 * Makes a message that holds a secret fit for the queue, which lies in a database that others may read. Any
 * thread.
 *
 * Returns: (transfer full): what is queued in its place, or %NULL with an error
 */
GBytes *
door_command_queue_seal (const DoorContext *context, const char *uuid, GBytes *message, GError **error)
{
  const DoorSealedPlace place = { DOOR_SEALED_COMMAND_MESSAGE, uuid };
  char *text = dup_sealed (context->state_key, context->random, place, message, error);

  return text != NULL ? g_bytes_new_take (text, strlen (text)) : NULL;
}

/**
 * door_command_queue_is_sealed:
 * @command: a command
 *
 * Returns: whether its result is a secret, which door_command_queue_open_result() opens
 */
bool
door_command_queue_is_sealed (const DoorStoredCommand *command)
{
  return g_str_has_prefix (command->result, DOOR_SEALED_COMMAND);
}

/**
 * door_command_queue_open_result:
 * @state_key: the state key
 * @command: a command whose result is sealed
 * @error: return location for an error
 *
 * Returns: (transfer full): the property list that the device answered, or %NULL with an error
 */
DoorSecret *
door_command_queue_open_result (const DoorSecret *state_key, const DoorStoredCommand *command, GError **error)
{
  g_autofree char *id = build_result_id (command->channel_id, command->uuid);

  return door_sealing_open (state_key, (DoorSealedPlace){ DOOR_SEALED_COMMAND_RESULT, id },
                            command->result + strlen (DOOR_SEALED_COMMAND), error);
}

static GBytes *
open_message (const DoorChannelReport *report, const DoorStoredCommand *command, GError **error)
{
  g_autoptr (DoorSecret) secret = NULL;
  const void *data;
  size_t size = 0;

  if (!g_str_has_prefix (command->message, DOOR_SEALED_COMMAND))
    return g_bytes_new (command->message, strlen (command->message));
  secret =
      door_sealing_open (report->state_key, (DoorSealedPlace){ DOOR_SEALED_COMMAND_MESSAGE, command->uuid },
                         command->message + strlen (DOOR_SEALED_COMMAND), error);
  if (secret == NULL)
    return NULL;
  data = door_secret_get_data (secret, &size);
  return g_bytes_new (data, size);
}

/* It was not added: because it is there, which is all that was wanted, or because something else was queued.
 */
static bool
find_repeat (DoorTxn *txn, const DoorStoredCommand *wanted, GError **error)
{
  g_autoptr (DoorStoredCommand) there = NULL;

  if (!door_command_store_lookup (txn, wanted->channel_id, wanted->uuid, &there, error))
    return false;
  if (there == NULL)
    return ask_again (error, "another command was queued at the same moment");
  if (g_str_equal (there->request_type, wanted->request_type) && g_str_equal (there->digest, wanted->digest))
    return true;
  return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_CMD_CONFLICT,
                         "the CommandUUID %s is that of another command (%s)", wanted->uuid,
                         there->request_type);
}

/**
 * door_command_queue_add:
 * @txn: a transaction of the writer
 * @command: the command
 * @error: return location for an error
 *
 * Puts a command at the end of the queue of its channel, and has the device pushed; from the commit on it is
 * not lost. A repeat of the same command changes nothing.
 *
 * Returns: false with an error: %DOOR_ERROR_CONFLICT when its id is that of another command,
 *   %DOOR_ERROR_UNAVAILABLE, after which the writer tries again, when two commands came at the same moment
 */
bool
door_command_queue_add (DoorTxn *txn, const DoorNewCommand *command, GError **error)
{
  g_autofree char *message = dup_text (command->message);
  g_autofree char *digest =
      command->digest != NULL ? g_strdup (command->digest) : door_digest_sha256_text (message);
  const DoorStoredCommand row = {
    .uuid = (char *) command->uuid,
    .channel_id = (char *) command->channel_id,
    .enrollment_id = (char *) command->enrollment_id,
    .request_type = (char *) command->request_type,
    .message = message,
    .digest = digest,
    .source = (char *) command->source,
    .queued_at = command->now_ms,
  };
  bool added = false;

  if (!door_command_store_add (txn, &row, &added, error))
    return false;
  if (!added)
    return find_repeat (txn, &row, error);
  return door_push_store_wish (txn, command->channel_id, command->enrollment_id, command->now_ms, error);
}

/* What unlocks a device lies in the database sealed, as what a device leaves by itself. */
static char *
dup_result (const DoorChannelReport *report, GError **error)
{
  g_autofree char *id = NULL;

  if (!door_command_report_has_secret (report->report))
    return dup_text (report->body);
  if (g_bytes_get_size (report->body) >
      MAX_SECRET_BYTES) /* no device's answer is; better lost than in clear */
    return g_strdup ("");
  id = build_result_id (report->channel_id, door_command_report_get_uuid (report->report));
  return dup_sealed (report->state_key, report->random, (DoorSealedPlace){ DOOR_SEALED_COMMAND_RESULT, id },
                     report->body, error);
}

static bool
end_command (DoorTxn *txn, DoorChannelReport *report, const char *state, GError **error)
{
  g_autofree char *result = dup_result (report, error);
  const DoorCommandEnd end = {
    .channel_id = report->channel_id,
    .uuid = door_command_report_get_uuid (report->report),
    .state = state,
    .errors = door_command_report_get_errors (report->report),
    .result = result,
    .now_ms = report->now_ms,
  };

  return result != NULL && door_command_store_end (txn, &end, &report->has_ended, error);
}

/**
 * door_command_queue_take_report:
 * @txn: a transaction of the writer
 * @report: what a channel says
 * @error: return location for an error
 *
 * Keeps what a device says of a command (Apple, "Sending MDM commands to a device"). A device repeats what it
 * said until it is answered, so only the first answer counts; one about a command that nobody knows is as
 * good as none.
 *
 * Returns: false with an error
 */
bool
door_command_queue_take_report (DoorTxn *txn, DoorChannelReport *report, GError **error)
{
  bool changed = false;

  report->has_ended = false;
  switch (door_command_report_get_status (report->report))
    {
    case DOOR_COMMAND_ACKNOWLEDGED:
      return end_command (txn, report, DOOR_COMMAND_DONE, error);
    case DOOR_COMMAND_ERROR:
      return end_command (txn, report, DOOR_COMMAND_FAILED, error);
    case DOOR_COMMAND_FORMAT_ERROR:
      return end_command (txn, report, DOOR_COMMAND_UNREADABLE, error);
    case DOOR_COMMAND_NOT_NOW:
      return door_command_store_defer (txn, report->channel_id, door_command_report_get_uuid (report->report),
                                       report->now_ms, &changed, error);
    case DOOR_COMMAND_IDLE:
    default:
      return door_command_store_resume (txn, report->channel_id, error);
    }
}

/* A device that said NotNow last asks again by itself when it can; one that said something else after that
 * must be told to. */
static bool
must_be_told (DoorTxn *txn, const DoorChannelReport *report, bool *must, GError **error)
{
  DoorCommandStatus status = door_command_report_get_status (report->report);
  g_autoptr (DoorStoredCommand) deferred = NULL;

  *must = false;
  if (status == DOOR_COMMAND_IDLE || status == DOOR_COMMAND_NOT_NOW)
    return true;
  if (!door_command_store_lookup_deferred (txn, report->channel_id, &deferred, error))
    return false;
  *must = deferred != NULL;
  return true;
}

/* Nothing is left to do. The wish for a push stays until then, so that a device whose exchange broke off is
 * pushed again; the queue is read once more after it is gone, since what comes later wishes anew. What says
 * nothing new, a repeat or an id that nobody knows, leaves a device that must be told as it was: it takes no
 * wish away, and makes none, or a device could have itself pushed with each turn. */
static bool
end_exchange (DoorTxn *txn, const DoorChannelReport *report, DoorStoredCommand **next, GError **error)
{
  bool must_be_pushed = false;

  if (!must_be_told (txn, report, &must_be_pushed, error))
    return false;
  if (must_be_pushed && !report->has_ended)
    return true;
  if (!door_push_store_poll_seen (txn, report->channel_id, error) ||
      !door_command_store_lookup_next (txn, report->channel_id, next, error))
    return false;
  return *next != NULL || !must_be_pushed ||
         door_push_store_wish (txn, report->channel_id, report->enrollment_id, report->now_ms, error);
}

/* One that was sealed by a key that is lost can never be sent; who waits behind it goes on. */
static bool
give_up (DoorTxn *txn, const DoorChannelReport *report, const DoorStoredCommand *command, GError **error)
{
  const DoorCommandEnd end = {
    .channel_id = report->channel_id,
    .uuid = command->uuid,
    .state = DOOR_COMMAND_FAILED,
    .errors = "",
    .result = "",
    .now_ms = report->now_ms,
  };
  bool changed = false;

  return door_command_store_end (txn, &end, &changed, error);
}

/* What is sent is noted before it is opened. */
static bool
send (DoorTxn *txn, const DoorChannelReport *report, const DoorStoredCommand *next, GBytes **message,
      GError **error)
{
  g_autoptr (GError) from = NULL;
  bool changed = false;

  if (!door_command_store_set_sent (txn, next, report->now_ms, &changed, error))
    return false;
  if (!changed)
    return ask_again (error, "the command was taken back at the same moment");
  *message = open_message (report, next, &from);
  if (*message != NULL)
    return true;
  g_warning ("command %s (%s) to %s is given up: %s", next->uuid, next->request_type, report->channel_id,
             from->message);
  return give_up (txn, report, next, error);
}

/**
 * door_command_queue_next:
 * @txn: a transaction of the writer
 * @report: what the channel said, after door_command_queue_take_report()
 * @message: (out) (transfer full) (nullable): the command it is answered, %NULL when there is none
 * @error: return location for an error
 *
 * Chooses the next command and notes that it was sent. What the device has put off it is not asked again
 * until it begins anew with Idle.
 *
 * Returns: false with an error
 */
bool
door_command_queue_next (DoorTxn *txn, const DoorChannelReport *report, GBytes **message, GError **error)
{
  *message = NULL;
  while (*message == NULL) /* each round but the last takes one out of the queue */
    {
      g_autoptr (DoorStoredCommand) next = NULL;

      if (!door_command_store_lookup_next (txn, report->channel_id, &next, error) ||
          (next == NULL && !end_exchange (txn, report, &next, error)))
        return false;
      if (next == NULL)
        return true;
      if (!send (txn, report, next, message, error))
        return false;
    }
  return true;
}

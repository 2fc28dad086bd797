/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-store.h"

#include "door-row.h"

#define COLUMNS                                                                                              \
  "uuid, channel_id, enrollment_id, device_id, position, request_type, message, digest, source, state, "     \
  "errors, result, queued_at, sent_at, deferred_at, done_at"
/* The two that may be large are read where one row is wanted. */
#define OVERVIEW                                                                                             \
  "uuid, channel_id, enrollment_id, device_id, position, request_type, '' AS message, digest, source, "      \
  "state, errors, '' AS result, queued_at, sent_at, deferred_at, done_at"

/* Of any, where none is named. */
#define OF_ENROLLMENT "(enrollment_id = :enrollment_id OR :enrollment_id = '') "

static const char *
name_enrollment (const DoorCommandScope *scope)
{
  return scope->enrollment_id != NULL ? scope->enrollment_id : "";
}

static gpointer
door_stored_command_decode (DoorRow *row)
{
  DoorStoredCommand *self = g_new0 (DoorStoredCommand, 1);

  self->uuid = door_row_dup_text (row, "uuid");
  self->channel_id = door_row_dup_text (row, "channel_id");
  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->device_id = door_row_dup_text (row, "device_id");
  self->position = door_row_get_int (row, "position");
  self->request_type = door_row_dup_text (row, "request_type");
  self->message = door_row_dup_text (row, "message");
  self->digest = door_row_dup_text (row, "digest");
  self->source = door_row_dup_text (row, "source");
  self->state = door_row_dup_text (row, "state");
  self->errors = door_row_dup_text (row, "errors");
  self->result = door_row_dup_text (row, "result");
  self->queued_at = door_row_get_int (row, "queued_at");
  self->sent_at = door_row_get_int (row, "sent_at");
  self->deferred_at = door_row_get_int (row, "deferred_at");
  self->done_at = door_row_get_int (row, "done_at");
  return self;
}

/**
 * door_stored_command_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_stored_command_free (DoorStoredCommand *self)
{
  if (self == NULL)
    return;
  g_free (self->uuid);
  g_free (self->channel_id);
  g_free (self->enrollment_id);
  g_free (self->device_id);
  g_free (self->request_type);
  g_free (self->message);
  g_free (self->digest);
  g_free (self->source);
  g_free (self->state);
  g_free (self->errors);
  g_free (self->result);
  g_free (self);
}

/**
 * door_command_store_add:
 * @txn: a transaction
 * @command: the command; its device, position, state and what comes later are not looked at
 * @added: (out): false when the channel has a command of that id, or when another one was put into its queue
 * at the same moment
 * @error: return location for an error
 *
 * Puts a command at the end of the queue of its channel. Of two that take the same position the second waits
 * until the first is on disk and then adds nothing, so positions have the order in which commands came.
 *
 * Returns: false with an error
 */
bool
door_command_store_add (DoorTxn *txn, const DoorStoredCommand *command, bool *added, GError **error)
{
  static const char sql[] =
      "INSERT INTO command (" COLUMNS ") VALUES (:uuid, :channel_id, :enrollment_id, "
      "COALESCE ((SELECT device_id FROM enrollment WHERE id = :enrollment_id), ''), "
      "(SELECT COALESCE (MAX (position), 0) + 1 FROM command WHERE channel_id = :channel_id), "
      ":request_type, :message, :digest, :source, '" DOOR_COMMAND_QUEUED "', '', '', :queued_at, 0, 0, 0) "
      "ON CONFLICT DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("uuid", "s", command->uuid, "channel_id", "s", command->channel_id,
                                           "enrollment_id", "s", command->enrollment_id, "request_type", "s",
                                           command->request_type, "message", "s", command->message, "digest",
                                           "s", command->digest, "source", "s", command->source, "queued_at",
                                           "x", command->queued_at, NULL),
                          added, error);
}

/**
 * door_command_store_lookup:
 * @txn: a transaction
 * @channel_id: a channel
 * @uuid: id of the command
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a command of a channel; its message and its result are left out.
 *
 * Returns: false with an error
 */
bool
door_command_store_lookup (DoorTxn *txn, const char *channel_id, const char *uuid, DoorStoredCommand **out,
                           GError **error)
{
  static const char sql[] =
      "SELECT " OVERVIEW " FROM command WHERE uuid = :uuid AND channel_id = :channel_id";

  return door_txn_lookup (txn, sql, door_params_new ("uuid", "s", uuid, "channel_id", "s", channel_id, NULL),
                          door_stored_command_decode, (gpointer *) out, error);
}

/**
 * door_command_store_lookup_of_device:
 * @txn: a transaction
 * @scope: a device
 * @uuid: id of the command
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a command of any channel of a device, with its result.
 *
 * Returns: false with an error
 */
bool
door_command_store_lookup_of_device (DoorTxn *txn, const DoorCommandScope *scope, const char *uuid,
                                     DoorStoredCommand **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM command WHERE uuid = :uuid AND device_id = :device_id "
                            "AND " OF_ENROLLMENT "ORDER BY queued_at DESC, channel_id LIMIT 1";

  return door_txn_lookup (txn, sql,
                          door_params_new ("uuid", "s", uuid, "device_id", "s", scope->device_id,
                                           "enrollment_id", "s", name_enrollment (scope), NULL),
                          door_stored_command_decode, (gpointer *) out, error);
}

/**
 * door_command_store_lookup_next:
 * @txn: a transaction
 * @channel_id: a channel
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the first open command of a channel that the device has not put off. One that was sent and not
 * answered is among them: what was lost on the way is sent again.
 *
 * Returns: false with an error
 */
bool
door_command_store_lookup_next (DoorTxn *txn, const char *channel_id, DoorStoredCommand **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM command WHERE channel_id = :channel_id AND done_at = 0 "
                            "AND state <> '" DOOR_COMMAND_DEFERRED "' ORDER BY position LIMIT 1";

  return door_txn_lookup (txn, sql, door_params_new ("channel_id", "s", channel_id, NULL),
                          door_stored_command_decode, (gpointer *) out, error);
}

static gpointer
found_decode (DoorRow *row)
{
  return GINT_TO_POINTER (door_row_get_int (row, "found") > 0 ? 1 : 0);
}

/**
 * door_command_store_has_work:
 * @txn: a transaction
 * @channel_id: a channel
 * @work: (out): whether a command of it is open, or it was to be pushed
 * @error: return location for an error
 *
 * What door_known_device_lookup() says of the channel of a device, for another one.
 *
 * Returns: false with an error
 */
bool
door_command_store_has_work (DoorTxn *txn, const char *channel_id, bool *work, GError **error)
{
  static const char sql[] =
      "SELECT (SELECT COUNT (*) FROM command WHERE channel_id = :channel_id AND done_at = 0) + "
      "(SELECT COUNT (*) FROM push_wish WHERE channel_id = :channel_id) AS found";
  gpointer found = NULL;

  if (!door_txn_lookup (txn, sql, door_params_new ("channel_id", "s", channel_id, NULL), found_decode, &found,
                        error))
    return false;
  *work = found != NULL;
  return true;
}

/**
 * door_command_store_lookup_deferred:
 * @txn: a transaction
 * @channel_id: a channel
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the first command that the device has put off.
 *
 * Returns: false with an error
 */
bool
door_command_store_lookup_deferred (DoorTxn *txn, const char *channel_id, DoorStoredCommand **out,
                                    GError **error)
{
  static const char sql[] = "SELECT " OVERVIEW " FROM command WHERE channel_id = :channel_id AND done_at = 0 "
                            "AND state = '" DOOR_COMMAND_DEFERRED "' ORDER BY position LIMIT 1";

  return door_txn_lookup (txn, sql, door_params_new ("channel_id", "s", channel_id, NULL),
                          door_stored_command_decode, (gpointer *) out, error);
}

/**
 * door_command_store_list_before:
 * @txn: a transaction
 * @scope: a device
 * @last: (nullable): the last row seen; %NULL for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the commands of all channels of a device page by page, the latest first, without messages and
 * results.
 *
 * Returns: (transfer full) (element-type DoorStoredCommand): the rows, or %NULL with an error
 */
GPtrArray *
door_command_store_list_before (DoorTxn *txn, const DoorCommandScope *scope, const DoorStoredCommand *last,
                                int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " OVERVIEW " FROM command WHERE device_id = :device_id AND " OF_ENROLLMENT
      "AND (queued_at < :at OR (queued_at = "
      ":at AND (uuid < :uuid OR (uuid = :uuid AND channel_id < :channel_id)))) ORDER BY queued_at DESC, "
      "uuid DESC, channel_id DESC LIMIT :limit";

  return door_txn_list (txn, sql,
                        door_params_new ("device_id", "s", scope->device_id, "enrollment_id", "s",
                                         name_enrollment (scope), "at", "x",
                                         last != NULL ? last->queued_at : INT64_MAX, "uuid", "s",
                                         last != NULL ? last->uuid : "", "channel_id", "s",
                                         last != NULL ? last->channel_id : "", "limit", "x", limit, NULL),
                        door_stored_command_decode, (GDestroyNotify) door_stored_command_free, error);
}

/**
 * door_command_store_set_sent:
 * @txn: a transaction
 * @command: a command that was found open
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): false when it is not open any more
 * @error: return location for an error
 *
 * Notes that a command is handed to the device.
 *
 * Returns: false with an error
 */
bool
door_command_store_set_sent (DoorTxn *txn, const DoorStoredCommand *command, int64_t now_ms, bool *changed,
                             GError **error)
{
  static const char sql[] =
      "UPDATE command SET state = '" DOOR_COMMAND_SENT "', sent_at = :now WHERE uuid = :uuid AND "
      "channel_id = :channel_id AND done_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "uuid", "s", command->uuid, "channel_id", "s",
                                           command->channel_id, NULL),
                          changed, error);
}

/**
 * door_command_store_defer:
 * @txn: a transaction
 * @channel_id: the channel that reports
 * @uuid: the command
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): false when there is no such command, or it was not sent, or is done
 * @error: return location for an error
 *
 * Notes that the device puts a command off.
 *
 * Returns: false with an error
 */
bool
door_command_store_defer (DoorTxn *txn, const char *channel_id, const char *uuid, int64_t now_ms,
                          bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE command SET state = '" DOOR_COMMAND_DEFERRED "', deferred_at = :now WHERE uuid = :uuid AND "
      "channel_id = :channel_id AND done_at = 0 AND sent_at > 0";

  return door_txn_change (
      txn, sql, door_params_new ("now", "x", now_ms, "uuid", "s", uuid, "channel_id", "s", channel_id, NULL),
      changed, error);
}

/**
 * door_command_store_resume:
 * @txn: a transaction
 * @channel_id: a channel
 * @error: return location for an error
 *
 * Puts all that the device has put off into the queue again, each in its place.
 *
 * Returns: false with an error
 */
bool
door_command_store_resume (DoorTxn *txn, const char *channel_id, GError **error)
{
  static const char sql[] =
      "UPDATE command SET state = '" DOOR_COMMAND_QUEUED "' WHERE channel_id = :channel_id AND "
      "done_at = 0 AND state = '" DOOR_COMMAND_DEFERRED "'";

  return door_txn_change (txn, sql, door_params_new ("channel_id", "s", channel_id, NULL), NULL, error);
}

/**
 * door_command_store_end:
 * @txn: a transaction
 * @end: what the device reports
 * @changed: (out): false when there is no such command, or it was never sent, or is done
 * @error: return location for an error
 *
 * Keeps how a command ended, the first time it is said.
 *
 * Returns: false with an error
 */
bool
door_command_store_end (DoorTxn *txn, const DoorCommandEnd *end, bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE command SET state = :state, errors = :errors, result = :result, message = '', done_at = :now "
      "WHERE uuid = :uuid AND channel_id = :channel_id AND done_at = 0 AND sent_at > 0";

  return door_txn_change (txn, sql,
                          door_params_new ("state", "s", end->state, "errors", "s", end->errors, "result",
                                           "s", end->result, "now", "x", end->now_ms, "uuid", "s", end->uuid,
                                           "channel_id", "s", end->channel_id, NULL),
                          changed, error);
}

/**
 * door_command_store_cancel:
 * @txn: a transaction
 * @command: a command
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): false when the device has it, or it is done
 * @error: return location for an error
 *
 * Takes a command back that the device does not have: it waits, or the device has put it off and kept
 * nothing.
 *
 * Returns: false with an error
 */
bool
door_command_store_cancel (DoorTxn *txn, const DoorStoredCommand *command, int64_t now_ms, bool *changed,
                           GError **error)
{
  static const char sql[] =
      "UPDATE command SET state = '" DOOR_COMMAND_CANCELLED
      "', message = '', done_at = :now WHERE uuid = :uuid AND "
      "channel_id = :channel_id AND state IN ('" DOOR_COMMAND_QUEUED "', '" DOOR_COMMAND_DEFERRED "')";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "uuid", "s", command->uuid, "channel_id", "s",
                                           command->channel_id, NULL),
                          changed, error);
}

/**
 * door_command_store_cancel_of_enrollment:
 * @txn: a transaction
 * @enrollment_id: an enrollment that ends
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ends what is open in all channels of an enrollment.
 *
 * Returns: false with an error
 */
bool
door_command_store_cancel_of_enrollment (DoorTxn *txn, const char *enrollment_id, int64_t now_ms,
                                         GError **error)
{
  static const char sql[] =
      "UPDATE command SET state = '" DOOR_COMMAND_CANCELLED "', message = '', done_at = :now WHERE "
      "enrollment_id = :enrollment_id AND done_at = 0";

  return door_txn_change (
      txn, sql, door_params_new ("now", "x", now_ms, "enrollment_id", "s", enrollment_id, NULL), NULL, error);
}

/**
 * door_command_store_cancel_forgotten:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most commands looked at
 * @changed: (out): whether any was open
 * @error: return location for an error
 *
 * Ends commands that were queued at the moment in which their enrollment ended, so that neither of the two
 * writes saw the other.
 *
 * Returns: false with an error
 */
bool
door_command_store_cancel_forgotten (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                     GError **error)
{
  static const char sql[] =
      "UPDATE command SET state = '" DOOR_COMMAND_CANCELLED
      "', message = '', done_at = :now WHERE done_at = 0 AND "
      "enrollment_id IN (SELECT c.enrollment_id FROM command c JOIN enrollment e ON e.id = c.enrollment_id "
      "WHERE c.done_at = 0 AND e.ended_at > 0 LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "limit", "x", limit, NULL), changed,
                          error);
}

/**
 * door_command_store_remove_old:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets commands that were done before a time, and their results.
 *
 * Returns: false with an error
 */
bool
door_command_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed, GError **error)
{
  static const char sql[] =
      "DELETE FROM command WHERE done_at > 0 AND done_at < :before AND uuid IN (SELECT uuid FROM command "
      "WHERE done_at > 0 AND done_at < :before ORDER BY done_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DOOR_COMMAND_QUEUED:
 *
 * State of a command that waits to be sent; the others follow it. The first three are open.
 */
#define DOOR_COMMAND_QUEUED "queued"
#define DOOR_COMMAND_SENT "sent"
#define DOOR_COMMAND_DEFERRED "not-now"
#define DOOR_COMMAND_DONE "acknowledged"
#define DOOR_COMMAND_FAILED "error"
#define DOOR_COMMAND_UNREADABLE "format-error"
#define DOOR_COMMAND_CANCELLED "cancelled"

/**
 * DoorStoredCommand:
 *
 * A command for a channel, the enrollment's or that of one of its users. @message is the property list that
 * is sent, empty once the command is done, @digest its SHA-256; @source who wants it; @errors what the device
 * said about a failure, as JSON, and @result its whole answer; both are empty before. @position is counted
 * for each channel, @done_at 0 while the command is open.
 */
typedef struct
{
  char *uuid;
  char *channel_id;
  char *enrollment_id;
  char *device_id;
  int64_t position;
  char *request_type;
  char *message;
  char *digest;
  char *source;
  char *state;
  char *errors;
  char *result;
  int64_t queued_at;
  int64_t sent_at;
  int64_t deferred_at;
  int64_t done_at;
} DoorStoredCommand;

void door_stored_command_free (DoorStoredCommand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorStoredCommand, door_stored_command_free)

/**
 * DoorCommandEnd:
 * @channel_id: the channel that reports
 * @uuid: the command
 * @state: %DOOR_COMMAND_DONE, %DOOR_COMMAND_FAILED or %DOOR_COMMAND_UNREADABLE
 * @errors: what it said about a failure, as JSON, or ""
 * @result: the report as received
 * @now_ms: milliseconds since 1970, UTC
 *
 * How a command ended.
 */
typedef struct
{
  const char *channel_id;
  const char *uuid;
  const char *state;
  const char *errors;
  const char *result;
  int64_t now_ms;
} DoorCommandEnd;

/**
 * DoorCommandScope:
 * @device_id: a device
 * @enrollment_id: (nullable): one of its enrollments; %NULL for all that it ever had
 *
 * Of what commands are looked for.
 */
typedef struct
{
  const char *device_id;
  const char *enrollment_id;
} DoorCommandScope;

bool door_command_store_add (DoorTxn *txn, const DoorStoredCommand *command, bool *added, GError **error);
bool door_command_store_lookup (DoorTxn *txn, const char *channel_id, const char *uuid,
                                DoorStoredCommand **out, GError **error);
bool door_command_store_lookup_of_device (DoorTxn *txn, const DoorCommandScope *scope, const char *uuid,
                                          DoorStoredCommand **out, GError **error);
bool door_command_store_lookup_next (DoorTxn *txn, const char *channel_id, DoorStoredCommand **out,
                                     GError **error);
bool door_command_store_has_work (DoorTxn *txn, const char *channel_id, bool *work, GError **error);
bool door_command_store_lookup_deferred (DoorTxn *txn, const char *channel_id, DoorStoredCommand **out,
                                         GError **error);
GPtrArray *door_command_store_list_before (DoorTxn *txn, const DoorCommandScope *scope,
                                           const DoorStoredCommand *last, int64_t limit, GError **error);
bool door_command_store_set_sent (DoorTxn *txn, const DoorStoredCommand *command, int64_t now_ms,
                                  bool *changed, GError **error);
bool door_command_store_defer (DoorTxn *txn, const char *channel_id, const char *uuid, int64_t now_ms,
                               bool *changed, GError **error);
bool door_command_store_resume (DoorTxn *txn, const char *channel_id, GError **error);
bool door_command_store_end (DoorTxn *txn, const DoorCommandEnd *end, bool *changed, GError **error);
bool door_command_store_cancel (DoorTxn *txn, const DoorStoredCommand *command, int64_t now_ms, bool *changed,
                                GError **error);
bool door_command_store_cancel_of_enrollment (DoorTxn *txn, const char *enrollment_id, int64_t now_ms,
                                              GError **error);
bool door_command_store_cancel_forgotten (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                          GError **error);
bool door_command_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                    GError **error);

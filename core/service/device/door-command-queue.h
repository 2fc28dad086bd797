/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-command-report.h"
#include "door-command-store.h"
#include "door-context.h"

/**
 * DoorNewCommand:
 * @channel_id: the channel it is for: id of the enrollment, or of the row of one of its users
 * @enrollment_id: the enrollment of that channel
 * @uuid: its CommandUUID
 * @request_type: its RequestType
 * @message: the property list that is sent, by door_command_build(), or what door_command_queue_seal() makes
 *   of it
 * @digest: (nullable): by what a repeat is known; %NULL for the SHA-256 of @message, which a sealed one does
 *   not have twice
 * @source: who wants it: "setup", an administrator's address
 * @now_ms: milliseconds since 1970, UTC
 *
 * A command for a device.
 */
typedef struct
{
  const char *channel_id;
  const char *enrollment_id;
  const char *uuid;
  const char *request_type;
  GBytes *message;
  const char *digest;
  const char *source;
  int64_t now_ms;
} DoorNewCommand;

/**
 * DoorChannelReport:
 * @channel_id: the channel that reports
 * @enrollment_id: its enrollment
 * @report: what it says
 * @body: the report as received
 * @state_key: opens and closes what is kept sealed
 * @random: for what is sealed
 * @now_ms: milliseconds since 1970, UTC
 * @has_ended: (out): whether it ended a command; door_command_queue_take_report() finds that out
 *
 * What came at the command address, from a channel that was found to be who it says.
 */
typedef struct
{
  const char *channel_id;
  const char *enrollment_id;
  const DoorCommandReport *report;
  GBytes *body;
  const DoorSecret *state_key;
  DoorRandom *random;
  int64_t now_ms;
  bool has_ended;
} DoorChannelReport;

GBytes *door_command_queue_seal (const DoorContext *context, const char *uuid, GBytes *message,
                                 GError **error);
bool door_command_queue_is_sealed (const DoorStoredCommand *command);
DoorSecret *door_command_queue_open_result (const DoorSecret *state_key, const DoorStoredCommand *command,
                                            GError **error);
bool door_command_queue_add (DoorTxn *txn, const DoorNewCommand *command, GError **error);
bool door_command_queue_take_report (DoorTxn *txn, DoorChannelReport *report, GError **error);
bool door_command_queue_next (DoorTxn *txn, const DoorChannelReport *report, GBytes **message,
                              GError **error);

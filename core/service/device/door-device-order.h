/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-command-schema.h"
#include "door-command-store.h"
#include "door-context.h"
#include "door-device-store.h"

/**
 * DoorDeviceOrder:
 * @context: what every service needs, of which the state key and randomness are taken
 * @uuid: its CommandUUID
 * @command: what is to be done, see door_command_new()
 * @schema: what is published about commands
 * @user_key: (nullable): the user whose channel it is for; %NULL for the device
 * @force: whether it is sent although it is not what is published about it
 * @source: who wants it
 * @now_ms: milliseconds since 1970, UTC
 *
 * What somebody wants a device to do.
 */
typedef struct
{
  const DoorContext *context;
  const char *uuid;
  GVariant *command;
  const DoorCommandSchema *schema;
  const char *user_key;
  bool force;
  const char *source;
  int64_t now_ms;
} DoorDeviceOrder;

bool door_device_order_find (DoorTxn *txn, const char *name, DoorDevice **out, GError **error);
bool door_device_order_find_enrollment (DoorTxn *txn, const DoorDevice *device, DoorEnrollment **out,
                                        GError **error);
char *door_device_order_dup_doubt (const DoorDevice *device, const DoorEnrollment *enrollment,
                                   const DoorDeviceOrder *order);
bool door_device_order_add (DoorTxn *txn, const DoorDevice *device, const DoorEnrollment *enrollment,
                            const DoorDeviceOrder *order, GError **error);
bool door_device_order_cancel (DoorTxn *txn, const DoorCommandScope *scope, const char *uuid, int64_t now_ms,
                               GError **error);
bool door_device_order_end (DoorTxn *txn, const DoorDevice *device, int64_t now_ms, GError **error);
bool door_device_order_is_harmless (const char *request_type);
void door_device_order_log (const char *outcome, const DoorDevice *device, const char *request_type,
                            const char *uuid, const char *by);
JsonObject *door_device_order_view (const DoorStoredCommand *row);
JsonObject *door_device_order_view_whole (const DoorStoredCommand *row, const char *opened);

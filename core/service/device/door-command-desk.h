/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-desk.h"
#include "door-device-order.h"

/**
 * DoorCommandWish:
 * @device: our id of a device, its UDID, EnrollmentID or serial number
 * @uuid: (nullable): its CommandUUID; %NULL for a new one
 * @command: what is to be done
 * @user_key: (nullable): the user whose channel it is for
 * @force: whether it is sent although it is not what is published about it
 *
 * A command that an administrator wants.
 */
typedef struct
{
  const char *device;
  const char *uuid;
  GVariant *command;
  const char *user_key;
  bool force;
} DoorCommandWish;

GPtrArray *door_command_desk_list (const DoorContext *context, const DoorDeskPage *page, const char *device,
                                   GError **error);
DoorStoredCommand *door_command_desk_show (const DoorContext *context, const DoorSession *session,
                                           const char *device, const char *uuid, GError **error);
DoorStoredCommand *door_command_desk_add (const DoorContext *context, const DoorSession *session,
                                          const DoorCommandWish *wish, char **doubt, GError **error);
bool door_command_desk_cancel (const DoorContext *context, const DoorSession *session, const char *device,
                               const char *uuid, GError **error);

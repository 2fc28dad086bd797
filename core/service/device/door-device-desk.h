/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-desk.h"
#include "door-device-store.h"
#include "door-json.h"

/**
 * DoorDeskDevice:
 * @device: a device
 * @enrollment: (nullable): the one that is open; %NULL: it is not enrolled
 *
 * A device that somebody may reach.
 */
typedef struct
{
  DoorDevice *device;
  DoorEnrollment *enrollment;
} DoorDeskDevice;

void door_desk_device_clear (DoorDeskDevice *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorDeskDevice, door_desk_device_clear)

bool door_device_desk_find (DoorTxn *txn, const DoorSession *session, DoorAction action, const char *name,
                            DoorDeskDevice *out, GError **error);
JsonObject *door_device_desk_show (const DoorContext *context, const DoorSession *session, const char *name,
                                   GError **error);

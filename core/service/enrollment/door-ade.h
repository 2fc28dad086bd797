/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-machine-info.h"

/**
 * DoorAdeVisit:
 * @message: (nullable): what the device says of itself, CMS
 * @description: (nullable): instead of that, the same in base64
 * @team: team in the address, "" for none
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A device that comes by Automated Device Enrollment.
 */
typedef struct
{
  GBytes *message;
  const char *description;
  const char *team;
  GCancellable *cancellable;
} DoorAdeVisit;

/**
 * DoorAdeDevice:
 * @info: (nullable): what it says of itself
 * @team: (nullable): where it enrolls
 * @assigned: whether Apple Business Manager has assigned it here
 * @update: (nullable): version that it must install first, if it can
 * @build: (nullable): its build, where that is known
 *
 * What is known of it. All %NULL at first.
 */
typedef struct
{
  DoorMachineInfo *info;
  const DoorTeam *team;
  bool assigned;
  char *update;
  char *build;
} DoorAdeDevice;

void door_ade_device_clear (DoorAdeDevice *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorAdeDevice, door_ade_device_clear)

bool door_ade_receive (const DoorContext *context, const DoorAdeVisit *visit, DoorAdeDevice *out,
                       GError **error);

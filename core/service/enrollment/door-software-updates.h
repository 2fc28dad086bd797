/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-machine-info.h"

DoorSoftwareUpdates *door_software_updates_new (void);
void door_software_updates_free (DoorSoftwareUpdates *self);
void door_software_updates_round (const DoorContext *context, GCancellable *cancellable);
bool door_software_updates_choose (const DoorContext *context, const DoorMachineInfo *info, char **version,
                                   char **build);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-pins.h"
#include "door-push-sender.h"

DoorPush *door_push_new (const DoorPushSender *sender);
void door_push_start (DoorPush *self, const DoorPins *contexts);
void door_push_stop (DoorPush *self);
void door_push_free (DoorPush *self);
char *door_push_dup_problem (DoorPush *self);

void door_push_wake (const DoorContext *context);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "door-push-sender.h"

typedef struct _DoorApns DoorApns;

DoorApns *door_apns_new (const char *server, GTlsDatabase *trust);
void door_apns_free (DoorApns *self);
DoorPushSender door_apns_get_sender (DoorApns *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorApns, door_apns_free)

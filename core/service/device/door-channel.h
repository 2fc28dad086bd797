/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-known-device.h"

bool door_channel_find (DoorTxn *txn, const DoorKnownDevice *known, const char *user_key, char **id,
                        GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-device-store.h"

bool door_ctl_find_device (DoorTxn *txn, const char *name, DoorDevice **out, GError **error);

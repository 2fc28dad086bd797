/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "door-device-store.h"
#include "door-json.h"

/**
 * DoorDevicePast:
 * @device: a device
 * @enrollment: (nullable): its enrollment, %NULL: it has none now
 * @whole: whether what was before that enrollment is shown too
 *
 * A device, and how much of its past is for who asks.
 */
typedef struct
{
  const DoorDevice *device;
  const DoorEnrollment *enrollment;
  bool whole;
} DoorDevicePast;

JsonObject *door_device_json_build (DoorTxn *txn, const DoorDevicePast *past, GError **error);

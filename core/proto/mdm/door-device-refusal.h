/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * DoorDeviceRefusal:
 * @DOOR_DEVICE_REFUSAL_UNRECOGNIZED: `com.apple.unrecognized.device`, the device removes its enrollment
 * @DOOR_DEVICE_REFUSAL_DISCOVERY: `com.apple.well-known.failed`, service discovery ends
 *
 * The reasons for a 403 that a device understands.
 */
typedef enum
{
  DOOR_DEVICE_REFUSAL_UNRECOGNIZED,
  DOOR_DEVICE_REFUSAL_DISCOVERY,
} DoorDeviceRefusal;

GBytes *door_device_refusal_build (DoorDeviceRefusal reason, const char *description, const char *message);
GBytes *door_device_refusal_build_update (const char *os_version, const char *build);

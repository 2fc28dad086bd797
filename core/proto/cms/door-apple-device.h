/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate.h"

#define DOOR_APPLE_DEVICE_MAX_BYTES (16 * 1024)

GBytes *door_apple_device_open (GBytes *cms, const DoorCertificate *anchor, int64_t now_ms, GError **error);

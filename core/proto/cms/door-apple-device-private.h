/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-apple-device.h"

GBytes *door_apple_device_open_pinned (GBytes *cms, const char *key_sha256, const DoorCertificate *anchor,
                                       int64_t now_ms, GError **error);

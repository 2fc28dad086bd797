/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include <glib.h>

#include "door-secret.h"

/**
 * DoorDeviceTokenClaims:
 * @issuer: who the server is to Apple, its `server_uuid`
 * @id: an id that no other token has
 * @service_type: what it is for, "com.apple.maid"
 * @now_ms: milliseconds since 1970, UTC
 *
 * What a token says that a device takes to a service of Apple's.
 */
typedef struct
{
  const char *issuer;
  const char *id;
  const char *service_type;
  int64_t now_ms;
} DoorDeviceTokenClaims;

char *door_device_token_build (const DoorSecret *private_key, const DoorDeviceTokenClaims *claims,
                               GError **error);

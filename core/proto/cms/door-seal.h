/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "door-secret.h"

#define DOOR_SEAL_NONCE_SIZE 12
#define DOOR_SEAL_MAX_BYTES (1024 * 1024)

char *door_seal (const DoorSecret *state_key, const char *place, const uint8_t nonce[DOOR_SEAL_NONCE_SIZE],
                 const DoorSecret *secret, GError **error);
DoorSecret *door_seal_open (const DoorSecret *state_key, const char *place, const char *sealed,
                            GError **error);

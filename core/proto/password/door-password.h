/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door-secret.h"

#define DOOR_PASSWORD_MIN_CHARACTERS 12
#define DOOR_PASSWORD_MAX_BYTES 1024
/* What a salt is made of. */
#define DOOR_PASSWORD_SALT_BYTES 16

bool door_password_is_possible (const DoorSecret *password);
bool door_password_check (const DoorSecret *password, GError **error);
char *door_password_build_hash (const DoorSecret *password, const uint8_t *salt, GError **error);
bool door_password_verify (const DoorSecret *password, const char *hash);

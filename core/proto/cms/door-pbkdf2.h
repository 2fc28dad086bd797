/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door-secret.h"

/**
 * DoorPbkdf2:
 * @salt: random bytes
 * @salt_size: how many
 * @iterations: how often it is hashed
 * @out: (out): the derived key
 * @out_size: how many bytes
 *
 * What a password is turned into a key with.
 */
typedef struct
{
  const uint8_t *salt;
  size_t salt_size;
  unsigned int iterations;
  uint8_t *out;
  size_t out_size;
} DoorPbkdf2;

bool door_pbkdf2_sha512 (const DoorSecret *password, const DoorPbkdf2 *params, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define DOOR_ED25519_KEY_BYTES 32
#define DOOR_ED25519_SIGNATURE_BYTES 64

bool door_ed25519_generate (uint8_t secret_key[DOOR_ED25519_KEY_BYTES],
                            uint8_t public_key[DOOR_ED25519_KEY_BYTES], GError **error);
bool door_ed25519_sign (const uint8_t secret_key[DOOR_ED25519_KEY_BYTES],
                        const uint8_t public_key[DOOR_ED25519_KEY_BYTES], const char *text,
                        uint8_t signature[DOOR_ED25519_SIGNATURE_BYTES], GError **error);
bool door_ed25519_verify (const uint8_t public_key[DOOR_ED25519_KEY_BYTES], const void *data, size_t size,
                          const uint8_t signature[DOOR_ED25519_SIGNATURE_BYTES]);

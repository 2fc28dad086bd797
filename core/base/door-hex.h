/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

char *door_hex_encode (const uint8_t *data, size_t size);

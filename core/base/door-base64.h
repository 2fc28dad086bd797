/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

char *door_base64_encode_url (const uint8_t *data, size_t size);
GBytes *door_base64_decode_url (const char *text, size_t length, size_t max_bytes);
GBytes *door_base64_decode_strict (const char *text, size_t length, size_t max_bytes);

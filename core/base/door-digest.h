/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define DOOR_SHA256_SIZE 32

char *door_digest_sha256_hex (const void *data, size_t size);
char *door_digest_sha256_text (const char *text);
char *door_digest_sha256_url (const void *data, size_t size);
void door_digest_hmac_sha256 (const uint8_t *key, size_t key_size, const char *label, const char *text,
                              uint8_t out[DOOR_SHA256_SIZE]);
gboolean door_digest_equal (const char *a, const char *b);

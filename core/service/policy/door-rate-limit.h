/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct _DoorRateLimit DoorRateLimit;

DoorRateLimit *door_rate_limit_new (int64_t per_minute);
void door_rate_limit_set (DoorRateLimit *self, int64_t per_minute);
void door_rate_limit_free (DoorRateLimit *self);
char *door_rate_limit_dup_key (const char *purpose, const char *address);
bool door_rate_limit_take (DoorRateLimit *self, const char *key, int64_t now_ms);
void door_rate_limit_give_back (DoorRateLimit *self, const char *key);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "door-random.h"

/* What a refresh token begins with, so that people and scanners for secrets see what it is: of an
 * administrator's program, and of a device. Both are of one length. */
#define DOOR_REFRESH_TOKEN_PREFIX "dwr_"
#define DOOR_REFRESH_TOKEN_DEVICE_PREFIX "dwm_"

/* For so long the same answer is given again to whoever did not get it: the network or this server failed. */
#define DOOR_REFRESH_TOKEN_GRACE_MS (30 * INT64_C (1000))

char *door_refresh_token_make_first (DoorRandom *random, const char *prefix);
char *door_refresh_token_make_next (const char *token, const char *salt);
char *door_refresh_token_derive (const char *token, const char *salt, const char *label);
bool door_refresh_token_is_well_formed (const char *token, const char *prefix);
char *door_refresh_token_hash_chain (const char *token);

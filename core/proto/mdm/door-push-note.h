/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

#define DOOR_PUSH_REASON_LENGTH 40

/**
 * DoorPushRefusal:
 * @reason: APNs' word, letters and digits; empty when it gave none
 * @at_ms: since when the token is not good any more; 0: it does not say
 *
 * Why a push was refused.
 */
typedef struct
{
  char reason[DOOR_PUSH_REASON_LENGTH + 1];
  int64_t at_ms;
} DoorPushRefusal;

GBytes *door_push_note_build (const char *push_magic);
void door_push_refusal_parse (GBytes *body, DoorPushRefusal *out);

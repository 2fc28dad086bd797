/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/* How often devices are looked for that must be let go. */
#define DOOR_SETUP_ASSISTANT_ROUND_S 5

bool door_setup_assistant_prepare (const DoorContext *context, const char *enrollment_id, GError **error);
bool door_setup_assistant_look (DoorTxn *txn, const DoorContext *context, const char *enrollment_id,
                                int64_t now_ms, GError **error);
bool door_setup_assistant_round (const DoorContext *context, GError **error);
DoorSecret *door_setup_assistant_open_password (const DoorSecret *state_key, const char *enrollment_id,
                                                const char *sealed, GError **error);

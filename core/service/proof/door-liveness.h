/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-liveness-store.h"
#include "door-saml-sign-in.h"

bool door_liveness_is_wanted (const DoorConnection *connection, const char *purpose, const char *way);
int64_t door_liveness_choose_next_ms (const DoorContext *context, const char *connection, int64_t now_ms);
void door_liveness_round (const DoorContext *context, GCancellable *cancellable);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-own-jwt.h"
#include "door-signing-key-store.h"

GPtrArray *door_session_key_list (const DoorContext *context, GError **error);
DoorOwnKey *door_session_key_ensure (const DoorContext *context, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config.h"

GPtrArray *door_config_diff (const DoorConfig *before, const DoorConfig *started, const DoorConfig *after);
bool door_config_same_plugins (const DoorConfig *a, const DoorConfig *b);

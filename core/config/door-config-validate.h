/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config-private.h"

void door_config_validate (DoorConfig *self, DoorConfigKeysFunc keys, gpointer user_data);

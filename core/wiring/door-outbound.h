/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-apns.h"
#include "door-settings.h"

DoorApns *door_outbound_open_apns (const DoorSettings *apple, bool development, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"

/* For the core's reader; not installed. */
DoorSettings *door_settings_new_lax (const DoorSettingsSource *source, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_AUTHENTIK_IDP (door_authentik_idp_get_type ())

GType door_authentik_idp_get_type (void);
const DoorKey *door_authentik_idp_get_keys (void);

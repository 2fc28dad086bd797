/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_ONELOGIN_IDP (door_onelogin_idp_get_type ())

GType door_onelogin_idp_get_type (void);
const DoorKey *door_onelogin_idp_get_keys (void);

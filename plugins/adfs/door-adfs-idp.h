/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_ADFS_IDP (door_adfs_idp_get_type ())

GType door_adfs_idp_get_type (void);
const DoorKey *door_adfs_idp_get_keys (void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_JUMPCLOUD_IDP (door_jumpcloud_idp_get_type ())

GType door_jumpcloud_idp_get_type (void);

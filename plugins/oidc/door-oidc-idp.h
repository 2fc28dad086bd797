/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_OIDC_IDP (door_oidc_idp_get_type ())

GType door_oidc_idp_get_type (void);

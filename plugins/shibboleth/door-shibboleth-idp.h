/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_SHIBBOLETH_IDP (door_shibboleth_idp_get_type ())

GType door_shibboleth_idp_get_type (void);

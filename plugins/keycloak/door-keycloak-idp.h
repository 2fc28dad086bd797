/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_KEYCLOAK_IDP (door_keycloak_idp_get_type ())

GType door_keycloak_idp_get_type (void);
const DoorKey *door_keycloak_idp_get_keys (void);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_SAML_IDP (door_saml_idp_get_type ())

GType door_saml_idp_get_type (void);

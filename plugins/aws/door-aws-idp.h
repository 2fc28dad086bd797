/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

#define DOOR_TYPE_AWS_IDP (door_aws_idp_get_type ())

GType door_aws_idp_get_type (void);

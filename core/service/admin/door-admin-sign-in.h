/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-sign-in.h"

char *door_admin_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-sign-in.h"

bool door_group_fetch_complete (const DoorContext *context, const DoorSignIn *sign_in, DoorIdentity *identity,
                                GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-identity.h"
#include "door-sign-in.h"

bool door_enrollment_sign_in_check (const DoorContext *context, const DoorSignIn *sign_in,
                                    DoorIdentity *identity, GError **error);
char *door_enrollment_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GError **error);

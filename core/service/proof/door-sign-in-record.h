/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-claims.h"
#include "door-context.h"

char *door_sign_in_record_dup_received (const DoorContext *context, const char *saml_response,
                                        const DoorClaims *claims);

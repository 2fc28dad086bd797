/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-claims.h"
#include "door-identity.h"

/* Deepest nesting of the text. */
#define DOOR_ROLE_CLAIMS_MAX_DEPTH 4

char *door_role_claims_build (const DoorClaims *claims, const DoorIdentity *identity, bool with_groups);
bool door_role_claims_parse (GBytes *text, DoorClaims **claims, DoorIdentity **identity, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <json-glib/json-glib.h>

#include "door-jwk-set.h"

typedef struct _DoorJwt DoorJwt;

DoorJwt *door_jwt_verify (const char *token, const DoorJwkSet *keys, DoorJwsAlgorithms allowed,
                          const char *const *types, GError **error);
void door_jwt_free (DoorJwt *self);
JsonObject *door_jwt_get_claims (const DoorJwt *self);
DoorJwsAlgorithms door_jwt_get_algorithm (const DoorJwt *self);
bool door_jwt_has_type (const DoorJwt *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorJwt, door_jwt_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-id-token.h"

typedef struct _DoorBearer DoorBearer;

DoorBearer *door_bearer_verify (const char *token, const DoorOidcExpectation *expect, const char *audience,
                                GError **error);
DoorBearer *door_bearer_parse_introspection (unsigned int status, GBytes *body,
                                             const DoorOidcExpectation *expect, const char *audience,
                                             GError **error);
void door_bearer_free (DoorBearer *self);
DoorClaims *door_bearer_dup_claims (const DoorBearer *self, GVariant *further);
const char *door_bearer_get_subject (const DoorBearer *self);
int64_t door_bearer_get_expires_at_ms (const DoorBearer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorBearer, door_bearer_free)

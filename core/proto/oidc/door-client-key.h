/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "door-jws-algorithm.h"
#include "door-secret.h"

typedef struct _DoorClientKey DoorClientKey;

/**
 * DoorClientAssertion:
 * @client_id: us
 * @audience: the provider: its issuer or its token endpoint
 * @id: jti, never used before
 * @algorithm: %DOOR_JWS_RS256 or %DOOR_JWS_PS256
 * @now_ms: milliseconds since 1970, UTC
 *
 * What an assertion says.
 */
typedef struct
{
  const char *client_id;
  const char *audience;
  const char *id;
  DoorJwsAlgorithms algorithm;
  int64_t now_ms;
} DoorClientAssertion;

DoorClientKey *door_client_key_new (const DoorSecret *private_key, GBytes *certificate, GError **error);
void door_client_key_free (DoorClientKey *self);
char *door_client_key_build_assertion (const DoorClientKey *self, const DoorClientAssertion *assertion,
                                       GError **error);
GBytes *door_client_key_build_set (const GPtrArray *keys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorClientKey, door_client_key_free)

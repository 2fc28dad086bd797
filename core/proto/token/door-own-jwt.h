/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-ed25519.h"

/**
 * DoorOwnKey:
 * @kid: its name
 * @public_key: the public half
 * @secret_key: the secret half; all 0 where it is not known
 *
 * A key of ours.
 */
typedef struct
{
  char *kid;
  uint8_t public_key[DOOR_ED25519_KEY_BYTES];
  uint8_t secret_key[DOOR_ED25519_KEY_BYTES];
} DoorOwnKey;

void door_own_key_free (DoorOwnKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorOwnKey, door_own_key_free)

/**
 * DoorOwnClaims:
 * @issuer: iss: this server
 * @audience: aud: this server
 * @subject: sub: the person
 * @session: sid: the session, which must be alive
 * @id: jti
 * @roles: where the person's roles are found: they are looked up, never believed from a token
 * @issued_s: iat, seconds since 1970, UTC
 * @expires_s: exp
 *
 * What a token of ours says. Owns its texts.
 */
typedef struct
{
  char *issuer;
  char *audience;
  char *subject;
  char *session;
  char *id;
  char *roles;
  int64_t issued_s;
  int64_t expires_s;
} DoorOwnClaims;

void door_own_claims_clear (DoorOwnClaims *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorOwnClaims, door_own_claims_clear)

/**
 * DoorOwnExpect:
 * @keys: (element-type DoorOwnKey): keys that may have signed
 * @issuer: this server
 * @audience: this server
 * @now_s: seconds since 1970, UTC
 *
 * What a token must be to be believed.
 */
typedef struct
{
  const GPtrArray *keys;
  const char *issuer;
  const char *audience;
  int64_t now_s;
} DoorOwnExpect;

char *door_own_jwt_build (const DoorOwnKey *key, const DoorOwnClaims *claims, GError **error);
bool door_own_jwt_verify (const char *token, const DoorOwnExpect *expect, DoorOwnClaims *out, GError **error);
GBytes *door_own_jwk_set_build (const GPtrArray *keys);

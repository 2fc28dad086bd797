/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-identity.h"
#include "door-sign-in.h"

/**
 * DoorForwardedToken:
 * @hash: SHA-256 of an access token that the provider gave a device
 * @expires_at_ms: until when the provider vouches for it; milliseconds since 1970, UTC
 * @person_id: (nullable): whom the certificate it came with was issued to
 * @certificate_sha256: (nullable): the certificate it came with, whose it is if it is of the same person
 *
 * An access token that an identity provider vouches for.
 */
typedef struct
{
  const char *hash;
  int64_t expires_at_ms;
  const char *person_id;
  const char *certificate_sha256;
} DoorForwardedToken;

bool door_enrollment_sign_in_check (const DoorContext *context, const DoorSignIn *sign_in,
                                    DoorIdentity *identity, GError **error);
bool door_enrollment_sign_in_admit (const DoorContext *context, const DoorSignIn *sign_in,
                                    const DoorForwardedToken *token, GError **error);
char *door_enrollment_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GError **error);

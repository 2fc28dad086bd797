/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-oauth2-store.h"
#include "door-sign-in.h"
#include "door-token-grant.h"

/**
 * DoorOauth2Code:
 * @code: (nullable): what the device got
 * @redirect_uri: (nullable): where it got it
 * @client_id: (nullable): what it calls itself
 * @verifier: (nullable): the secret of its challenge
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A code that a device wants to exchange (RFC 6749, 4.1.3; RFC 7636, 4.5).
 */
typedef struct
{
  const char *code;
  const char *redirect_uri;
  const char *client_id;
  const char *verifier;
  GCancellable *cancellable;
} DoorOauth2Code;

/**
 * DoorOauth2Refresh:
 * @refresh_token: (nullable): what the device got last
 * @client_id: (nullable): what it calls itself; %NULL: it does not say
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A refresh token that a device wants to exchange (RFC 6749, 6).
 */
typedef struct
{
  const char *refresh_token;
  const char *client_id;
  GCancellable *cancellable;
} DoorOauth2Refresh;

/**
 * DoorOauth2Person:
 * @id: who signed in
 * @managed_account: Managed Apple Account
 * @code_hash: SHA-256 of the code
 * @grant_id: a new UUID
 * @sealed_refresh: (nullable): what door_vouch_pack() made, sealed for @grant_id
 * @now_ms: milliseconds since 1970, UTC
 *
 * What a sign-in on a device led to.
 */
typedef struct
{
  const char *id;
  const char *managed_account;
  const char *code_hash;
  const char *grant_id;
  const char *sealed_refresh;
  int64_t now_ms;
} DoorOauth2Person;

bool door_oauth2_grant_add (DoorTxn *txn, const DoorSignIn *sign_in, const DoorOauth2Person *person,
                            GError **error);
bool door_oauth2_grant_find_location (DoorTxn *txn, const char *code, char **out, GError **error);
bool door_oauth2_grant_bind (DoorTxn *txn, const char *access_hash, const char *enrollment_id, int64_t now_ms,
                             GError **error);
bool door_oauth2_grant_exchange (const DoorContext *context, const DoorOauth2Code *code, DoorTokenGrant *out,
                                 GError **error);
bool door_oauth2_grant_refresh (const DoorContext *context, const DoorOauth2Refresh *refresh,
                                DoorTokenGrant *out, GError **error);

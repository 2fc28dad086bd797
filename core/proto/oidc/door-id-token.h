/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "door-claims.h"
#include "door-jwk-set.h"

/**
 * DOOR_OIDC_TENANT:
 *
 * What stands in the issuer of a provider of several tenants where each of them has its own id. The claim of
 * the same meaning, `tid`, fills it.
 */
#define DOOR_OIDC_TENANT "{tenantid}"

/**
 * DoorOidcExpectation:
 * @issuers: (array zero-terminated=1): the issuer, then other ways in which it is written; one may have
 *   %DOOR_OIDC_TENANT in it
 * @tenants: (nullable) (array zero-terminated=1): tenants that may fill it; without any, none may
 * @client_id: us
 * @keys: the issuer's keys
 * @algorithms: those that the connection allows
 * @now_ms: milliseconds since 1970, UTC
 * @clock_skew_s: how far clocks may differ, in seconds
 *
 * What every token of a provider is measured against.
 */
typedef struct
{
  const char *const *issuers;
  const char *const *tenants;
  const char *client_id;
  const DoorJwkSet *keys;
  DoorJwsAlgorithms algorithms;
  int64_t now_ms;
  int64_t clock_skew_s;
} DoorOidcExpectation;

/**
 * DoorIdTokenRequest:
 * @nonce: the one of the request
 * @access_token: (nullable): what came along with the token
 * @max_age_s: how long ago the person may have signed in there, in seconds; -1: any time
 *
 * The request that an ID token answers.
 */
typedef struct
{
  const char *nonce;
  const char *access_token;
  int64_t max_age_s;
} DoorIdTokenRequest;

/**
 * DoorIdTokenBefore:
 * @issuer: who said at the sign-in who it is
 * @subject: and who that was
 * @nonce: the nonce of that sign-in
 * @access_token: (nullable): what came along with the new token
 *
 * The sign-in that a token of a refresh continues.
 */
typedef struct
{
  const char *issuer;
  const char *subject;
  const char *nonce;
  const char *access_token;
} DoorIdTokenBefore;

typedef struct _DoorIdToken DoorIdToken;

char *door_id_token_fill_issuer (const char *issuer, const char *tenant);

DoorIdToken *door_id_token_verify (const char *token, const DoorOidcExpectation *expect,
                                   const DoorIdTokenRequest *request, GError **error);
bool door_id_token_verify_refreshed (const char *token, const DoorOidcExpectation *expect,
                                     const DoorIdTokenBefore *before, GError **error);
void door_id_token_free (DoorIdToken *self);
DoorClaims *door_id_token_dup_claims (const DoorIdToken *self, GVariant *further);
const char *door_id_token_get_subject (const DoorIdToken *self);
const char *door_id_token_get_session_id (const DoorIdToken *self);
const char *door_id_token_get_replay_id (const DoorIdToken *self);
int64_t door_id_token_get_expires_at_ms (const DoorIdToken *self);
const char *const *door_id_token_get_checks (const DoorIdToken *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorIdToken, door_id_token_free)

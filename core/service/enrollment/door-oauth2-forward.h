/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-oidc-answer.h"

/**
 * DoorForwardAsk:
 * @connection: name in the path
 * @client_id: (nullable): what the device calls itself, which must be what we are called at the provider
 * @code: (nullable): what the device got there
 * @redirect_uri: (nullable): where it got it
 * @verifier: (nullable): the secret of its challenge
 * @refresh_token: (nullable): instead of the three above
 * @address: where the request came from
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * What a device asks for that is handed on to the identity provider (RFC 6749, 4.1.3 and 6).
 */
typedef struct
{
  const char *connection;
  const char *client_id;
  const char *code;
  const char *redirect_uri;
  const char *verifier;
  const char *refresh_token;
  const char *address;
  GCancellable *cancellable;
} DoorForwardAsk;

DoorConnection *door_oauth2_forward_find (const DoorContext *context, const DoorTeam *team, GError **error);
bool door_oauth2_forward_is_prepared (const DoorContext *context, const DoorTeam *team);
char *door_oauth2_forward_dup_challenge (const DoorContext *context, const DoorTeam *team,
                                         GCancellable *cancellable, GError **error);
DoorOidcTokens *door_oauth2_forward_ask (const DoorContext *context, const DoorForwardAsk *ask,
                                         GError **error);

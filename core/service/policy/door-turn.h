/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/**
 * DoorTurn:
 * @DOOR_TURN_START: the start of a sign-in
 * @DOOR_TURN_ANSWER: the answer of a provider
 * @DOOR_TURN_ENTER: the last hop of an administrator's sign-in
 * @DOOR_TURN_FORWARD: a request that is handed on to a provider
 * @DOOR_TURN_BEARER: an access token that a provider is to vouch for
 * @DOOR_TURN_LOGOUT_TOKEN: a logout token of OpenID Connect
 * @DOOR_TURN_SAML_LOGOUT: a logout message of SAML
 * @DOOR_TURN_AGENT: an agent of osquery that wants to be known
 *
 * What anybody may ask for `[listen] SignInsPerMinute=` times, each for itself; agents take nothing from
 * people.
 */
typedef enum
{
  DOOR_TURN_START,
  DOOR_TURN_ANSWER,
  DOOR_TURN_ENTER,
  DOOR_TURN_FORWARD,
  DOOR_TURN_BEARER,
  DOOR_TURN_LOGOUT_TOKEN,
  DOOR_TURN_SAML_LOGOUT,
  DOOR_TURN_AGENT,
} DoorTurn;

bool door_turn_take (const DoorContext *context, DoorTurn turn, const char *who, GError **error);
void door_turn_give_back (const DoorContext *context, DoorTurn turn, const char *who);

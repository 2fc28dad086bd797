/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-login-store.h"

/**
 * DoorFlowStart:
 * @cookie: what the browser is known by from now on
 * @purpose: what the flow leads to
 * @return_path: (nullable): path of this server where it goes on afterwards
 * @team: (nullable): name of the team
 * @user_identifier: (nullable): account typed
 * @way: (nullable): how the device came, %DOOR_WAY_ADE or another; %NULL for %DOOR_WAY_ACCOUNT
 * @serial: (nullable): its serial number, of a description that Apple's certificate vouches for; so is the
 * next
 * @udid: (nullable): its UDID
 * @product: (nullable): its model identifier
 * @redirect_uri: (nullable): for %DOOR_WAY_OAUTH2: where the authorization code goes
 * @client_state: (nullable): and what goes with it, as it stood in the query
 * @code_challenge: (nullable): and what its exchange must match (RFC 7636)
 * @link: (nullable): for %DOOR_WAY_LINK: id of the enrollment link
 *
 * A flow that begins.
 */
typedef struct
{
  const char *cookie;
  const char *purpose;
  const char *return_path;
  const char *team;
  const char *user_identifier;
  const char *way;
  const char *serial;
  const char *udid;
  const char *product;
  const char *redirect_uri;
  const char *client_state;
  const char *code_challenge;
  const char *link;
} DoorFlowStart;

/**
 * DoorFlowQuestion:
 * @connection: the provider that is asked
 * @acs_url: where its answer comes to
 * @state: RelayState or state, by which the answer is known again
 *
 * What is put to a provider within a flow.
 */
typedef struct
{
  const DoorConnection *connection;
  const char *acs_url;
  const char *state;
} DoorFlowQuestion;

DoorFlow *door_flow_new (const DoorContext *context, const DoorFlowStart *start);
DoorSignInRequest *door_flow_new_request (const DoorContext *context, const DoorFlow *flow,
                                          const DoorFlowQuestion *question);
bool door_flow_is_for_device (const DoorFlow *flow);
char *door_flow_dup_address (const DoorContext *context, const DoorFlow *flow);
char *door_flow_dup_key_hash (const DoorContext *context, const char *address);
bool door_flow_is_for_administrators (const DoorFlow *flow);

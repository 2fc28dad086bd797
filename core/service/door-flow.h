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
bool door_flow_is_for_administrators (const DoorFlow *flow);

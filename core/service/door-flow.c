/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-flow.h"

#include "door-digest.h"

static char *
dup_or_empty (const char *text)
{
  return g_strdup (text != NULL ? text : "");
}

/**
 * door_flow_new:
 * @context: what every service needs
 * @start: what it begins with
 *
 * Makes a flow that lives for FlowLifetime from now on. It is not stored yet. Never blocks.
 *
 * Returns: (transfer full): the flow
 */
DoorFlow *
door_flow_new (const DoorContext *context, const DoorFlowStart *start)
{
  DoorFlow *flow = g_new0 (DoorFlow, 1);

  flow->key_hash = door_digest_sha256_text (start->cookie);
  flow->purpose = g_strdup (start->purpose);
  flow->return_path = dup_or_empty (start->return_path);
  flow->team = dup_or_empty (start->team);
  flow->user_identifier = dup_or_empty (start->user_identifier);
  flow->created_at = door_clock_now_ms (context->clock);
  flow->expires_at = flow->created_at + door_policy_get_flow_lifetime_ms (context->policy);
  return flow;
}

/**
 * door_flow_new_request:
 * @context: what every service needs
 * @flow: the flow
 * @question: what is asked
 *
 * Makes a request with an id of its own that lives for RequestLifetime from now on. It is not stored yet.
 * Never blocks.
 *
 * Returns: (transfer full): the request
 */
DoorSignInRequest *
door_flow_new_request (const DoorContext *context, const DoorFlow *flow, const DoorFlowQuestion *question)
{
  DoorSignInRequest *request = g_new0 (DoorSignInRequest, 1);

  request->id = door_random_dup_ncname (context->random);
  request->flow_hash = g_strdup (flow->key_hash);
  request->connection = g_strdup (door_connection_get_name (question->connection));
  request->acs_url = g_strdup (question->acs_url);
  request->relay_hash = door_digest_sha256_text (question->state);
  request->created_at = door_clock_now_ms (context->clock);
  request->expires_at = request->created_at + door_policy_get_request_lifetime_ms (context->policy);
  return request;
}

/**
 * door_flow_is_for_administrators:
 * @flow: a flow
 *
 * Returns: whether it leads to a session of an administrator
 */
bool
door_flow_is_for_administrators (const DoorFlow *flow)
{
  return g_str_equal (flow->purpose, DOOR_PURPOSE_ADMINISTRATION);
}

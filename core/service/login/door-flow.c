/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-flow.h"

#include <string.h>

#include "door-digest.h"
#include "door-purpose.h"
#include "door-token.h"

#define ADDRESS_PURPOSE "flow-address"

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
  flow->way = g_strdup (start->way != NULL ? start->way : DOOR_WAY_ACCOUNT);
  flow->serial = dup_or_empty (start->serial);
  flow->udid = dup_or_empty (start->udid);
  flow->product = dup_or_empty (start->product);
  flow->redirect_uri = dup_or_empty (start->redirect_uri);
  flow->client_state = dup_or_empty (start->client_state);
  flow->link = dup_or_empty (start->link);
  flow->code_challenge = dup_or_empty (start->code_challenge);
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

/**
 * door_flow_is_for_device:
 * @flow: a flow
 *
 * Returns: whether it began with more than a browser: what it leads to is a ticket of the device, see
 *   %DOOR_WAY_ADE
 */
bool
door_flow_is_for_device (const DoorFlow *flow)
{
  return g_str_equal (flow->purpose, DOOR_PURPOSE_ENROLLMENT) && !g_str_equal (flow->way, DOOR_WAY_ACCOUNT) &&
         !g_str_equal (flow->way, DOOR_WAY_OAUTH2);
}

/**
 * door_flow_dup_address:
 * @context: what every service needs
 * @flow: a flow
 *
 * Browsers that set up a device may lose cookies on the way; then the addresses of the pages name the flow.
 *
 * Returns: (transfer full): what names it, and cannot be made up even by who can read the database
 */
char *
door_flow_dup_address (const DoorContext *context, const DoorFlow *flow)
{
  g_autofree char *proof = door_token_derive (context, ADDRESS_PURPOSE, flow->key_hash);

  return g_strconcat (flow->key_hash, ".", proof, NULL);
}

/**
 * door_flow_dup_key_hash:
 * @context: what every service needs
 * @address: what an address has as the name of a flow
 *
 * Returns: (transfer full) (nullable): hash of the flow's cookie, %NULL when the name was made up
 */
char *
door_flow_dup_key_hash (const DoorContext *context, const char *address)
{
  const char *dot = strchr (address, '.');
  g_autofree char *hash = dot != NULL ? g_strndup (address, (gsize) (dot - address)) : NULL;
  g_autofree char *proof = hash != NULL ? door_token_derive (context, ADDRESS_PURPOSE, hash) : NULL;

  return proof != NULL && door_digest_equal (proof, dot + 1) ? g_steal_pointer (&hash) : NULL;
}

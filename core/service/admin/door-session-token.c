/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-session-token.h"

#include "door-admin-rules.h"
#include "door-session-key.h"

#define ROLES_PATH "/api/v1/me"

/**
 * door_session_token_issue:
 * @context: what every service needs
 * @subject: id of the person
 * @session: id of the session, which ends the token when it ends
 * @lifetime_s: seconds; never more than %DOOR_SESSION_TOKEN_MAX_S count
 * @error: return location for an error
 *
 * Makes a token that whoever knows our keys can verify (/.well-known/jwks.json). Blocks for the database.
 *
 * Returns: (transfer full): a JWT, or %NULL with an error
 */
char *
door_session_token_issue (const DoorContext *context, const char *subject, const char *session,
                          int64_t lifetime_s, GError **error)
{
  const char *us = door_policy_get_external_url (context->policy);
  int64_t now_s = door_clock_now_ms (context->clock) / 1000;
  g_autoptr (DoorOwnKey) key = door_session_key_ensure (context, error);
  g_autofree char *id = NULL, *roles = NULL;
  DoorOwnClaims claims;

  if (key == NULL)
    return NULL;
  id = door_random_dup_uuid (context->random);
  roles = g_strconcat (us, ROLES_PATH, NULL);
  claims = (DoorOwnClaims){
    .issuer = (char *) us,
    .audience = (char *) us,
    .subject = (char *) subject,
    .session = (char *) session,
    .id = id,
    .roles = roles,
    .issued_s = now_s,
    .expires_s = now_s + MIN (lifetime_s, DOOR_SESSION_TOKEN_MAX_S),
  };
  return door_own_jwt_build (key, &claims, error);
}

/**
 * door_session_token_choose_lifetime_s:
 * @context: what every service needs
 * @session_ends_ms: when the session ends, milliseconds since 1970, UTC
 *
 * Returns: how long a token of the session shall live: TokenLifetime=, but never longer than the session
 */
int64_t
door_session_token_choose_lifetime_s (const DoorContext *context, int64_t session_ends_ms)
{
  int64_t left_ms = session_ends_ms - door_clock_now_ms (context->clock);

  return MIN (left_ms, door_policy_get_admin_rules (context->policy)->token_lifetime_ms) / 1000;
}

/**
 * door_session_token_verify:
 * @context: what every service needs
 * @token: what somebody shows
 * @out: (out caller-allocates): what it says; clear it
 * @error: return location for an error
 *
 * Verifies a token of ours. The caller looks whether its session and person are alive. Blocks for the
 * database.
 *
 * Returns: false with %DOOR_FAULT_SESSION_TOKEN or another error
 */
bool
door_session_token_verify (const DoorContext *context, const char *token, DoorOwnClaims *out, GError **error)
{
  const char *us = door_policy_get_external_url (context->policy);
  g_autoptr (GPtrArray) keys = door_session_key_list (context, error);
  DoorOwnExpect expect;

  if (keys == NULL)
    return false;
  expect = (DoorOwnExpect){ keys, us, us, door_clock_now_ms (context->clock) / 1000 };
  return door_own_jwt_verify (token, &expect, out, error);
}

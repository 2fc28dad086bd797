/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-logout-token.h"

#include "door-error.h"
#include "door-json-member.h"
#include "door-jwt-checks.h"
#include "door-jwt.h"

#define EVENT "http://schemas.openid.net/event/backchannel-logout"

/* The second is recommended only, but an event tells such a token from an ID token as well. */
static const char *const types[] = { "logout+jwt", "JWT", NULL };

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_LOGOUT, "logout token: %s", reason);
}

static bool
check_event (JsonObject *claims, GError **error)
{
  JsonObject *events = NULL, *event = NULL;

  if (!door_json_member_read_object (claims, "events", &events, NULL) || events == NULL ||
      !door_json_member_read_object (events, EVENT, &event, NULL) || event == NULL)
    return refuse (error, "there is no logout event");
  /* else an ID token could be taken for one */
  return !json_object_has_member (claims, "nonce") || refuse (error, "there is a nonce");
}

static bool
read_who (DoorLogoutToken *self, JsonObject *claims, GError **error)
{
  const char *subject = NULL, *session_id = NULL, *id = NULL;

  if (!door_jwt_read_subject (claims, &subject, error) ||
      !door_jwt_read_text (claims, "sid", &session_id, error) ||
      !door_jwt_read_text (claims, "jti", &id, error))
    return false;
  if (subject == NULL && session_id == NULL)
    return refuse (error, "it names neither a person nor a session");
  if (id == NULL)
    return refuse (error, "jti is missing");
  self->subject = g_strdup (subject);
  self->session_id = g_strdup (session_id);
  self->id = g_strdup (id);
  return true;
}

/**
 * door_logout_token_verify:
 * @token: a logout token as received
 * @expect: what to measure it against
 * @error: return location for an error
 *
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). What is left to the caller, because
 * it needs memory: that the token was not seen before. Pure; below a millisecond.
 *
 * Returns: (transfer full): the token, or %NULL with an error that carries the fault of the check that failed
 */
DoorLogoutToken *
door_logout_token_verify (const char *token, const DoorOidcExpectation *expect, GError **error)
{
  g_autoptr (DoorLogoutToken) self = g_new0 (DoorLogoutToken, 1);
  g_autoptr (DoorJwt) jwt = door_jwt_verify (token, expect->keys, expect->algorithms, types, error);
  DoorJwtTimes times = { 0 };
  JsonObject *claims;

  if (jwt == NULL)
    return NULL;
  claims = door_jwt_get_claims (jwt);
  if (!door_jwt_check_issuer (claims, expect, &self->issuer, error) ||
      !door_jwt_check_audience (claims, expect->client_id, error) ||
      !door_jwt_check_times (claims, expect, &times, error) || !check_event (claims, error) ||
      !read_who (self, claims, error))
    return NULL;
  self->expires_at_ms = (times.expires_s + expect->clock_skew_s) * 1000;
  return g_steal_pointer (&self);
}

/**
 * door_logout_token_free:
 * @self: (transfer full): a token
 */
void
door_logout_token_free (DoorLogoutToken *self)
{
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self->session_id);
  g_free (self->id);
  g_free (self);
}

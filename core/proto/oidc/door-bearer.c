/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-bearer.h"

#include <string.h>

#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-jwt-checks.h"
#include "door-jwt.h"
#include "door-oidc-claims.h"

#define MAX_DEPTH 8

/* An access token of a provider, found good. */
struct _DoorBearer
{
  JsonNode *claims; /* an object */
  char *issuer;
  const char *subject; /* of the claims */
  int64_t expires_at_ms;
};

static const char *const types[] = { "at+jwt", NULL };

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, fault, "access token: %s", reason);
}

static bool
has_audience (JsonObject *claims, const char *audience, bool *has, GError **error)
{
  g_auto (GStrv) list = NULL;
  JsonNode *node = json_object_get_member (claims, "aud");
  const char *one = NULL;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      if (!door_json_member_read_strings (claims, "aud", &list, NULL))
        return refuse (error, DOOR_FAULT_OIDC_TOKEN, "aud is not a list of strings");
      *has = g_strv_contains ((const char *const *) list, audience);
      return true;
    }
  if (!door_json_member_read_string (claims, "aud", &one, NULL))
    return refuse (error, DOOR_FAULT_OIDC_TOKEN, "aud is not a string");
  *has = g_strcmp0 (one, audience) == 0;
  return true;
}

static bool
read_subject (DoorBearer *self, JsonObject *claims, GError **error)
{
  return door_jwt_read_subject (claims, &self->subject, error) &&
         (self->subject != NULL || refuse (error, DOOR_FAULT_OIDC_SUBJECT, "sub is missing"));
}

/* The client is named, and it is us: a token that another client got is not for us, whoever it is about. */
static bool
check_client (JsonObject *claims, const char *client_id, bool required, GError **error)
{
  const char *found = NULL;

  if (!door_jwt_read_text (claims, "client_id", &found, error))
    return false;
  if (found == NULL && required)
    return refuse (error, DOOR_FAULT_OIDC_AUDIENCE, "client_id is missing");
  return found == NULL || strcmp (found, client_id) == 0 ||
         refuse (error, DOOR_FAULT_OIDC_AUDIENCE, "another client got it");
}

static bool
check_for_us (JsonObject *claims, const DoorOidcExpectation *expect, const char *audience, GError **error)
{
  bool has = false;

  if (!has_audience (claims, audience, &has, error))
    return false;
  if (!has)
    return refuse (error, DOOR_FAULT_OIDC_AUDIENCE, "it is for another audience than AccessTokenAudience=");
  return check_client (claims, expect->client_id, true, error);
}

/**
 * door_bearer_verify:
 * @token: an access token, as a device carries it
 * @expect: what to measure it against
 * @audience: what `aud` must name
 * @error: return location for an error
 *
 * Verifies an access token that is a JWT (RFC 9068, 4; RFC 8725, 3.11): its type, which must be there;
 * signature, issuer, audience, times, the client, which must be us, and the subject. Pure; below a
 * millisecond.
 *
 * Returns: (transfer full): the token, or %NULL with an error that carries the fault of the check that failed
 */
DoorBearer *
door_bearer_verify (const char *token, const DoorOidcExpectation *expect, const char *audience,
                    GError **error)
{
  g_autoptr (DoorBearer) self = g_new0 (DoorBearer, 1);
  g_autoptr (DoorJwt) jwt = door_jwt_verify (token, expect->keys, expect->algorithms, types, error);
  DoorJwtTimes times = { 0 };
  JsonObject *claims;

  if (jwt == NULL)
    return NULL;
  claims = door_jwt_get_claims (jwt);
  if (!door_jwt_has_type (jwt))
    {
      refuse (error, DOOR_FAULT_OIDC_TOKEN, "typ is not at+jwt");
      return NULL;
    }
  if (!door_jwt_check_issuer (claims, expect, &self->issuer, error) ||
      !check_for_us (claims, expect, audience, error) ||
      !door_jwt_check_times (claims, expect, &times, error) || !read_subject (self, claims, error))
    return NULL;
  self->claims = json_node_init_object (json_node_alloc (), claims);
  self->expires_at_ms = times.expires_s * 1000;
  return g_steal_pointer (&self);
}

static JsonNode *
parse_answer (unsigned int status, GBytes *body, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = NULL;

  if (status != 200)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE,
                      status == 401 || status == 403 ? DOOR_FAULT_OIDC_CLIENT : DOOR_FAULT_OIDC_PROVIDER,
                      "introspection endpoint: status %u", status);
      return NULL;
    }
  root = door_json_parse (body, MAX_DEPTH, &problem);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return g_steal_pointer (&root);
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER, "introspection endpoint: %s",
                  problem != NULL ? problem->message : "no object");
  return NULL;
}

/* A refresh token and an ID token are none to come with. RFC 7662 has token_type for it; some servers of
 * OpenID Connect have typ beside it, or in its place. */
static bool
check_kind (JsonObject *claims, GError **error)
{
  static const char *const access[] = { "Bearer", "at+jwt", "JWT" };
  const char *type = NULL, *typ = NULL;
  bool good = false;

  if (!door_jwt_read_text (claims, "token_type", &type, error) ||
      !door_jwt_read_text (claims, "typ", &typ, error))
    return false;
  if (type != NULL && g_ascii_strcasecmp (type, "Bearer") != 0)
    return refuse (error, DOOR_FAULT_OIDC_TOKEN, "it is a token of another kind, by token_type");
  for (size_t i = 0; typ != NULL && i < G_N_ELEMENTS (access); i++)
    good = good || g_ascii_strcasecmp (typ, access[i]) == 0;
  return typ == NULL || good ||
         refuse (error, DOOR_FAULT_OIDC_TOKEN, "it is a token of another kind, by typ");
}

/* Only the word true says that it is good. */
static bool
check_active (JsonObject *claims, GError **error)
{
  bool active = false;

  if (!json_object_has_member (claims, "active") ||
      !door_json_member_read_boolean (claims, "active", &active, NULL))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER,
                           "introspection endpoint: active is not true or false");
  if (!active)
    return refuse (error, DOOR_FAULT_OIDC_LATE, "the provider says that it is not active");
  return check_kind (claims, error);
}

/* The issuer need not stand there, since it is the one who was asked; where it has a place for the tenant,
 * only the answer says which one it is. */
static bool
find_issuer (DoorBearer *self, JsonObject *claims, const DoorOidcExpectation *expect, GError **error)
{
  if (json_object_has_member (claims, "iss") || strstr (expect->issuers[0], DOOR_OIDC_TENANT) != NULL)
    return door_jwt_check_issuer (claims, expect, &self->issuer, error);
  self->issuer = g_strdup (expect->issuers[0]);
  return true;
}

/* Who got it is said by client_id; where that is missing, the audience must be us. */
static bool
check_asked_for_us (JsonObject *claims, const DoorOidcExpectation *expect, const char *audience,
                    GError **error)
{
  bool has = false;

  if (json_object_has_member (claims, "client_id"))
    return check_client (claims, expect->client_id, true, error);
  if (!has_audience (claims, audience, &has, error))
    return false;
  return has || refuse (error, DOOR_FAULT_OIDC_AUDIENCE,
                        "neither client_id nor aud of the answer says that it is for us");
}

static bool
check_expiry (DoorBearer *self, JsonObject *claims, const DoorOidcExpectation *expect, GError **error)
{
  int64_t expires_s = -1, not_before_s = 0, now_s = expect->now_ms / 1000;

  if (!door_jwt_read_time (claims, "exp", &expires_s, error) ||
      !door_jwt_read_time (claims, "nbf", &not_before_s, error))
    return false;
  if (expires_s < 0)
    return refuse (error, DOOR_FAULT_OIDC_TOKEN, "the provider does not say when it expires");
  if (now_s >= expires_s)
    return refuse (error, DOOR_FAULT_OIDC_LATE, "it has expired");
  if (not_before_s > now_s + expect->clock_skew_s)
    return refuse (error, DOOR_FAULT_OIDC_EARLY, "it is not valid yet");
  self->expires_at_ms = expires_s * 1000;
  return true;
}

/**
 * door_bearer_parse_introspection:
 * @status: status of the answer
 * @body: its body
 * @expect: what to measure it against; keys and algorithms are not looked at
 * @audience: what `aud` must name where there is no `client_id`
 * @error: return location for an error
 *
 * Reads what a provider says of an access token it was asked about (RFC 7662, 2.2): it must be active, ours,
 * of that provider, in time, and about somebody. A signed answer is not read. Pure.
 *
 * Returns: (transfer full): the token, or %NULL with an error that carries the fault of the check that
 *   failed; %DOOR_ERROR_UNAVAILABLE when there is no answer that can be read
 */
DoorBearer *
door_bearer_parse_introspection (unsigned int status, GBytes *body, const DoorOidcExpectation *expect,
                                 const char *audience, GError **error)
{
  g_autoptr (DoorBearer) self = g_new0 (DoorBearer, 1);
  JsonObject *claims;

  self->claims = parse_answer (status, body, error);
  if (self->claims == NULL)
    return NULL;
  claims = json_node_get_object (self->claims);
  if (!check_active (claims, error) || !find_issuer (self, claims, expect, error) ||
      !check_asked_for_us (claims, expect, audience, error) || !check_expiry (self, claims, expect, error) ||
      !read_subject (self, claims, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_bearer_free:
 * @self: (transfer full): a token
 */
void
door_bearer_free (DoorBearer *self)
{
  g_clear_pointer (&self->claims, json_node_unref);
  g_free (self->issuer);
  g_free (self);
}

/**
 * door_bearer_dup_claims:
 * @self: a token
 * @further: (nullable): what the userinfo endpoint adds, `a{sas}`
 *
 * Returns: (transfer full): who it is about and what is said of them
 */
DoorClaims *
door_bearer_dup_claims (const DoorBearer *self, GVariant *further)
{
  const DoorSubject subject = { .issuer = self->issuer, .value = self->subject };

  return door_claims_new (&subject, door_oidc_claims_build (json_node_get_object (self->claims), further));
}

/**
 * door_bearer_get_subject:
 * @self: a token
 *
 * Returns: (transfer none): sub
 */
const char *
door_bearer_get_subject (const DoorBearer *self)
{
  return self->subject;
}

/**
 * door_bearer_get_expires_at_ms:
 * @self: a token
 *
 * Returns: until when it is good, as the provider says; milliseconds since 1970, UTC
 */
int64_t
door_bearer_get_expires_at_ms (const DoorBearer *self)
{
  return self->expires_at_ms;
}

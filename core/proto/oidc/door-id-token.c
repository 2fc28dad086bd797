/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-id-token.h"

#include <string.h>

#include "door-base64.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-jwt-checks.h"
#include "door-jwt.h"
#include "door-oidc-claims.h"

struct _DoorIdToken
{
  DoorJwt *jwt;
  char *issuer;
  const char *subject; /* of the JWT, as are the next two */
  const char *session_id;
  const char *replay_id;
  int64_t expires_at_ms;
};

static const char *const types[] = { "JWT", NULL };

/* In the order in which they are made. */
static const char *const checks[] = { "signature", "issuer",  "audience", "time",
                                      "nonce",     "at_hash", "subject",  NULL };

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, fault, "token: %s", reason);
}

static bool
check_nonce (JsonObject *claims, const char *expected, GError **error)
{
  const char *nonce = NULL;

  if (!door_jwt_read_text (claims, "nonce", &nonce, error))
    return false;
  return (nonce != NULL && door_digest_equal (nonce, expected)) ||
         refuse (error, DOOR_FAULT_OIDC_NONCE, "the nonce is missing or of another request");
}

/* The left half of the hash, which the access token must have (OpenID Connect Core 3.1.3.6). */
static char *
hash_access_token (const char *access_token, DoorJwsAlgorithms algorithm)
{
  GChecksum *checksum = g_checksum_new (door_jws_algorithm_get_hash (algorithm));
  uint8_t digest[64];
  gsize size = sizeof digest;

  g_checksum_update (checksum, (const guchar *) access_token, (gssize) strlen (access_token));
  g_checksum_get_digest (checksum, digest, &size);
  g_checksum_free (checksum);
  return door_base64_encode_url (digest, size / 2);
}

static bool
check_access_token (const DoorJwt *jwt, const char *access_token, GError **error)
{
  const char *found = NULL;
  g_autofree char *expected = NULL;

  if (!door_jwt_read_text (door_jwt_get_claims (jwt), "at_hash", &found, error))
    return false;
  if (found == NULL || access_token == NULL)
    return true;
  expected = hash_access_token (access_token, door_jwt_get_algorithm (jwt));
  return door_digest_equal (found, expected) ||
         refuse (error, DOOR_FAULT_OIDC_HASH, "at_hash does not fit the access token");
}

static bool
check_age (JsonObject *claims, const DoorOidcExpectation *expect, int64_t max_age_s, GError **error)
{
  int64_t signed_in = -1, now_s = expect->now_ms / 1000;

  if (!door_jwt_read_time (claims, "auth_time", &signed_in, error))
    return false;
  if (max_age_s < 0)
    return true;
  if (signed_in < 0)
    return refuse (error, DOOR_FAULT_OIDC_AUTHN, "auth_time is missing");
  return now_s - signed_in <= max_age_s + expect->clock_skew_s ||
         refuse (error, DOOR_FAULT_OIDC_AUTHN, "the person signed in there too long ago");
}

/**
 * door_id_token_fill_issuer:
 * @issuer: an issuer, perhaps with %DOOR_OIDC_TENANT in it
 * @tenant: a tenant that is allowed
 *
 * Returns: (transfer full): the issuer of the tenant
 */
char *
door_id_token_fill_issuer (const char *issuer, const char *tenant)
{
  GString *filled = g_string_new (issuer);

  g_string_replace (filled, DOOR_OIDC_TENANT, tenant, 1);
  return g_string_free (filled, FALSE);
}

/**
 * door_id_token_verify:
 * @token: an ID token as received
 * @expect: what to measure it against
 * @request: the request it answers
 * @error: return location for an error
 *
 * Verifies an ID token (OpenID Connect Core 3.1.3.7): signature, issuer, audience, times, nonce, hash of the
 * access token, time of the sign-in, subject. What is left to the caller, because it needs memory: that the
 * token was not seen before. Pure; below a millisecond.
 *
 * Returns: (transfer full): the token, or %NULL with an error that carries the fault of the check that
 * failed, %DOOR_FAULT_OIDC_TOKEN to %DOOR_FAULT_OIDC_SUBJECT
 */
DoorIdToken *
door_id_token_verify (const char *token, const DoorOidcExpectation *expect, const DoorIdTokenRequest *request,
                      GError **error)
{
  g_autoptr (DoorIdToken) self = g_new0 (DoorIdToken, 1);
  DoorJwtTimes times = { 0 };
  JsonObject *claims;

  self->jwt = door_jwt_verify (token, expect->keys, expect->algorithms, types, error);
  if (self->jwt == NULL)
    return NULL;
  claims = door_jwt_get_claims (self->jwt);
  if (!door_jwt_check_issuer (claims, expect, &self->issuer, error) ||
      !door_jwt_check_audience (claims, expect->client_id, error) ||
      !door_jwt_check_times (claims, expect, &times, error) || !check_nonce (claims, request->nonce, error) ||
      !check_access_token (self->jwt, request->access_token, error) ||
      !check_age (claims, expect, request->max_age_s, error) ||
      !door_jwt_read_subject (claims, &self->subject, error) ||
      !door_jwt_read_text (claims, "sid", &self->session_id, error) ||
      !door_jwt_read_text (claims, "jti", &self->replay_id, error))
    return NULL;
  if (self->subject == NULL)
    {
      refuse (error, DOOR_FAULT_OIDC_SUBJECT, "sub is missing");
      return NULL;
    }
  if (self->replay_id == NULL)
    door_jwt_read_text (claims, "nonce", &self->replay_id, NULL); /* read before */
  self->expires_at_ms = (times.expires_s + expect->clock_skew_s) * 1000;
  return g_steal_pointer (&self);
}

/* It need not be there any more, but if it is, it is that of the sign-in. */
static bool
check_same_nonce (JsonObject *claims, const char *before, GError **error)
{
  const char *nonce = NULL;

  if (!door_jwt_read_text (claims, "nonce", &nonce, error))
    return false;
  return nonce == NULL || door_digest_equal (nonce, before) ||
         refuse (error, DOOR_FAULT_OIDC_NONCE, "the nonce is of another sign-in");
}

/**
 * door_id_token_verify_refreshed:
 * @token: an ID token as received for a refresh token
 * @expect: what to measure it against
 * @before: the sign-in it continues
 * @error: return location for an error
 *
 * Verifies an ID token that came with a refresh (OpenID Connect Core 12.2): as at a sign-in, and of the same
 * issuer, person and client as then. When the person has signed in is not compared, since providers say
 * different things there. Pure.
 *
 * Returns: false with the fault of the check that failed
 */
bool
door_id_token_verify_refreshed (const char *token, const DoorOidcExpectation *expect,
                                const DoorIdTokenBefore *before, GError **error)
{
  g_autoptr (DoorJwt) jwt = door_jwt_verify (token, expect->keys, expect->algorithms, types, error);
  JsonObject *claims = jwt != NULL ? door_jwt_get_claims (jwt) : NULL;
  g_autofree char *issuer = NULL;
  const char *subject = NULL;
  DoorJwtTimes times = { 0 };

  if (claims == NULL || !door_jwt_check_issuer (claims, expect, &issuer, error) ||
      !door_jwt_check_audience (claims, expect->client_id, error) ||
      !door_jwt_check_times (claims, expect, &times, error) ||
      !check_same_nonce (claims, before->nonce, error) ||
      !check_access_token (jwt, before->access_token, error) ||
      !door_jwt_read_subject (claims, &subject, error))
    return false;
  if (strcmp (issuer, before->issuer) != 0)
    return refuse (error, DOOR_FAULT_OIDC_ISSUER, "another issuer than at the sign-in");
  return g_strcmp0 (subject, before->subject) == 0 ||
         refuse (error, DOOR_FAULT_OIDC_SUBJECT, "another person than at the sign-in");
}

/**
 * door_id_token_free:
 * @self: (transfer full): a token
 */
void
door_id_token_free (DoorIdToken *self)
{
  g_clear_pointer (&self->jwt, door_jwt_free);
  g_free (self->issuer);
  g_free (self);
}

/**
 * door_id_token_dup_claims:
 * @self: a token
 * @further: (nullable): what the userinfo endpoint adds, `a{sas}`
 *
 * Returns: (transfer full): who it is about and what is said of them
 */
DoorClaims *
door_id_token_dup_claims (const DoorIdToken *self, GVariant *further)
{
  const DoorSubject subject = { .issuer = self->issuer, .value = self->subject };

  return door_claims_new (&subject, door_oidc_claims_build (door_jwt_get_claims (self->jwt), further));
}

/**
 * door_id_token_get_subject:
 * @self: a token
 *
 * Returns: (transfer none): sub
 */
const char *
door_id_token_get_subject (const DoorIdToken *self)
{
  return self->subject;
}

/**
 * door_id_token_get_session_id:
 * @self: a token
 *
 * Returns: (transfer none) (nullable): sid, which a back-channel logout names
 */
const char *
door_id_token_get_session_id (const DoorIdToken *self)
{
  return self->session_id;
}

/**
 * door_id_token_get_replay_id:
 * @self: a token
 *
 * Returns: (transfer none): what is unique together with the issuer: jti, or the nonce
 */
const char *
door_id_token_get_replay_id (const DoorIdToken *self)
{
  return self->replay_id;
}

/**
 * door_id_token_get_expires_at_ms:
 * @self: a token
 *
 * Returns: from when on the token is refused for its age, clock skew included; milliseconds since 1970, UTC
 */
int64_t
door_id_token_get_expires_at_ms (const DoorIdToken *self)
{
  return self->expires_at_ms;
}

/**
 * door_id_token_get_checks:
 * @self: a token
 *
 * Returns: (transfer none) (array zero-terminated=1): names of the checks it has passed
 */
const char *const *
door_id_token_get_checks (const DoorIdToken *self)
{
  return checks;
}

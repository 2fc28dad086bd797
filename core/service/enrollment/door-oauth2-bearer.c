/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oauth2-bearer.h"

#include <string.h>

#include "door-bearer.h"
#include "door-certificate-store.h"
#include "door-device-proof.h"
#include "door-digest.h"
#include "door-enrollment-sign-in.h"
#include "door-error.h"
#include "door-oauth2-forward.h"
#include "door-sign-in-record.h"
#include "door-token-store.h"
#include "door-turn.h"

static const char *
get_option (const DoorConnection *connection, const char *key)
{
  return door_settings_get_string (door_connection_get_settings (connection), key);
}

static bool
are_jwts (const DoorConnection *connection)
{
  return g_strcmp0 (get_option (connection, "AccessTokens"), "jwt") == 0;
}

static const char *
get_audience (const DoorConnection *connection)
{
  const char *audience = get_option (connection, "AccessTokenAudience");

  return audience != NULL ? audience
                          : door_idp_profile_get_client_id (door_connection_get_profile (connection));
}

/**
 * door_oauth2_bearer_check_provider:
 * @connection: a connection whose provider devices are sent to
 * @discovery: what the provider says of itself
 * @error: return location for an error
 *
 * Says before a device is sent there whether its access tokens can be judged as AccessTokens= wants. Pure.
 *
 * Returns: false with %DOOR_FAULT_OAUTH_BEARER
 */
bool
door_oauth2_bearer_check_provider (const DoorConnection *connection, const DoorOidcDiscovery *discovery,
                                   GError **error)
{
  return are_jwts (connection) || door_oidc_client_check_introspection (connection, discovery, error);
}

/* What is judged: the token itself, or what the provider says of it. */
typedef struct
{
  const char *token;
  const char *audience;
  DoorFetchAnswer answer;
} Judged;

static gpointer
verify_jwt (const DoorOidcExpectation *expect, gconstpointer data, GError **error)
{
  const Judged *judged = data;

  return door_bearer_verify (judged->token, expect, judged->audience, error);
}

static gpointer
read_answer (const DoorOidcExpectation *expect, gconstpointer data, GError **error)
{
  const Judged *judged = data;

  return door_bearer_parse_introspection (judged->answer.status, judged->answer.body, expect,
                                          judged->audience, error);
}

static DoorBearer *
judge (const DoorOidcAsk *ask, DoorOidcDocuments *documents, const char *token, GError **error)
{
  bool jwt = are_jwts (ask->connection);
  Judged judged = { .token = token, .audience = get_audience (ask->connection) };
  const DoorOidcCheck check = { ask->connection, ask->cancellable, jwt ? verify_jwt : read_answer, &judged };
  DoorBearer *bearer;

  if (!jwt && !door_oidc_client_introspect (ask, token, &judged.answer, error))
    return NULL;
  bearer = door_oidc_documents_verify (ask->context, &check, documents, error);
  door_fetch_answer_clear (&judged.answer);
  return bearer;
}

/**
 * door_oauth2_bearer_check_given:
 * @ask: the provider
 * @documents: (inout): what it publishes
 * @access_token: what it gave for a device
 * @error: return location for an error
 *
 * Looks whether an access token is one that can be believed when the device comes with it, as far as nobody
 * need be asked: what the administrator has to change shows at the first sign-in. May block on the network
 * for keys: for %DOOR_POOL_WAITING.
 *
 * Returns: false with %DOOR_FAULT_OAUTH_BEARER, or another error when the provider does not answer
 */
bool
door_oauth2_bearer_check_given (const DoorOidcAsk *ask, DoorOidcDocuments *documents,
                                const char *access_token, GError **error)
{
  const char *name = door_connection_get_name (ask->connection);
  g_autoptr (DoorBearer) bearer = NULL;
  g_autoptr (GError) local = NULL;

  if (strlen (access_token) > DOOR_OAUTH2_BEARER_MAX_BYTES)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OAUTH_BEARER,
                           "idp/%s: the provider gave an access token of more than %d bytes: let it leave "
                           "claims out of access tokens, and set UserInfo=true",
                           name, DOOR_OAUTH2_BEARER_MAX_BYTES);
  if (!are_jwts (ask->connection))
    return true;
  bearer = judge (ask, documents, access_token, &local);
  if (bearer != NULL)
    return true;
  if (local->code != DOOR_ERROR_UNAVAILABLE)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OAUTH_BEARER,
                           "idp/%s: the provider gave an access token that AccessTokens=jwt does not take: "
                           "%s; let it give JWTs of RFC 9068 for AccessTokenAudience=, or set "
                           "AccessTokens=introspection",
                           name, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/* A token that is refused is one for a new sign-in; that the provider cannot be asked is none. */
static bool
refuse (const DoorBearerVisit *visit, const GError *failure, GError **error)
{
  DoorFault fault = visit->known != NULL ? DOOR_FAULT_DEV_BEARER : DOOR_FAULT_TOKEN_INVALID;

  if (failure->code == DOOR_ERROR_UNAVAILABLE || failure->code == DOOR_ERROR_CONFIG)
    {
      g_propagate_error (error, g_error_copy (failure));
      return false;
    }
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, fault, "%s", failure->message);
}

/* What is believed of it, and for how long. */
typedef struct
{
  DoorClaims *claims;
  int64_t expires_at_ms;
} Believed;

static void
believed_clear (Believed *self)
{
  g_clear_pointer (&self->claims, door_claims_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Believed, believed_clear)

/* What the userinfo endpoint says is added to what is believed; it is never why. */
static bool
ask_provider (const DoorContext *context, DoorConnection *connection, const DoorBearerVisit *visit,
              Believed *out, GError **error)
{
  g_auto (DoorOidcDocuments) documents = { NULL };
  g_autoptr (DoorBearer) bearer = NULL;
  g_autoptr (GVariant) further = NULL;
  DoorOidcAsk ask = { context, connection, NULL, visit->cancellable };

  if (!door_oidc_documents_ensure (context, connection, visit->cancellable, &documents, error))
    return false;
  ask.discovery = documents.discovery;
  bearer = judge (&ask, &documents, visit->bearer, error);
  if (bearer == NULL)
    return false;
  if (door_bearer_get_expires_at_ms (bearer) <= door_clock_now_ms (context->clock))
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_LATE,
                           "access token: it has expired");
  if (!door_oidc_client_ask_userinfo (&ask, visit->bearer, door_bearer_get_subject (bearer), &further, error))
    return false;
  out->claims = door_bearer_dup_claims (bearer, further);
  out->expires_at_ms = door_bearer_get_expires_at_ms (bearer);
  return true;
}

static bool
ask_in_turn (const DoorContext *context, DoorConnection *connection, const DoorBearerVisit *visit,
             Believed *out, GError **error)
{
  DoorOidcCell *cell = door_connection_get_oidc_cell (connection);
  g_autoptr (GError) failure = NULL;
  const char *name = door_connection_get_name (connection);
  bool done;

  if (visit->known != NULL ? !door_oidc_cell_enter (cell, name, error)
                           : !door_oidc_cell_enter_stranger (cell, name, error))
    return false;
  done = ask_provider (context, connection, visit, out, &failure);
  door_oidc_cell_leave (cell);
  return done || refuse (visit, failure, error);
}

static bool
settle (const DoorContext *context, DoorConnection *connection, const DoorBearerVisit *visit,
        Believed *believed, GError **error)
{
  g_autofree char *hash = door_digest_sha256_text (visit->bearer);
  g_autofree char *code = door_random_dup_code (context->random);
  g_autofree char *received = door_sign_in_record_dup_received (context, NULL, believed->claims);
  char *none = (char *) "";
  DoorFlow flow = { .purpose = (char *) DOOR_PURPOSE_ENROLLMENT,
                    .team = (char *) visit->team,
                    .user_identifier = none,
                    .way = (char *) DOOR_WAY_OAUTH2 };
  const DoorSignInRequest request = { .connection = (char *) door_connection_get_name (connection),
                                      .flow = &flow };
  const DoorProof proof = { .claims = believed->claims,
                            .checks = are_jwts (connection) ? (char *) "access-token signature"
                                                            : (char *) "access-token introspection" };
  DoorSignInNote note = { NULL };
  const DoorSignIn sign_in = { .connection = connection,
                               .proof = &proof,
                               .request = &request,
                               .code = code,
                               .request_id = visit->request_id,
                               .received = received,
                               .note = &note,
                               .cancellable = visit->cancellable };
  DoorForwardedToken token = { .hash = hash, .expires_at_ms = believed->expires_at_ms };

  if (visit->known != NULL)
    {
      token.person_id = visit->known->person_id;
      token.certificate_sha256 = visit->known->certificate_sha256;
    }
  return door_enrollment_sign_in_admit (context, &sign_in, &token, error);
}

/* One that has expired here, while its provider may still vouch for it. */
static bool
is_late (const DoorContext *context, const DoorAccessToken *token)
{
  int64_t now_ms = door_clock_now_ms (context->clock);

  return token->revoked_at == 0 && token->expires_at <= now_ms && token->vouched_until > now_ms;
}

/* Whether it is one that its provider must be asked about, and that could be a provider's. */
static bool
is_new (const DoorContext *context, const DoorBearerVisit *visit, bool *new, GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, visit->team);
  g_autofree char *hash = NULL;
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorAccessToken) known = NULL;

  if (team == NULL || !team->account_forward || visit->bearer == NULL ||
      strlen (visit->bearer) > DOOR_OAUTH2_BEARER_MAX_BYTES)
    return true;
  for (const char *at = visit->bearer; *at != '\0'; at++)
    if (*at <= 0x20 || *at >= 0x7f)
      return true;
  hash = door_digest_sha256_text (visit->bearer);
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, visit->cancellable, error);
  if (txn == NULL || !door_token_store_lookup (txn, hash, &known, error))
    return false;
  *new = known == NULL || is_late (context, known);
  return true;
}

/**
 * door_oauth2_bearer_admit:
 * @context: what every service needs
 * @visit: a device whose access token is not on record
 * @admitted: (out): whether it is now
 * @error: return location for an error
 *
 * Believes an access token of the provider that devices of the team are sent to, if that vouches for it as
 * AccessTokens= says, and keeps it by its hash, with the person it is about: by the same rules as a sign-in.
 * It counts until it expires, and no longer than AccessTokenLifetime=; after that the provider is asked
 * again. One that comes with an identity certificate is that certificate's from then on. A team whose devices
 * are sent nowhere, and a token that is on record, is nothing to admit and no error. Blocks on the network,
 * for %DOOR_POOL_WAITING, and for a commit; in another thread it says so in @visit and fails.
 *
 * Returns: false with %DOOR_FAULT_TOKEN_INVALID or %DOOR_FAULT_DEV_BEARER when nobody vouches for it, or with
 *   another error
 */
bool
door_oauth2_bearer_admit (const DoorContext *context, const DoorBearerVisit *visit, bool *admitted,
                          GError **error)
{
  const char *who = visit->known != NULL ? visit->known->certificate_sha256 : visit->address;
  g_auto (Believed) believed = { NULL };
  DoorConnection *connection;
  bool new = false;

  *admitted = false;
  if (!is_new (context, visit, &new, error))
    return false;
  if (!new)
    return true;
  if (visit->must_wait != NULL)
    {
      *visit->must_wait = true;
      return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY,
                             "the provider must be asked about an access token");
    }
  connection =
      door_oauth2_forward_find (context, door_policy_lookup_team (context->policy, visit->team), error);
  if (connection == NULL)
    return false;
  if (!door_turn_take (context, DOOR_TURN_BEARER, who, error) ||
      !ask_in_turn (context, connection, visit, &believed, error) ||
      !settle (context, connection, visit, &believed, error))
    return false;
  door_turn_give_back (context, DOOR_TURN_BEARER, who);
  *admitted = true;
  return true;
}

static bool
identify (const DoorContext *context, const DoorDeviceProof *proof, DoorKnownDevice **known, GError **error)
{
  g_autoptr (DoorCertificate) certificate = door_device_proof_verify (context, proof, error);
  g_autoptr (DoorTxn) txn = NULL;

  if (certificate == NULL)
    return false;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, proof->cancellable, error);
  return txn != NULL &&
         door_device_proof_identify (txn, door_certificate_get_sha256 (certificate), known, error);
}

/**
 * door_oauth2_bearer_admit_of_device:
 * @context: what every service needs
 * @proof: what a device has offered with a message
 * @answer: (inout): gets must_wait, when the provider must be asked and this thread may not wait for it
 * @failure: (inout): why the message was refused; why it stays so
 *
 * As door_oauth2_bearer_admit(), for a device whose message was refused for want of a good access token, and
 * only for that. Its signature is verified before anybody is asked.
 *
 * Returns: whether the same message may be tried once more
 */
bool
door_oauth2_bearer_admit_of_device (const DoorContext *context, const DoorDeviceProof *proof,
                                    DoorDeviceAnswer *answer, GError **failure)
{
  g_autoptr (DoorKnownDevice) known = NULL;
  g_autoptr (GError) error = NULL;
  bool admitted = false;
  DoorBearerVisit visit = {
    .bearer = proof->bearer,
    .request_id = proof->request_id,
    .must_wait = proof->may_wait ? NULL : &answer->must_wait,
    .cancellable = proof->cancellable,
  };

  if (proof->bearer == NULL || door_error_get_fault (*failure) != DOOR_FAULT_DEV_BEARER)
    return false;
  if (identify (context, proof, &known, &error))
    {
      visit.team = known->team;
      visit.known = known;
      if (door_oauth2_bearer_admit (context, &visit, &admitted, &error))
        return admitted;
    }
  g_clear_error (failure);
  g_propagate_error (failure, g_steal_pointer (&error));
  return false;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-sign-in.h"

#include <string.h>

#include "door-base64.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-id-token.h"
#include "door-liveness.h"
#include "door-oidc-answer.h"
#include "door-oidc-cell.h"
#include "door-oidc-client.h"
#include "door-oidc-documents.h"
#include "door-request-params.h"
#include "door-vouch.h"

#define MAX_CODE_BYTES 4096

/* One exchange while it is under way. */
typedef struct
{
  const DoorContext *context;
  const DoorQuestion *question;
  DoorOidcDocuments documents;
  char *nonce;
  char *code_verifier;
} Exchange;

static void
exchange_clear (Exchange *self)
{
  door_oidc_documents_clear (&self->documents);
  g_free (self->nonce);
  g_free (self->code_verifier);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Exchange, exchange_clear)

/* Both follow from the request and a key that only we have, so that neither need be stored. */
static char *
derive (const DoorContext *context, const char *label, const DoorSignInRequest *request)
{
  uint8_t digest[DOOR_SHA256_SIZE];
  size_t size;
  const uint8_t *key = door_secret_get_data (context->state_key, &size);

  door_digest_hmac_sha256 (key, size, label, request->id, digest);
  return door_base64_encode_url (digest, sizeof digest);
}

static void
derive_secrets (Exchange *self)
{
  self->nonce = derive (self->context, "oidc nonce", self->question->request);
  self->code_verifier = derive (self->context, "oidc code verifier", self->question->request);
}

static const DoorIdpProfile *
profile_of (const DoorQuestion *question)
{
  return door_connection_get_profile (question->connection);
}

/**
 * door_oidc_sign_in_is_prepared:
 * @context: what every service needs
 * @connection: a connection of OpenID Connect
 *
 * Says whether a request to the provider can be made without asking it anything. Blocks for a read at most.
 *
 * Returns: whether enough is known of it
 */
bool
door_oidc_sign_in_is_prepared (const DoorContext *context, DoorConnection *connection)
{
  g_auto (DoorOidcDocuments) documents = { NULL };

  return door_oidc_documents_recall (context, connection, &documents, NULL);
}

static bool
enter (DoorConnection *connection, GError **error)
{
  return door_oidc_cell_enter (door_connection_get_oidc_cell (connection),
                               door_connection_get_name (connection), error);
}

/**
 * door_oidc_sign_in_prepare:
 * @context: what every service needs
 * @connection: a connection of OpenID Connect
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Fetches what is not known of the provider, or is due. Blocks on the network: for %DOOR_POOL_WAITING.
 *
 * Returns: false with an error
 */
bool
door_oidc_sign_in_prepare (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
                           GError **error)
{
  g_auto (DoorOidcDocuments) documents = { NULL };
  bool done;

  if (!enter (connection, error))
    return false;
  done = door_oidc_documents_ensure (context, connection, cancellable, &documents, error);
  door_oidc_cell_leave (door_connection_get_oidc_cell (connection));
  return done;
}

/**
 * door_oidc_sign_in_build_url:
 * @context: what every service needs
 * @question: what is asked
 * @error: return location for an error
 *
 * Builds the authorization request, by what is known of the provider and by its profile. Blocks for a read at
 * most.
 *
 * Returns: (transfer full): the provider's address with the request, or %NULL with an error
 */
char *
door_oidc_sign_in_build_url (const DoorContext *context, const DoorQuestion *question, GError **error)
{
  const DoorIdpProfile *profile = profile_of (question);
  g_auto (Exchange) exchange = { .context = context, .question = question };
  bool offline = door_liveness_is_wanted (question->connection, question->purpose, question->way);
  g_autoptr (GHashTable) params = NULL;
  g_autofree char *scope = NULL;
  DoorOidcRequest request;

  if (!door_oidc_documents_recall (context, question->connection, &exchange.documents, error) ||
      !door_oidc_client_check (question->connection, exchange.documents.discovery, error))
    return NULL;
  derive_secrets (&exchange);
  params =
      door_request_params_fill (door_idp_profile_get_request_params (profile), question->user_identifier);
  scope = offline ? door_oidc_client_dup_offline_scope (question->connection, exchange.documents.discovery)
                  : g_strdup (door_idp_profile_get_scope (profile));
  request = (DoorOidcRequest){
    .endpoint = door_oidc_discovery_get_authorization_endpoint (exchange.documents.discovery),
    .client_id = door_idp_profile_get_client_id (profile),
    .redirect_uri = question->request->acs_url,
    .scope = scope,
    .state = question->state,
    .nonce = exchange.nonce,
    .code_verifier = exchange.code_verifier,
    .force_authn = question->force_authn || door_idp_profile_get_force_authn (profile),
    .extra_params = params,
    .offline_params = offline ? door_idp_profile_get_offline_params (profile) : NULL,
  };
  return door_oidc_request_build_url (&request, error);
}

static bool
is_issuer (const DoorIdpProfile *profile, const char *found)
{
  const char *const *issuers = door_idp_profile_get_issuers (profile);
  const char *const *tenants = door_idp_profile_get_tenants (profile);

  for (size_t i = 0; issuers[i] != NULL; i++)
    {
      bool is_template = strstr (issuers[i], DOOR_OIDC_TENANT) != NULL;

      if (!is_template && strcmp (issuers[i], found) == 0)
        return true;
      for (size_t k = 0; is_template && tenants[k] != NULL; k++)
        {
          g_autofree char *filled = door_id_token_fill_issuer (issuers[i], tenants[k]);

          if (strcmp (filled, found) == 0)
            return true;
        }
    }
  return false;
}

/* Who answers, before anything is done with the answer: a code must not go to another provider (RFC
 * 9207, 2.4; RFC 9700, 4.4). */
static bool
check_issuer (const Exchange *self, const DoorOidcAnswer *answer, GError **error)
{
  if (answer->issuer == NULL)
    return !door_oidc_discovery_sends_issuer (self->documents.discovery) ||
           door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_OIDC_ISSUER,
                           "the answer has no iss, and the provider says that it always has");
  return is_issuer (profile_of (self->question), answer->issuer) ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_OIDC_ISSUER,
                         "the answer is of another issuer than the one that was asked");
}

static bool
check_answer (const DoorOidcAnswer *answer, GError **error)
{
  if (answer->error != NULL)
    return door_oidc_error_set (error, answer->error, answer->error_description);
  return (answer->code != NULL && *answer->code != '\0' && strlen (answer->code) <= MAX_CODE_BYTES) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_ANSWER,
                         "the answer has neither a code nor an error");
}

static DoorOidcAsk
ask_of (const Exchange *self)
{
  return (DoorOidcAsk){ self->context, self->question->connection, self->documents.discovery,
                        self->question->cancellable };
}

static DoorOidcTokens *
redeem (const Exchange *self, const char *code, GError **error)
{
  const DoorOidcAsk ask = ask_of (self);
  DoorOidcTokenRequest request = {
    .code = code,
    .redirect_uri = self->question->request->acs_url,
    .code_verifier = self->code_verifier,
  };

  return door_oidc_client_ask_tokens (&ask, &request, error);
}

/* What an ID token is verified for. */
typedef struct
{
  const char *id_token;
  DoorIdTokenRequest request;
} Received;

static gpointer
verify_received (const DoorOidcExpectation *expect, gconstpointer data, GError **error)
{
  const Received *received = data;

  return door_id_token_verify (received->id_token, expect, &received->request, error);
}

static DoorIdToken *
verify (Exchange *self, const DoorOidcTokens *tokens, GError **error)
{
  const Received received = {
    .id_token = tokens->id_token,
    .request = {
      .nonce = self->nonce,
      .access_token = tokens->access_token,
      .max_age_s = door_idp_profile_get_force_authn (profile_of (self->question)) ? 0 : -1,
    },
  };
  const DoorOidcCheck check = { self->question->connection, self->question->cancellable, verify_received,
                                &received };

  if (tokens->id_token == NULL)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_ANSWER, "token endpoint: no ID token");
      return NULL;
    }
  return door_oidc_documents_verify (self->context, &check, &self->documents, error);
}

/* A session that cannot be asked about ends when it would be: so nobody goes unseen for longer. */
static void
keep_refresh_token (const Exchange *self, const DoorOidcTokens *tokens, DoorProof *out)
{
  const DoorQuestion *question = self->question;
  const char *name = door_connection_get_name (question->connection);

  if (!door_liveness_is_wanted (question->connection, question->purpose, question->way))
    return;
  out->refresh = door_vouch_pack (self->nonce, tokens->refresh_token);
  if (out->refresh != NULL)
    return;
  g_warning ("idp/%s: the provider gave no refresh token, so %s", name,
             strcmp (question->purpose, DOOR_PURPOSE_ADMINISTRATION) == 0
                 ? "the session ends after LivenessCheck="
                 : "the device signs its user in again after a day");
  out->session_ends_at_ms =
      door_liveness_choose_next_ms (self->context, name, door_clock_now_ms (self->context->clock));
}

static bool
exchange (Exchange *self, const DoorOidcAnswer *answer, DoorProof *out, GError **error)
{
  g_autoptr (DoorOidcTokens) tokens = NULL;
  g_autoptr (DoorIdToken) token = NULL;
  g_autoptr (GVariant) further = NULL;
  DoorOidcAsk ask;

  if (!door_oidc_documents_ensure (self->context, self->question->connection, self->question->cancellable,
                                   &self->documents, error) ||
      !check_issuer (self, answer, error) || !check_answer (answer, error))
    return false;
  tokens = redeem (self, answer->code, error);
  token = tokens != NULL ? verify (self, tokens, error) : NULL;
  ask = ask_of (self);
  if (token == NULL || !door_oidc_client_ask_userinfo (&ask, tokens->access_token,
                                                       door_id_token_get_subject (token), &further, error))
    return false;
  *out = (DoorProof){
    .claims = door_id_token_dup_claims (token, further),
    .id = g_strdup (door_id_token_get_replay_id (token)),
    .expires_at_ms = door_id_token_get_expires_at_ms (token),
    .session_index = g_strdup (door_id_token_get_session_id (token)),
    .checks = g_strjoinv (" ", (char **) door_id_token_get_checks (token)),
  };
  keep_refresh_token (self, tokens, out);
  return true;
}

/**
 * door_oidc_sign_in_verify:
 * @context: what every service needs
 * @question: what was asked; its state has found the request, which belongs to this browser
 * @answer: what came with the browser
 * @out: (out caller-allocates): what is proven; clear it
 * @error: return location for an error
 *
 * Exchanges the code and verifies the ID token. Blocks on the network, for five requests at most, of some
 * seconds each: for %DOOR_POOL_WAITING, without a transaction.
 *
 * Returns: false with the fault of the check that failed
 */
bool
door_oidc_sign_in_verify (const DoorContext *context, const DoorQuestion *question,
                          const DoorOidcAnswer *answer, DoorProof *out, GError **error)
{
  g_auto (Exchange) self = { .context = context, .question = question };
  bool done;

  if (!enter (question->connection, error))
    return false;
  derive_secrets (&self);
  done = exchange (&self, answer, out, error);
  door_oidc_cell_leave (door_connection_get_oidc_cell (question->connection));
  return done;
}

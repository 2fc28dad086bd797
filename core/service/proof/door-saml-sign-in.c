/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-sign-in.h"

#include <string.h>

#include "door-error.h"
#include "door-metadata-refresh.h"
#include "door-request-params.h"
#include "door-saml-keys.h"
#include "door-saml-options.h"
#include "door-saml-request.h"
#include "door-saml-response.h"

#define MAX_DECRYPTIONS 3 /* for one request */

/* Some providers list one address only, for POST, and answer GET there as well. */
static const char *
choose_destination (const DoorSamlMetadata *metadata, const DoorSamlOptions *options)
{
  const char *redirect_url = door_saml_metadata_get_sso_redirect_url (metadata);
  const char *post_url = door_saml_metadata_get_sso_post_url (metadata);

  return options->post || (redirect_url == NULL && !options->redirect) ? post_url : redirect_url;
}

/* Better before the person goes there than after. */
static bool
check_binding (const DoorSamlOptions *options, const DoorSamlMetadata *metadata, GError **error)
{
  return !options->artifact || door_saml_metadata_resolves_artifacts (metadata) ||
         door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA,
                         "ResponseBinding=artifact, and the provider names no ArtifactResolutionService");
}

/* %NULL without an error when requests are not signed. */
static GPtrArray *
read_signing_keys (const DoorContext *context, const DoorQuestion *question, const DoorSamlOptions *options,
                   const DoorSamlMetadata *metadata, GError **error)
{
  if (!door_saml_options_sign (options, metadata))
    return NULL;
  return door_saml_keys_ensure (context, question->connection, DOOR_SAML_USE_SIGNING, false,
                                question->cancellable, error);
}

static bool
send (const DoorSamlRequest *message, bool post, char **url, DoorSamlForm *form, GError **error)
{
  if (message->destination == NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA,
                           "the provider has no address for RequestBinding=%s", post ? "post" : "redirect");
  if (post)
    return door_saml_request_build_form (message, form, error);
  *url = door_saml_request_build_redirect_url (message, error);
  return *url != NULL;
}

/**
 * door_saml_sign_in_ask:
 * @context: what every service needs
 * @question: what is asked
 * @url: (out) (nullable) (transfer full): the provider's address with the request, %NULL for a form
 * @form: (out caller-allocates): what a page posts instead; clear it
 * @error: return location for an error
 *
 * Builds the AuthnRequest, by the metadata in force and the provider's profile. Blocks for a read when it is
 * signed, and for a commit when the key is made.
 *
 * Returns: false with an error
 */
bool
door_saml_sign_in_ask (const DoorContext *context, const DoorQuestion *question, char **url,
                       DoorSamlForm *form, GError **error)
{
  const DoorIdpProfile *profile = door_connection_get_profile (question->connection);
  const DoorSamlOptions options = door_saml_options_read (question->connection);
  const DoorSignInRequest *request = question->request;
  g_autoptr (DoorSamlMetadata) metadata =
      door_connection_dup_valid_metadata (question->connection, request->created_at, error);
  g_autoptr (GHashTable) params = NULL;
  g_autoptr (GPtrArray) keys = NULL;
  g_autoptr (GError) local = NULL;
  DoorSamlRequest message;

  if (metadata == NULL || !check_binding (&options, metadata, error))
    return false;
  keys = read_signing_keys (context, question, &options, metadata, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  params =
      door_request_params_fill (door_idp_profile_get_request_params (profile), question->user_identifier);
  message = (DoorSamlRequest){
    .id = request->id,
    .issued_at_ms = request->created_at,
    .destination = choose_destination (metadata, &options),
    .acs_url = request->acs_url,
    .artifact = options.artifact,
    .issuer = door_connection_get_sp_entity_id (question->connection),
    .name_id_format = door_idp_profile_get_name_id_format (profile),
    .authn_context = options.authn_context,
    .force_authn = question->force_authn || door_idp_profile_get_force_authn (profile),
    .relay_state = question->state,
    .extra_params = params,
    .signing_key = keys != NULL ? g_ptr_array_index (keys, 0) : NULL,
  };
  return send (&message, options.post, url, form, error);
}

static gboolean
write_decryption (DoorTxn *txn, gpointer data, GError **error)
{
  bool allowed = false;

  if (!door_login_store_count_decryption (txn, data, MAX_DECRYPTIONS, &allowed, error))
    return FALSE;
  return allowed || door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_DECRYPT,
                                    "the request has had its %d tries to decrypt", MAX_DECRYPTIONS);
}

/* The answer is encrypted, for a request that is alive and this browser's. Each use of a private key is on
 * disk before it is made: who asks often enough, decrypts (Jager and Somorovsky, CCS 2011). */
static DoorSamlResponse *
verify_encrypted (const DoorContext *context, const DoorSamlAnswer *answer, DoorSamlExpectation *expect,
                  GError **error)
{
  g_autoptr (GPtrArray) keys = NULL;

  if (!door_writer_run (context->writer, write_decryption, answer->request->id, answer->cancellable, error))
    return NULL;
  keys = door_saml_keys_ensure (context, answer->connection, DOOR_SAML_USE_ENCRYPTION, true,
                                answer->cancellable, error);
  if (keys == NULL)
    return NULL;
  expect->decryption_keys = keys;
  expect->decrypt_for = answer->request->id;
  return door_saml_response_verify (answer->saml_response, strlen (answer->saml_response), expect, error);
}

/* Without a key first: most answers are not encrypted, and those that are say so at once. */
static DoorSamlResponse *
verify (const DoorContext *context, const DoorSamlAnswer *answer, DoorSamlExpectation *expect,
        bool encryption, GError **error)
{
  g_autoptr (GError) local = NULL;
  DoorSamlResponse *response =
      door_saml_response_verify (answer->saml_response, strlen (answer->saml_response), expect, &local);

  if (response != NULL)
    return response;
  if (encryption && door_error_get_fault (local) == DOOR_FAULT_SAML_ENCRYPTED)
    return verify_encrypted (context, answer, expect, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/**
 * door_saml_sign_in_verify:
 * @context: what every service needs
 * @answer: what came
 * @out: (out caller-allocates): what is proven; clear it
 * @error: return location for an error
 *
 * Verifies an answer with the metadata in force. An encrypted assertion is decrypted where Encryption= is on,
 * at most three times for one request. CPU-bound; blocks for a commit and a read before it decrypts.
 *
 * Returns: false with the fault of the check that failed
 */
bool
door_saml_sign_in_verify (const DoorContext *context, const DoorSamlAnswer *answer, DoorProof *out,
                          GError **error)
{
  const DoorIdpProfile *profile = door_connection_get_profile (answer->connection);
  const DoorSamlOptions options = door_saml_options_read (answer->connection);
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorSamlMetadata) metadata =
      door_connection_dup_valid_metadata (answer->connection, now_ms, error);
  g_autoptr (DoorSamlResponse) response = NULL;
  g_autoptr (GError) local = NULL;
  DoorSamlExpectation expect;

  if (metadata == NULL)
    return false;
  expect = (DoorSamlExpectation){
    .metadata = metadata,
    .acs_url = answer->acs_url,
    .sp_entity_id = door_connection_get_sp_entity_id (answer->connection),
    .now_ms = now_ms,
    .clock_skew_s = door_policy_get_clock_skew_s (context->policy),
    .signed_part = door_idp_profile_get_signed_part (profile),
    .allow_sha1 = door_idp_profile_get_allow_sha1 (profile),
    .allow_unsolicited = answer->request == NULL,
    .want_encrypted = options.want_encrypted,
  };
  response = verify (context, answer, &expect, options.encryption && answer->request != NULL, &local);
  if (response == NULL)
    {
      if (door_error_get_fault (local) == DOOR_FAULT_SAML_SIGNATURE)
        door_metadata_refresh_ask (context, answer->connection); /* maybe it signs with a new key */
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  *out = (DoorProof){
    .claims = door_claims_ref (door_saml_response_get_claims (response)),
    .request_id = g_strdup (door_saml_response_get_in_response_to (response)),
    .id = g_strdup (door_saml_response_get_assertion_id (response)),
    .expires_at_ms = door_saml_response_get_expires_at_ms (response),
    .checks = g_strjoinv (" ", (char **) door_saml_response_get_checks (response)),
    .session_index = g_strdup (door_saml_response_get_session_index (response)),
    .session_ends_at_ms = door_saml_response_get_session_expires_at_ms (response),
  };
  return true;
}

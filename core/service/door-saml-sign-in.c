/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-sign-in.h"

#include <string.h>

#include "door-saml-request.h"
#include "door-saml-response.h"

/* Query parameters of the provider, with the account filled in where it is asked for. */
static GHashTable *
fill_params (GHashTable *params, const char *user_identifier)
{
  GHashTable *filled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, params);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (!g_str_equal (value, "{user-identifier}"))
        g_hash_table_insert (filled, g_strdup (name), g_strdup (value));
      else if (*user_identifier != '\0')
        g_hash_table_insert (filled, g_strdup (name), g_strdup (user_identifier));
    }
  return filled;
}

/**
 * door_saml_sign_in_build_url:
 * @question: what is asked
 * @error: return location for an error
 *
 * Builds the AuthnRequest, by the metadata in force and the provider's profile. Any thread; does not block.
 *
 * Returns: (transfer full): the provider's address with the request, or %NULL with an error
 */
char *
door_saml_sign_in_build_url (const DoorQuestion *question, GError **error)
{
  const DoorIdpProfile *profile = door_connection_get_profile (question->connection);
  const DoorSignInRequest *request = question->request;
  g_autoptr (DoorSamlMetadata) metadata =
      door_connection_dup_valid_metadata (question->connection, request->created_at, error);
  g_autoptr (GHashTable) params = NULL;
  const char *destination;
  DoorSamlRequest message;

  if (metadata == NULL)
    return NULL;
  params = fill_params (door_idp_profile_get_request_params (profile), question->user_identifier);
  /* some providers list one address only, for POST, and answer GET there as well */
  destination = door_saml_metadata_get_sso_redirect_url (metadata);
  if (destination == NULL)
    destination = door_saml_metadata_get_sso_post_url (metadata);
  message = (DoorSamlRequest){
    .id = request->id,
    .issued_at_ms = request->created_at,
    .destination = destination,
    .acs_url = request->acs_url,
    .issuer = door_connection_get_sp_entity_id (question->connection),
    .name_id_format = door_idp_profile_get_name_id_format (profile),
    .force_authn = question->force_authn || door_idp_profile_get_force_authn (profile),
    .relay_state = question->state,
    .extra_params = params,
  };
  return door_saml_request_build_redirect_url (&message, error);
}

/**
 * door_saml_sign_in_verify:
 * @context: what every service needs
 * @answer: what has come
 * @out: (out caller-allocates): what is proven; clear it
 * @error: return location for an error
 *
 * Verifies an answer with the metadata in force. CPU-bound; any thread.
 *
 * Returns: false with the fault of the check that failed
 */
bool
door_saml_sign_in_verify (const DoorContext *context, const DoorSamlAnswer *answer, DoorProof *out,
                          GError **error)
{
  DoorConnection *connection = answer->connection;
  const DoorIdpProfile *profile = door_connection_get_profile (connection);
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_valid_metadata (connection, now_ms, error);
  g_autoptr (DoorSamlResponse) response = NULL;
  DoorSamlExpectation expect;

  if (metadata == NULL)
    return false;
  expect = (DoorSamlExpectation){
    .metadata = metadata,
    .acs_url = answer->acs_url,
    .sp_entity_id = door_connection_get_sp_entity_id (connection),
    .now_ms = now_ms,
    .clock_skew_s = door_policy_get_clock_skew_s (context->policy),
    .signed_part = door_idp_profile_get_signed_part (profile),
    .allow_sha1 = door_idp_profile_get_allow_sha1 (profile),
    .allow_unsolicited = answer->request == NULL,
  };
  response =
      door_saml_response_verify (answer->saml_response, strlen (answer->saml_response), &expect, error);
  if (response == NULL)
    return false;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sign-in.h"

#include "door-attempt-store.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"

/**
 * door_proof_clear: (skip)
 * @self: a proof
 */
void
door_proof_clear (DoorProof *self)
{
  g_clear_pointer (&self->claims, door_claims_unref);
  g_clear_pointer (&self->request_id, g_free);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->checks, g_free);
  g_clear_pointer (&self->session_index, g_free);
  g_clear_pointer (&self->refresh, door_secret_unref);
}

/**
 * door_sign_in_note_clear: (skip)
 * @self: a note
 */
void
door_sign_in_note_clear (DoorSignInNote *self)
{
  g_clear_pointer (&self->person_id, g_free);
  g_clear_pointer (&self->role_claims, g_free);
}

/**
 * door_sign_in_use_up:
 * @txn: the transaction that records what comes of the sign-in
 * @self: a sign-in whose proof holds
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Spends the request and remembers the proof, so that neither counts again, on any instance.
 *
 * Returns: false with an error; %DOOR_ERROR_CONFLICT when one of them was used before
 */
bool
door_sign_in_use_up (DoorTxn *txn, const DoorSignIn *self, int64_t now_ms, GError **error)
{
  const char *issuer = door_claims_get_subject (self->proof->claims)->issuer;
  bool first = false;

  if (!door_login_store_spend_request (txn, self->request->id, now_ms, &first, error))
    return false;
  if (!first)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_FLOW_SPENT,
                           "the request has been answered");
  if (!door_login_store_add_replay (txn, issuer, self->proof->id, self->proof->expires_at_ms, &first, error))
    return false;
  return first || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_SAML_REPLAY,
                                  "the assertion was accepted before");
}

/**
 * door_sign_in_add_record:
 * @txn: the transaction that records what comes of the sign-in
 * @self: a sign-in that is accepted
 * @now_ms: milliseconds since 1970, UTC
 * @person_id: who it was
 * @error: return location for an error
 *
 * Stores the record of the attempt.
 *
 * Returns: false with an error
 */
bool
door_sign_in_add_record (DoorTxn *txn, const DoorSignIn *self, int64_t now_ms, const char *person_id,
                         GError **error)
{
  g_autofree char *checks = g_strconcat ("request ", self->proof->checks, NULL);
  DoorAttempt attempt = {
    .code = (char *) self->code,
    .at = now_ms,
    .request_id = (char *) self->request_id,
    .connection = self->request->connection,
    .team = self->request->flow->team,
    .fault = (char *) "",
    .detail = (char *) "",
    .checks = checks,
    .person_id = (char *) person_id,
    .purpose = self->request->flow->purpose,
    .received = (char *) self->received,
    .role_claims = self->note->role_claims,
  };

  return door_attempt_store_add (txn, &attempt, error);
}

/**
 * door_sign_in_log_success:
 * @context: what every service needs
 * @self: a sign-in that is accepted and stored
 * @account: who it was
 *
 * Logs it, with the account as a hash unless personal data may be logged.
 */
void
door_sign_in_log_success (const DoorContext *context, const DoorSignIn *self, const char *account)
{
  g_autofree char *hashed = door_digest_sha256_text (account);
  bool personal = door_policy_get_log_personal_data (context->policy);

  hashed[12] = '\0';
  door_log_event (G_LOG_LEVEL_INFO, "sign-in", "sign-in accepted", "DOORWARD_OUTCOME", "accepted",
                  "DOORWARD_PURPOSE", self->request->flow->purpose, "DOORWARD_CHECKS", self->proof->checks,
                  "DOORWARD_IDP", self->request->connection, "DOORWARD_CODE", self->code, "DOORWARD_ACCOUNT",
                  personal ? account : hashed, "DOORWARD_REQUEST", self->request_id, NULL);
}

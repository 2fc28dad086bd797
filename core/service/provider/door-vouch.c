/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-vouch.h"

#include <string.h>

#include "door-error.h"
#include "door-oidc-client.h"
#include "door-oidc-documents.h"
#include "door-sealing.h"

/* What a provider may give as a refresh token; they are a kilobyte or two. */
#define MAX_REFRESH_BYTES (16 * 1024)

/* One question on its way. */
typedef struct
{
  const DoorVouchQuestion *question;
  DoorVouchAnswer *answer;
  DoorOidcDocuments documents;
  char *nonce;
  DoorSecret *refresh_token;
} Check;

static void
check_clear (Check *self)
{
  door_oidc_documents_clear (&self->documents);
  g_clear_pointer (&self->nonce, g_free);
  g_clear_pointer (&self->refresh_token, door_secret_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

/**
 * door_vouch_answer_clear:
 * @self: an answer
 */
void
door_vouch_answer_clear (DoorVouchAnswer *self)
{
  g_clear_pointer (&self->sealed, g_free);
  g_clear_error (&self->reason);
}

/**
 * door_vouch_pack:
 * @nonce: the nonce of the sign-in
 * @refresh_token: (nullable): what the provider gave
 *
 * Joins what a later question needs.
 *
 * Returns: (transfer full) (nullable): both, %NULL when there is no refresh token that can be kept
 */
DoorSecret *
door_vouch_pack (const char *nonce, const char *refresh_token)
{
  GString *text;

  if (refresh_token == NULL || strlen (refresh_token) > MAX_REFRESH_BYTES)
    return NULL;
  text = g_string_sized_new (strlen (nonce) + 1 + strlen (refresh_token) + 1);
  g_string_append (text, nonce);
  g_string_append_c (text, '\n');
  g_string_append (text, refresh_token);
  return door_secret_new_take (text);
}

static bool
open_token (Check *self)
{
  const DoorVouchQuestion *question = self->question;
  g_autoptr (DoorSecret) packed = door_sealing_open (question->context->state_key, question->place,
                                                     question->sealed, &self->answer->reason);
  const char *text = packed != NULL ? door_secret_get_text (packed) : NULL;
  const char *token = text != NULL ? strchr (text, '\n') : NULL;

  if (token == NULL)
    return packed != NULL && door_error_set (&self->answer->reason, DOOR_ERROR_INVALID_DATA,
                                             DOOR_FAULT_CFG_SECRET, "what was sealed is no refresh token");
  self->nonce = g_strndup (text, (size_t) (token - text));
  self->refresh_token = door_secret_new (token + 1, strlen (token + 1));
  return true;
}

/* Only the provider's own word that the grant is over ends anything. That it did not answer, or does not
 * like us, says nothing about the person. */
static DoorVouchOutcome
judge_refusal (const Check *self)
{
  return door_error_get_fault (self->answer->reason) == DOOR_FAULT_OIDC_CODE ? DOOR_VOUCH_GONE
                                                                             : DOOR_VOUCH_FAILED;
}

/* What an ID token is verified for. */
typedef struct
{
  const char *id_token;
  DoorIdTokenBefore before;
} Refreshed;

static gpointer
verify_refreshed (const DoorOidcExpectation *expect, gconstpointer data, GError **error)
{
  const Refreshed *refreshed = data;

  return door_id_token_verify_refreshed (refreshed->id_token, expect, &refreshed->before, error)
             ? g_strdup (refreshed->before.subject)
             : NULL;
}

/* A key that is newer than those that are known may not be had now: the next check has another try. */
static DoorVouchOutcome
verify (Check *self, const DoorOidcTokens *tokens)
{
  const Refreshed refreshed = {
    .id_token = tokens->id_token,
    .before = {
      .issuer = self->question->issuer,
      .subject = self->question->subject,
      .nonce = self->nonce,
      .access_token = tokens->access_token,
    },
  };
  const DoorOidcCheck check = { self->question->connection, self->question->cancellable, verify_refreshed,
                                &refreshed };
  g_autofree char *subject =
      door_oidc_documents_verify (self->question->context, &check, &self->documents, &self->answer->reason);

  if (subject != NULL)
    return DOOR_VOUCH_ALIVE;
  return door_error_get_fault (self->answer->reason) == DOOR_FAULT_OIDC_KEY ? DOOR_VOUCH_FAILED
                                                                            : DOOR_VOUCH_GONE;
}

/* The one that was used may be worth nothing now (RFC 6749, 6). */
static DoorVouchOutcome
take_tokens (Check *self, const DoorOidcTokens *tokens)
{
  const DoorVouchQuestion *question = self->question;

  if (tokens->refresh_token != NULL)
    {
      g_autoptr (DoorSecret) packed = door_vouch_pack (self->nonce, tokens->refresh_token);

      self->answer->sealed = packed != NULL
                                 ? door_sealing_seal (question->context->state_key, question->context->random,
                                                      question->place, packed, NULL)
                                 : NULL; /* too long: the one before goes on */
    }
  return tokens->id_token != NULL ? verify (self, tokens) : DOOR_VOUCH_ALIVE;
}

/* A token that does not open can never be used, so nobody can say that the person is still there. */
static DoorVouchOutcome
ask_provider (Check *self)
{
  g_autoptr (DoorOidcTokens) tokens = NULL;
  DoorOidcTokenRequest request = { NULL };
  DoorOidcAsk ask = { self->question->context, self->question->connection, NULL,
                      self->question->cancellable };

  if (!open_token (self))
    return DOOR_VOUCH_GONE;
  if (!door_oidc_documents_ensure (self->question->context, self->question->connection,
                                   self->question->cancellable, &self->documents, &self->answer->reason))
    return DOOR_VOUCH_FAILED;
  ask.discovery = self->documents.discovery;
  request.refresh_token = door_secret_get_text (self->refresh_token);
  tokens = door_oidc_client_ask_tokens (&ask, &request, &self->answer->reason);
  return tokens != NULL ? take_tokens (self, tokens) : judge_refusal (self);
}

/**
 * door_vouch_ask:
 * @question: somebody who has signed in
 * @answer: (out caller-allocates): what else came of it; clear it
 *
 * Asks a provider by its refresh token whether it still vouches for somebody (RFC 6749, 6). Blocks on the
 * network, for three requests at most and some seconds each: without a transaction, and with a place in the
 * cell of the connection.
 *
 * Returns: what came of it
 */
DoorVouchOutcome
door_vouch_ask (const DoorVouchQuestion *question, DoorVouchAnswer *answer)
{
  g_auto (Check) check = { .question = question, .answer = answer };

  return ask_provider (&check);
}

/**
 * door_vouch_count:
 * @context: what every service needs
 * @connection: name of the provider
 * @outcome: what came of a question
 *
 * Counts a question.
 */
void
door_vouch_count (const DoorContext *context, const char *connection, DoorVouchOutcome outcome)
{
  static const char *const words[] = {
    [DOOR_VOUCH_ALIVE] = "alive",
    [DOOR_VOUCH_GONE] = "gone",
    [DOOR_VOUCH_FAILED] = "failed",
  };
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_LIVENESS, { connection, words[outcome] }, 1 };

  if (context->metrics != NULL)
    door_metrics_count (context->metrics, &sample);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-eula.h"

#include "door-digest.h"
#include "door-error.h"
#include "door-eula-store.h"
#include "door-log.h"
#include "door-token.h"

/* Of one version, in its languages and as it was changed without a new one. */
#define MAX_EARLIER 64

static bool
was_agreed (DoorTxn *txn, const DoorEulaDocument *document, DoorAccessToken *token, GError **error)
{
  const DoorEulaWho who = { token->person_id, document->name, document->version };
  g_autoptr (GPtrArray) rows = door_eula_store_list_earlier (txn, &who, MAX_EARLIER, error);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorEulaAcceptance *row = g_ptr_array_index (rows, i);

      if (door_eula_document_lookup_text (document, row->sha256) == NULL)
        continue;
      token->agreed_at = row->accepted_at;
      break;
    }
  return rows != NULL;
}

/**
 * door_eula_choose:
 * @context: what every service needs
 * @txn: the writing transaction that will store the token
 * @token: a new token; its team, person_id and serial say whose it is. Its eula becomes a name of the
 *   configuration, which stays the configuration's
 * @error: return location for an error
 *
 * Says what must be agreed to before the token leads to anything. Unless the document asks each time
 * (Reprompt=true), who has agreed to it counts as having agreed: to this version of it, by the bytes that are
 * in force now in any language, so that a text that was changed without a new version is asked about again.
 * It counts for the person, on whatever device. What is in the database decides within the same write, so no
 * two answers differ.
 *
 * Returns: false with an error
 */
bool
door_eula_choose (const DoorContext *context, DoorTxn *txn, DoorAccessToken *token, GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, token->team);
  const DoorEulaDocument *document;

  if (team == NULL || *team->eula == '\0')
    return true;
  token->eula = (char *) team->eula;
  token->agreed_at = 0;
  document = door_eula_documents_lookup (context->eulas, team->eula);
  if (document == NULL || document->reprompt)
    return true; /* what cannot be shown cannot be agreed to: the page says so */
  return was_agreed (txn, document, token, error);
}

static bool
refuse_ticket (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_TOKEN_TICKET, "%s", reason);
}

/* Whoever has it is at the device that it is for; what is wrong with it is nobody else's business. */
static bool
find_ticket (const DoorContext *context, DoorTxn *txn, const char *ticket, DoorEulaTicket *out,
             GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  g_autoptr (GError) local = NULL;

  if (!door_token_check_living (txn, ticket, door_clock_now_ms (context->clock), &token, &local))
    {
      if (door_error_get_fault (local) == DOOR_FAULT_TOKEN_INVALID)
        return refuse_ticket (error, local->message);
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  if (*token->eula == '\0')
    return refuse_ticket (error, "nothing is to be agreed to");
  out->document = door_eula_documents_lookup (context->eulas, token->eula);
  if (out->document == NULL && !door_token_is_agreed (token))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_EULA_MISSING,
                           "[eula/%s] is not there or could not be read", token->eula);
  out->token = g_steal_pointer (&token);
  return true;
}

/**
 * door_eula_ticket_clear:
 * @self: what door_eula_open() has found
 */
void
door_eula_ticket_clear (DoorEulaTicket *self)
{
  g_clear_pointer (&self->token, door_access_token_free);
}

/**
 * door_eula_open:
 * @context: what every service needs
 * @ticket: as it stands in the address
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 * @out: (out caller-allocates): what it is for; the document is there unless it was agreed to already
 * @error: return location for an error
 *
 * Finds what a person is to agree to. Blocks for a read.
 *
 * Returns: false with %DOOR_FAULT_TOKEN_TICKET for whatever is no ticket of these pages, or
 *   %DOOR_FAULT_EULA_MISSING
 */
bool
door_eula_open (const DoorContext *context, const char *ticket, GCancellable *cancellable,
                DoorEulaTicket *out, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);

  return txn != NULL && find_ticket (context, txn, ticket, out, error);
}

/* What the writer gets, which may run it more than once. */
typedef struct
{
  const DoorContext *context;
  const DoorEulaAnswer *answer;
  const char *id;
  int64_t now_ms;
} Agreement;

static bool
add_acceptance (DoorTxn *txn, const Agreement *agreement, const DoorEulaTicket *found,
                const DoorEulaText *text, GError **error)
{
  const DoorAccessToken *token = found->token;
  const DoorEulaAcceptance row = {
    .id = (char *) agreement->id,
    .token_hash = token->hash,
    .person_id = token->person_id,
    .team = token->team,
    .document = found->document->name,
    .version = found->document->version,
    .language = text->language,
    .sha256 = text->sha256,
    .serial = token->serial,
    .udid = token->udid,
    .product = token->product,
    .address = (char *) agreement->answer->address,
    .accepted_at = agreement->now_ms,
  };

  return door_eula_store_add (txn, &row, error);
}

static gboolean
write_agreement (DoorTxn *txn, gpointer data, GError **error)
{
  const Agreement *agreement = data;
  g_auto (DoorEulaTicket) found = { NULL };
  const DoorEulaText *text;
  bool changed = false;

  if (!find_ticket (agreement->context, txn, agreement->answer->ticket, &found, error))
    return FALSE;
  if (door_token_is_agreed (found.token))
    return TRUE; /* the same answer once more */
  text = door_eula_document_lookup_text (found.document, agreement->answer->sha256);
  if (text == NULL)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_EULA_CHANGED,
                           "[eula/%s] was changed while it was read", found.token->eula);
  return door_token_store_set_agreed (txn, found.token->hash, agreement->now_ms, &changed, error) &&
         (!changed || add_acceptance (txn, agreement, &found, text, error));
}

static void
log_answer (const DoorEulaAnswer *answer, const char *outcome)
{
  g_autofree char *hash = door_digest_sha256_text (answer->ticket);

  hash[12] = '\0';
  door_log_event (G_LOG_LEVEL_INFO, "eula", "document to agree to", "DOORWARD_OUTCOME", outcome,
                  "DOORWARD_DOCUMENT_SHA256", answer->sha256, "DOORWARD_TOKEN", hash, "DOORWARD_REQUEST",
                  answer->request_id, NULL);
}

/**
 * door_eula_agree:
 * @context: what every service needs
 * @answer: that the person agrees
 * @error: return location for an error
 *
 * Records the consent and lets the token go on, both in one write. The hash says to which bytes: what is not
 * in force any more was not shown by this server as it is configured now. A repeat changes nothing. Blocks
 * for the commit.
 *
 * Returns: false with %DOOR_FAULT_EULA_CHANGED, and what door_eula_open() says
 */
bool
door_eula_agree (const DoorContext *context, const DoorEulaAnswer *answer, GError **error)
{
  g_autofree char *id = door_random_dup_uuid (context->random);
  Agreement agreement = { context, answer, id, door_clock_now_ms (context->clock) };

  if (!door_writer_run (context->writer, write_agreement, &agreement, answer->cancellable, error))
    return false;
  log_answer (answer, "agreed");
  return true;
}

/**
 * door_eula_decline:
 * @context: what every service needs
 * @answer: that the person does not agree
 * @error: return location for an error
 *
 * Logs it and stores nothing: the token stays as useless as it was, and who changes their mind may agree as
 * long as it lives. Blocks for a read.
 *
 * Returns: false with what door_eula_open() says
 */
bool
door_eula_decline (const DoorContext *context, const DoorEulaAnswer *answer, GError **error)
{
  g_auto (DoorEulaTicket) found = { NULL };

  if (!door_eula_open (context, answer->ticket, answer->cancellable, &found, error))
    return false;
  log_answer (answer, "declined");
  return true;
}

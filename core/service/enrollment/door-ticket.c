/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ticket.h"

#include "door-digest.h"
#include "door-error.h"
#include "door-ota.h"
#include "door-profile-issue.h"
#include "door-token.h"

/* A browser asks, so what is wrong is said in words for the person before it. */
static bool
tell_person (GError *failure, GError **error)
{
  if (door_error_get_fault (failure) == DOOR_FAULT_TOKEN_INVALID)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_TOKEN_TICKET, "%s", failure->message);
      g_error_free (failure);
    }
  else
    g_propagate_error (error, failure);
  return false;
}

static bool
read_living (const DoorContext *context, const char *ticket, GCancellable *cancellable, DoorAccessToken **out,
             GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);
  g_autoptr (DoorAccessToken) token = NULL;

  if (txn == NULL ||
      !door_token_check_living (txn, ticket, door_clock_now_ms (context->clock), &token, error) ||
      !door_profile_check_unspent (txn, token, error))
    return false;
  *out = g_steal_pointer (&token);
  return true;
}

/**
 * door_ticket_read:
 * @context: what every service needs
 * @ticket: an access token or a ticket, as an address has it
 * @cancellable: (nullable): stops waiting
 * @out: (out) (transfer full): the row; written on success
 * @error: return location for an error
 *
 * Judges a ticket for whoever has it in his browser, all but for terms that may still have to be agreed to,
 * see door_token_is_agreed(). Blocks for a read.
 *
 * Returns: false with an error; %DOOR_FAULT_TOKEN_TICKET when there is none, or it is over
 */
bool
door_ticket_read (const DoorContext *context, const char *ticket, GCancellable *cancellable,
                  DoorAccessToken **out, GError **error)
{
  GError *failure = NULL;

  return read_living (context, ticket, cancellable, out, &failure) || tell_person (failure, error);
}

static bool
has_profile (const DoorAccessToken *token)
{
  return g_str_equal (token->kind, DOOR_TOKEN_ADE) || g_str_equal (token->kind, DOOR_TOKEN_LINK);
}

/**
 * door_ticket_fetch_profile:
 * @context: what every service needs
 * @visit: who asks
 * @error: return location for an error
 *
 * Gives the profile of a ticket of Automated Device Enrollment or of an enrollment link: the same for each
 * repeat until its enrollment is active. With Ota=true that is the way to the Profile Service. Blocks for a
 * commit.
 *
 * Returns: (transfer full): the signed profile, or %NULL; %DOOR_FAULT_TOKEN_TICKET asks for another sign-in
 */
GBytes *
door_ticket_fetch_profile (const DoorContext *context, const DoorTicketVisit *visit, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  DoorProfileWish wish;

  if (!door_ticket_read (context, visit->ticket, visit->cancellable, &token, error))
    return NULL;
  if (!has_profile (token) || !door_token_is_agreed (token))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_TOKEN_TICKET,
                      has_profile (token) ? "the terms are not agreed to" : "no ticket for a profile, but %s",
                      token->kind);
      return NULL;
    }
  wish = (DoorProfileWish){ token, "", visit->language, visit->request_id, visit->cancellable };
  return door_ota_is_wanted (context, token)
             ? door_profile_issue_service (context, &wish, visit->ticket, error)
             : door_profile_issue (context, &wish, error);
}

static gboolean
write_ticket (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorAccessToken *token = data;

  return door_token_store_add (txn, token, error) &&
         door_token_store_revoke_former (txn, token, token->created_at, error);
}

/* A repeat finds what the first visit has left; the ticket itself nobody needs to know. */
static bool
ensure_ticket (const DoorContext *context, const DoorAdeDevice *device, GCancellable *cancellable,
               DoorAccessToken **out, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autofree char *ticket = door_random_dup_token (context->random);
  g_autofree char *hash = door_digest_sha256_text (ticket);
  DoorAccessToken token = {
    .hash = hash,
    .kind = (char *) DOOR_TOKEN_ADE,
    .mode = (char *) "",
    .person_id = (char *) "",
    .team = device->team->name,
    .managed_account = (char *) "",
    .serial = (char *) door_machine_info_get (device->info, DOOR_MACHINE_SERIAL),
    .udid = (char *) door_machine_info_get (device->info, DOOR_MACHINE_UDID),
    .product = (char *) door_machine_info_get_product (device->info),
    .eula = (char *) "",
    .created_at = now_ms,
    .expires_at = now_ms + door_policy_get_link_lifetime_ms (context->policy),
    .certificate_sha256 = (char *) "",
  };
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);

  if (txn == NULL || !door_token_store_lookup_nobodys (txn, &token, now_ms, out, error))
    return false;
  g_clear_pointer (&txn, door_txn_free);
  if (*out != NULL)
    return true;
  if (!door_writer_run (context->writer, write_ticket, &token, cancellable, error))
    return false;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);
  return txn != NULL && door_token_store_lookup (txn, hash, out, error);
}

/**
 * door_ticket_answer_device:
 * @context: what every service needs
 * @device: a device that came to the address which its profile at Apple names
 * @visit: who asks; without a ticket
 * @error: return location for an error
 *
 * Answers a device that does not open a browser: where a sign-in is required it never gets a profile here,
 * whatever it was told by Apple once. Else one that Apple Business Manager has assigned here enrolls without
 * a person. Blocks for a commit.
 *
 * Returns: (transfer full): the signed profile, or %NULL with an error
 */
GBytes *
door_ticket_answer_device (const DoorContext *context, const DoorAdeDevice *device,
                           const DoorTicketVisit *visit, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  DoorProfileWish wish;

  if (device->team->require_sign_in)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_NOSIGNIN,
                      "RequireSignIn=true, and the device came without a sign-in");
      return NULL;
    }
  if (!device->assigned)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNASSIGNED,
                      "without a sign-in a device must be assigned by Apple Business Manager");
      return NULL;
    }
  if (!ensure_ticket (context, device, visit->cancellable, &token, error))
    return NULL;
  wish = (DoorProfileWish){ token, "", visit->language, visit->request_id, visit->cancellable };
  return door_profile_issue (context, &wish, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Over-the-air enrollment: a device says by Apple's certificate which one it is, gets an identity for that,
 * and by this its profile. */
#include "door-ota.h"

#include "door-apple-device.h"
#include "door-certificate-store.h"
#include "door-cms.h"
#include "door-device-answer.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-machine-info.h"
#include "door-ticket.h"
#include "door-token.h"

#define IDENTITY_PURPOSE "ota-identity"

/**
 * door_ota_is_wanted:
 * @context: what every service needs
 * @token: a ticket
 *
 * Pure.
 *
 * Returns: whether its profile is not handed to whoever has the ticket, but to a device that has shown which
 *   one it is
 */
bool
door_ota_is_wanted (const DoorContext *context, const DoorAccessToken *token)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, token->team);

  return g_str_equal (token->kind, DOOR_TOKEN_LINK) && team != NULL && team->ota;
}

/* Whom the ticket is for: the device that shows it first, and no other. */
static bool
check_device (const DoorAccessToken *token, const DoorMachineInfo *info, GError **error)
{
  if ((*token->udid == '\0' || g_str_equal (token->udid, door_machine_info_get (info, DOOR_MACHINE_UDID))) &&
      (*token->serial == '\0' ||
       g_str_equal (token->serial, door_machine_info_get (info, DOOR_MACHINE_SERIAL))))
    return true;
  return door_device_answer_refuse (error, DOOR_FAULT_DEV_MISMATCH,
                                    "another device than the one that the ticket is for");
}

static bool
check_ticket (const DoorContext *context, const DoorAccessToken *token, const DoorMachineInfo *info,
              GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, token->team);

  if (!door_ota_is_wanted (context, token) || !door_token_is_agreed (token))
    return door_device_answer_refuse (error, DOOR_FAULT_TOKEN_TICKET, "no ticket for the Profile Service");
  return (door_team_allows_product (team, door_machine_info_get_product (info)) ||
          door_device_answer_refuse (error, DOOR_FAULT_DISC_FAMILY, "the product is not in ModelFamilies")) &&
         check_device (token, info, error);
}

/* One write: the ticket is of this device from now on, and what its identity comes from. */
typedef struct
{
  DoorAccessToken ticket;
  DoorAccessToken identity;
  DoorScepChallenge challenge;
  int64_t now_ms;
} Claim;

static gboolean
write_claim (DoorTxn *txn, gpointer data, GError **error)
{
  Claim *claim = data;
  g_autoptr (DoorAccessToken) there = NULL;
  bool mine = false;

  if (!door_token_store_claim (txn, &claim->ticket, &mine, error))
    return FALSE;
  if (!mine)
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_MISMATCH,
                                      "another device came with the ticket at the same moment");
  if (!door_token_store_revoke_former (txn, &claim->ticket, claim->now_ms, error) ||
      !door_token_store_lookup (txn, claim->identity.hash, &there, error))
    return FALSE;
  return (there != NULL || door_token_store_add (txn, &claim->identity, error)) &&
         door_certificate_store_add_challenge (txn, &claim->challenge, error);
}

static bool
save_claim (const DoorContext *context, const DoorOtaVisit *visit, const DoorAccessToken *ticket,
            const DoorMachineInfo *info, const char *identity_hash, GError **error)
{
  g_autofree char *challenge = door_profile_dup_challenge (context, identity_hash);
  g_autofree char *challenge_hash = door_digest_sha256_text (challenge);
  int64_t now_ms = door_clock_now_ms (context->clock);
  Claim claim = { .ticket = *ticket, .identity = *ticket, .now_ms = now_ms };

  claim.ticket.udid = (char *) door_machine_info_get (info, DOOR_MACHINE_UDID);
  claim.ticket.serial = (char *) door_machine_info_get (info, DOOR_MACHINE_SERIAL);
  claim.identity.hash = (char *) identity_hash;
  claim.identity.kind = (char *) DOOR_TOKEN_OTA;
  claim.identity.parent_hash = ticket->hash;
  claim.identity.udid = claim.identity.serial = claim.identity.link = claim.identity.enroll_reference =
      (char *) "";
  claim.challenge = (DoorScepChallenge){
    .hash = challenge_hash,
    .token_hash = (char *) identity_hash,
    .created_at = now_ms,
    .expires_at = ticket->expires_at,
    .key_hash = (char *) "",
    .certificate_sha256 = (char *) "",
  };
  return door_writer_run (context->writer, write_claim, &claim, visit->cancellable, error);
}

/* A device with the certificate that it has from Apple: it gets a way to an identity of ours. */
static GBytes *
give_identity (const DoorContext *context, const DoorOtaVisit *visit, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (GBytes) plist = door_apple_device_open (visit->message, context->device_anchor, now_ms, error);
  g_autoptr (DoorMachineInfo) info = plist != NULL ? door_machine_info_parse_service (plist, error) : NULL;
  g_autoptr (DoorAccessToken) ticket = NULL;
  g_autofree char *secret = NULL, *hash = NULL;
  g_autoptr (GBytes) profile = NULL;
  DoorAccessToken identity;
  DoorProfileWish wish = { &identity, "", visit->language, visit->request_id, visit->cancellable };

  if (info == NULL)
    return NULL;
  if (door_machine_info_get (info, DOOR_MACHINE_CHALLENGE) == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_INFO, "CHALLENGE is missing");
      return NULL;
    }
  if (!door_ticket_read (context, door_machine_info_get (info, DOOR_MACHINE_CHALLENGE), visit->cancellable,
                         &ticket, error) ||
      !check_ticket (context, ticket, info, error))
    return NULL;
  secret = door_token_derive (context, IDENTITY_PURPOSE, ticket->hash);
  hash = door_digest_sha256_text (secret);
  identity = *ticket;
  identity.hash = hash;
  profile = door_profile_make_identity (context, &wish, error);
  if (profile == NULL || !save_claim (context, visit, ticket, info, hash, error))
    return NULL;
  door_log_event (G_LOG_LEVEL_INFO, "ota", "identity profile handed out", "DOORWARD_REQUEST",
                  visit->request_id, "DOORWARD_DEVICE", door_machine_info_get (info, DOOR_MACHINE_UDID),
                  "DOORWARD_PERSON", ticket->person_id, "DOORWARD_TEAM", ticket->team, NULL);
  return g_steal_pointer (&profile);
}

/* The ticket that an identity was given for. One of an enrollment leads to none. */
static bool
find_ticket (DoorTxn *txn, const DoorContext *context, const DoorCertificate *signer, DoorAccessToken **out,
             GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorIssuedCertificate) certificate = NULL;
  g_autoptr (DoorScepChallenge) challenge = NULL;
  g_autoptr (DoorAccessToken) identity = NULL, ticket = NULL;

  if (!door_certificate_store_lookup (txn, door_certificate_get_sha256 (signer), &certificate, error) ||
      !door_certificate_store_lookup_challenge_of (txn, door_certificate_get_sha256 (signer), &challenge,
                                                   error))
    return false;
  if (certificate == NULL || challenge == NULL || certificate->revoked_at != 0 ||
      !door_certificate_is_valid_at (signer, now_ms))
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_CERTIFICATE,
                                      "the identity is unknown, revoked or out of its time");
  if (!door_token_store_lookup (txn, challenge->token_hash, &identity, error))
    return false;
  if (identity == NULL || !g_str_equal (identity->kind, DOOR_TOKEN_OTA))
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_CERTIFICATE,
                                      "the identity is none of the Profile Service");
  if (!door_token_check_hash (txn, identity->parent_hash, now_ms, &ticket, error) ||
      !door_profile_check_unspent (txn, ticket, error))
    return false;
  *out = g_steal_pointer (&ticket);
  return true;
}

/* A device that does not repeat the challenge is known by its identity; one that does must repeat the same.
 */
static bool
check_challenge (const DoorAccessToken *ticket, const DoorMachineInfo *info, GError **error)
{
  const char *challenge = door_machine_info_get (info, DOOR_MACHINE_CHALLENGE);
  g_autofree char *hash = challenge != NULL ? door_digest_sha256_text (challenge) : NULL;

  return hash == NULL || g_str_equal (hash, ticket->hash) ||
         door_device_answer_refuse (error, DOOR_FAULT_TOKEN_TICKET,
                                    "the identity was given for another ticket");
}

/* A device with the identity that it was given here: it gets its profile. */
static GBytes *
give_profile (const DoorContext *context, const DoorOtaVisit *visit, const DoorCertificate *signer,
              GBytes *plist, GError **error)
{
  g_autoptr (DoorMachineInfo) info = door_machine_info_parse_service (plist, error);
  g_autoptr (DoorTxn) txn =
      info != NULL ? door_storage_begin (context->storage, DOOR_TXN_READ, visit->cancellable, error) : NULL;
  g_autoptr (DoorAccessToken) ticket = NULL;
  DoorProfileWish wish = { NULL, "", visit->language, visit->request_id, visit->cancellable };

  if (txn == NULL || !find_ticket (txn, context, signer, &ticket, error))
    return NULL;
  g_clear_pointer (&txn, door_txn_free);
  if (!check_ticket (context, ticket, info, error) || !check_challenge (ticket, info, error))
    return NULL;
  wish.token = ticket;
  return door_profile_issue (context, &wish, error);
}

/**
 * door_ota_answer:
 * @context: what every service needs
 * @visit: who asks
 * @error: return location for an error
 *
 * Answers a device at the Profile Service (Apple, "Over-the-Air Profile Delivery and Configuration"). Signed
 * with the certificate that it has from Apple, what it says brings a way to an identity, by SCEP; signed with
 * that identity it brings the enrollment profile. The ticket is then of this device alone. A repeat gets the
 * same. Blocks for a commit.
 *
 * Returns: (transfer full): a signed profile, or %NULL with an error
 */
GBytes *
door_ota_answer (const DoorContext *context, const DoorOtaVisit *visit, GError **error)
{
  g_autoptr (DoorCertificate) signer = NULL;
  g_autoptr (GBytes) plist = NULL;

  if (g_bytes_get_size (visit->message) > DOOR_APPLE_DEVICE_MAX_BYTES)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_BADSIG, "SignedData: too large");
      return NULL;
    }
  plist = door_cms_open_signed (visit->message, &signer, error);
  if (plist == NULL)
    return NULL;
  return door_certificate_authority_issued (context->authority, signer, NULL)
             ? give_profile (context, visit, signer, plist, error)
             : give_identity (context, visit, error);
}

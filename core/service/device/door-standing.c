/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-standing.h"

#include "door-certificate-store.h"
#include "door-device-proof.h"
#include "door-device-store.h"
#include "door-error.h"
#include "door-oauth2-grant.h"
#include "door-purpose.h"
#include "door-renewal-store.h"
#include "door-token.h"

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, fault, "%s", reason);
}

/* What has ended here is for the device to forget. A newer enrollment in its place may be that of the same
 * device, which has more to say by the old one, or of one that only calls itself so: that one must not take
 * the profile away from the first. */
static bool
refuse_ended (const DoorKnownDevice *known, GError **error)
{
  return g_str_equal (known->end_reason, DOOR_END_REPLACED)
             ? refuse (error, DOOR_FAULT_DEV_CERTIFICATE, "the enrollment was replaced by a newer one")
             : refuse (error, DOOR_FAULT_DEV_ENDED, "the enrollment has ended");
}

/**
 * door_standing_check_pinned:
 * @speaker: a device that speaks
 * @error: return location for an error
 *
 * Every message but Authenticate and CheckOut needs an enrollment that goes on, of the device that speaks.
 * Pure.
 *
 * Returns: false with an error
 */
bool
door_standing_check_pinned (const DoorSpeaker *speaker, GError **error)
{
  const DoorKnownDevice *known = speaker->known;
  bool whole = g_str_equal (known->kind, DOOR_DEVICE_WHOLE);

  if (whole != (speaker->id_kind == DOOR_ENROLLMENT_ID_UDID))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE,
                           whole ? "no UDID" : "no EnrollmentID");
  if (!g_str_equal (known->apple_id, speaker->apple_id))
    return refuse (error, DOOR_FAULT_DEV_MISMATCH, "the certificate is pinned to another enrollment");
  if (known->ended_at != 0)
    return refuse_ended (known, error);
  if (known->revoked_at != 0)
    return refuse (error, DOOR_FAULT_DEV_CERTIFICATE, "the identity certificate was revoked");
  return true;
}

/* The first use of a renewed certificate retires the one before it, and with it all that was ever renewed
 * from that: else a copy of an old key would live on in a certificate that nobody has seen yet. */
static bool
follow_renewal (DoorTxn *txn, const DoorSpeaker *speaker, GError **error)
{
  const DoorKnownDevice *known = speaker->known;
  bool changed = false;

  if (g_str_equal (known->pinned_sha256, known->certificate_sha256))
    return true;
  if (!door_device_store_set_certificate (txn, known->enrollment_id, known->pinned_sha256,
                                          known->certificate_sha256, &changed, error))
    return false;
  /* Two renewed certificates used in the same moment must not retire each other. */
  if (!changed)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                           "another certificate of the enrollment was used at the same moment");
  return door_certificate_store_revoke_others (txn, known->enrollment_id, known->certificate_sha256,
                                               speaker->now_ms, error) &&
         door_renewal_store_finish (txn, known->enrollment_id, speaker->now_ms, error);
}

static bool
look_up_sign_in (DoorTxn *txn, const DoorSpeaker *speaker, DoorAccessToken **token, GError **error)
{
  const DoorSignInProof proof = {
    .known = speaker->known,
    .bearer = speaker->bearer,
    .product = speaker->known->product,
    .now_ms = speaker->now_ms,
  };

  return door_device_proof_check_sign_in (txn, &proof, token, error);
}

/**
 * door_standing_check_pending:
 * @txn: a transaction; it may be one that only reads
 * @speaker: a device that speaks
 * @error: return location for an error
 *
 * Until the first TokenUpdate the sign-in must still be good, afterwards the certificate is enough.
 *
 * Returns: false with an error
 */
bool
door_standing_check_pending (DoorTxn *txn, const DoorSpeaker *speaker, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;

  return speaker->known->active_at != 0 || look_up_sign_in (txn, speaker, &token, error);
}

/**
 * door_standing_needs_bearer:
 * @speaker: a device that speaks
 *
 * Pure.
 *
 * Returns: whether its certificate is not enough although it is enrolled: RequireBearer=always, of a device
 * that came by oauth2 and carries an access token
 */
bool
door_standing_needs_bearer (const DoorSpeaker *speaker)
{
  const DoorKnownDevice *known = speaker->known;
  const DoorTeam *team = door_policy_lookup_team (speaker->policy, known->team);

  return known->active_at != 0 && team != NULL && team->require_bearer &&
         g_str_equal (known->way, DOOR_WAY_OAUTH2) && !door_device_proof_sends_no_bearer (known->product);
}

static bool
ask_sign_in (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_DEV_BEARER, "%s", reason);
}

static bool
check_token (DoorTxn *txn, const DoorSpeaker *speaker, DoorAccessToken **out, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (speaker->bearer == NULL)
    return ask_sign_in (error, "no access token");
  if (door_token_check (txn, speaker->bearer, speaker->now_ms, out, &local))
    return true;
  if (door_error_get_fault (local) == DOOR_FAULT_TOKEN_INVALID)
    return ask_sign_in (error, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/* A refreshed token is another one than the device enrolled with, so it is known by its grant; one of a new
 * sign-in is for the enrollment that comes with it first. */
static bool
look_up_bearer (DoorTxn *txn, const DoorSpeaker *speaker, DoorAccessToken **out, GError **error)
{
  const DoorKnownDevice *known = speaker->known;
  g_autoptr (DoorAccessToken) token = NULL;
  g_autoptr (DoorOauth2Grant) grant = NULL;

  if (!check_token (txn, speaker, &token, error) ||
      !door_oauth2_store_lookup_by_access (txn, token->hash, &grant, error))
    return false;
  if (!g_str_equal (token->person_id, known->person_id) || !g_str_equal (token->team, known->team))
    return ask_sign_in (error, "access token of another person or team than the certificate");
  if (grant != NULL && *grant->enrollment_id != '\0' &&
      !g_str_equal (grant->enrollment_id, known->enrollment_id))
    return ask_sign_in (error, "access token of another enrollment");
  if (grant == NULL && *token->certificate_sha256 != '\0' &&
      !g_str_equal (token->certificate_sha256, known->pinned_sha256))
    return ask_sign_in (error, "access token bound to another certificate");
  *out = g_steal_pointer (&token);
  return true;
}

/**
 * door_standing_check_bearer:
 * @txn: a transaction; it may be one that only reads
 * @speaker: a device that speaks, which door_standing_needs_bearer()
 * @error: return location for an error
 *
 * The access token must be good, of the same person and team, and of no other enrollment. It comes beside the
 * certificate, never in its place.
 *
 * Returns: false with %DOOR_FAULT_DEV_BEARER, upon which the device gets another one, or a database error
 */
bool
door_standing_check_bearer (DoorTxn *txn, const DoorSpeaker *speaker, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;

  return look_up_bearer (txn, speaker, &token, error);
}

/**
 * door_standing_confirm_bearer:
 * @txn: a transaction of the writer
 * @speaker: a device that speaks, and must carry an access token
 * @error: return location for an error
 *
 * As door_standing_check_bearer(), and the access token is for this enrollment from now on.
 *
 * Returns: false with %DOOR_FAULT_DEV_BEARER, upon which the device gets another one, or a database error
 */
bool
door_standing_confirm_bearer (DoorTxn *txn, const DoorSpeaker *speaker, GError **error)
{
  const DoorKnownDevice *known = speaker->known;
  g_autoptr (DoorAccessToken) token = NULL;

  return look_up_bearer (txn, speaker, &token, error) &&
         door_token_bind (txn, token, known->certificate_sha256, error) &&
         door_oauth2_grant_bind (txn, token->hash, known->enrollment_id, speaker->now_ms, error);
}

/**
 * door_standing_confirm:
 * @txn: a transaction of the writer
 * @speaker: a device that speaks
 * @error: return location for an error
 *
 * All of the above, and what follows: the sign-in is bound to the certificate, and a renewed certificate
 * takes the place of the one before.
 *
 * Returns: false with an error
 */
bool
door_standing_confirm (DoorTxn *txn, const DoorSpeaker *speaker, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;

  if (!door_standing_check_pinned (speaker, error))
    return false;
  if (speaker->known->active_at == 0 &&
      (!look_up_sign_in (txn, speaker, &token, error) ||
       !door_token_bind (txn, token, speaker->known->certificate_sha256, error)))
    return false;
  if (door_standing_needs_bearer (speaker) && !door_standing_confirm_bearer (txn, speaker, error))
    return false;
  return follow_renewal (txn, speaker, error);
}

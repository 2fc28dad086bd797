/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-proof.h"

#include "door-error.h"
#include "door-model-family.h"
#include "door-token.h"

/* The certificate the device has shown to have the key of, if it is one of ours. */
static DoorCertificate *
presented_certificate (const DoorContext *context, const DoorDeviceProof *proof, GError **error)
{
  g_autoptr (DoorCertificate) certificate = NULL;

  if (proof->signature != NULL)
    return door_signer_cache_verify_detached (context->signers, proof->signature, proof->body, error);
  if (proof->certificate == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_BADSIG,
                      "neither Mdm-Signature nor a client certificate");
      return NULL;
    }
  certificate = door_certificate_parse (proof->certificate, error);
  if (certificate == NULL || !door_certificate_authority_issued (context->authority, certificate, error))
    return NULL;
  return g_steal_pointer (&certificate);
}

/**
 * door_device_proof_verify:
 * @context: what every service needs
 * @proof: what the device offers
 * @error: return location for an error
 *
 * Verifies the device's signature over the body, or takes the certificate of a trusted proxy, and that the
 * certificate is one of ours and within its time (Apple, "Pass an identity certificate through a proxy").
 * Pure apart from the clock.
 *
 * Returns: (transfer full): the identity certificate, or %NULL with an error
 */
DoorCertificate *
door_device_proof_verify (const DoorContext *context, const DoorDeviceProof *proof, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (DoorCertificate) certificate = presented_certificate (context, proof, &local);

  if (certificate == NULL)
    {
      if (door_error_get_fault (local) == DOOR_FAULT_DEV_UNKNOWN)
        door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNKNOWN, "%s", local->message);
      else
        g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (!door_certificate_is_valid_at (certificate, door_clock_now_ms (context->clock)))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_CERTIFICATE,
                      "identity certificate out of its time");
      return NULL;
    }
  return g_steal_pointer (&certificate);
}

/**
 * door_device_proof_identify:
 * @txn: a transaction
 * @certificate_sha256: an identity certificate that was verified
 * @out: (out) (transfer full): who it stands for; written on success
 * @error: return location for an error
 *
 * Finds the enrollment a certificate is pinned to. An enrollment that has ended is found too.
 *
 * Returns: false with %DOOR_FAULT_DEV_UNKNOWN or a database error
 */
bool
door_device_proof_identify (DoorTxn *txn, const char *certificate_sha256, DoorKnownDevice **out,
                            GError **error)
{
  g_autoptr (DoorKnownDevice) known = NULL;

  if (!door_known_device_lookup (txn, certificate_sha256, &known, error))
    return false;
  if (known == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNKNOWN,
                           "identity certificate not on record");
  if (*known->enrollment_id != '\0' && *known->device_id == '\0')
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNKNOWN, "enrollment not on record");
  *out = g_steal_pointer (&known);
  return true;
}

/**
 * door_device_proof_sends_no_bearer:
 * @product: a model identifier
 *
 * The device channel of macOS carries no access token (Apple, "Passing the access token"). Only a product
 * that ModelFamilies can leave out counts as a Mac. Pure.
 *
 * Returns: whether such a device sends none
 */
bool
door_device_proof_sends_no_bearer (const char *product)
{
  return door_model_family_is_mac (product);
}

/* A ticket stands in an address and is not carried by the device. */
static bool
is_ticket (const DoorAccessToken *token)
{
  return !g_str_equal (token->kind, DOOR_TOKEN_ACCOUNT);
}

/* The sign-in that the certificate comes from, by the challenge it was issued for. */
static bool
lookup_token_of_certificate (DoorTxn *txn, const DoorSignInProof *proof, DoorAccessToken **out,
                             GError **error)
{
  g_autoptr (DoorScepChallenge) challenge = NULL;

  if (!door_certificate_store_lookup_challenge_of (txn, proof->known->certificate_sha256, &challenge, error))
    return false;
  if (challenge == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID,
                           "the certificate comes from no sign-in that is known");
  return door_token_check_hash (txn, challenge->token_hash, proof->now_ms, out, error);
}

static bool
ask_sign_in (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_DEV_BEARER, "%s", reason);
}

static bool
lookup_token (DoorTxn *txn, const DoorSignInProof *proof, DoorAccessToken **out, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;

  if (proof->bearer != NULL)
    return door_token_check (txn, proof->bearer, proof->now_ms, out, error);
  if (!lookup_token_of_certificate (txn, proof, &token, error))
    return false;
  if (g_str_equal (token->kind, DOOR_TOKEN_OTA))
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID,
                           "an identity of the Profile Service enrolls nothing");
  if (!is_ticket (token) && !door_device_proof_sends_no_bearer (proof->product))
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID, "no access token");
  *out = g_steal_pointer (&token);
  return true;
}

/**
 * door_device_proof_check_sign_in:
 * @txn: a transaction
 * @proof: what the device offers
 * @out: (out) (transfer full): the access token; written on success
 * @error: return location for an error
 *
 * Checks the access token that a device carries until its first TokenUpdate: it must be good, and of the
 * person and team the certificate was issued for. For a Mac, and for whatever came with a ticket, none is
 * carried: then the token or ticket that its certificate was issued for must be good.
 *
 * Returns: false with %DOOR_FAULT_DEV_BEARER, which asks for a new sign-in, or a database error
 */
bool
door_device_proof_check_sign_in (DoorTxn *txn, const DoorSignInProof *proof, DoorAccessToken **out,
                                 GError **error)
{
  const DoorKnownDevice *known = proof->known;
  g_autoptr (DoorAccessToken) token = NULL;
  g_autoptr (GError) local = NULL;

  if (!lookup_token (txn, proof, &token, &local))
    {
      if (door_error_get_fault (local) == DOOR_FAULT_TOKEN_INVALID)
        return ask_sign_in (error, local->message);
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  if (!g_str_equal (token->person_id, known->person_id) || !g_str_equal (token->team, known->team))
    return ask_sign_in (error, "access token of another person or team than the certificate");
  if (*token->certificate_sha256 != '\0' &&
      !g_str_equal (token->certificate_sha256, known->certificate_sha256))
    return ask_sign_in (error, "access token bound to another certificate");
  *out = g_steal_pointer (&token);
  return true;
}

/**
 * door_device_proof_check_origin:
 * @txn: a transaction
 * @known: who the certificate stands for, which was never used
 * @token: (inout): the access token that came with it; gets the mode it is for where it says none
 * @error: return location for an error
 *
 * The person of an access token is not all: the certificate must come from such a sign-in too, and for the
 * same mode. That of a ticket is for one device and one use of its link, and that of the Profile Service
 * enrolls nothing; with an access token of the same person they would enroll whatever has them.
 *
 * Returns: false with %DOOR_FAULT_DEV_BEARER or a database error
 */
bool
door_device_proof_check_origin (DoorTxn *txn, const DoorKnownDevice *known, DoorAccessToken *token,
                                GError **error)
{
  g_autoptr (DoorScepChallenge) challenge = NULL;
  g_autoptr (DoorAccessToken) origin = NULL;

  if (!door_certificate_store_lookup_challenge_of (txn, known->certificate_sha256, &challenge, error) ||
      (challenge != NULL && !door_token_store_lookup (txn, challenge->token_hash, &origin, error)))
    return false;
  if (origin == NULL)
    return ask_sign_in (error, "the certificate comes from no sign-in that is known");
  if (!g_str_equal (origin->kind, token->kind))
    return ask_sign_in (error, "the certificate was issued for a ticket, and comes with an access token");
  if (*token->mode != '\0' && !g_str_equal (origin->mode, token->mode))
    return ask_sign_in (error, "access token of another mode than the certificate");
  g_free (token->mode);
  token->mode = g_steal_pointer (&origin->mode);
  return true;
}

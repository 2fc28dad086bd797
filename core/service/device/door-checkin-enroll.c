/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-write.h"

#include "door-association-store.h"
#include "door-certificate-store.h"
#include "door-command-store.h"
#include "door-declaration-store.h"
#include "door-device-answer.h"
#include "door-device-proof.h"
#include "door-device-store.h"
#include "door-enroll-reference.h"
#include "door-enrollment-link.h"
#include "door-error.h"
#include "door-oauth2-grant.h"
#include "door-purpose.h"
#include "door-push-store.h"
#include "door-renewal-store.h"
#include "door-token.h"
#include "door-user-channel-store.h"

static char *
detail (const DoorCheckinMessage *message, DoorCheckinDetail which)
{
  const char *text = door_checkin_message_get_detail (message, which);

  return (char *) (text != NULL ? text : "");
}

static bool
is_whole (const DoorCheckinMessage *message)
{
  return door_checkin_message_get_id_kind (message) == DOOR_ENROLLMENT_ID_UDID;
}

/* Macs name their model elsewhere than the others. */
static const char *
get_product (const DoorCheckinMessage *message)
{
  const char *product = door_checkin_message_get_detail (message, DOOR_CHECKIN_PRODUCT_NAME);

  return product != NULL ? product : detail (message, DOOR_CHECKIN_MODEL);
}

/* A link to the same person goes on; one to somebody else ends here, see close_former(). Where nobody had to
 * sign in nothing is known of the person, so what was known counts no more. */
static bool
link_person (DoorTxn *txn, DoorCheckinWrite *checkin, const char *device_id, const char *person_id,
             GError **error)
{
  g_autoptr (DoorAssociation) open = NULL;
  DoorAssociation association = {
    .id = (char *) checkin->new_ids[2],
    .person_id = (char *) person_id,
    .device_id = (char *) device_id,
    .source = (char *) "sign-in",
    .from_at = checkin->now_ms,
    .end_reason = (char *) "",
  };

  if (!door_association_store_lookup_open (txn, device_id, &open, error))
    return false;
  if (open != NULL && g_str_equal (open->person_id, person_id))
    return true;
  if (open != NULL && checkin->change.replaced)
    {
      checkin->former_person = g_strdup (open->person_id);
      checkin->new_person = g_strdup (person_id);
    }
  if (open != NULL &&
      !door_association_store_close (txn, device_id, DOOR_END_REPLACED, checkin->now_ms, error))
    return false;
  return *person_id == '\0' || door_association_store_add (txn, &association, error);
}

/* The device as it now describes itself; made when it was never seen. */
static bool
save_device (DoorTxn *txn, const DoorCheckinWrite *checkin, const char *known_id, GError **error)
{
  DoorDevice device = {
    .id = (char *) (known_id != NULL ? known_id : checkin->new_ids[0]),
    .apple_id = (char *) door_checkin_message_get_id (checkin->message),
    .kind = (char *) (is_whole (checkin->message) ? DOOR_DEVICE_WHOLE : DOOR_DEVICE_USER),
    .product = (char *) get_product (checkin->message),
    .os_version = detail (checkin->message, DOOR_CHECKIN_OS_VERSION),
    .build_version = detail (checkin->message, DOOR_CHECKIN_BUILD_VERSION),
    .serial = detail (checkin->message, DOOR_CHECKIN_SERIAL_NUMBER),
    .name = detail (checkin->message, DOOR_CHECKIN_DEVICE_NAME),
    .model = detail (checkin->message, DOOR_CHECKIN_MODEL),
    .model_name = detail (checkin->message, DOOR_CHECKIN_MODEL_NAME),
    .created_at = checkin->now_ms,
    .seen_at = checkin->now_ms,
  };

  return known_id != NULL ? door_device_store_update (txn, &device, error)
                          : door_device_store_add (txn, &device, error);
}

/**
 * door_checkin_end_enrollment:
 * @txn: a transaction of the writer
 * @enrollment_id: an enrollment that was found open
 * @reason: why it ends
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ends an enrollment, the channels of its users, what is queued for it and what it was to be pushed for, what
 * it has reported of declarations, and its certificates. Who waited for somebody else to end it must look
 * again: what he knows is from before, and the device may have another enrollment by now.
 *
 * Returns: false with an error
 */
bool
door_checkin_end_enrollment (DoorTxn *txn, const char *enrollment_id, const char *reason, int64_t now_ms,
                             GError **error)
{
  bool ended = false;

  if (!door_device_store_end_enrollment (txn, enrollment_id, reason, now_ms, &ended, error))
    return false;
  if (!ended)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                           "the enrollment was ended at the same moment");
  return door_user_channel_store_end (txn, enrollment_id, now_ms, error) &&
         door_command_store_cancel_of_enrollment (txn, enrollment_id, now_ms, error) &&
         door_push_store_poll_seen (txn, enrollment_id, error) &&
         door_renewal_store_remove (txn, enrollment_id, error) &&
         door_declaration_store_remove_status (txn, enrollment_id, error) &&
         door_certificate_store_revoke_of_enrollment (txn, enrollment_id, now_ms, error);
}

/* An EnrollmentID never passes to another person, so somebody else who names it is not that device. */
static bool
check_last_owner (DoorTxn *txn, const DoorDevice *device, const DoorAccessToken *token, GError **error)
{
  g_autoptr (GPtrArray) owners = door_association_store_list_by_device (txn, device->id, 1, error);
  const DoorAssociation *last;

  if (owners == NULL)
    return false;
  last = owners->len > 0 ? g_ptr_array_index (owners, 0) : NULL;
  return last == NULL || g_str_equal (last->person_id, token->person_id) ||
         door_device_answer_refuse (error, DOOR_FAULT_DEV_MISMATCH,
                                    "the EnrollmentID belongs to another person");
}

/* A UDID passes to another person when a device is handed on. While it is enrolled, for somebody or for
 * nobody, the word of a device for it is not enough: Apple's certificate vouched for it when the ticket was
 * made. */
static bool
check_present_owner (DoorTxn *txn, const DoorDevice *device, const DoorAccessToken *token, GError **error)
{
  g_autoptr (DoorAssociation) open = NULL;

  if (*token->udid != '\0')
    return true;
  if (!door_association_store_lookup_open (txn, device->id, &open, error))
    return false;
  return (open != NULL && g_str_equal (open->person_id, token->person_id)) ||
         door_device_answer_refuse (
             error, DOOR_FAULT_DEV_MISMATCH,
             "the UDID belongs to an enrollment that is not of this person; doorctl device end lets it go");
}

static bool
check_owner (DoorTxn *txn, const DoorCheckinWrite *checkin, const DoorDevice *device,
             const DoorAccessToken *token, bool enrolled, GError **error)
{
  bool whole = g_str_equal (device->kind, DOOR_DEVICE_WHOLE);

  if (whole != is_whole (checkin->message))
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_MISMATCH,
                                      "a UDID and an EnrollmentID that are the same");
  if (!whole)
    return check_last_owner (txn, device, token, error);
  return !enrolled || check_present_owner (txn, device, token, error);
}

/* A device that comes back with a new certificate ends its old enrollment. */
static bool
close_former (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorDevice *device, const DoorAccessToken *token,
              GError **error)
{
  g_autoptr (DoorEnrollment) former = NULL;

  if (!door_device_store_lookup_open_enrollment (txn, device->id, &former, error) ||
      !check_owner (txn, checkin, device, token, former != NULL, error))
    return false;
  checkin->change.replaced = former != NULL;
  return former == NULL ||
         door_checkin_end_enrollment (txn, former->id, DOOR_END_REPLACED, checkin->now_ms, error);
}

static bool
add_enrollment (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorAccessToken *token, const char *device_id,
                GError **error)
{
  const DoorEnrollReferenceProof proof = {
    .context = checkin->context,
    .certificate_sha256 = checkin->certificate_sha256,
    .token = token,
    .offered = checkin->enroll_reference,
  };
  g_autofree char *reference = NULL;
  DoorEnrollment enrollment = {
    .id = (char *) checkin->new_ids[1],
    .device_id = (char *) device_id,
    .team = token->team,
    .state = (char *) "pending",
    .certificate_sha256 = (char *) checkin->certificate_sha256,
    .topic = (char *) door_checkin_message_get_topic (checkin->message),
    .push_magic = (char *) "",
    .push_token = (char *) "",
    .created_at = checkin->now_ms,
    .end_reason = (char *) "",
    .way = *token->connection != '\0' ? (char *) DOOR_WAY_OAUTH2 : token->kind,
    .mode = token->mode,
    .token_hash = token->hash,
    .managed_account = token->managed_account,
  };

  if (!door_enroll_reference_find (txn, &proof, &reference, error))
    return false;
  enrollment.enroll_reference = reference;
  checkin->judged = door_enroll_reference_judge (reference, checkin->enroll_reference);
  return door_device_store_add_enrollment (txn, &enrollment, error);
}

/* Comes before all that is looked up for a new enrollment: who repeats the message on another connection
 * waits here until the first is done, and the writer then lets him look again and find it. */
static bool
pin (DoorTxn *txn, const DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  bool pinned = false;

  if (!door_certificate_store_pin (txn, known->certificate_sha256, checkin->new_ids[1], &pinned, error))
    return false;
  return pinned || door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                                   "the certificate was pinned at the same moment");
}

/* What a device calls itself here decides whether it must bring its access token, so it must be what it could
 * have called itself when it asked for its profile. A team that was removed meanwhile rules nothing. */
static bool
check_family (const DoorCheckinWrite *checkin, const DoorKnownDevice *known, const char *product,
              GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (checkin->context->policy, known->team);

  return team == NULL || door_team_allows_product (team, product) ||
         door_device_answer_refuse (error, DOOR_FAULT_DISC_FAMILY, "the product is not in ModelFamilies");
}

/* The device must be the one that the sign-in was for, enrolled as its profile says. */
static bool
check_device (const DoorCheckinWrite *checkin, const DoorAccessToken *token, GError **error)
{
  const char *serial = detail (checkin->message, DOOR_CHECKIN_SERIAL_NUMBER);
  bool user = g_str_equal (token->kind, DOOR_TOKEN_ACCOUNT) && !g_str_equal (token->mode, DOOR_MODE_DEVICE);

  if (user && is_whole (checkin->message))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE, "no EnrollmentID");
  if (!user && !is_whole (checkin->message))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE, "no UDID");
  if (*token->udid != '\0' && !g_str_equal (token->udid, door_checkin_message_get_id (checkin->message)))
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_MISMATCH,
                                      "another device than the one that signed in, by its UDID");
  if (*token->serial != '\0' && *serial != '\0' && !g_str_equal (token->serial, serial))
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_MISMATCH,
                                      "another device than the one that signed in, by its serial number");
  return true;
}

/* Authenticate by a certificate that was never used: a new enrollment of the person who signed in. */
static bool
enroll (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  const char *apple_id = door_checkin_message_get_id (checkin->message);
  g_autoptr (DoorAccessToken) token = NULL;
  g_autoptr (DoorDevice) device = NULL;
  const char *device_id;
  DoorSignInProof proof = {
    .known = known,
    .bearer = checkin->bearer,
    .product = get_product (checkin->message),
    .now_ms = checkin->now_ms,
  };

  if (known->revoked_at != 0)
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_CERTIFICATE,
                                      "the identity certificate was revoked");
  if (!check_family (checkin, known, proof.product, error) || !pin (txn, checkin, known, error) ||
      !door_device_proof_check_sign_in (txn, &proof, &token, error) ||
      !door_device_proof_check_origin (txn, known, token, error) || !check_device (checkin, token, error) ||
      !door_enrollment_link_use (txn, token->link, error) ||
      !door_device_store_lookup_by_apple_id (txn, apple_id, &device, error))
    return false;
  if (device != NULL && !close_former (txn, checkin, device, token, error))
    return false;
  device_id = device != NULL ? device->id : checkin->new_ids[0];
  checkin->change.begun = true;
  return save_device (txn, checkin, device != NULL ? device_id : NULL, error) &&
         add_enrollment (txn, checkin, token, device_id, error) &&
         door_oauth2_grant_bind (txn, token->hash, checkin->new_ids[1], checkin->now_ms, error) &&
         door_token_bind (txn, token, known->certificate_sha256, error) &&
         door_certificate_store_end_challenge (txn, known->certificate_sha256, checkin->now_ms, error) &&
         link_person (txn, checkin, device_id, token->person_id, error);
}

/* What a device is decides whether it must bring an access token, so it stays what it enrolled as. */
static bool
check_same_kind (const DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  return door_device_proof_sends_no_bearer (known->product) ==
             door_device_proof_sends_no_bearer (get_product (checkin->message)) ||
         door_device_answer_refuse (error, DOOR_FAULT_DEV_MISMATCH,
                                    "the device enrolled as another kind of product");
}

/**
 * door_checkin_authenticate:
 * @txn: a transaction of the writer
 * @checkin: an Authenticate message
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * By a certificate that was never used, a new enrollment; by one that was, the same enrollment: nothing of
 * its owner changes (Apple, Authenticate; a renewed certificate makes a device send it again).
 *
 * Returns: false with an error
 */
bool
door_checkin_authenticate (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                           GError **error)
{
  const DoorSpeaker speaker = door_checkin_write_get_speaker (checkin, known);

  if (*known->enrollment_id == '\0')
    return enroll (txn, checkin, known, error);
  return check_same_kind (checkin, known, error) && door_standing_confirm (txn, &speaker, error) &&
         save_device (txn, checkin, known->device_id, error);
}

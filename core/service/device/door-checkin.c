/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin.h"

#include <string.h>

#include "door-association-store.h"
#include "door-checkin-write.h"
#include "door-device-answer.h"
#include "door-device-proof.h"
#include "door-enroll-reference.h"
#include "door-error.h"
#include "door-log.h"
#include "door-push.h"
#include "door-setup-assistant.h"

/**
 * door_checkin_write_get_speaker:
 * @checkin: a check-in message
 * @known: who its certificate stands for
 *
 * Returns: who says it; lives as long as both
 */
DoorSpeaker
door_checkin_write_get_speaker (const DoorCheckinWrite *checkin, const DoorKnownDevice *known)
{
  return (DoorSpeaker){
    .known = known,
    .id_kind = door_checkin_message_get_id_kind (checkin->message),
    .apple_id = door_checkin_message_get_id (checkin->message),
    .bearer = checkin->bearer,
    .now_ms = checkin->now_ms,
    .policy = checkin->context->policy,
  };
}

/**
 * door_checkin_confirm_active:
 * @txn: a transaction of the writer
 * @checkin: a message that only a device that is enrolled sends
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * Checks that the device may speak and that its enrollment is complete.
 *
 * Returns: false with an error
 */
bool
door_checkin_confirm_active (DoorTxn *txn, const DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                             GError **error)
{
  const DoorSpeaker speaker = door_checkin_write_get_speaker (checkin, known);

  if (*known->enrollment_id == '\0')
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNKNOWN, "%s before Authenticate",
                           door_checkin_message_get_type_name (checkin->message));
  if (!door_standing_confirm (txn, &speaker, error))
    return false;
  return known->active_at != 0 ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNKNOWN, "%s before TokenUpdate",
                         door_checkin_message_get_type_name (checkin->message));
}

/* A CheckOut whose answer was lost is not repeated by devices, but a repeat is no error. */
static bool
check_out (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  const DoorSpeaker speaker = door_checkin_write_get_speaker (checkin, known);

  if (*known->enrollment_id == '\0')
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_UNKNOWN, "CheckOut before Authenticate");
  if (known->ended_at != 0 && g_str_equal (known->end_reason, DOOR_END_CHECK_OUT) &&
      g_str_equal (known->apple_id, speaker.apple_id))
    return true;
  checkin->change.checked_out = true;
  return door_standing_check_pinned (&speaker, error) && door_standing_check_pending (txn, &speaker, error) &&
         door_checkin_end_enrollment (txn, known->enrollment_id, DOOR_END_CHECK_OUT, checkin->now_ms,
                                      error) &&
         door_association_store_close (txn, known->device_id, DOOR_END_CHECK_OUT, checkin->now_ms, error);
}

/* Both come once in a while only. */
static bool
tells_address (DoorCheckinType type)
{
  return type == DOOR_CHECKIN_AUTHENTICATE || type == DOOR_CHECKIN_TOKEN_UPDATE;
}

typedef bool (*TakeMessage) (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                             GError **error);

static gboolean
write_checkin (DoorTxn *txn, gpointer data, GError **error)
{
  static const TakeMessage takers[] = {
    [DOOR_CHECKIN_AUTHENTICATE] = door_checkin_authenticate,
    [DOOR_CHECKIN_TOKEN_UPDATE] = door_checkin_token_update,
    [DOOR_CHECKIN_CHECK_OUT] = check_out,
    [DOOR_CHECKIN_USER_AUTHENTICATE] = door_checkin_user_authenticate,
    [DOOR_CHECKIN_SET_BOOTSTRAP_TOKEN] = door_checkin_set_bootstrap_token,
    [DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN] = door_checkin_get_bootstrap_token,
    [DOOR_CHECKIN_GET_TOKEN] = door_checkin_get_token,
    [DOOR_CHECKIN_DECLARATIVE_MANAGEMENT] = door_checkin_declarative_management,
  };
  DoorCheckinWrite *checkin = data;
  DoorCheckinType type = door_checkin_message_get_message_type (checkin->message);
  g_autoptr (DoorKnownDevice) known = NULL;

  if (!door_device_proof_identify (txn, checkin->certificate_sha256, &known, error))
    return FALSE;
  g_free (checkin->team);
  checkin->team = g_strdup (known->team);
  memset (&checkin->change, 0, sizeof checkin->change);
  g_clear_pointer (&checkin->answer, g_bytes_unref);
  g_clear_pointer (&checkin->awaiting_id, g_free);
  g_clear_pointer (&checkin->former_person, g_free);
  g_clear_pointer (&checkin->new_person, g_free);
  checkin->handed_out = false;
  checkin->judged = tells_address (type) && *known->enrollment_id != '\0'
                        ? door_enroll_reference_judge (known->enroll_reference, checkin->enroll_reference)
                        : NULL;
  return takers[type](txn, checkin, known, error);
}

/* after the commit */
static void
count_checkin (const DoorContext *context, const DoorCheckinWrite *checkin)
{
  static const DoorMetric metrics[] = {
    [DOOR_CHECKIN_AUTHENTICATE] = DOOR_METRIC_CHECK_IN_AUTHENTICATE,
    [DOOR_CHECKIN_TOKEN_UPDATE] = DOOR_METRIC_CHECK_IN_TOKEN_UPDATE,
    [DOOR_CHECKIN_CHECK_OUT] = DOOR_METRIC_CHECK_IN_CHECK_OUT,
    [DOOR_CHECKIN_USER_AUTHENTICATE] = DOOR_METRIC_CHECK_IN_USER_AUTHENTICATE,
    [DOOR_CHECKIN_SET_BOOTSTRAP_TOKEN] = DOOR_METRIC_CHECK_IN_SET_BOOTSTRAP_TOKEN,
    [DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN] = DOOR_METRIC_CHECK_IN_GET_BOOTSTRAP_TOKEN,
    [DOOR_CHECKIN_GET_TOKEN] = DOOR_METRIC_CHECK_IN_GET_TOKEN,
    [DOOR_CHECKIN_DECLARATIVE_MANAGEMENT] = DOOR_METRIC_CHECK_IN_DECLARATIVE_MANAGEMENT,
  };

  door_metrics_add (context->metrics, metrics[door_checkin_message_get_message_type (checkin->message)], 1);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_BEGUN, checkin->change.begun);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_ACTIVE, checkin->change.active);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_CHECKED_OUT, checkin->change.checked_out);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_REPLACED, checkin->change.replaced);
}

/* What takes time is done behind the commit; when that fails, or the server stops, the next round does it. */
static void
prepare (const DoorContext *context, const char *enrollment_id)
{
  g_autoptr (GError) error = NULL;

  if (enrollment_id != NULL && !door_setup_assistant_prepare (context, enrollment_id, &error))
    g_warning ("setup: %s", error->message);
}

/* A reference that is not the enrollment's changes nothing, but somebody has changed the address. */
static void
log_checkin (const DoorCheckinWrite *checkin, const char *request_id)
{
  const DoorCheckinMessage *message = checkin->message;
  const char *device = door_checkin_message_get_id (message), *certificate = checkin->certificate_sha256;

  door_log_event (G_LOG_LEVEL_INFO, "check-in", door_checkin_message_get_type_name (message),
                  "DOORWARD_DEVICE", device, "DOORWARD_CERTIFICATE", certificate, "DOORWARD_REQUEST",
                  request_id, "DOORWARD_REFERENCE", checkin->judged, NULL);
  if (checkin->judged != NULL && !g_str_equal (checkin->judged, DOOR_ENROLL_REFERENCE_MATCHED))
    door_log_event (G_LOG_LEVEL_WARNING, "enroll-reference",
                    "the address that a device sent its message to does not have the enroll_reference of its "
                    "profile; look whether a proxy changes the query",
                    "DOORWARD_DEVICE", device, "DOORWARD_CERTIFICATE", certificate, "DOORWARD_REQUEST",
                    request_id, "DOORWARD_REFERENCE", checkin->judged, NULL);
  if (checkin->handed_out)
    door_log_event (G_LOG_LEVEL_MESSAGE, "escrow", "bootstrap token handed to its device", "DOORWARD_DEVICE",
                    device, "DOORWARD_CERTIFICATE", certificate, "DOORWARD_REQUEST", request_id, NULL);
}

/* A device that was handed on looks the same as a copy of what another one has signed: an administrator must
 * be able to tell. Both people stay on record as owners of the device. */
static void
tell_takeover (const DoorCheckinWrite *checkin, const DoorDeviceProof *proof)
{
  if (checkin->former_person != NULL)
    door_log_event (G_LOG_LEVEL_WARNING, "enrollment-takeover",
                    "an enrollment in force was replaced by that of somebody else; ask its owner, and if the "
                    "device was not handed on have them enroll it again",
                    "DOORWARD_DEVICE", door_checkin_message_get_id (checkin->message),
                    "DOORWARD_FORMER_PERSON", checkin->former_person, "DOORWARD_PERSON", checkin->new_person,
                    "DOORWARD_CERTIFICATE", checkin->certificate_sha256, "DOORWARD_REQUEST",
                    proof->request_id, NULL);
}

static bool
apply (const DoorContext *context, const DoorDeviceProof *proof, const DoorCheckinMessage *message,
       const DoorCertificate *certificate, DoorDeviceAnswer *out, GError **error)
{
  DoorCheckinType type = door_checkin_message_get_message_type (message);
  bool done, enrolls = type == DOOR_CHECKIN_AUTHENTICATE;
  bool makes_row = enrolls || type == DOOR_CHECKIN_TOKEN_UPDATE;
  g_autofree char *row_id = makes_row ? door_random_dup_uuid (context->random) : NULL;
  g_autofree char *enrollment_id = enrolls ? door_random_dup_uuid (context->random) : NULL;
  g_autofree char *association_id = enrolls ? door_random_dup_uuid (context->random) : NULL;
  g_autofree char *awaiting_id = NULL, *former_person = NULL, *new_person = NULL;
  g_autoptr (DoorDepServer) token_server = NULL;
  DoorCheckinWrite checkin = {
    .context = context,
    .message = message,
    .certificate_sha256 = door_certificate_get_sha256 (certificate),
    .bearer = proof->bearer,
    .enroll_reference = proof->enroll_reference,
    .new_ids = { row_id, enrollment_id, association_id },
    .now_ms = door_clock_now_ms (context->clock),
  };

  done = door_writer_run (context->writer, write_checkin, &checkin, proof->cancellable, error);
  awaiting_id = checkin.awaiting_id;
  former_person = checkin.former_person;
  new_person = checkin.new_person;
  token_server = checkin.token_server;
  out->team = checkin.team;
  out->body = checkin.answer;
  out->is_json = type == DOOR_CHECKIN_DECLARATIVE_MANAGEMENT;
  if (!done)
    {
      g_clear_pointer (&out->body, g_bytes_unref);
      return false;
    }
  if (token_server != NULL)
    out->body = door_checkin_build_token (&checkin, error);
  if (token_server != NULL && out->body == NULL)
    return false;
  count_checkin (context, &checkin);
  tell_takeover (&checkin, proof);
  if (checkin.change.active) /* what there is for it from the start */
    door_push_wake (context);
  prepare (context, awaiting_id);
  log_checkin (&checkin, proof->request_id);
  return true;
}

static bool
take_message (const DoorContext *context, const DoorDeviceProof *proof, DoorDeviceAnswer *out, GError **error)
{
  g_autoptr (DoorCertificate) certificate = door_device_proof_verify (context, proof, error);
  g_autoptr (DoorCheckinMessage) message = NULL;

  if (certificate == NULL)
    return false;
  message = door_checkin_message_parse (proof->body, error);
  if (message == NULL)
    return false;
  if (door_checkin_message_get_topic (message) != NULL &&
      !g_str_equal (door_checkin_message_get_topic (message), context->topic))
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_TOPIC, "the Topic is not ours");
  return apply (context, proof, message, certificate, out, error);
}

/**
 * door_checkin_message_received:
 * @context: what every service needs
 * @proof: the body and what shows who sent it
 * @out: (out): what the device is answered; also after an error
 * @error: return location for an error
 *
 * Takes in a check-in message (Apple, MDM check-in). Signature first,
 * then the message, then one write that holds the whole decision. Blocks for its commit.
 *
 * Returns: false with an error; %DOOR_FAULT_DEV_BEARER asks for a new sign-in
 */
bool
door_checkin_message_received (const DoorContext *context, const DoorDeviceProof *proof,
                               DoorDeviceAnswer *out, GError **error)
{
  return door_device_answer_give (context, proof, take_message, out, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin.h"

#include <string.h>

#include "door-association-store.h"
#include "door-device-proof.h"
#include "door-error.h"
#include "door-hex.h"
#include "door-log.h"

/* A poll is noted at most this often: it must not cost a write each time. */
#define SEEN_STEP_MS (60 * INT64_C (1000))

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorPolicy *policy;
  const DoorCheckinMessage *message;
  const char *certificate_sha256;
  const char *bearer;
  const char *new_ids[3]; /* device, enrollment, association; of Authenticate alone */
  int64_t now_ms;
  char *team; /* (out): of the certificate, for a challenge */
  struct
  {
    bool begun;
    bool active;
    bool checked_out;
    bool replaced;
  } change; /* (out): what became of enrollments */
} Checkin;

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, fault, "%s", reason);
  return false;
}

static char *
detail (const DoorCheckinMessage *message, DoorCheckinDetail which)
{
  const char *text = door_checkin_message_get_detail (message, which);

  return (char *) (text != NULL ? text : "");
}

/* Every message but CheckOut needs an enrollment that goes on, of the device that speaks. */
static bool
check_pinned (const DoorKnownDevice *known, const char *apple_id, GError **error)
{
  if (!g_str_equal (known->apple_id, apple_id))
    return refuse (error, DOOR_FAULT_DEV_MISMATCH, "the certificate is pinned to another enrollment");
  if (known->ended_at != 0)
    return refuse (error, DOOR_FAULT_DEV_ENDED, "the enrollment has ended");
  if (known->revoked_at != 0)
    return refuse (error, DOOR_FAULT_DEV_CERTIFICATE, "the identity certificate was revoked");
  return true;
}

/* The first use of a renewed certificate retires the one before it, and with it all that was ever renewed
 * from that: else a copy of an old key would live on in a certificate that nobody has seen yet. */
static bool
follow_renewal (DoorTxn *txn, const DoorKnownDevice *known, int64_t now_ms, GError **error)
{
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
  return door_certificate_store_revoke_others (txn, known->enrollment_id, known->certificate_sha256, now_ms,
                                               error);
}

/* One person keeps a device's EnrollmentID for ever, see close_former(), so a link that is there is right. */
static bool
link_person (DoorTxn *txn, const Checkin *checkin, const char *device_id, const char *person_id,
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
  return open != NULL || door_association_store_add (txn, &association, error);
}

/* The device as it now describes itself; made when it was never seen. */
static bool
save_device (DoorTxn *txn, const Checkin *checkin, const char *known_id, GError **error)
{
  DoorDevice device = {
    .id = (char *) (known_id != NULL ? known_id : checkin->new_ids[0]),
    .apple_id = (char *) door_checkin_message_get_id (checkin->message),
    .kind = (char *) "user-enrollment",
    .product = detail (checkin->message, DOOR_CHECKIN_PRODUCT_NAME),
    .os_version = detail (checkin->message, DOOR_CHECKIN_OS_VERSION),
    .build_version = detail (checkin->message, DOOR_CHECKIN_BUILD_VERSION),
    .created_at = checkin->now_ms,
    .seen_at = checkin->now_ms,
  };

  return known_id != NULL ? door_device_store_update (txn, &device, error)
                          : door_device_store_add (txn, &device, error);
}

/* Ends an enrollment that was found open. Who waited for somebody else to end it must look again: what he
 * knows is from before, and the device may have another enrollment by now. */
static bool
end_open (DoorTxn *txn, const char *enrollment_id, const char *reason, int64_t now_ms, GError **error)
{
  bool ended = false;

  if (!door_device_store_end_enrollment (txn, enrollment_id, reason, now_ms, &ended, error))
    return false;
  return ended || door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                                  "the enrollment was ended at the same moment");
}

/* A device that comes back with a new certificate ends its old enrollment. An EnrollmentID never passes from
 * one person to another, so somebody else who names it is not that device. */
static bool
close_former (DoorTxn *txn, Checkin *checkin, const DoorDevice *device, const char *person_id, GError **error)
{
  g_autoptr (DoorEnrollment) former = NULL;
  g_autoptr (GPtrArray) owners = door_association_store_list_by_device (txn, device->id, 1, error);
  const DoorAssociation *last;

  if (owners == NULL)
    return false;
  last = owners->len > 0 ? g_ptr_array_index (owners, 0) : NULL;
  if (last != NULL && !g_str_equal (last->person_id, person_id))
    return refuse (error, DOOR_FAULT_DEV_MISMATCH, "the EnrollmentID belongs to another person");
  if (!door_device_store_lookup_open_enrollment (txn, device->id, &former, error))
    return false;
  if (former == NULL)
    return true;
  checkin->change.replaced = true;
  return end_open (txn, former->id, "replaced", checkin->now_ms, error) &&
         door_certificate_store_revoke_of_enrollment (txn, former->id, checkin->now_ms, error);
}

static bool
add_enrollment (DoorTxn *txn, const Checkin *checkin, const DoorKnownDevice *known, const char *device_id,
                GError **error)
{
  const DoorEnrollment enrollment = {
    .id = (char *) checkin->new_ids[1],
    .device_id = (char *) device_id,
    .team = known->team,
    .state = (char *) "pending",
    .certificate_sha256 = known->certificate_sha256,
    .topic = (char *) door_checkin_message_get_topic (checkin->message),
    .push_magic = (char *) "",
    .push_token = (char *) "",
    .created_at = checkin->now_ms,
    .end_reason = (char *) "",
  };

  return door_device_store_add_enrollment (txn, &enrollment, error);
}

/* Comes before all that is looked up for a new enrollment: who repeats the message on another connection
 * waits here until the first is done, and the writer then lets him look again and find it. */
static bool
pin (DoorTxn *txn, const Checkin *checkin, const DoorKnownDevice *known, GError **error)
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
check_family (const Checkin *checkin, const DoorKnownDevice *known, const char *product, GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (checkin->policy, known->team);

  return team == NULL || door_policy_product_allowed (team, product) ||
         refuse (error, DOOR_FAULT_DISC_FAMILY, "the product is not in ModelFamilies");
}

/* Authenticate by a certificate that was never used: a new enrollment of the person who signed in. */
static bool
enroll (DoorTxn *txn, Checkin *checkin, const DoorKnownDevice *known, GError **error)
{
  const char *apple_id = door_checkin_message_get_id (checkin->message);
  g_autoptr (DoorAccessToken) token = NULL;
  g_autoptr (DoorDevice) device = NULL;
  const char *device_id;
  DoorSignInProof proof = {
    .known = known,
    .bearer = checkin->bearer,
    .product = detail (checkin->message, DOOR_CHECKIN_PRODUCT_NAME),
    .now_ms = checkin->now_ms,
  };

  if (known->revoked_at != 0)
    return refuse (error, DOOR_FAULT_DEV_CERTIFICATE, "the identity certificate was revoked");
  if (!check_family (checkin, known, proof.product, error) || !pin (txn, checkin, known, error) ||
      !door_device_proof_check_sign_in (txn, &proof, &token, error) ||
      !door_device_store_lookup_by_apple_id (txn, apple_id, &device, error))
    return false;
  if (device != NULL && !close_former (txn, checkin, device, token->person_id, error))
    return false;
  device_id = device != NULL ? device->id : checkin->new_ids[0];
  checkin->change.begun = true;
  return save_device (txn, checkin, device != NULL ? device_id : NULL, error) &&
         add_enrollment (txn, checkin, known, device_id, error) &&
         door_token_store_bind (txn, token->hash, known->certificate_sha256, error) &&
         door_certificate_store_end_challenge (txn, known->certificate_sha256, checkin->now_ms, error) &&
         link_person (txn, checkin, device_id, token->person_id, error);
}

static DoorSignInProof
sign_in_proof (const DoorKnownDevice *known, const char *bearer, int64_t now_ms)
{
  return (DoorSignInProof){
    .known = known,
    .bearer = bearer,
    .product = known->product,
    .now_ms = now_ms,
  };
}

/* Until the first TokenUpdate the access token must come along, afterwards the certificate is enough. */
static bool
check_pending (DoorTxn *txn, const DoorKnownDevice *known, const char *bearer, int64_t now_ms, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  DoorSignInProof proof = sign_in_proof (known, bearer, now_ms);

  if (known->active_at != 0)
    return true;
  return door_device_proof_check_sign_in (txn, &proof, &token, error) &&
         door_token_store_bind (txn, token->hash, known->certificate_sha256, error);
}

static bool
authenticate (DoorTxn *txn, Checkin *checkin, const DoorKnownDevice *known, GError **error)
{
  if (*known->enrollment_id == '\0')
    return enroll (txn, checkin, known, error);
  return check_pinned (known, door_checkin_message_get_id (checkin->message), error) &&
         check_pending (txn, known, checkin->bearer, checkin->now_ms, error) &&
         follow_renewal (txn, known, checkin->now_ms, error) &&
         save_device (txn, checkin, known->device_id, error);
}

static bool
token_update (DoorTxn *txn, Checkin *checkin, const DoorKnownDevice *known, GError **error)
{
  g_autofree char *push_token = NULL;
  DoorEnrollment update;
  const uint8_t *token;
  gsize size;

  if (*known->enrollment_id == '\0')
    return refuse (error, DOOR_FAULT_DEV_UNKNOWN, "TokenUpdate before Authenticate");
  if (!check_pinned (known, door_checkin_message_get_id (checkin->message), error) ||
      !check_pending (txn, known, checkin->bearer, checkin->now_ms, error) ||
      !follow_renewal (txn, known, checkin->now_ms, error))
    return false;
  token = g_bytes_get_data (door_checkin_message_get_token (checkin->message), &size);
  push_token = door_hex_encode (token, size);
  update = (DoorEnrollment){
    .id = known->enrollment_id,
    .state = (char *) "active",
    .topic = (char *) door_checkin_message_get_topic (checkin->message),
    .push_magic = (char *) door_checkin_message_get_push_magic (checkin->message),
    .push_token = push_token,
    .active_at = known->active_at != 0 ? known->active_at : checkin->now_ms,
    .token_updated_at = checkin->now_ms,
  };
  checkin->change.active = known->active_at == 0;
  return door_device_store_update_enrollment (txn, &update, error) &&
         door_device_store_touch (txn, known->device_id, checkin->now_ms, error);
}

/* A CheckOut whose answer was lost is not repeated by devices, but a repeat is no error. */
static bool
check_out (DoorTxn *txn, Checkin *checkin, const DoorKnownDevice *known, GError **error)
{
  const char *apple_id = door_checkin_message_get_id (checkin->message);

  if (*known->enrollment_id == '\0')
    return refuse (error, DOOR_FAULT_DEV_UNKNOWN, "CheckOut before Authenticate");
  if (known->ended_at != 0 && g_str_equal (known->end_reason, "check-out") &&
      g_str_equal (known->apple_id, apple_id))
    return true;
  checkin->change.checked_out = true;
  return check_pinned (known, apple_id, error) &&
         check_pending (txn, known, checkin->bearer, checkin->now_ms, error) &&
         end_open (txn, known->enrollment_id, "check-out", checkin->now_ms, error) &&
         door_certificate_store_revoke_of_enrollment (txn, known->enrollment_id, checkin->now_ms, error) &&
         door_association_store_close (txn, known->device_id, "check-out", checkin->now_ms, error);
}

static gboolean
write_checkin (DoorTxn *txn, gpointer data, GError **error)
{
  Checkin *checkin = data;
  g_autoptr (DoorKnownDevice) known = NULL;

  if (!door_device_proof_identify (txn, checkin->certificate_sha256, &known, error))
    return FALSE;
  g_free (checkin->team);
  checkin->team = g_strdup (known->team);
  memset (&checkin->change, 0, sizeof checkin->change);
  switch (door_checkin_message_get_message_type (checkin->message))
    {
    case DOOR_CHECKIN_AUTHENTICATE:
      return authenticate (txn, checkin, known, error);
    case DOOR_CHECKIN_TOKEN_UPDATE:
      return token_update (txn, checkin, known, error);
    case DOOR_CHECKIN_CHECK_OUT:
      return check_out (txn, checkin, known, error);
    }
  g_return_val_if_reached (FALSE); /* a type that is not here ends no enrollment */
}

/* Refusals too: what a device is told by a status is seen nowhere else. */
static void
count_refusal (const DoorContext *context, const GError *failure)
{
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_CHECK_INS_REFUSED,
                                    { door_error_get_info (failure)->id },
                                    1 };

  door_metrics_count (context->metrics, &sample);
}

/* after the commit */
static void
count_checkin (const DoorContext *context, const Checkin *checkin)
{
  static const DoorMetric metrics[] = {
    [DOOR_CHECKIN_AUTHENTICATE] = DOOR_METRIC_CHECK_IN_AUTHENTICATE,
    [DOOR_CHECKIN_TOKEN_UPDATE] = DOOR_METRIC_CHECK_IN_TOKEN_UPDATE,
    [DOOR_CHECKIN_CHECK_OUT] = DOOR_METRIC_CHECK_IN_CHECK_OUT,
  };

  door_metrics_add (context->metrics, metrics[door_checkin_message_get_message_type (checkin->message)], 1);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_BEGUN, checkin->change.begun);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_ACTIVE, checkin->change.active);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_CHECKED_OUT, checkin->change.checked_out);
  door_metrics_add (context->metrics, DOOR_METRIC_ENROLLMENTS_REPLACED, checkin->change.replaced);
}

static bool
apply (const DoorContext *context, const DoorDeviceProof *proof, const DoorCheckinMessage *message,
       const DoorCertificate *certificate, char **team, GError **error)
{
  bool done, makes_rows = door_checkin_message_get_message_type (message) == DOOR_CHECKIN_AUTHENTICATE;
  g_autofree char *device_id = makes_rows ? door_random_dup_uuid (context->random) : NULL;
  g_autofree char *enrollment_id = makes_rows ? door_random_dup_uuid (context->random) : NULL;
  g_autofree char *association_id = makes_rows ? door_random_dup_uuid (context->random) : NULL;
  Checkin checkin = {
    .policy = context->policy,
    .message = message,
    .certificate_sha256 = door_certificate_get_sha256 (certificate),
    .bearer = proof->bearer,
    .new_ids = { device_id, enrollment_id, association_id },
    .now_ms = door_clock_now_ms (context->clock),
  };

  done = door_writer_run (context->writer, write_checkin, &checkin, proof->cancellable, error);
  *team = checkin.team;
  if (!done)
    return false;
  count_checkin (context, &checkin);
  door_log_event (G_LOG_LEVEL_INFO, "check-in", door_checkin_message_get_type_name (message),
                  "DOORWARD_DEVICE", door_checkin_message_get_id (message), "DOORWARD_CERTIFICATE",
                  checkin.certificate_sha256, "DOORWARD_REQUEST", proof->request_id, NULL);
  return true;
}

static bool
take_message (const DoorContext *context, const DoorDeviceProof *proof, char **team, GError **error)
{
  g_autoptr (DoorCertificate) certificate = door_device_proof_verify (context, proof, error);
  g_autoptr (DoorCheckinMessage) message = NULL;

  if (certificate == NULL)
    return false;
  message = door_checkin_message_parse (proof->body, error);
  if (message == NULL)
    return false;
  if (door_checkin_message_get_id_kind (message) != DOOR_ENROLLMENT_ID_ENROLLMENT)
    return refuse (error, DOOR_FAULT_DEV_MESSAGE, "no EnrollmentID");
  if (!g_str_equal (door_checkin_message_get_topic (message), context->topic))
    return refuse (error, DOOR_FAULT_DEV_TOPIC, "the Topic is not ours");
  return apply (context, proof, message, certificate, team, error);
}

/**
 * door_checkin_message_received:
 * @context: what every service needs
 * @proof: the body and what shows who sent it
 * @team: (out) (transfer full) (nullable): team of the certificate, where a new sign-in must be for;
 *   %NULL before the certificate is known
 * @error: return location for an error
 *
 * Takes in a check-in message: Authenticate, TokenUpdate or CheckOut (Apple, MDM check-in). Signature first,
 * then the message, then one write that holds the whole decision. Blocks for its commit.
 *
 * Returns: false with an error; %DOOR_FAULT_DEV_BEARER asks for a new sign-in
 */
bool
door_checkin_message_received (const DoorContext *context, const DoorDeviceProof *proof, char **team,
                               GError **error)
{
  g_autoptr (GError) failure = NULL;

  *team = NULL;
  if (take_message (context, proof, team, &failure))
    return true;
  count_refusal (context, failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}

typedef struct
{
  const char *certificate_sha256;
  const char *apple_id;
  const char *bearer;
  int64_t now_ms;
  GCancellable *cancellable;
} Poll;

static gboolean
write_poll (DoorTxn *txn, gpointer data, GError **error)
{
  const Poll *poll = data;
  g_autoptr (DoorKnownDevice) known = NULL;

  if (!door_device_proof_identify (txn, poll->certificate_sha256, &known, error))
    return FALSE;
  if (*known->enrollment_id == '\0')
    return refuse (error, DOOR_FAULT_DEV_UNKNOWN, "poll before Authenticate");
  return check_pinned (known, poll->apple_id, error) &&
         check_pending (txn, known, poll->bearer, poll->now_ms, error) &&
         follow_renewal (txn, known, poll->now_ms, error) &&
         door_device_store_touch (txn, known->device_id, poll->now_ms, error);
}

static bool
identify_poll (const DoorContext *context, const Poll *poll, DoorKnownDevice **known, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, poll->cancellable, error);

  return txn != NULL && door_device_proof_identify (txn, poll->certificate_sha256, known, error);
}

static bool
check_pending_poll (const DoorContext *context, const Poll *poll, const DoorKnownDevice *known,
                    GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, poll->cancellable, error);
  g_autoptr (DoorAccessToken) token = NULL;
  DoorSignInProof proof = sign_in_proof (known, poll->bearer, poll->now_ms);

  return txn != NULL && door_device_proof_check_sign_in (txn, &proof, &token, error);
}

/* Reads only; says whether the poll changes anything that must be written. */
static bool
judge_poll (const DoorContext *context, const Poll *poll, bool *must_write, char **team, GError **error)
{
  g_autoptr (DoorKnownDevice) known = NULL;

  if (!identify_poll (context, poll, &known, error))
    return false;
  *team = g_strdup (known->team);
  if (*known->enrollment_id == '\0')
    return refuse (error, DOOR_FAULT_DEV_UNKNOWN, "poll before Authenticate");
  if (!check_pinned (known, poll->apple_id, error))
    return false;
  if (known->active_at == 0 && !check_pending_poll (context, poll, known, error))
    return false;
  *must_write = !g_str_equal (known->pinned_sha256, known->certificate_sha256) ||
                ABS (poll->now_ms - known->seen_at) >= SEEN_STEP_MS; /* clocks are set back, too */
  return true;
}

static bool
take_report (const DoorContext *context, const DoorDeviceProof *proof, char **team, GError **error)
{
  static const DoorMetric metrics[] = {
    [DOOR_COMMAND_IDLE] = DOOR_METRIC_REPORT_IDLE,
    [DOOR_COMMAND_ACKNOWLEDGED] = DOOR_METRIC_REPORT_ACKNOWLEDGED,
    [DOOR_COMMAND_ERROR] = DOOR_METRIC_REPORT_ERROR,
    [DOOR_COMMAND_FORMAT_ERROR] = DOOR_METRIC_REPORT_FORMAT_ERROR,
    [DOOR_COMMAND_NOT_NOW] = DOOR_METRIC_REPORT_NOT_NOW,
  };
  g_autoptr (DoorCertificate) certificate = door_device_proof_verify (context, proof, error);
  g_autoptr (DoorCommandReport) report = NULL;
  bool must_write = false;
  Poll poll;

  if (certificate == NULL)
    return false;
  report = door_command_report_parse (proof->body, error);
  if (report == NULL)
    return false;
  if (door_command_report_get_id_kind (report) != DOOR_ENROLLMENT_ID_ENROLLMENT)
    return refuse (error, DOOR_FAULT_DEV_MESSAGE, "no EnrollmentID");
  poll = (Poll){
    .certificate_sha256 = door_certificate_get_sha256 (certificate),
    .apple_id = door_command_report_get_id (report),
    .bearer = proof->bearer,
    .now_ms = door_clock_now_ms (context->clock),
    .cancellable = proof->cancellable,
  };
  if (!judge_poll (context, &poll, &must_write, team, error))
    return false;
  if (must_write && !door_writer_run (context->writer, write_poll, &poll, proof->cancellable, error))
    return false;
  door_metrics_add (context->metrics, metrics[door_command_report_get_status (report)], 1);
  return true;
}

/**
 * door_checkin_report_received:
 * @context: what every service needs
 * @proof: the body and what shows who sent it
 * @team: (out) (transfer full) (nullable): team of the certificate, where a new sign-in must be for;
 *   %NULL before the certificate is known
 * @error: return location for an error
 *
 * Takes in a device's report at the command address, such as Idle. No command is queued for it, so an empty
 * answer ends the exchange (Apple, "Handling MDM commands"). Writes only what changed; then blocks for the
 * commit.
 *
 * Returns: false with an error; %DOOR_FAULT_DEV_BEARER asks for a new sign-in
 */
bool
door_checkin_report_received (const DoorContext *context, const DoorDeviceProof *proof, char **team,
                              GError **error)
{
  g_autoptr (GError) failure = NULL;

  *team = NULL;
  if (take_report (context, proof, team, &failure))
    return true;
  count_refusal (context, failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}

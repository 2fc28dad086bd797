/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-identity-renewal.h"

#include "door-certificate-store.h"
#include "door-command-queue.h"
#include "door-command-store.h"
#include "door-command.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-lease.h"
#include "door-log.h"
#include "door-profile-issue.h"
#include "door-push.h"
#include "door-renewal-store.h"
#include "door-token.h"

#define REQUEST_TYPE "InstallProfile"
#define CHALLENGE_PURPOSE "renewal-challenge"
#define LEASE "identity-renewal"
#define LEASE_S 60
/* in one run, so that nobody who shares its thread waits long, and devices do not come all at once */
#define MAX_DEVICES 50
#define HOUR_MS (60 * 60 * INT64_C (1000))
#define DAY_MS (24 * HOUR_MS)
#define MAX_WAIT_MS (7 * DAY_MS)
/* A device that did not take its challenge in this time gets another one. */
#define CHALLENGE_MS (30 * DAY_MS)

/* One identity that is looked at. */
typedef struct
{
  const DoorContext *context;
  const DoorEndingIdentity *identity;
  int64_t now_ms;
  int64_t next_due;
  DoorEnrollment *enrollment;
  DoorRenewal *before;
  bool waits; /* the device has not answered the command before */
  char *uuid;
  char *challenge_hash;
  GBytes *message; /* NULL: nothing is asked */
  bool asked;      /* (out) */
} Try;

static void
try_clear (Try *self)
{
  g_clear_pointer (&self->enrollment, door_enrollment_free);
  g_clear_pointer (&self->before, door_renewal_free);
  g_free (self->uuid);
  g_free (self->challenge_hash);
  g_clear_pointer (&self->message, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Try, try_clear)

static void
warn (const Try *self, const char *reason)
{
  g_autofree char *date = door_clock_format_iso8601 (self->identity->not_after);
  g_autofree char *line =
      g_strdup_printf ("the identity certificate of a device ends on %s: %s", date, reason);

  door_log_event (G_LOG_LEVEL_WARNING, "renewal", line, "DOORWARD_DEVICE", self->identity->apple_id,
                  "DOORWARD_CERTIFICATE", self->identity->sha256, NULL);
}

static bool
is_in_use (const Try *self, const DoorEnrollment *enrollment)
{
  return enrollment != NULL && enrollment->active_at != 0 && enrollment->ended_at == 0 &&
         g_str_equal (enrollment->certificate_sha256, self->identity->sha256);
}

/* Why a device that is enrolled cannot renew, if that is so. A certificate ends with its authority at the
 * latest, so near to that end nothing is gained; and a profile with another topic is not taken (Apple, MDM
 * payload). */
static const char *
find_hindrance (const Try *self)
{
  DoorCertificate *authority = door_certificate_authority_get_certificate (self->context->authority);

  if (self->identity->not_after <= self->now_ms)
    return "it was not renewed in time, the device must be enrolled again";
  if (*self->enrollment->token_hash == '\0')
    return "it cannot be renewed, for nothing is known of its profile; enroll the device again";
  if (!g_str_equal (self->enrollment->topic, self->context->topic))
    return "it cannot be renewed, for the topic of the server is another; enroll the device again";
  if (door_certificate_get_not_after_ms (authority) <= self->identity->not_after + DAY_MS)
    return "it cannot be renewed, for the SCEP authority ends then; run doorctl doctor";
  return NULL;
}

/* @waits: (out): whether the device has not answered what it was asked last. */
static bool
read_last (DoorTxn *txn, const char *enrollment_id, DoorRenewal **last, bool *waits, GError **error)
{
  g_autoptr (DoorStoredCommand) command = NULL;

  *waits = false;
  if (!door_renewal_store_lookup (txn, enrollment_id, last, error))
    return false;
  if (*last == NULL || (*last)->done_at != 0)
    return true;
  if (!door_command_store_lookup (txn, enrollment_id, (*last)->command_uuid, &command, error))
    return false;
  *waits = command != NULL && command->done_at == 0;
  return true;
}

/* Somebody who was deactivated gets no certificate, so the device need not try. */
static bool
check_person (DoorTxn *txn, const Try *self, bool *active, GError **error)
{
  g_autoptr (GError) local = NULL;

  *active =
      *self->identity->person_id == '\0' || door_token_check_person (txn, self->identity->person_id, &local);
  if (*active || door_error_get_fault (local) == DOOR_FAULT_TOKEN_INVALID)
    return true;
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static bool
judge (Try *self, bool *ask, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (self->context->storage, DOOR_TXN_READ, NULL, error);
  const char *hindrance;
  bool active = false;

  *ask = false;
  if (txn == NULL ||
      !door_device_store_lookup_enrollment (txn, self->identity->enrollment_id, &self->enrollment, error))
    return false;
  if (self->identity->not_after <= self->now_ms)
    self->next_due = 0; /* it is on no list from now on */
  if (!is_in_use (self, self->enrollment))
    return true;
  hindrance = find_hindrance (self);
  if (hindrance != NULL)
    warn (self, hindrance);
  if (hindrance != NULL)
    return true;
  if (!read_last (txn, self->identity->enrollment_id, &self->before, &self->waits, error) ||
      !check_person (txn, self, &active, error))
    return false;
  if (self->before != NULL && self->before->done_at == 0)
    warn (self, self->waits ? "the device was asked to renew it and has not answered"
                            : "the device was asked to renew it and did not");
  *ask = active && !self->waits;
  return true;
}

/* Signing takes time, so it is done before the write. */
static bool
build (Try *self, GError **error)
{
  g_autofree char *challenge = NULL;
  g_autoptr (GBytes) profile = NULL, message = NULL;
  g_autoptr (GVariant) parameters = NULL, command = NULL;

  self->uuid = door_random_dup_uuid (self->context->random);
  challenge = door_token_derive (self->context, CHALLENGE_PURPOSE, self->uuid);
  self->challenge_hash = door_digest_sha256_text (challenge);
  profile = door_profile_build_again (self->context, self->enrollment, challenge, error);
  if (profile == NULL)
    return false;
  parameters = g_variant_ref_sink (g_variant_new_parsed (
      "{'Payload': <%@ay>}", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, profile, true)));
  command = door_command_new (REQUEST_TYPE, parameters);
  message = door_command_build (self->uuid, command, error);
  if (message != NULL)
    self->message = door_command_queue_seal (self->context, self->uuid, message, error);
  return self->message != NULL;
}

static bool
ask (DoorTxn *txn, Try *self, GError **error)
{
  const DoorNewCommand command = {
    .channel_id = self->identity->enrollment_id,
    .enrollment_id = self->identity->enrollment_id,
    .uuid = self->uuid,
    .request_type = REQUEST_TYPE,
    .message = self->message,
    .source = "renewal",
    .now_ms = self->now_ms,
  };
  const DoorRenewal renewal = {
    .enrollment_id = self->identity->enrollment_id,
    .challenge_hash = self->challenge_hash,
    .key_hash = (char *) "",
    .certificate_sha256 = (char *) "",
    .command_uuid = self->uuid,
    .asked_at = self->now_ms,
    .expires_at = MIN (self->identity->not_after, self->now_ms + CHALLENGE_MS),
    .tries = self->before != NULL && self->before->done_at == 0 ? self->before->tries + 1 : 1,
  };

  return door_command_queue_add (txn, &command, error) && door_renewal_store_save (txn, &renewal, error);
}

/* Of all who have this identity on their list one goes on. The enrollment may have moved on meanwhile. */
static gboolean
write_try (DoorTxn *txn, gpointer data, GError **error)
{
  Try *self = data;
  g_autoptr (DoorEnrollment) enrollment = NULL;
  bool mine = false;

  self->asked = false;
  if (!door_renewal_store_claim (txn, self->identity, self->next_due, &mine, error))
    return FALSE;
  if (!mine || self->message == NULL)
    return TRUE;
  if (!door_device_store_lookup_enrollment (txn, self->identity->enrollment_id, &enrollment, error))
    return FALSE;
  self->asked = is_in_use (self, enrollment);
  return !self->asked || ask (txn, self, error);
}

/* What is wrong with one device is told, and it is looked at again later: the others do not wait for it. */
static bool
prepare (Try *self, GError **error)
{
  g_autoptr (GError) from = NULL;
  bool wanted = false;

  if (judge (self, &wanted, &from) && (!wanted || build (self, &from)))
    return true;
  if (g_error_matches (from, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE))
    {
      g_propagate_error (error, g_steal_pointer (&from));
      return false;
    }
  warn (self, from->message);
  return true;
}

/* What cannot be asked is looked at again later all the same. */
static bool
store (Try *self, GError **error)
{
  g_autoptr (GError) from = NULL;

  if (door_writer_run (self->context->writer, write_try, self, NULL, &from))
    return true;
  if (!g_error_matches (from, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE) && self->message != NULL)
    {
      warn (self, from->message);
      g_clear_pointer (&self->message, g_bytes_unref);
      return door_writer_run (self->context->writer, write_try, self, NULL, error);
    }
  g_propagate_error (error, g_steal_pointer (&from));
  return false;
}

/* The nearer the end, the more often. */
static int64_t
choose_wait_ms (const DoorContext *context, int64_t left_ms)
{
  int64_t wait_ms = MIN (door_policy_get_renew_before_ms (context->policy), left_ms) / 4;

  return CLAMP (wait_ms, HOUR_MS / 4, MAX_WAIT_MS);
}

static bool
look_at (const DoorContext *context, const DoorEndingIdentity *identity, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  int64_t wait_ms = choose_wait_ms (context, identity->not_after - now_ms);
  g_auto (Try) try = {
    .context = context,
    .identity = identity,
    .now_ms = now_ms,
    .next_due = now_ms + wait_ms,
  };

  if (!prepare (&try, error) || !store (&try, error))
    return false;
  if (!try.asked)
    return true;
  door_metrics_add (context->metrics, DOOR_METRIC_RENEWALS_ASKED, 1);
  door_log_event (G_LOG_LEVEL_INFO, "renewal", "device asked to renew its identity certificate",
                  "DOORWARD_DEVICE", identity->apple_id, "DOORWARD_CERTIFICATE", identity->sha256, NULL);
  return true;
}

static GPtrArray *
list (const DoorContext *context, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  int64_t now_ms = door_clock_now_ms (context->clock);
  int64_t until_ms = now_ms + door_policy_get_renew_before_ms (context->policy);
  g_autoptr (GPtrArray) again = NULL, ending = NULL;

  again = txn != NULL ? door_renewal_store_list_again (txn, now_ms, MAX_DEVICES, error) : NULL;
  if (again == NULL || again->len >= MAX_DEVICES)
    return g_steal_pointer (&again);
  ending = door_renewal_store_list_ending (txn, now_ms, until_ms, MAX_DEVICES - again->len, error);
  if (ending == NULL)
    return NULL;
  g_ptr_array_extend_and_steal (again, g_steal_pointer (&ending));
  return g_steal_pointer (&again);
}

/**
 * door_identity_renewal_run:
 * @context: what every service needs
 * @error: return location for an error
 *
 * Has some devices renew their identity certificate whose end is near: each is sent its enrollment profile
 * again, with a challenge for this enrollment alone (Apple, InstallProfile). What was asked and not done is
 * asked again later; what the device has not taken yet is not asked twice. Of several instances on one
 * database one does it. Blocks for the commits.
 *
 * Returns: false with an error
 */
bool
door_identity_renewal_run (const DoorContext *context, GError **error)
{
  g_autoptr (GPtrArray) rows = list (context, error);
  bool taken = false, done = true;

  if (rows == NULL)
    return false;
  if (rows->len == 0)
    return true;
  if (!door_lease_take (context, LEASE, LEASE_S, &taken, error))
    return false;
  for (guint i = 0; taken && done && i < rows->len; i++)
    done = look_at (context, g_ptr_array_index (rows, i), error);
  if (taken)
    {
      door_lease_release (context, LEASE);
      door_push_wake (context);
    }
  return done;
}

/**
 * door_identity_renewal_wish:
 * @txn: a transaction of the writer
 * @enrollment: an enrollment that is active
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): false when the device is to renew it already
 * @error: return location for an error
 *
 * Has a device renew its identity certificate although its end is not near: door_identity_renewal_run() does
 * it next.
 *
 * Returns: false with %DOOR_FAULT_CMD_CONFLICT when it is too late for that, or another error
 */
bool
door_identity_renewal_wish (DoorTxn *txn, const DoorEnrollment *enrollment, int64_t now_ms, bool *changed,
                            GError **error)
{
  g_autoptr (DoorIssuedCertificate) certificate = NULL;
  g_autoptr (DoorRenewal) last = NULL;
  bool waits = false;

  if (!door_certificate_store_lookup (txn, enrollment->certificate_sha256, &certificate, error) ||
      !read_last (txn, enrollment->id, &last, &waits, error))
    return false;
  *changed = false;
  if (waits)
    return true;
  if (certificate == NULL || certificate->not_after <= now_ms)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_CMD_CONFLICT,
                           "the identity certificate has ended, so the device must be enrolled again");
  if (certificate->revoked_at != 0)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_CMD_CONFLICT,
                           "the identity certificate is revoked, so the device must be enrolled again");
  return door_renewal_store_wish (txn, certificate->sha256, now_ms, changed, error);
}

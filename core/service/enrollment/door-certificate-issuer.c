/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-certificate-issuer.h"

#include "door-certificate-store.h"
#include "door-device-answer.h"
#include "door-device-store.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-renewal-store.h"
#include "door-scep-reply.h"
#include "door-token.h"

#define MAX_CURRENT_CERTIFICATES 16
/* Devices' clocks may lag behind ours. */
#define BACKDATE_MS (60 * 60 * INT64_C (1000))

/* For whom a certificate may be issued; what the request proved. */
typedef struct
{
  char *challenge_hash; /* "" for a renewal by certificate */
  char *person_id;
  char *team;
  char *enrollment_id;          /* "" for a first certificate */
  char *pinned_sha256;          /* (nullable): what the enrollment used when this was decided */
  bool by_renewal;              /* the challenge came with a profile that was sent again */
  DoorIssuedCertificate *again; /* (nullable): the same key asked before */
} Grant;

static void
grant_clear (Grant *self)
{
  g_free (self->challenge_hash);
  g_free (self->person_id);
  g_free (self->team);
  g_free (self->enrollment_id);
  g_free (self->pinned_sha256);
  door_issued_certificate_free (self->again);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Grant, grant_clear)

typedef struct
{
  const Grant *grant;
  const DoorIssuedCertificate *certificate;
} Issue;

/* Whoever was deactivated gets no certificate, neither a first one nor a renewed one. */
static bool
check_person (DoorTxn *txn, const char *person_id, DoorFault fault, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (*person_id == '\0' || door_token_check_person (txn, person_id, &local))
    return true;
  if (door_error_get_fault (local) == DOOR_FAULT_TOKEN_INVALID)
    return door_device_answer_refuse (error, fault, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/* The sign-in behind a challenge still counts; that its token has expired since does not matter. */
static bool
check_sign_in (DoorTxn *txn, const char *token_hash, DoorAccessToken **token, GError **error)
{
  if (!door_token_store_lookup (txn, token_hash, token, error))
    return false;
  if (*token == NULL || (*token)->revoked_at != 0)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_CHALLENGE,
                                      "the sign-in behind the challenge was revoked");
  return check_person (txn, (*token)->person_id, DOOR_FAULT_SCEP_CHALLENGE, error);
}

/* Whose certificate is renewed: of an enrollment that goes on, and a person who may have one. */
static bool
grant_to_enrollment (DoorTxn *txn, const char *enrollment_id, Grant *grant, GError **error)
{
  g_autoptr (DoorIssuedCertificate) pinned = NULL;
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (!door_device_store_lookup_enrollment (txn, enrollment_id, &enrollment, error))
    return false;
  if (enrollment == NULL || enrollment->ended_at != 0)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_RENEWAL, "the enrollment has ended");
  if (!door_certificate_store_lookup (txn, enrollment->certificate_sha256, &pinned, error))
    return false;
  if (pinned == NULL)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_RENEWAL,
                                      "the certificate of the enrollment is unknown");
  if (!check_person (txn, pinned->person_id, DOOR_FAULT_SCEP_RENEWAL, error))
    return false;
  grant->person_id = g_strdup (pinned->person_id);
  grant->team = g_strdup (pinned->team);
  grant->enrollment_id = g_strdup (enrollment->id);
  grant->pinned_sha256 = g_strdup (enrollment->certificate_sha256);
  return true;
}

/* A profile that was sent again has a challenge for its enrollment alone: good for one key, until the
 * certificate that it renews ends, or another one is used. */
static bool
grant_by_renewal (DoorTxn *txn, const char *key_hash, int64_t now_ms, Grant *grant, GError **error)
{
  g_autoptr (DoorRenewal) renewal = NULL;

  if (!door_renewal_store_lookup_by_challenge (txn, grant->challenge_hash, &renewal, error))
    return false;
  if (renewal == NULL || renewal->expires_at <= now_ms)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_CHALLENGE,
                                      renewal == NULL ? "unknown challenge" : "challenge expired");
  if (*renewal->key_hash != '\0' && !g_str_equal (renewal->key_hash, key_hash))
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_KEY, "the challenge was used with another key");
  if (renewal->done_at != 0)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_CHALLENGE,
                                      "the device has renewed its certificate already");
  if (!grant_to_enrollment (txn, renewal->enrollment_id, grant, error))
    return false;
  grant->by_renewal = true;
  return *renewal->certificate_sha256 == '\0' ||
         door_certificate_store_lookup (txn, renewal->certificate_sha256, &grant->again, error);
}

/* A challenge is good for one key; the same key gets the same certificate again. */
static bool
grant_by_challenge (DoorTxn *txn, const char *password, const char *key_hash, int64_t now_ms, Grant *grant,
                    GError **error)
{
  g_autoptr (DoorScepChallenge) challenge = NULL;
  g_autoptr (DoorAccessToken) token = NULL;

  grant->challenge_hash = door_digest_sha256_text (password);
  if (!door_certificate_store_lookup_challenge (txn, grant->challenge_hash, &challenge, error))
    return false;
  if (challenge == NULL)
    return grant_by_renewal (txn, key_hash, now_ms, grant, error);
  if (challenge->expires_at <= now_ms)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_CHALLENGE, "challenge expired");
  if (*challenge->key_hash != '\0' && !g_str_equal (challenge->key_hash, key_hash))
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_KEY, "the challenge was used with another key");
  if (challenge->ended_at != 0)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_CHALLENGE,
                                      "the device has enrolled with this challenge already");
  if (!check_sign_in (txn, challenge->token_hash, &token, error))
    return false;
  grant->person_id = g_strdup (token->person_id);
  grant->team = g_strdup (token->team);
  grant->enrollment_id = g_strdup ("");
  return *challenge->certificate_sha256 == '\0' ||
         door_certificate_store_lookup (txn, challenge->certificate_sha256, &grant->again, error);
}

/* A renewal proves itself by the certificate in force, pinned to an enrollment that has not ended, of a
 * person who may still have one. */
static bool
grant_by_certificate (DoorTxn *txn, const DoorCertificate *signer, const char *key_hash, int64_t now_ms,
                      Grant *grant, GError **error)
{
  g_autoptr (DoorIssuedCertificate) old = NULL;

  if (!door_certificate_store_lookup (txn, door_certificate_get_sha256 (signer), &old, error))
    return false;
  if (old == NULL || old->revoked_at != 0 || !door_certificate_is_valid_at (signer, now_ms))
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_RENEWAL,
                                      "the certificate that signed is unknown, revoked or expired");
  if (*old->enrollment_id == '\0')
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_RENEWAL,
                                      "the certificate that signed has no enrollment");
  if (!grant_to_enrollment (txn, old->enrollment_id, grant, error))
    return false;
  grant->challenge_hash = g_strdup ("");
  if (!door_certificate_store_lookup_by_key (txn, old->enrollment_id, key_hash, &grant->again, error))
    return false;
  /* a renewal of the same key must not get its old certificate back */
  if (grant->again != NULL && g_str_equal (grant->again->sha256, old->sha256))
    g_clear_pointer (&grant->again, door_issued_certificate_free);
  return true;
}

static bool
decide (const DoorContext *context, const DoorScepRequest *request, const DoorCsr *csr,
        GCancellable *cancellable, Grant *grant, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);
  const char *key_hash = door_csr_get_public_key_sha256 (csr);
  const char *password = door_csr_get_challenge (csr);
  int64_t now_ms = door_clock_now_ms (context->clock);

  if (txn == NULL)
    return false;
  if (door_scep_request_is_renewal (request))
    return grant_by_certificate (txn, door_scep_request_get_signer (request), key_hash, now_ms, grant, error);
  if (password == NULL)
    return door_device_answer_refuse (error, DOOR_FAULT_SCEP_CHALLENGE, "no challenge");
  return grant_by_challenge (txn, password, key_hash, now_ms, grant, error);
}

/* A device uses a renewed certificate at once, and that revokes the others. One that only collects them fills
 * the database. Asked where it is written, so that many at once cannot pass. */
static bool
check_collected (DoorTxn *txn, const Grant *grant, GError **error)
{
  size_t count = 0;

  if (!door_certificate_store_count_current (txn, grant->enrollment_id, MAX_CURRENT_CERTIFICATES, &count,
                                             error))
    return false;
  return count < MAX_CURRENT_CERTIFICATES ||
         door_device_answer_refuse (error, DOOR_FAULT_SCEP_RENEWAL,
                                    "too many renewed certificates were never used");
}

/* The first use of a renewed certificate revokes those that are on record by then. One that was decided
 * before and is written after would be missed, so the enrollment must not have moved on, nor may it until
 * this is written: both change the same row. */
static bool
check_unmoved (DoorTxn *txn, const Grant *grant, GError **error)
{
  bool unmoved = false;

  if (!door_device_store_set_certificate (txn, grant->enrollment_id, grant->pinned_sha256,
                                          grant->pinned_sha256, &unmoved, error))
    return false;
  return unmoved || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_SCEP_RENEWAL,
                                    "the enrollment moved on at the same moment");
}

static bool
use_challenge (DoorTxn *txn, const Issue *issue, bool *first, GError **error)
{
  const char *hash = issue->grant->challenge_hash;

  if (*hash == '\0')
    return true;
  return issue->grant->by_renewal
             ? door_renewal_store_use_challenge (txn, hash, issue->certificate->key_hash,
                                                 issue->certificate->sha256, first, error)
             : door_certificate_store_use_challenge (txn, hash, issue->certificate->key_hash,
                                                     issue->certificate->sha256, first, error);
}

static gboolean
write_issue (DoorTxn *txn, gpointer data, GError **error)
{
  const Issue *issue = data;
  const DoorIssuedCertificate *certificate = issue->certificate;
  bool first = true;

  if (*issue->grant->enrollment_id != '\0' &&
      (!check_unmoved (txn, issue->grant, error) || !check_collected (txn, issue->grant, error)))
    return FALSE;
  if (!use_challenge (txn, issue, &first, error))
    return FALSE;
  if (!first)
    {
      door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_SCEP_KEY,
                      "the challenge was used by another request at the same moment");
      return FALSE;
    }
  return door_certificate_store_add (txn, certificate, error);
}

static void
count (const DoorContext *context, const char *outcome, const GError *failure)
{
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_SCEP,
                                    { outcome, failure != NULL ? door_error_get_info (failure)->id : NULL },
                                    1 };

  door_metrics_count (context->metrics, &sample);
}

static DoorCertificate *
make_certificate (const DoorContext *context, const DoorCsr *csr, int64_t now_ms, GError **error)
{
  g_autofree char *name = door_random_dup_uuid (context->random);
  uint8_t serial[DOOR_SERIAL_BYTES];
  DoorIssueRequest issue = {
    .csr = csr,
    .serial = serial,
    .common_name = name, /* nothing personal: the certificate is shown in every handshake and signature */
    .organization = door_policy_get_organization (context->policy, NULL),
    .not_before_ms = now_ms - BACKDATE_MS,
    .not_after_ms = now_ms + door_policy_get_certificate_lifetime_ms (context->policy),
  };

  door_random_fill (context->random, serial, sizeof serial);
  return door_certificate_authority_issue (context->authority, &issue, error);
}

static DoorCertificate *
issue (const DoorContext *context, const DoorCsr *csr, const Grant *grant, GCancellable *cancellable,
       GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorCertificate) certificate = make_certificate (context, csr, now_ms, error);
  g_autofree char *der = NULL;
  GBytes *bytes;
  DoorIssuedCertificate row;
  Issue work = { .grant = grant, .certificate = &row };

  if (certificate == NULL)
    return NULL;
  bytes = door_certificate_get_der (certificate);
  der = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  row = (DoorIssuedCertificate){
    .sha256 = (char *) door_certificate_get_sha256 (certificate),
    .serial = (char *) door_certificate_get_serial (certificate),
    .key_hash = (char *) door_csr_get_public_key_sha256 (csr),
    .person_id = grant->person_id,
    .team = grant->team,
    .enrollment_id = grant->enrollment_id,
    .der = der,
    .not_before = door_certificate_get_not_before_ms (certificate),
    .not_after = door_certificate_get_not_after_ms (certificate),
    .issued_at = now_ms,
  };
  if (!door_writer_run (context->writer, write_issue, &work, cancellable, error))
    return NULL;
  count (context, "issued", NULL);
  return g_steal_pointer (&certificate);
}

static DoorCertificate *
find_or_issue_once (const DoorContext *context, const DoorScepRequest *request, const DoorCsr *csr,
                    GCancellable *cancellable, GError **error)
{
  g_auto (Grant) grant = { NULL };

  if (!decide (context, request, csr, cancellable, &grant, error))
    return NULL;
  if (grant.again != NULL)
    {
      gsize size;
      guchar *der = g_base64_decode (grant.again->der, &size);
      g_autoptr (GBytes) bytes = g_bytes_new_take (der, size);

      count (context, "repeated", NULL);
      return door_certificate_parse (bytes, error);
    }
  return issue (context, csr, &grant, cancellable, error);
}

/* Who was overtaken between decision and write decides again: it may have been the same device, that did not
 * want to wait, and then there is a certificate for it now. */
static DoorCertificate *
find_or_issue (const DoorContext *context, const DoorScepRequest *request, const DoorCsr *csr,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  DoorCertificate *certificate = find_or_issue_once (context, request, csr, cancellable, &local);

  if (g_error_matches (local, DOOR_ERROR, DOOR_ERROR_CONFLICT))
    return find_or_issue_once (context, request, csr, cancellable, error);
  if (certificate == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return certificate;
}

static bool
is_ours_to_mend (const GError *failure)
{
  return g_error_matches (failure, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE) ||
         g_error_matches (failure, DOOR_ERROR, DOOR_ERROR_FAILED);
}

/**
 * door_certificate_issuer_answer:
 * @context: what every service needs
 * @message: body of a PKIOperation (RFC 8894, 3.2)
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 * @error: return location for an error
 *
 * Answers a certificate request: the certificate, or a signed refusal. Blocks for the commit of what it
 * issued.
 *
 * Returns: (transfer full): a CertRep, or %NULL when the message is not one that can be answered, or when
 *   the failure is ours
 */
GBytes *
door_certificate_issuer_answer (const DoorContext *context, GBytes *message, const char *request_id,
                                GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (DoorScepRequest) request = door_scep_request_parse (message, context->authority, &failure);
  g_autoptr (DoorCsr) csr = NULL;
  g_autoptr (DoorCertificate) certificate = NULL;
  g_autofree char *line = NULL;
  int64_t now_ms = door_clock_now_ms (context->clock);

  if (request == NULL)
    {
      count (context, "refused", failure);
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  csr = door_scep_request_open (request, context->authority, door_policy_get_allow_des (context->policy),
                                &failure);
  if (csr != NULL)
    certificate = find_or_issue (context, request, csr, cancellable, &failure);
  if (certificate != NULL)
    {
      door_log_event (G_LOG_LEVEL_INFO, "certificate", "identity certificate handed out", "DOORWARD_REQUEST",
                      request_id, "DOORWARD_CERTIFICATE", door_certificate_get_sha256 (certificate), NULL);
      return door_scep_reply_build_success (request, context->authority, certificate, now_ms, error);
    }
  count (context, "refused", failure);
  if (is_ours_to_mend (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  line = g_strdup_printf ("certificate refused: %s", failure->message);
  door_log_event (G_LOG_LEVEL_WARNING, "certificate", line, "DOORWARD_OUTCOME", "refused", "DOORWARD_FAULT",
                  door_error_get_info (failure)->id, "DOORWARD_REQUEST", request_id, NULL);
  return door_scep_reply_build_failure (request, context->authority, door_scep_fail_info_from_error (failure),
                                        now_ms, error);
}

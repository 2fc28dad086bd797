/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"
#include "door-login.h"

#include <string.h>

#include "door-account.h"
#include "door-admin-sign-in.h"
#include "door-attempt-store.h"
#include "door-digest.h"
#include "door-enrollment-sign-in.h"
#include "door-error.h"
#include "door-flow.h"
#include "door-log.h"
#include "door-login-store.h"
#include "door-oidc-sign-in.h"
#include "door-paths.h"
#include "door-saml-artifact-resolve.h"
#include "door-saml-checks.h"
#include "door-saml-sign-in.h"
#include "door-sign-in-path.h"
#include "door-sign-in-record.h"
#include "door-test-sign-in.h"
#include "door-text.h"
#include "door-turn.h"
#include "door-unsolicited.h"

/* Of the reason that is kept: it may quote what anybody has sent. */
#define MAX_DETAIL_BYTES 500

/* What is known of one answer while it is being judged. */
typedef struct
{
  DoorConnection *connection;
  const char *acs_url; /* where it came to */
  DoorSignInRequest *request;
  bool is_ours; /* the request is pending, and of this browser */
  DoorProof proof;
  char *resolved; /* (nullable): the SAML response that an artifact stood for */
  char *received; /* what the answer said, for the record */
  DoorSignInNote note;
} Judged;

static void
judged_clear (Judged *self)
{
  door_proof_clear (&self->proof);
  g_clear_pointer (&self->request, door_sign_in_request_free);
  g_clear_pointer (&self->resolved, g_free);
  g_clear_pointer (&self->received, g_free);
  door_sign_in_note_clear (&self->note);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Judged, judged_clear)

/**
 * door_login_outcome_clear:
 * @self: an outcome
 */
void
door_login_outcome_clear (DoorLoginOutcome *self)
{
  g_clear_pointer (&self->access_token, g_free);
  g_clear_pointer (&self->next_path, g_free);
  g_clear_pointer (&self->cookie, g_free);
  g_clear_pointer (&self->test_result, g_variant_unref);
  g_clear_pointer (&self->code, g_free);
  g_clear_pointer (&self->retry_path, g_free);
}

static bool
find_request (const DoorContext *context, const DoorLoginAnswer *answer, Judged *judged, GError **error)
{
  g_autofree char *hash = answer->state != NULL ? door_digest_sha256_text (answer->state) : NULL;
  g_autoptr (DoorTxn) txn = NULL;

  if (hash != NULL)
    {
      txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, answer->cancellable, error);
      if (txn == NULL || !door_login_store_lookup_request (txn, hash, &judged->request, error))
        return false;
    }
  return true;
}

/* One that is made before its metadata is there has its addresses already; nothing that comes to them can be
 * believed. */
static bool
find_connection (const DoorContext *context, const char *name, Judged *judged, GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata = NULL;

  judged->connection = door_connections_lookup (context->connections, name);
  if (judged->connection == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN, "no such identity provider");
  if (!door_idp_profile_get_metadata_upload (door_connection_get_profile (judged->connection)))
    return true;
  metadata = door_connection_dup_metadata (judged->connection, error);
  return metadata != NULL;
}

static const char *
get_acs_url (const DoorContext *context, const DoorLoginAnswer *answer, const DoorConnection *connection)
{
  if (answer->connection != NULL)
    return door_connection_get_acs_url (connection);
  return g_strcmp0 (answer->purpose, DOOR_PURPOSE_ADMINISTRATION) == 0
             ? door_policy_get_shared_admin_acs_url (context->policy)
             : door_policy_get_shared_acs_url (context->policy);
}

/* The address says whose answer it is; at a shared one the request does. There may be no request. */
static bool
find_question (const DoorContext *context, const DoorLoginAnswer *answer, Judged *judged, GError **error)
{
  bool shared = answer->connection == NULL;

  if ((!shared && !find_connection (context, answer->connection, judged, error)) ||
      !find_request (context, answer, judged, error))
    return false;
  if (judged->request == NULL)
    return true;
  if (shared && !find_connection (context, judged->request->connection, judged, error))
    return false;
  if (door_connection_speaks_oidc (judged->connection) != (answer->oidc != NULL))
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                           "the identity provider is spoken with by another protocol");
  judged->acs_url = get_acs_url (context, answer, judged->connection);
  return true;
}

/* Setup Assistant's browser may. What a sign-in leads to there is a ticket for the device that Apple's
 * certificate has vouched for, so whoever is lured into somebody else's flow gives nothing away. */
static bool
may_lose_cookie (const DoorLoginAnswer *answer, const DoorFlow *flow)
{
  return answer->cookie == NULL && door_flow_is_for_device (flow) && g_str_equal (flow->way, DOOR_WAY_ADE);
}

/* The request is ours, of this provider and address, of this browser, not answered yet and in time
 * (reference: SAML profiles 4.1.5). It comes before the answer is looked into: what nobody asked for costs
 * nothing. */
static bool
check_request (const DoorContext *context, const DoorLoginAnswer *answer, const Judged *judged,
               GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  const DoorSignInRequest *request = judged->request;
  g_autofree char *cookie_hash = door_digest_sha256_text (answer->cookie != NULL ? answer->cookie : "");

  if (!g_str_equal (request->connection, door_connection_get_name (judged->connection)))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED,
                           answer->oidc != NULL ? DOOR_FAULT_OIDC_ISSUER : DOOR_FAULT_SAML_INRESPONSETO,
                           "the request was sent to another identity provider");
  if (!g_str_equal (request->acs_url, judged->acs_url))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SAML_RECIPIENT,
                           "the request named another ACS address");
  if (!may_lose_cookie (answer, request->flow) && !door_digest_equal (cookie_hash, request->flow_hash))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_FLOW_COOKIE, "%s",
                           answer->cookie != NULL ? "the cookie is of another flow" : "no cookie");
  if (request->spent_at != 0)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_FLOW_SPENT,
                           "the request has been answered");
  if (request->flow->expires_at <= now_ms)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_FLOW_EXPIRED, "the flow has expired");
  if (request->expires_at <= now_ms)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_FLOW_LATE, "the request has expired");
  return true;
}

/* What the provider sends to this server instead of giving it to the browser. Who has only a handle learns
 * whether it can be one before a thread waits for it. */
static bool
resolve (const DoorContext *context, const DoorLoginAnswer *answer, Judged *judged, bool *must_wait,
         GError **error)
{
  const DoorSamlHandle handle = { judged->connection, judged->request, answer->artifact,
                                  answer->cancellable };

  if (!answer->may_wait)
    {
      *must_wait = door_saml_artifact_check (context, &handle, error);
      return *must_wait ? door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY,
                                          "the artifact is resolved in a thread that may wait")
                        : false;
    }
  judged->resolved = door_saml_artifact_resolve (context, &handle, error);
  return judged->resolved != NULL;
}

static bool
verify_answer (const DoorContext *context, const DoorLoginAnswer *answer, Judged *judged, bool *must_wait,
               GError **error)
{
  const DoorQuestion question = { .connection = judged->connection,
                                  .request = judged->request,
                                  .cancellable = answer->cancellable,
                                  .purpose = judged->request->flow->purpose,
                                  .way = judged->request->flow->way };
  DoorSamlAnswer saml = { judged->connection, judged->request, judged->acs_url, answer->saml_response,
                          answer->cancellable };

  if (answer->oidc != NULL)
    return door_oidc_sign_in_verify (context, &question, answer->oidc, &judged->proof, error);
  if (answer->artifact != NULL)
    {
      if (!resolve (context, answer, judged, must_wait, error))
        return false;
      saml.saml_response = judged->resolved;
    }
  if (!door_saml_sign_in_verify (context, &saml, &judged->proof, error))
    return false;
  return judged->proof.request_id == NULL || g_str_equal (judged->request->id, judged->proof.request_id) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_FLOW_UNKNOWN,
                         "InResponseTo is not the request that RelayState names");
}

/* NULL when there is none or it cannot be read: the page then goes without it. */
static DoorFlow *
find_flow (const DoorContext *context, const char *cookie, GCancellable *cancellable)
{
  g_autofree char *hash = cookie != NULL ? door_digest_sha256_text (cookie) : NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (DoorTxn) txn =
      hash != NULL ? door_storage_begin (context->storage, DOOR_TXN_SINGLE, cancellable, &local) : NULL;
  DoorFlow *flow = NULL;

  if (txn != NULL && !door_login_store_lookup_flow (txn, hash, &flow, &local))
    g_warning ("flow for the way on: %s", local->message);
  return flow;
}

static bool
is_test (const DoorFlow *flow)
{
  return g_str_equal (flow->purpose, DOOR_PURPOSE_TEST);
}

static char *
dup_name (const DoorContext *context, const DoorFlow *flow)
{
  return door_flow_is_for_device (flow) ? door_flow_dup_address (context, flow) : NULL;
}

/**
 * door_login_dup_retry_path:
 * @context: what every service needs
 * @cookie: (nullable): value of the flow's cookie
 * @cancellable: (nullable): stops waiting
 *
 * Tells a browser whose answer could not be used how to go on: with the team and the account of its own flow,
 * if it has one. Blocks for a read.
 *
 * Returns: (transfer full) (nullable): a path; %NULL for a test, which begins at a terminal
 */
char *
door_login_dup_retry_path (const DoorContext *context, const char *cookie, GCancellable *cancellable)
{
  g_autoptr (DoorFlow) flow = find_flow (context, cookie, cancellable);
  g_autofree char *name = flow != NULL ? dup_name (context, flow) : NULL;
  DoorSignInPath path = { NULL };

  if (flow != NULL && is_test (flow))
    return NULL;
  if (flow != NULL && door_flow_is_for_administrators (flow))
    return door_admin_login_path_build (NULL, flow->return_path, false);
  if (flow != NULL)
    path = (DoorSignInPath){ .team = flow->team, .account = flow->user_identifier, .flow = name };
  return door_sign_in_path_build (&path);
}

/* Whether the account typed on the device is of a domain that leads nowhere: then another try does not
 * either.
 */
static bool
is_hopeless (const DoorContext *context, const DoorFlow *flow)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, flow->team);
  g_autofree char *domain = door_account_dup_domain (flow->user_identifier);
  g_autoptr (GPtrArray) choices = NULL;

  if (team == NULL || domain == NULL)
    return false;
  choices = door_connections_choose (context->connections, DOOR_USE_ENROLLMENT, team, domain);
  return choices->len == 0 || !door_team_allows_domain (team, domain) ||
         (*team->name == '\0' && door_policy_choose_team (context->policy, domain) != team);
}

/* Somebody else may have more luck with the same provider. */
static bool
is_about_the_person (DoorFault fault)
{
  return fault == DOOR_FAULT_ADM_UNKNOWN || fault == DOOR_FAULT_ADM_DISABLED ||
         fault == DOOR_FAULT_ADM_EMAIL || fault == DOOR_FAULT_ADM_LINK || fault == DOOR_FAULT_ADM_NOROLE ||
         fault == DOOR_FAULT_ID_DOMAIN;
}

static bool
is_for_administrators (const DoorLoginAnswer *answer, const Judged *judged)
{
  if (judged->request != NULL)
    return door_flow_is_for_administrators (judged->request->flow);
  return g_strcmp0 (answer->purpose, DOOR_PURPOSE_ADMINISTRATION) == 0;
}

/* Same flow, same provider, without a team that is none; but what was typed in another browser is nobody
 * else's business. */
static char *
make_retry_path (const DoorContext *context, const DoorLoginAnswer *answer, const Judged *judged,
                 const GError *failure)
{
  g_autofree char *hash = answer->cookie != NULL ? door_digest_sha256_text (answer->cookie) : NULL;
  DoorFault fault = door_error_get_fault (failure);
  const DoorFlow *flow = judged->request != NULL ? judged->request->flow : NULL;
  bool known = flow != NULL && (hash != NULL || may_lose_cookie (answer, flow));
  g_autofree char *name = known ? dup_name (context, flow) : NULL;
  DoorSignInPath path = { .flow = name };

  if (flow == NULL && is_for_administrators (answer, judged))
    return door_admin_login_path_build (NULL, NULL, false);
  if (flow == NULL || (hash != NULL && !door_digest_equal (hash, flow->key_hash)))
    return door_login_dup_retry_path (context, answer->cookie, answer->cancellable);
  if (is_test (flow))
    return NULL;
  if (door_flow_is_for_administrators (flow))
    return door_admin_login_path_build (judged->request->connection, flow->return_path,
                                        is_about_the_person (fault));
  if (fault == DOOR_FAULT_ID_DOMAIN && is_hopeless (context, flow))
    return NULL;
  if (fault != DOOR_FAULT_TEAM_UNKNOWN)
    path.team = flow->team;
  if (known)
    {
      path.connection = judged->request->connection;
      path.account = flow->user_identifier;
      path.again = fault == DOOR_FAULT_ID_MISMATCH || fault == DOOR_FAULT_ID_DOMAIN;
    }
  return door_sign_in_path_build (&path);
}

static gboolean
write_attempt (DoorTxn *txn, gpointer data, GError **error)
{
  return door_attempt_store_add (txn, data, error);
}

static bool
speaks_of_provider (DoorFault fault)
{
  return fault == DOOR_FAULT_SAML_STATUS || fault == DOOR_FAULT_OIDC_DENIED ||
         fault == DOOR_FAULT_IDP_GROUPS || fault == DOOR_FAULT_OIDC_REQUEST ||
         fault == DOOR_FAULT_OIDC_CLIENT || fault == DOOR_FAULT_OIDC_CODE;
}

/* What the provider says in its own words, with what its adapter knows about it. */
static char *
describe (const Judged *judged, const GError *failure)
{
  const char *fix = NULL;
  g_autofree char *text = NULL;

  if (speaks_of_provider (door_error_get_fault (failure)) && judged->connection != NULL)
    fix = door_idp_explain_status (door_connection_get_idp (judged->connection), failure->message);
  text = fix != NULL ? g_strdup_printf ("%s (%s)", failure->message, fix) : g_strdup (failure->message);
  return door_text_dup_line (text, MAX_DETAIL_BYTES);
}

/* Of what nobody asked for nothing is kept, and it is not read either. */
static void
note_received (const DoorContext *context, const DoorLoginAnswer *answer, Judged *judged)
{
  const char *saml_response = judged->resolved != NULL ? judged->resolved : answer->saml_response;

  judged->received = judged->is_ours
                         ? door_sign_in_record_dup_received (context, saml_response, judged->proof.claims)
                         : g_strdup ("");
}

/* How far the answer has come, as far as that is certain. */
static char *
dup_passed (const Judged *judged, const GError *failure)
{
  g_autofree char *engine = judged->proof.checks == NULL && judged->is_ours
                                ? door_saml_checks_dup_passed (door_error_get_fault (failure))
                                : NULL;
  const char *checks = judged->proof.checks != NULL ? judged->proof.checks : engine;

  if (!judged->is_ours)
    return g_strdup ("");
  return g_strconcat ("request", checks != NULL && *checks != '\0' ? " " : "", checks, NULL);
}

/* A record that cannot be written must not hide the refusal: the log line has everything. */
static void
record_failure (const DoorContext *context, const DoorLoginAnswer *answer, const Judged *judged,
                const GError *failure, const char *code)
{
  g_autofree char *detail = describe (judged, failure), *checks = dup_passed (judged, failure);
  g_autofree char *message = g_strdup_printf ("sign-in refused, code %s: %s", code, detail);
  g_autoptr (GError) local = NULL;
  const char *fault_id = door_error_get_info (failure)->id;
  bool told = door_error_get_fault (failure) == DOOR_FAULT_DB_WRITE; /* by the writer, once */
  const char *connection = judged->connection != NULL ? door_connection_get_name (judged->connection) : "";
  DoorAttempt attempt = {
    .code = (char *) code,
    .at = door_clock_now_ms (context->clock),
    .request_id = (char *) answer->request_id,
    .connection = (char *) connection,
    .team = judged->request != NULL ? judged->request->flow->team : (char *) "",
    .fault = (char *) fault_id,
    .detail = detail,
    .checks = checks,
    .person_id = judged->note.person_id,
    .purpose = judged->request != NULL ? judged->request->flow->purpose : (char *) "",
    .received = judged->received,
    .role_claims = judged->note.role_claims,
  };

  door_log_event (told ? G_LOG_LEVEL_INFO : G_LOG_LEVEL_WARNING, "sign-in", message, "DOORWARD_OUTCOME",
                  "refused", "DOORWARD_FAULT", fault_id, "DOORWARD_CODE", code, "DOORWARD_IDP", connection,
                  "DOORWARD_REQUEST", answer->request_id, NULL);
  if (door_writer_run (context->writer, write_attempt, &attempt, answer->cancellable, &local))
    return;
  if (door_error_get_fault (local) == DOOR_FAULT_DB_WRITE)
    g_info ("record %s could not be stored: %s", code, local->message);
  else
    g_warning ("record %s could not be stored: %s", code, local->message);
}

/* What is left depends on what the flow leads to. */
static bool
settle (const DoorContext *context, const DoorSignIn *sign_in, DoorLoginOutcome *out, GError **error)
{
  if (door_flow_is_for_administrators (sign_in->request->flow))
    {
      g_autofree char *token = door_admin_sign_in_settle (context, sign_in, error);

      if (token != NULL)
        out->next_path = g_strconcat (DOOR_PATH_ADMIN_ENTER "?code=", token, NULL);
      return token != NULL;
    }
  if (g_str_equal (sign_in->request->flow->purpose, DOOR_PURPOSE_ENROLLMENT))
    {
      out->access_token = door_enrollment_sign_in_settle (context, sign_in, error);
      return out->access_token != NULL;
    }
  if (is_test (sign_in->request->flow))
    return door_test_sign_in_settle (context, sign_in, &out->test_result, error);
  return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a flow that leads to %s",
                         sign_in->request->flow->purpose);
}

/* What nobody asked for, as far as anything may come of it. */
static bool
judge_unsolicited (const DoorContext *context, const DoorLoginAnswer *answer, Judged *judged,
                   DoorLoginOutcome *out, GError **error)
{
  g_auto (DoorUnsolicited) unsolicited = { NULL };
  bool taken = door_unsolicited_take (context, answer, &unsolicited, error);

  if (unsolicited.connection != NULL)
    judged->connection = unsolicited.connection;
  if (!taken)
    return false;
  out->next_path = g_steal_pointer (&unsolicited.restart_path);
  out->cookie = g_steal_pointer (&unsolicited.cookie);
  judged->request = g_steal_pointer (&unsolicited.request);
  judged->proof = unsolicited.proof;
  unsolicited.proof = (DoorProof){ NULL };
  return true;
}

static bool
judge (const DoorContext *context, const DoorLoginAnswer *answer, Judged *judged, DoorLoginOutcome *out,
       GError **error)
{
  DoorSignIn sign_in;

  if (!find_question (context, answer, judged, error))
    return false;
  if (judged->request == NULL)
    {
      if (!judge_unsolicited (context, answer, judged, out, error))
        return false;
      if (out->next_path != NULL)
        return true;
    }
  else if (!check_request (context, answer, judged, error))
    return false;
  judged->is_ours = true;
  if (judged->proof.claims == NULL && !verify_answer (context, answer, judged, &out->must_wait, error))
    return false;
  note_received (context, answer, judged);
  sign_in = (DoorSignIn){
    .connection = judged->connection,
    .proof = &judged->proof,
    .request = judged->request,
    .code = out->code,
    .request_id = answer->request_id,
    .received = judged->received,
    .note = &judged->note,
    .must_wait = answer->may_wait ? NULL : &out->must_wait,
    .cancellable = answer->cancellable,
  };
  return settle (context, &sign_in, out, error);
}

/* Whoever waits for the result of a test learns why there is none; what did not come from the browser that
 * began it, or is not an answer to its request, does not end it. */
static GVariant *
refuse_test (const DoorContext *context, const DoorLoginAnswer *answer, const Judged *judged,
             const GError *failure, const char *code)
{
  g_autofree char *detail = NULL, *checks = NULL;
  DoorTestRefusal refusal;

  if (!judged->is_ours || !is_test (judged->request->flow))
    return NULL;
  detail = describe (judged, failure);
  checks = dup_passed (judged, failure);
  refusal = (DoorTestRefusal){
    .connection = judged->request->connection,
    .flow_hash = judged->request->flow_hash,
    .code = code,
    .failure = failure,
    .detail = detail,
    .checks = checks,
    .received = judged->received,
  };
  return door_test_sign_in_refuse (context, &refusal, answer->cancellable);
}

static void
count (const DoorContext *context, const Judged *judged, bool administration, const GError *failure)
{
  const char *name = judged->connection != NULL ? door_connection_get_name (judged->connection) : NULL;
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_SIGN_INS,
                                    { name, failure == NULL ? "accepted" : "refused",
                                      failure != NULL ? door_error_get_info (failure)->id : NULL },
                                    1 };

  const DoorMetricSample login = { DOOR_METRIC_FAMILY_ADMIN_LOGINS,
                                   { failure == NULL ? "accepted" : "refused" },
                                   1 };

  door_metrics_count (context->metrics, &sample);
  if (administration)
    door_metrics_count (context->metrics, &login);
}

/**
 * door_login_finish:
 * @context: what every service needs
 * @answer: the identity provider's answer
 * @out: (out caller-allocates): code in every case, the access token or the next path on success, else the
 *   retry path unless another try cannot succeed; clear it
 * @error: return location for an error; its fault decides what the person reads
 *
 * Judges an answer: the pending request first, then its verification, then the person. The request is spent,
 * the assertion remembered and the outcome stored in one write. Blocks for its commit, and on the network
 * where @answer allows it. Where it does not and would have to, nothing is stored and @out says so: the same
 * call is made again in another thread then.
 *
 * Returns: false with an error
 */
bool
door_login_finish (const DoorContext *context, const DoorLoginAnswer *answer, DoorLoginOutcome *out,
                   GError **error)
{
  g_auto (Judged) judged = { NULL };
  GError *failure = NULL;
  bool accepted, administration;

  out->administration = g_strcmp0 (answer->purpose, DOOR_PURPOSE_ADMINISTRATION) == 0;
  out->code = door_random_dup_code (context->random);
  if (!answer->again && !door_turn_take (context, DOOR_TURN_ANSWER, answer->address, error))
    {
      out->retry_path = door_login_dup_retry_path (context, answer->cookie, answer->cancellable);
      return false;
    }
  accepted = judge (context, answer, &judged, out, &failure);
  administration = is_for_administrators (answer, &judged);
  out->administration = administration || (judged.request != NULL && is_test (judged.request->flow));
  if (accepted)
    {
      if (judged.request != NULL)
        count (context, &judged, administration, NULL);
      return true;
    }
  if (out->must_wait)
    {
      g_propagate_error (error, failure);
      return false;
    }
  out->retry_path = make_retry_path (context, answer, &judged, failure);
  if (judged.received == NULL)
    note_received (context, answer, &judged);
  record_failure (context, answer, &judged, failure, out->code);
  if (out->test_result == NULL)
    out->test_result = refuse_test (context, answer, &judged, failure, out->code);
  count (context, &judged, administration, failure);
  g_propagate_error (error, failure);
  return false;
}

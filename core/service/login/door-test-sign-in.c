/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-test-sign-in.h"

#include "door-admin-account.h"
#include "door-admin-roles.h"
#include "door-digest.h"
#include "door-enrollment-sign-in.h"
#include "door-error.h"
#include "door-group-fetch.h"

#define LIFETIME_MS (15 * 60 * INT64_C (1000))

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorSignIn *sign_in; /* (nullable): the answer does not hold, so it is not used up either */
  const DoorTestRow *row;
  bool accepted;
  int64_t now_ms;
} Outcome;

/**
 * door_test_start_init:
 * @self: (out caller-allocates): a test; clear it
 * @random: for the token
 * @connection: name of the identity provider
 * @now_ms: milliseconds since 1970, UTC
 *
 * Makes a test, of which only the hash of the token is kept, for a quarter of an hour.
 */
void
door_test_start_init (DoorTestStart *self, DoorRandom *random, const char *connection, int64_t now_ms)
{
  self->token = door_random_dup_token (random);
  self->row = (DoorTestRow){
    .token_hash = door_digest_sha256_text (self->token),
    .connection = g_strdup (connection),
    .created_at = now_ms,
    .expires_at = now_ms + LIFETIME_MS,
  };
}

/**
 * door_test_start_clear:
 * @self: a test
 */
void
door_test_start_clear (DoorTestStart *self)
{
  g_clear_pointer (&self->token, g_free);
  g_clear_pointer (&self->row.token_hash, g_free);
  g_clear_pointer (&self->row.connection, g_free);
}

/* Whoever opens it first has it: a second browser sees nothing. */
static bool
check_opener (const DoorTestRow *row, const char *cookie, GError **error)
{
  g_autofree char *hash = door_digest_sha256_text (cookie != NULL ? cookie : "");

  if (*row->result == '\0' && (*row->flow_hash == '\0' || door_digest_equal (hash, row->flow_hash)))
    return true;
  return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_FLOW_SPENT,
                         "the address of the test was used already");
}

/**
 * door_test_sign_in_find:
 * @context: what every service needs
 * @token: what the start address ends with
 * @cookie: (nullable): value of the flow's cookie
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Finds the test that a browser wants to begin. Blocks for a read.
 *
 * Returns: (transfer full): the test, or %NULL with %DOOR_FAULT_FLOW_UNKNOWN, %DOOR_FAULT_FLOW_EXPIRED,
 *   %DOOR_FAULT_FLOW_SPENT or another error
 */
DoorTestRow *
door_test_sign_in_find (const DoorContext *context, const char *token, const char *cookie,
                        GCancellable *cancellable, GError **error)
{
  g_autofree char *hash = door_digest_sha256_text (token);
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, cancellable, error);
  g_autoptr (DoorTestRow) row = NULL;

  if (txn == NULL || !door_test_store_lookup (txn, hash, &row, error))
    return NULL;
  if (row == NULL)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_FLOW_UNKNOWN, "there is no such test");
  else if (row->expires_at <= door_clock_now_ms (context->clock))
    door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_FLOW_EXPIRED, "the test has expired");
  else if (check_opener (row, cookie, error))
    return g_steal_pointer (&row);
  return NULL;
}

/* The same question as at the sign-in of an administrator; nothing is written. The roles are told even where
 * another rule refuses: false with an error only when the database cannot be read. */
static bool
judge_administration (const DoorContext *context, const DoorSignIn *sign_in, const DoorIdentity *identity,
                      char **roles, GError **refused, GError **error)
{
  g_auto (DoorAdminPerson) person = { NULL };
  g_auto (DoorAdminAccount) account = { NULL };
  g_autoptr (GError) of_roles = NULL;
  g_autoptr (GPtrArray) granted = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, sign_in->cancellable, error);

  if (txn == NULL)
    return false;
  if (door_admin_person_read (&person, context, sign_in->connection, sign_in->proof->claims, identity,
                              &account.refusal) &&
      !door_admin_account_find (txn, context, sign_in->connection, &person, &account, error))
    return false;
  granted = door_admin_account_decide_roles (&account, context->policy, sign_in->proof->claims, identity,
                                             &of_roles);
  if (granted != NULL)
    *roles = door_admin_roles_to_text (granted);
  if (account.refusal != NULL)
    g_propagate_error (refused, g_steal_pointer (&account.refusal));
  else if (of_roles != NULL)
    g_propagate_error (refused, g_steal_pointer (&of_roles));
  return true;
}

static gboolean
write_outcome (DoorTxn *txn, gpointer data, GError **error)
{
  const Outcome *outcome = data;
  bool waited = false;

  if (outcome->sign_in != NULL && !door_sign_in_use_up (txn, outcome->sign_in, outcome->now_ms, error))
    return FALSE;
  if (!door_test_store_set_result (txn, outcome->row, outcome->now_ms, &waited, error))
    return FALSE;
  if (!waited)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_FLOW_SPENT,
                           "no test waits for this answer any more");
  return !outcome->accepted || door_sign_in_add_record (txn, outcome->sign_in, outcome->now_ms, "", error);
}

static bool
store (const DoorContext *context, Outcome *outcome, GVariant *result, GCancellable *cancellable,
       GError **error)
{
  g_autofree char *text = g_variant_print (result, TRUE);
  DoorTestRow row = *outcome->row;

  row.result = text;
  outcome->row = &row;
  outcome->now_ms = door_clock_now_ms (context->clock);
  return door_writer_run (context->writer, write_outcome, outcome, cancellable, error);
}

static GVariant *
find_out (const DoorContext *context, const DoorSignIn *sign_in, DoorIdentity *identity,
          const GError *refusal, GError **error)
{
  g_autoptr (GError) enrollment = NULL, administration = NULL;
  g_autofree char *roles = NULL;
  DoorTestFindings findings = {
    .protocol = door_connection_speaks_oidc (sign_in->connection) ? "oidc" : "saml",
    .identity = identity,
    .refusal = refusal,
  };

  if (identity != NULL)
    {
      door_enrollment_sign_in_check (context, sign_in, identity, &enrollment);
      if (!judge_administration (context, sign_in, identity, &roles, &administration, error))
        return NULL;
      findings.enrollment = enrollment;
      findings.roles = roles;
      findings.administration = administration;
    }
  return door_test_result_build (sign_in, &findings);
}

/**
 * door_test_sign_in_settle:
 * @context: what every service needs
 * @sign_in: a sign-in whose proof holds
 * @out: (out) (transfer full) (nullable): the result, once it is stored
 * @error: return location for an error
 *
 * Finds out what the sign-in would lead to, uses the answer up and stores the result for whoever waits for
 * it, in one write; nobody gets anything. Blocks for its commit.
 *
 * Returns: false with an error; a person whom the adapter refuses is one, and has a result
 */
bool
door_test_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GVariant **out,
                          GError **error)
{
  g_autoptr (GError) refusal = NULL;
  g_autoptr (DoorIdentity) identity =
      door_idp_map_claims (door_connection_get_idp (sign_in->connection), sign_in->proof->claims, &refusal);
  g_autoptr (GVariant) result = NULL;
  const DoorTestRow row = { .connection = sign_in->request->connection,
                            .flow_hash = sign_in->request->flow_hash };
  Outcome outcome = { .sign_in = sign_in, .row = &row };

  /* what a sign-in would ask the provider for is asked for here too, where groups decide or not */
  if (identity != NULL && !door_group_fetch_complete (context, sign_in, identity, &refusal) &&
      sign_in->must_wait != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return false;
    }
  outcome.accepted = refusal == NULL;
  result = find_out (context, sign_in, refusal == NULL ? identity : NULL, refusal, error);
  if (result == NULL || !store (context, &outcome, result, sign_in->cancellable, error))
    return false;
  *out = g_steal_pointer (&result);
  if (refusal != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return false;
    }
  door_sign_in_log_success (context, sign_in, door_claims_get_subject (sign_in->proof->claims)->value);
  return true;
}

/**
 * door_test_sign_in_refuse:
 * @context: what every service needs
 * @refusal: what is known of an answer that does not hold
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * Stores which check refused the answer, for whoever waits for the result. Where that cannot be written, the
 * person still reads it. Blocks for the commit.
 *
 * Returns: (transfer full): the result
 */
GVariant *
door_test_sign_in_refuse (const DoorContext *context, const DoorTestRefusal *refusal,
                          GCancellable *cancellable)
{
  GVariant *result = door_test_result_build_refused (refusal);
  const DoorTestRow row = { .connection = (char *) refusal->connection,
                            .flow_hash = (char *) refusal->flow_hash };
  Outcome outcome = { .row = &row };
  g_autoptr (GError) local = NULL;

  if (!store (context, &outcome, result, cancellable, &local))
    g_info ("result of the test %s could not be stored: %s", refusal->code, local->message);
  return result;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-sign-in.h"

#include "door-admin-account.h"
#include "door-admin-roles.h"
#include "door-administrator.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-group-fetch.h"
#include "door-liveness.h"
#include "door-log.h"
#include "door-paths.h"
#include "door-role-claims.h"
#include "door-sealing.h"
#include "door-session-store.h"

/* From the answer to the browser's own request, which follows at once. */
#define HANDOVER_MS (2 * 60 * INT64_C (1000))

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorContext *context;
  const DoorSignIn *sign_in;
  const DoorAdminPerson *person; /* (nullable): refused already */
  const DoorIdentity *identity;  /* (nullable): the same */
  const char *new_id;
  const char *handover_hash;
  const char *liveness_id;
  const char *sealed_refresh; /* (nullable) */
  int64_t now_ms;
  DoorAdminAccount account; /* (out) */
  DoorAdministrator *after; /* (out) */
  GPtrArray *roles_after;   /* (out) */
} Outcome;

static void
outcome_reset (Outcome *self)
{
  door_admin_account_clear (&self->account);
  g_clear_pointer (&self->after, door_administrator_free);
  g_clear_pointer (&self->roles_after, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_reset)

static void
make_account (Outcome *outcome)
{
  const DoorAdminPerson *person = outcome->person;

  outcome->after =
      outcome->account.before != NULL
          ? door_administrator_copy (outcome->account.before)
          : door_administrator_new (outcome->new_id, person->email, person->full_name, outcome->now_ms);
  if (*outcome->after->full_name == '\0')
    {
      g_free (outcome->after->full_name);
      outcome->after->full_name = g_strdup (person->full_name);
    }
  outcome->after->signed_in_at = outcome->now_ms;
}

static bool
save_account (DoorTxn *txn, Outcome *outcome, GError **error)
{
  const DoorAdministratorChange change = {
    .before = outcome->account.before,
    .roles_before = outcome->account.roles_before,
    .after = outcome->after,
    .roles_after = outcome->roles_after,
    .passwords = door_policy_get_admin_rules (outcome->context->policy)->passwords,
    .reason = "roles",
    .now_ms = outcome->now_ms
  };
  const DoorAdministratorIdentity identity = {
    .issuer = outcome->person->issuer,
    .subject = outcome->person->subject,
    .administrator_id = outcome->after->id,
    .connection = outcome->sign_in->request->connection,
    .created_at = outcome->now_ms,
  };
  bool added = false;

  if (outcome->account.before != NULL
          ? !door_administrator_change (txn, &change, error)
          : !door_administrator_add (txn, outcome->after, outcome->roles_after, error))
    return false;
  if (outcome->account.before != NULL && !outcome->account.linked)
    return true;
  return door_administrator_store_add_identity (txn, &identity, &added, error) &&
         (added || door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                                   "the same identity was added at the same moment"));
}

static bool
save_handover (DoorTxn *txn, const Outcome *outcome, GError **error)
{
  const DoorSignIn *sign_in = outcome->sign_in;
  const DoorFlow *flow = sign_in->request->flow;
  const DoorSubject *subject = door_claims_get_subject (sign_in->proof->claims);
  const DoorHandover handover = {
    .token_hash = (char *) outcome->handover_hash,
    .flow_hash = flow->key_hash,
    .administrator_id = outcome->after->id,
    .connection = sign_in->request->connection,
    .issuer = (char *) subject->issuer,
    .subject = (char *) subject->value,
    .session_index = sign_in->proof->session_index,
    .return_path = *flow->return_path != '\0' ? flow->return_path : (char *) DOOR_PATH_ADMIN,
    .session_ends_at = sign_in->proof->session_ends_at_ms,
    .expires_at = outcome->now_ms + HANDOVER_MS,
    .name_format = (char *) subject->format,
    .name_qualifier = (char *) subject->name_qualifier,
    .sp_name_qualifier = (char *) subject->sp_name_qualifier,
    .liveness_id = outcome->sealed_refresh != NULL ? (char *) outcome->liveness_id : NULL,
    .sealed_refresh = (char *) outcome->sealed_refresh,
  };

  return door_session_store_add_handover (txn, &handover, error);
}

/* Only of an account that is theirs: what somebody else's provider says is no word about it. */
static void
note_account (const Outcome *outcome)
{
  DoorSignInNote *note = outcome->sign_in->note;
  const DoorAdministrator *before = outcome->account.before;

  g_clear_pointer (&note->person_id, g_free);
  note->person_id = g_strdup (before != NULL ? before->id : NULL);
}

/* What is refused here leaves nothing behind but that the answer is used up. */
static bool
settle_account (DoorTxn *txn, Outcome *outcome, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!door_admin_account_find (txn, outcome->context, outcome->sign_in->connection, outcome->person,
                                &outcome->account, error))
    return false;
  if (outcome->account.refusal == NULL)
    note_account (outcome);
  if (outcome->account.refusal == NULL)
    outcome->roles_after = door_admin_account_decide_roles (&outcome->account, outcome->context->policy,
                                                            outcome->sign_in->proof->claims,
                                                            outcome->identity, &outcome->account.refusal);
  if (outcome->account.refusal != NULL)
    return true;
  make_account (outcome);
  if (save_account (txn, outcome, &local))
    return save_handover (txn, outcome, error) &&
           door_sign_in_add_record (txn, outcome->sign_in, outcome->now_ms, outcome->after->id, error);
  if (door_error_get_fault (local) == DOOR_FAULT_ADM_LASTADMIN)
    {
      outcome->account.refusal = g_steal_pointer (&local); /* nothing was written */
      return true;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static gboolean
write_outcome (DoorTxn *txn, gpointer data, GError **error)
{
  Outcome *outcome = data;

  if (!door_sign_in_use_up (txn, outcome->sign_in, outcome->now_ms, error))
    return FALSE;
  if (outcome->person == NULL)
    return TRUE;
  outcome_reset (outcome);
  return settle_account (txn, outcome, error);
}

/* Who may do what is worth a line of its own. */
static void
log_account (const Outcome *outcome)
{
  g_autofree char *after = door_admin_roles_to_text (outcome->roles_after);
  g_autofree char *before =
      outcome->account.roles_before != NULL ? door_admin_roles_to_text (outcome->account.roles_before) : NULL;
  const char *code = outcome->sign_in->code, *id = outcome->after->id;

  if (outcome->account.before == NULL)
    door_log_event (G_LOG_LEVEL_MESSAGE, "administrator", "administrator added at the first sign-in",
                    "DOORWARD_OUTCOME", "added", "DOORWARD_ADMINISTRATOR", id, "DOORWARD_ROLES", after,
                    "DOORWARD_CODE", code, NULL);
  else if (!door_admin_roles_equal (outcome->account.roles_before, outcome->roles_after))
    door_log_event (G_LOG_LEVEL_MESSAGE, "administrator", "roles of an administrator changed by the provider",
                    "DOORWARD_OUTCOME", "changed", "DOORWARD_ADMINISTRATOR", id, "DOORWARD_ROLES_BEFORE",
                    before, "DOORWARD_ROLES", after, "DOORWARD_CODE", code, NULL);
  if (outcome->account.before != NULL && outcome->account.linked)
    door_log_event (G_LOG_LEVEL_MESSAGE, "administrator", "identity joined with an administrator",
                    "DOORWARD_OUTCOME", "linked", "DOORWARD_ADMINISTRATOR", id, "DOORWARD_IDP",
                    outcome->sign_in->request->connection, "DOORWARD_CODE", code, NULL);
}

/* Without them the groups stay incomplete, and roles that depend on them are refused. */
static void
fetch_groups (const DoorContext *context, const DoorSignIn *sign_in, DoorIdentity *identity)
{
  g_autoptr (GError) error = NULL;

  if (door_admin_roles_depend_on_groups (context->policy) &&
      !door_group_fetch_complete (context, sign_in, identity, &error) && sign_in->must_wait == NULL)
    g_warning ("%s", error->message);
}

/**
 * door_admin_sign_in_settle:
 * @context: what every service needs
 * @sign_in: a sign-in whose proof holds
 * @error: return location for an error
 *
 * Decides who signs in and what they may, uses the answer up and stores the outcome, all in one write. Blocks
 * for its commit; before that, where it may, for groups that the provider has. Where it may not but must,
 * nothing is stored.
 *
 * Returns: (transfer full): the token with which the same browser gets its session, or %NULL with an error
 */
char *
door_admin_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GError **error)
{
  g_autofree char *token = door_random_dup_token (context->random);
  g_autofree char *hash = door_digest_sha256_text (token);
  g_autofree char *id = door_random_dup_uuid (context->random);
  g_autofree char *liveness_id = door_random_dup_uuid (context->random), *sealed = NULL;
  g_auto (DoorAdminPerson) person = { NULL };
  g_auto (Outcome) outcome = { .context = context,
                               .sign_in = sign_in,
                               .new_id = id,
                               .handover_hash = hash,
                               .liveness_id = liveness_id,
                               .now_ms = door_clock_now_ms (context->clock) };
  g_autoptr (DoorIdentity) identity = door_idp_map_claims (door_connection_get_idp (sign_in->connection),
                                                           sign_in->proof->claims, &outcome.account.refusal);

  if (identity != NULL && door_admin_person_read (&person, context, sign_in->connection,
                                                  sign_in->proof->claims, identity, &outcome.account.refusal))
    {
      outcome.person = &person;
      outcome.identity = identity;
    }
  if (outcome.identity != NULL)
    fetch_groups (context, sign_in, identity);
  if (outcome.identity != NULL)
    sign_in->note->role_claims = door_role_claims_build (sign_in->proof->claims, identity,
                                                         door_admin_roles_depend_on_groups (context->policy));
  if (sign_in->must_wait != NULL && *sign_in->must_wait)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_GROUPS, "groups must be asked for");
      return NULL;
    }
  if (sign_in->proof->refresh != NULL)
    {
      sealed = door_sealing_seal (context->state_key, context->random,
                                  (DoorSealedPlace){ DOOR_SEALED_ADMIN_REFRESH, liveness_id },
                                  sign_in->proof->refresh, error);
      if (sealed == NULL)
        return NULL;
    }
  outcome.sealed_refresh = sealed;
  if (!door_writer_run (context->writer, write_outcome, &outcome, sign_in->cancellable, error))
    return NULL;
  if (outcome.account.refusal != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&outcome.account.refusal));
      return NULL;
    }
  door_sign_in_log_success (context, sign_in, person.email_key);
  log_account (&outcome);
  return g_steal_pointer (&token);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-sign-in.h"

#include "door-connections.h"
#include "door-account.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-group-fetch.h"
#include "door-person-store.h"
#include "door-same-provider.h"
#include "door-token-store.h"

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const GPtrArray *connections;
  const DoorSignIn *sign_in;
  const DoorIdentity *identity; /* (nullable): the adapter refused */
  const GError *refusal;        /* (nullable) */
  const char *token_hash;
  const char *new_person_id;
  const char *managed_account;
  int64_t now_ms;
  int64_t token_expires_at;
  bool inactive; /* (out) */
  bool foreign;  /* (out): somebody of another provider, which has or had the same entity id */
} Outcome;

static bool
groups_allow (const DoorTeam *team, const DoorIdentity *identity)
{
  const char *const *groups = door_identity_get_groups (identity);

  for (size_t i = 0; team->denied_groups[i] != NULL; i++)
    if (g_strv_contains (groups, team->denied_groups[i]) || !door_identity_groups_complete (identity))
      return false;
  if (team->allowed_groups[0] == NULL)
    return true;
  for (size_t i = 0; team->allowed_groups[i] != NULL; i++)
    if (g_strv_contains (groups, team->allowed_groups[i]))
      return true;
  return false;
}

/* The provider is asked for groups only where they decide, and last of all. */
static bool
check_groups (const DoorContext *context, const DoorSignIn *sign_in, const DoorTeam *team,
              DoorIdentity *identity, GError **error)
{
  bool decide = team->allowed_groups[0] != NULL || team->denied_groups[0] != NULL;

  if (decide && !door_group_fetch_complete (context, sign_in, identity, error))
    return false;
  return groups_allow (team, identity) ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_GROUP,
                         "the person's groups, by AllowedGroups and DeniedGroups");
}

/**
 * door_enrollment_sign_in_check:
 * @context: what every service needs
 * @sign_in: a sign-in whose proof holds
 * @identity: who it is, by the adapter
 * @error: return location for an error
 *
 * May this person enroll this device? The account comes from the verified identity, never from what was
 * typed. Nor did what was typed have to be the account when the identity provider was chosen, so the provider
 * must be one that the account itself would have led to. Waits for the network where groups are asked for.
 *
 * Returns: false with an error
 */
bool
door_enrollment_sign_in_check (const DoorContext *context, const DoorSignIn *sign_in, DoorIdentity *identity,
                               GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, sign_in->request->flow->team);
  const char *account = door_identity_get (identity, DOOR_IDENTITY_MANAGED_ACCOUNT);
  g_autofree char *domain = door_account_dup_domain (account);
  g_autoptr (GPtrArray) choices = NULL;

  if (domain == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_NOACCOUNT,
                      "no claim gives a Managed Apple Account");
      return false;
    }
  if (team == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_TEAM_UNKNOWN, "the team exists no more");
      return false;
    }
  if (!door_policy_domain_allowed (team, domain))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                      "domain %s is not in AllowedDomains", domain);
      return false;
    }
  if (*team->name == '\0' && door_policy_choose_team (context->policy, domain) != team)
    {
      /* else whoever leaves the team out of the address would leave its rules out too */
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN, "domain %s enrolls into a team",
                      domain);
      return false;
    }
  choices = door_connections_choose (context->connections, DOOR_USE_ENROLLMENT, team, domain);
  if (!g_ptr_array_find (choices, sign_in->connection, NULL))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                      "domain %s does not sign in here, by the EmailDomains of the providers", domain);
      return false;
    }
  if (*sign_in->request->flow->user_identifier != '\0' &&
      !door_account_equal (sign_in->request->flow->user_identifier, account))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_MISMATCH,
                      "another account was typed on the device");
      return false;
    }
  return check_groups (context, sign_in, team, identity, error);
}

static char *
text (const DoorIdentity *identity, DoorIdentityField field)
{
  const char *value = door_identity_get (identity, field);

  return g_strdup (value != NULL ? value : "");
}

static DoorPerson *
make_person (const Outcome *outcome, const DoorPerson *known)
{
  const DoorIdentity *identity = outcome->identity;
  DoorPerson *person = g_new0 (DoorPerson, 1);

  person->id = g_strdup (known != NULL ? known->id : outcome->new_person_id);
  person->state = g_strdup (known != NULL ? known->state : "active");
  person->user_name = text (identity, DOOR_IDENTITY_USER_NAME);
  person->email = text (identity, DOOR_IDENTITY_EMAIL);
  person->full_name = text (identity, DOOR_IDENTITY_FULL_NAME);
  person->given_name = text (identity, DOOR_IDENTITY_GIVEN_NAME);
  person->family_name = text (identity, DOOR_IDENTITY_FAMILY_NAME);
  person->department = text (identity, DOOR_IDENTITY_DEPARTMENT);
  person->managed_account = text (identity, DOOR_IDENTITY_MANAGED_ACCOUNT);
  person->group_names = g_strjoinv ("\n", (char **) door_identity_get_groups (identity));
  person->created_at = known != NULL ? known->created_at : outcome->now_ms;
  person->updated_at = outcome->now_ms;
  person->signed_in_at = outcome->now_ms;
  return person;
}

static bool
add_person (DoorTxn *txn, const Outcome *outcome, const DoorPerson *person, GError **error)
{
  DoorPersonIdentity row = {
    .issuer = (char *) door_identity_get_issuer (outcome->identity),
    .subject = (char *) door_identity_get_subject (outcome->identity),
    .person_id = person->id,
    .connection = (char *) door_connection_get_name (outcome->sign_in->connection),
    .created_at = outcome->now_ms,
  };
  bool added = false;

  if (!door_person_store_add (txn, person, error) ||
      !door_person_store_add_identity (txn, &row, &added, error))
    return false;
  if (!added)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                      "the same person was added at the same moment");
      return false;
    }
  return true;
}

/* An entity id is only what a provider calls itself. */
static bool
check_provider (DoorTxn *txn, Outcome *outcome, const DoorPerson *known, GError **error)
{
  g_autoptr (GPtrArray) identities = door_person_store_list_identities (txn, known->id, error);

  for (guint i = 0; identities != NULL && i < identities->len; i++)
    {
      const DoorPersonIdentity *identity = g_ptr_array_index (identities, i);

      if (g_str_equal (identity->issuer, door_identity_get_issuer (outcome->identity)) &&
          g_str_equal (identity->subject, door_identity_get_subject (outcome->identity)) &&
          !door_same_provider (outcome->connections, outcome->sign_in->connection, identity->connection))
        outcome->foreign = true;
    }
  return identities != NULL;
}

/* Identity is issuer and subject; an e-mail address never finds a person here. */
static bool
save_person (DoorTxn *txn, Outcome *outcome, char **person_id, GError **error)
{
  g_autoptr (DoorPerson) known = NULL;
  g_autoptr (DoorPerson) person = NULL;

  if (!door_person_store_lookup_by_identity (txn, door_identity_get_issuer (outcome->identity),
                                             door_identity_get_subject (outcome->identity), &known, error))
    return false;
  outcome->foreign = false;
  if (known != NULL && !check_provider (txn, outcome, known, error))
    return false;
  outcome->inactive = known != NULL && !g_str_equal (known->state, "active");
  person = make_person (outcome, known);
  *person_id = g_strdup (person->id);
  if (outcome->inactive || outcome->foreign)
    return true;
  return known != NULL ? door_person_store_update (txn, person, error)
                       : add_person (txn, outcome, person, error);
}

static bool
save_token (DoorTxn *txn, const Outcome *outcome, const char *person_id, GError **error)
{
  DoorAccessToken token = {
    .hash = (char *) outcome->token_hash,
    .person_id = (char *) person_id,
    .team = outcome->sign_in->request->flow->team,
    .managed_account = (char *) outcome->managed_account,
    .created_at = outcome->now_ms,
    .expires_at = outcome->token_expires_at,
    .certificate_sha256 = (char *) "",
  };

  return door_token_store_add (txn, &token, error);
}

/* The answer is used up in the same write that records what came of it. */
static gboolean
write_outcome (DoorTxn *txn, gpointer data, GError **error)
{
  Outcome *outcome = data;
  const DoorSignIn *sign_in = outcome->sign_in;
  g_autofree char *person_id = NULL;

  if (!door_sign_in_use_up (txn, sign_in, outcome->now_ms, error))
    return FALSE;
  if (outcome->refusal != NULL)
    return TRUE;
  if (!save_person (txn, outcome, &person_id, error))
    return FALSE;
  return outcome->inactive || outcome->foreign ||
         (save_token (txn, outcome, person_id, error) &&
          door_sign_in_add_record (txn, sign_in, outcome->now_ms, person_id, error));
}

/**
 * door_enrollment_sign_in_settle:
 * @context: what every service needs
 * @sign_in: a sign-in whose proof holds
 * @error: return location for an error
 *
 * Decides whether the person may enroll, uses the answer up and stores the outcome, all in one write. Blocks
 * for its commit; before that, where it may, for the groups that the provider has. Where it may not but must,
 * nothing is stored.
 *
 * Returns: (transfer full): a new access token, or %NULL with an error
 */
char *
door_enrollment_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (GError) refusal = NULL;
  g_autoptr (DoorIdentity) identity =
      door_idp_map_claims (door_connection_get_idp (sign_in->connection), sign_in->proof->claims, &refusal);
  g_autofree char *token = door_random_dup_token (context->random);
  g_autofree char *token_hash = door_digest_sha256_text (token);
  g_autofree char *person_id = door_random_dup_uuid (context->random);
  Outcome outcome;

  if (identity != NULL)
    door_enrollment_sign_in_check (context, sign_in, identity, &refusal);
  if (sign_in->must_wait != NULL && *sign_in->must_wait)
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return NULL;
    }
  outcome = (Outcome){
    .connections = context->connections,
    .sign_in = sign_in,
    .identity = identity,
    .refusal = refusal,
    .token_hash = token_hash,
    .new_person_id = person_id,
    .managed_account = identity != NULL ? door_identity_get (identity, DOOR_IDENTITY_MANAGED_ACCOUNT) : NULL,
    .now_ms = now_ms,
    .token_expires_at = now_ms + door_policy_get_token_lifetime_ms (context->policy),
  };
  if (!door_writer_run (context->writer, write_outcome, &outcome, sign_in->cancellable, error))
    return NULL;
  if (refusal != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return NULL;
    }
  if (outcome.foreign)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SAML_ISSUER,
                      "the person is of another provider, which has the same entity id and other keys, or is "
                      "gone: doorctl idp adopt");
      return NULL;
    }
  if (outcome.inactive)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_INACTIVE, "the person is deactivated");
      return NULL;
    }
  door_sign_in_log_success (context, sign_in, outcome.managed_account);
  return g_steal_pointer (&token);
}

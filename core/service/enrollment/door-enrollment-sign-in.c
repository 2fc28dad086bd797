/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-sign-in.h"

#include "door-connections.h"
#include "door-account.h"
#include "door-attempt-store.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-eula.h"
#include "door-group-fetch.h"
#include "door-oauth2-grant.h"
#include "door-oauth2-provider.h"
#include "door-person-store.h"
#include "door-same-provider.h"
#include "door-token-store.h"

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorContext *context;
  const GPtrArray *connections;
  const DoorSignIn *sign_in;
  const DoorIdentity *identity; /* (nullable): the adapter refused */
  const GError *refusal;        /* (nullable) */
  const char *token_hash;
  const char *new_person_id;
  const char *new_grant_id;
  const char *sealed_refresh; /* (nullable) */
  const char *managed_account;
  int64_t now_ms;
  const char *kind;
  int64_t token_expires_at;
  const DoorForwardedToken *forwarded; /* (nullable): one of the provider's instead of one of our own */
  bool inactive;                       /* (out) */
  bool foreign; /* (out): somebody of another provider, which has or had the same entity id */
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

/* A device that is managed as a whole has no part that would belong to a Managed Apple Account. */
static bool
needs_account (const DoorFlow *flow)
{
  return g_str_equal (flow->way, DOOR_WAY_ACCOUNT) || g_str_equal (flow->way, DOOR_WAY_OAUTH2);
}

/* Whose domain decides: the account's, or where none is needed that of another address of the person. */
static const char *
get_account (const DoorFlow *flow, const DoorIdentity *identity)
{
  static const DoorIdentityField others[] = { DOOR_IDENTITY_EMAIL, DOOR_IDENTITY_USER_NAME };
  const char *account = door_identity_get (identity, DOOR_IDENTITY_MANAGED_ACCOUNT);

  for (size_t i = 0; account == NULL && !needs_account (flow) && i < G_N_ELEMENTS (others); i++)
    account = door_identity_get (identity, others[i]);
  return account;
}

static bool
check_team (const DoorTeam *team, const DoorFlow *flow, GError **error)
{
  if (team == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_TEAM_UNKNOWN, "the team exists no more");
  return !g_str_equal (flow->purpose, DOOR_PURPOSE_ENROLLMENT) || door_team_has_way (team, flow->way) ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_OFF, "Flows lists no %s", flow->way);
}

/* Without a domain, which only a device that needs no account can have, no list of domains has it. */
static bool
check_domain (const DoorContext *context, const DoorSignIn *sign_in, const DoorTeam *team, const char *domain,
              GError **error)
{
  const char *shown = domain != NULL ? domain : "that is none";
  g_autoptr (GPtrArray) choices = NULL;

  if (!door_team_allows_domain (team, domain != NULL ? domain : ""))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                           "domain %s is not in AllowedDomains", shown);
  /* else whoever leaves the team out of the address would leave its rules out too */
  if (domain != NULL && *team->name == '\0' && door_policy_choose_team (context->policy, domain) != team)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                           "domain %s enrolls into a team", domain);
  choices = door_connections_choose (context->connections, DOOR_USE_ENROLLMENT, team, domain);
  return g_ptr_array_find (choices, sign_in->connection, NULL) ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                         "domain %s does not sign in here, by the EmailDomains of the providers", shown);
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
 * must be one that the account itself would have led to. A device that is managed as a whole needs no Managed
 * Apple Account. Waits for the network where groups are asked for.
 *
 * Returns: false with an error
 */
bool
door_enrollment_sign_in_check (const DoorContext *context, const DoorSignIn *sign_in, DoorIdentity *identity,
                               GError **error)
{
  const DoorFlow *flow = sign_in->request->flow;
  const DoorTeam *team = door_policy_lookup_team (context->policy, flow->team);
  const char *account = get_account (flow, identity);
  g_autofree char *domain = door_account_dup_domain (account);

  if (domain == NULL && needs_account (flow))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_NOACCOUNT,
                           "no claim gives a Managed Apple Account");
  if (!check_team (team, flow, error) || !check_domain (context, sign_in, team, domain, error))
    return false;
  if (needs_account (flow) && *flow->user_identifier != '\0' &&
      !door_account_equal (flow->user_identifier, account))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_MISMATCH,
                           "another account was typed on the device");
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

/* A ticket takes the place of all that the device was given before and has not enrolled with. */
static bool
save_token (DoorTxn *txn, const Outcome *outcome, const char *person_id, GError **error)
{
  const DoorFlow *flow = outcome->sign_in->request->flow;
  const DoorOauth2Person person = { person_id,
                                    outcome->managed_account,
                                    outcome->token_hash,
                                    outcome->new_grant_id,
                                    outcome->sealed_refresh,
                                    outcome->now_ms };
  DoorAccessToken token = {
    .hash = (char *) outcome->token_hash,
    .kind = (char *) outcome->kind,
    .mode = (char *) "",
    .serial = flow->serial,
    .udid = flow->udid,
    .product = flow->product,
    .eula = (char *) "",
    .person_id = (char *) person_id,
    .team = flow->team,
    .managed_account = (char *) (outcome->managed_account != NULL ? outcome->managed_account : ""),
    .created_at = outcome->now_ms,
    .expires_at = outcome->token_expires_at,
    .certificate_sha256 = (char *) "",
    .link = flow->link,
  };

  return door_eula_choose (outcome->context, txn, &token, error) &&
         door_token_store_add (txn, &token, error) &&
         (!g_str_equal (token.kind, DOOR_TOKEN_CODE) ||
          door_oauth2_grant_add (txn, outcome->sign_in, &person, error)) &&
         (needs_account (flow) || door_token_store_revoke_former (txn, &token, outcome->now_ms, error));
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

/* Who is known, and may not. */
static bool
judge_person (const Outcome *outcome, GError **error)
{
  if (outcome->foreign)
    return door_error_set (
        error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SAML_ISSUER,
        "the person is of another provider, which has the same entity id and other keys, or is "
        "gone: doorctl idp adopt");
  return !outcome->inactive ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_INACTIVE, "the person is deactivated");
}

/* An access token, which the device carries, or a ticket of the same name as the way it came. */
static void
describe_token (const DoorContext *context, Outcome *outcome)
{
  const DoorFlow *flow = outcome->sign_in->request->flow;
  bool account = needs_account (flow);

  outcome->kind = flow->way;
  outcome->token_expires_at =
      outcome->now_ms + (account ? door_policy_get_token_lifetime_ms (context->policy)
                                 : door_policy_get_link_lifetime_ms (context->policy));
  if (outcome->identity != NULL)
    outcome->managed_account = door_identity_get (outcome->identity, DOOR_IDENTITY_MANAGED_ACCOUNT);
}

/* Nothing where the provider gave nothing, or is not asked later. */
static bool
seal_refresh (const DoorContext *context, const DoorSignIn *sign_in, const char *grant_id, char **out,
              GError **error)
{
  const DoorSecret *refresh = sign_in->proof->refresh;

  *out = refresh != NULL
             ? door_sealing_seal (context->state_key, context->random,
                                  (DoorSealedPlace){ DOOR_SEALED_DEVICE_REFRESH, grant_id }, refresh, error)
             : NULL;
  return refresh == NULL || *out != NULL;
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
 * Returns: (transfer full): a new access token or ticket, as the flow's way asks, or %NULL with an error
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
  g_autofree char *grant_id = door_random_dup_uuid (context->random), *sealed = NULL;
  const char *account;
  Outcome outcome;

  if (identity != NULL)
    door_enrollment_sign_in_check (context, sign_in, identity, &refusal);
  if (sign_in->must_wait != NULL && *sign_in->must_wait)
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return NULL;
    }
  if (!seal_refresh (context, sign_in, grant_id, &sealed, error))
    return NULL;
  outcome = (Outcome){
    .context = context,
    .connections = context->connections,
    .sign_in = sign_in,
    .identity = identity,
    .refusal = refusal,
    .token_hash = token_hash,
    .new_person_id = person_id,
    .new_grant_id = grant_id,
    .sealed_refresh = sealed,
    .now_ms = now_ms,
  };
  describe_token (context, &outcome);
  if (!door_writer_run (context->writer, write_outcome, &outcome, sign_in->cancellable, error))
    return NULL;
  if (refusal != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refusal));
      return NULL;
    }
  if (!judge_person (&outcome, error))
    return NULL;
  account = get_account (sign_in->request->flow, identity);
  door_sign_in_log_success (context, sign_in, account != NULL ? account : "");
  return g_steal_pointer (&token);
}

/* A device that comes with its first token has signed its user in; with a later one it has only gone on. */
static bool
add_forwarded_record (DoorTxn *txn, const Outcome *outcome, const char *person_id, GError **error)
{
  const DoorSignIn *sign_in = outcome->sign_in;
  const DoorAttempt attempt = {
    .code = (char *) sign_in->code,
    .at = outcome->now_ms,
    .request_id = (char *) sign_in->request_id,
    .connection = sign_in->request->connection,
    .team = sign_in->request->flow->team,
    .fault = (char *) "",
    .detail = (char *) "",
    .checks = sign_in->proof->checks,
    .person_id = (char *) person_id,
    .purpose = sign_in->request->flow->purpose,
    .received = (char *) sign_in->received,
    .role_claims = sign_in->note->role_claims,
  };

  return outcome->forwarded->certificate_sha256 != NULL || door_attempt_store_add (txn, &attempt, error);
}

/* The certificate's own, unless it is of somebody else: whoever has got hold of it must not take it away. One
 * that is on record only counts for longer. */
static bool
save_forwarded (DoorTxn *txn, const Outcome *outcome, const char *person_id, bool known, GError **error)
{
  const DoorForwardedToken *forwarded = outcome->forwarded;
  const DoorFlow *flow = outcome->sign_in->request->flow;
  bool theirs = g_strcmp0 (forwarded->person_id, person_id) == 0;
  DoorAccessToken token = {
    .hash = (char *) forwarded->hash,
    .kind = (char *) DOOR_TOKEN_ACCOUNT,
    .mode = (char *) "",
    .serial = (char *) "",
    .udid = (char *) "",
    .product = (char *) "",
    .eula = (char *) "",
    .person_id = (char *) person_id,
    .team = flow->team,
    .managed_account = (char *) outcome->managed_account,
    .created_at = outcome->now_ms,
    .expires_at = outcome->token_expires_at,
    .vouched_until = forwarded->expires_at_ms,
    .certificate_sha256 = (char *) (theirs ? forwarded->certificate_sha256 : ""),
    .connection = (char *) door_connection_get_name (outcome->sign_in->connection),
  };

  if (known)
    return door_token_store_prolong (txn, &token, error);
  return door_eula_choose (outcome->context, txn, &token, error) &&
         door_token_store_add (txn, &token, error) && add_forwarded_record (txn, outcome, person_id, error);
}

/* Of two requests with the same token one is first; the other finds what it did, and does no more. */
static gboolean
write_admission (DoorTxn *txn, gpointer data, GError **error)
{
  Outcome *outcome = data;
  g_autoptr (DoorAccessToken) known = NULL;
  g_autofree char *person_id = NULL;

  if (!door_token_store_lookup (txn, outcome->forwarded->hash, &known, error))
    return FALSE;
  if (known != NULL && known->expires_at >= outcome->token_expires_at)
    return TRUE;
  if (!save_person (txn, outcome, &person_id, error))
    return FALSE;
  return outcome->inactive || outcome->foreign ||
         save_forwarded (txn, outcome, person_id, known != NULL, error);
}

/**
 * door_enrollment_sign_in_admit:
 * @context: what every service needs
 * @sign_in: who an access token is about, for which the provider vouches
 * @token: the token
 * @error: return location for an error
 *
 * Decides as door_enrollment_sign_in_settle() whether the person may enroll, and stores the provider's token
 * in the place of one of our own. Nothing was asked here that could be used up. Blocks for its commit; before
 * that, where it must, for the groups that the provider has.
 *
 * Returns: false with an error
 */
bool
door_enrollment_sign_in_admit (const DoorContext *context, const DoorSignIn *sign_in,
                               const DoorForwardedToken *token, GError **error)
{
  g_autoptr (DoorIdentity) identity =
      door_idp_map_claims (door_connection_get_idp (sign_in->connection), sign_in->proof->claims, error);
  g_autofree char *person_id = door_random_dup_uuid (context->random);
  int64_t now_ms = door_clock_now_ms (context->clock);
  int64_t lifetime_ms = door_policy_get_token_lifetime_ms (context->policy);
  Outcome outcome;

  if (identity == NULL || !door_enrollment_sign_in_check (context, sign_in, identity, error))
    return false;
  outcome = (Outcome){
    .context = context,
    .connections = context->connections,
    .sign_in = sign_in,
    .identity = identity,
    .new_person_id = person_id,
    .managed_account = door_identity_get (identity, DOOR_IDENTITY_MANAGED_ACCOUNT),
    .now_ms = now_ms,
    .token_expires_at = MIN (token->expires_at_ms, now_ms + lifetime_ms),
    .forwarded = token,
  };
  if (!door_writer_run (context->writer, write_admission, &outcome, sign_in->cancellable, error) ||
      !judge_person (&outcome, error))
    return false;
  if (token->certificate_sha256 == NULL)
    door_sign_in_log_success (context, sign_in, outcome.managed_account);
  return true;
}

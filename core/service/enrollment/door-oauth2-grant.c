/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oauth2-grant.h"

#include <string.h>

#include "door-device-store.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-liveness.h"
#include "door-oauth2-provider.h"
#include "door-oauth2.h"
#include "door-refresh-token.h"
#include "door-token.h"

/* From when the code is sent to the device until that comes for its tokens, which it does at once. */
#define CODE_LIFETIME_MS (2 * 60 * INT64_C (1000))
#define ACCESS_LABEL "access-token"

/**
 * door_oauth2_grant_add:
 * @txn: the transaction that records what comes of the sign-in
 * @sign_in: a sign-in whose proof holds
 * @person: what it led to
 * @error: return location for an error
 *
 * Stores what a code will be exchanged for.
 *
 * Returns: false with an error
 */
bool
door_oauth2_grant_add (DoorTxn *txn, const DoorSignIn *sign_in, const DoorOauth2Person *person,
                       GError **error)
{
  const DoorFlow *flow = sign_in->request->flow;
  const DoorSubject *subject = door_claims_get_subject (sign_in->proof->claims);
  bool is_asked = door_liveness_is_wanted (sign_in->connection, flow->purpose, flow->way);
  const DoorOauth2Grant grant = {
    .id = (char *) person->grant_id,
    .code_hash = (char *) person->code_hash,
    .redirect_uri = flow->redirect_uri,
    .client_state = flow->client_state,
    .code_challenge = flow->code_challenge,
    .person_id = (char *) person->id,
    .team = flow->team,
    .managed_account = (char *) person->managed_account,
    .chain_hash = (char *) "",
    .token_hash = (char *) "",
    .before_hash = (char *) "",
    .salt = (char *) "",
    .access_hash = (char *) "",
    .enrollment_id = (char *) "",
    .created_at = person->now_ms,
    .sealed_refresh = (char *) person->sealed_refresh,
    .connection = is_asked ? (char *) door_connection_get_name (sign_in->connection) : NULL,
    .issuer = (char *) subject->issuer,
    .subject = (char *) subject->value,
    .verified_at = person->now_ms,
  };

  return door_oauth2_store_add (txn, &grant, error);
}

/**
 * door_oauth2_grant_find_location:
 * @txn: a transaction
 * @code: a code
 * @out: (out) (transfer full): the address of the device that gets it (RFC 6749, 4.1.2)
 * @error: return location for an error
 *
 * Says where the browser of somebody who has signed in goes. Blocks for a read.
 *
 * Returns: false with %DOOR_FAULT_OAUTH_GRANT, or a database error
 */
bool
door_oauth2_grant_find_location (DoorTxn *txn, const char *code, char **out, GError **error)
{
  g_autofree char *hash = door_digest_sha256_text (code);
  g_autoptr (DoorOauth2Grant) grant = NULL;

  if (!door_oauth2_store_lookup_by_code (txn, hash, &grant, error))
    return false;
  if (grant == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_OAUTH_GRANT, "the code is unknown");
  *out = door_oauth2_build_redirect (grant->redirect_uri, "code", code, grant->client_state);
  return true;
}

/**
 * door_oauth2_grant_bind:
 * @txn: a transaction of the writer
 * @access_hash: SHA-256 of the access token that a device shows, which was checked
 * @enrollment_id: its enrollment
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ties what a sign-in gave to the enrollment it is for, whose earlier grants end. For an access token that no
 * code was exchanged for, there is nothing to do.
 *
 * Returns: false with an error
 */
bool
door_oauth2_grant_bind (DoorTxn *txn, const char *access_hash, const char *enrollment_id, int64_t now_ms,
                        GError **error)
{
  g_autoptr (DoorOauth2Grant) grant = NULL;

  if (!door_oauth2_store_lookup_by_access (txn, access_hash, &grant, error))
    return false;
  return grant == NULL || *grant->enrollment_id != '\0' ||
         (door_oauth2_store_bind (txn, grant->id, enrollment_id, error) &&
          door_oauth2_store_end_others (txn, enrollment_id, grant->id, now_ms, error));
}

typedef enum
{
  USE_REFUSED,
  USE_GIVEN,
  USE_COPIED,
  USE_GONE,
  USE_UNASKED,
} UseResult;

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorContext *context;
  const DoorOauth2Code *code;       /* (nullable): a refresh */
  const DoorOauth2Refresh *refresh; /* (nullable): a code */
  const DoorOauth2Asked *asked;     /* (nullable): what the provider says to a refresh */
  const char *team;                 /* (nullable): of the client */
  const char *hash;                 /* of the code or the refresh token */
  const char *chain_hash;
  const char *token_hash;   /* of the refresh token that is given for a code */
  const char *access_token; /* that is given for a code */
  const char *salt;
  int64_t now_ms;
  UseResult result;       /* (out) */
  const char *why;        /* (out) (nullable): why it is refused */
  DoorOauth2Grant *grant; /* (out) (nullable) */
  DoorTokenGrant given;   /* (out) */
} Use;

static void
use_clear (Use *self)
{
  g_clear_pointer (&self->grant, door_oauth2_grant_free);
  door_token_grant_clear (&self->given);
  self->result = USE_REFUSED;
  self->why = NULL;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Use, use_clear)

static bool
refuse_use (Use *work, const char *why)
{
  work->result = USE_REFUSED;
  work->why = why;
  return true;
}

/* Whoever has the same code or token as the device: nobody can tell which of the two is the device, so both
 * lose what was given (RFC 6749, 4.1.2; RFC 9700, 4.14.2). */
static bool
end_copied (DoorTxn *txn, Use *work, GError **error)
{
  work->result = USE_COPIED;
  work->why = "was used before";
  return door_oauth2_store_end (txn, work->grant->id, "reuse", work->now_ms, error);
}

/* A token of a device that has enrolled is good for no other enrollment. Before that it takes the place of
 * the one before, with which the profile may have been fetched. */
static bool
inherit (DoorTxn *txn, const Use *work, DoorAccessToken *token, DoorEnrollment **enrollment,
         DoorAccessToken **before, GError **error)
{
  const DoorOauth2Grant *grant = work->grant;

  if (*grant->enrollment_id != '\0')
    {
      if (!door_device_store_lookup_enrollment (txn, grant->enrollment_id, enrollment, error))
        return false;
      if (*enrollment == NULL)
        return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                               "the enrollment was removed at the same moment");
      token->mode = (*enrollment)->mode;
      token->certificate_sha256 = (*enrollment)->certificate_sha256;
      token->fetched_at = (*enrollment)->created_at;
      return true;
    }
  if (!door_token_store_lookup (txn, grant->access_hash, before, error))
    return false;
  if (*before == NULL)
    return true;
  token->mode = (*before)->mode;
  token->product = (*before)->product;
  token->certificate_sha256 = (*before)->certificate_sha256;
  token->fetched_at = (*before)->fetched_at;
  return true;
}

static bool
give_access (DoorTxn *txn, Use *work, GError **error)
{
  int64_t lifetime_ms = door_policy_get_token_lifetime_ms (work->context->policy);
  g_autofree char *hash = door_digest_sha256_text (work->given.access_token);
  g_autoptr (DoorEnrollment) enrollment = NULL;
  g_autoptr (DoorAccessToken) before = NULL;
  const DoorOauth2Access access = { hash, work->grant->id, work->now_ms + lifetime_ms };
  DoorAccessToken token = {
    .hash = hash,
    .kind = (char *) DOOR_TOKEN_ACCOUNT,
    .mode = (char *) "",
    .person_id = work->grant->person_id,
    .team = work->grant->team,
    .managed_account = work->grant->managed_account,
    .serial = (char *) "",
    .udid = (char *) "",
    .product = (char *) "",
    .eula = (char *) "",
    .created_at = work->now_ms,
    .expires_at = work->now_ms + lifetime_ms,
    .certificate_sha256 = (char *) "",
  };

  work->given.lifetime_s = lifetime_ms / 1000;
  return inherit (txn, work, &token, &enrollment, &before, error) &&
         door_token_store_add (txn, &token, error) && door_oauth2_store_add_access (txn, &access, error);
}

/* Whoever has left loses what was given, and does not get it back. */
static bool
check_person (DoorTxn *txn, Use *work, bool *active, GError **error)
{
  g_autoptr (GError) local = NULL;

  *active = door_token_check_person (txn, work->grant->person_id, &local);
  if (*active)
    return true;
  if (door_error_get_fault (local) != DOOR_FAULT_TOKEN_INVALID)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  refuse_use (work, "is of somebody who is deactivated");
  return door_oauth2_store_end (txn, work->grant->id, "person", work->now_ms, error);
}

/* The code as a ticket: agreed to what must be agreed to, of somebody who is active, and young. */
static bool
check_ticket (DoorTxn *txn, Use *work, bool *good, GError **error)
{
  g_autoptr (DoorAccessToken) ticket = NULL;
  g_autoptr (GError) local = NULL;

  *good = door_token_check_hash (txn, work->hash, work->now_ms, &ticket, &local) &&
          work->now_ms < MAX (ticket->created_at, ticket->agreed_at) + CODE_LIFETIME_MS;
  if (local == NULL)
    return *good || refuse_use (work, "has expired");
  if (door_error_get_fault (local) == DOOR_FAULT_TOKEN_INVALID)
    return refuse_use (work, "counts no more");
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/* What the code is bound to, before it is looked at whether it was used: whoever has a copy without the rest
 * cannot even end what it gave. */
static const char *
judge_code (const Use *work)
{
  const DoorOauth2Grant *grant = work->grant;

  if (!g_str_equal (grant->team, work->team))
    return "is of another client";
  if (g_strcmp0 (grant->redirect_uri, work->code->redirect_uri) != 0)
    return "was sent to another redirect_uri";
  if (!door_oauth2_verify_challenge (grant->code_challenge, work->code->verifier))
    return "is of somebody else, by code_verifier";
  return NULL;
}

static gboolean
write_exchange (DoorTxn *txn, gpointer data, GError **error)
{
  Use *work = data;
  bool first = false, good = false;
  DoorOauth2Exchange exchange;
  const char *why;

  use_clear (work);
  if (!door_oauth2_store_lookup_by_code (txn, work->hash, &work->grant, error))
    return FALSE;
  why = work->grant == NULL ? "is unknown" : judge_code (work);
  if (why != NULL)
    return refuse_use (work, why);
  if (work->grant->exchanged_at != 0)
    return end_copied (txn, work, error);
  if (!check_ticket (txn, work, &good, error))
    return FALSE;
  if (!good)
    return TRUE;
  exchange = (DoorOauth2Exchange){ work->grant->id, work->chain_hash, work->token_hash, work->now_ms };
  if (!door_oauth2_store_exchange (txn, &exchange, &first, error))
    return FALSE;
  if (!first)
    return end_copied (txn, work, error);
  work->result = USE_GIVEN;
  work->given.access_token = g_strdup (work->access_token);
  return give_access (txn, work, error);
}

static bool
refuse (const char *what, const char *why, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OAUTH_GRANT, "the %s %s", what, why);
}

static bool
judge (const Use *use, const char *what, GError **error)
{
  if (use->result == USE_GIVEN)
    return true;
  if (use->result == USE_UNASKED)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER,
                           "idp/%s: the provider could not be asked for a day", use->grant->connection);
  if (use->result == USE_COPIED)
    door_log_event (G_LOG_LEVEL_WARNING, "oauth2",
                    "a code or refresh token was used again: all it gave has ended", "DOORWARD_OUTCOME",
                    "reused", "DOORWARD_PERSON", use->grant->person_id, "DOORWARD_TEAM", use->grant->team,
                    NULL);
  return refuse (what, use->why, error);
}

static void
take_given (Use *use, DoorTokenGrant *out)
{
  *out = use->given;
  use->given = (DoorTokenGrant){ NULL };
}

/**
 * door_oauth2_grant_exchange:
 * @context: what every service needs
 * @code: the code
 * @out: (out caller-allocates): the tokens; clear it
 * @error: return location for an error
 *
 * Exchanges a code, once (RFC 6749, 4.1.3). Whoever comes with it again, with all that it is bound to, ends
 * what it gave. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_OAUTH_CLIENT, %DOOR_FAULT_OAUTH_GRANT or another error
 */
bool
door_oauth2_grant_exchange (const DoorContext *context, const DoorOauth2Code *code, DoorTokenGrant *out,
                            GError **error)
{
  const DoorTeam *team = door_oauth2_lookup_client (context, code->client_id, error);
  g_autofree char *access_token = NULL, *refresh_token = NULL, *hash = NULL;
  g_autofree char *chain_hash = NULL, *token_hash = NULL;
  g_auto (Use) use = { .context = context, .code = code };

  if (team == NULL)
    return false;
  if (code->code == NULL || code->redirect_uri == NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "code or redirect_uri is missing");
  access_token = door_random_dup_token (context->random);
  refresh_token = door_refresh_token_make_first (context->random, DOOR_REFRESH_TOKEN_DEVICE_PREFIX);
  use.team = team->name;
  use.hash = hash = door_digest_sha256_text (code->code);
  use.chain_hash = chain_hash = door_refresh_token_hash_chain (refresh_token);
  use.token_hash = token_hash = door_digest_sha256_text (refresh_token);
  use.access_token = access_token;
  use.now_ms = door_clock_now_ms (context->clock);
  if (!door_writer_run (context->writer, write_exchange, &use, code->cancellable, error) ||
      !judge (&use, "code", error))
    return false;
  use.given.refresh_token = g_steal_pointer (&refresh_token);
  take_given (&use, out);
  return true;
}

/* As long as the enrollment; until there is one, as long as the sign-in that leads to it. */
static bool
check_lives (DoorTxn *txn, const Use *work, bool *lives, GError **error)
{
  const DoorOauth2Grant *grant = work->grant;
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (*grant->enrollment_id == '\0')
    {
      *lives = work->now_ms < grant->created_at + door_policy_get_flow_lifetime_ms (work->context->policy);
      return true;
    }
  if (!door_device_store_lookup_enrollment (txn, grant->enrollment_id, &enrollment, error))
    return false;
  *lives = enrollment != NULL && enrollment->ended_at == 0;
  return true;
}

static void
set_next (Use *work, const char *salt)
{
  const char *token = work->refresh->refresh_token;

  work->result = USE_GIVEN;
  work->given.refresh_token = door_refresh_token_make_next (token, salt);
  work->given.access_token = door_refresh_token_derive (token, salt, ACCESS_LABEL);
}

/* Of an access token that was given before: it lives no longer than it did. */
static bool
repeat (DoorTxn *txn, Use *work, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  g_autofree char *hash = NULL;

  set_next (work, work->grant->salt);
  hash = door_digest_sha256_text (work->given.access_token);
  if (!door_token_store_lookup (txn, hash, &token, error))
    return false;
  if (token == NULL || token->expires_at <= work->now_ms)
    return refuse_use (work, "was exchanged for what has expired");
  work->given.lifetime_s = (token->expires_at - work->now_ms) / 1000;
  return true;
}

/* The one that was exchanged last: somebody did not get the answer, or there are two who have it. */
static bool
use_again (DoorTxn *txn, Use *work, GError **error)
{
  g_clear_pointer (&work->grant, door_oauth2_grant_free);
  if (!door_oauth2_store_lookup_by_chain (txn, work->chain_hash, &work->grant, error))
    return false;
  if (work->grant == NULL || work->grant->ended_at != 0)
    return refuse_use (work, "is of a grant that is over");
  if (door_digest_equal (work->grant->before_hash, work->hash) &&
      work->now_ms < work->grant->rotated_at + DOOR_REFRESH_TOKEN_GRACE_MS)
    return repeat (txn, work, error);
  return end_copied (txn, work, error);
}

static bool
use_first (DoorTxn *txn, Use *work, GError **error)
{
  g_autofree char *next = door_refresh_token_make_next (work->refresh->refresh_token, work->salt);
  g_autofree char *next_hash = door_digest_sha256_text (next);
  const DoorRefreshTurn turn = { work->chain_hash, work->hash, next_hash, work->salt, work->now_ms };
  bool changed = false;

  if (!door_oauth2_store_turn (txn, &turn, &changed, error))
    return false;
  if (!changed)
    return use_again (txn, work, error);
  set_next (work, work->salt);
  return give_access (txn, work, error);
}

/* The provider's word, and what it is asked with next, in the write that exchanges the token. */
static bool
use_asked (DoorTxn *txn, Use *work, GError **error)
{
  if (door_oauth2_provider_is_gone (work->asked, work->now_ms))
    {
      work->result = USE_GONE;
      work->why = "is of somebody whom the provider does not vouch for";
      return door_oauth2_store_end (txn, work->grant->id, "provider", work->now_ms, error);
    }
  if (!door_oauth2_provider_save (txn, work->asked, work->now_ms, error))
    return false;
  if (!door_oauth2_provider_is_late (work->asked, work->now_ms))
    return use_first (txn, work, error);
  work->result = USE_UNASKED;
  return true;
}

static gboolean
write_refresh (DoorTxn *txn, gpointer data, GError **error)
{
  Use *work = data;
  bool lives = false, active = false;

  use_clear (work);
  if (!door_oauth2_store_lookup_by_chain (txn, work->chain_hash, &work->grant, error))
    return FALSE;
  if (work->grant == NULL)
    return refuse_use (work, "is unknown");
  if (work->team != NULL && !g_str_equal (work->grant->team, work->team))
    return refuse_use (work, "is of another client");
  if (work->grant->ended_at != 0)
    return refuse_use (work, "is of a grant that is over");
  if (!check_lives (txn, work, &lives, error))
    return FALSE;
  if (!lives)
    return refuse_use (work, "is of an enrollment that is over");
  if (!check_person (txn, work, &active, error))
    return FALSE;
  return !active || use_asked (txn, work, error);
}

/* What the provider gave must not be lost, whether anybody waits or not. */
static bool
settle_refresh (Use *use, DoorTokenGrant *out, GError **error)
{
  const DoorContext *context = use->context;
  const DoorRefreshTurn turn = { use->chain_hash, use->hash, NULL, NULL, door_clock_now_ms (context->clock) };
  g_auto (DoorOauth2Asked) asked = { 0 };

  if (!door_oauth2_provider_ask (context, &turn, use->team, &asked, error))
    return false;
  use->asked = &asked;
  use->now_ms = door_clock_now_ms (context->clock);
  if (!door_writer_run (context->writer, write_refresh, use,
                        asked.is_asked ? NULL : use->refresh->cancellable, error))
    return false;
  door_oauth2_provider_tell (&asked, use->result == USE_GONE);
  if (!judge (use, "refresh token", error))
    return false;
  take_given (use, out);
  return true;
}

/**
 * door_oauth2_grant_refresh:
 * @context: what every service needs
 * @refresh: the refresh token
 * @out: (out caller-allocates): the next tokens; clear it
 * @error: return location for an error
 *
 * Exchanges a refresh token (RFC 6749, 6; RFC 9700, 4.14.2): each counts once, while the enrollment goes on
 * and the person is active, also by the word of the provider where that is asked. Who comes with it again
 * within half a minute, before the next one was used, gets the same answer; anybody else ends all that the
 * sign-in gave. Blocks for the commit, and before that on the network: for %DOOR_POOL_WAITING.
 *
 * Returns: false with %DOOR_FAULT_OAUTH_CLIENT, %DOOR_FAULT_OAUTH_GRANT, %DOOR_FAULT_OIDC_PROVIDER when the
 *   provider could not be asked for a day, or another error
 */
bool
door_oauth2_grant_refresh (const DoorContext *context, const DoorOauth2Refresh *refresh, DoorTokenGrant *out,
                           GError **error)
{
  g_autofree char *chain_hash = NULL, *hash = NULL, *salt = NULL;
  const DoorTeam *team =
      refresh->client_id != NULL ? door_oauth2_lookup_client (context, refresh->client_id, error) : NULL;
  g_auto (Use) use = { .context = context, .refresh = refresh };

  if (refresh->client_id != NULL && team == NULL)
    return false;
  if (refresh->refresh_token == NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "there is no refresh_token");
  if (!door_refresh_token_is_well_formed (refresh->refresh_token, DOOR_REFRESH_TOKEN_DEVICE_PREFIX))
    return refuse ("refresh token", "is malformed", error);
  use.team = team != NULL ? team->name : NULL;
  use.chain_hash = chain_hash = door_refresh_token_hash_chain (refresh->refresh_token);
  use.hash = hash = door_digest_sha256_text (refresh->refresh_token);
  use.salt = salt = door_random_dup_token (context->random);
  return settle_refresh (&use, out, error);
}

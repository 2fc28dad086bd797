/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oauth2-provider.h"

#include "door-connections.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-liveness.h"
#include "door-log.h"
#include "door-oidc-cell.h"

/* Longer than all that a question waits for; ends by itself when an instance dies on the way. */
#define CLAIM_MS (120 * INT64_C (1000))
/* For how long the provider's last word counts while it cannot be asked. */
#define GRACE_MS (24 * 60 * 60 * INT64_C (1000))

/**
 * door_oauth2_asked_clear:
 * @self: what a provider says
 */
void
door_oauth2_asked_clear (DoorOauth2Asked *self)
{
  door_vouch_answer_clear (&self->answer);
  g_clear_pointer (&self->grant, door_oauth2_grant_free);
}

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorRefreshTurn *turn;
  bool claimed; /* (out) */
} Claim;

static gboolean
write_claim (DoorTxn *txn, gpointer data, GError **error)
{
  Claim *claim = data;

  return door_oauth2_store_claim (txn, claim->turn, claim->turn->now_ms + CLAIM_MS, &claim->claimed, error);
}

static void
fail (DoorOauth2Asked *out, const char *why)
{
  out->outcome = DOOR_VOUCH_FAILED;
  door_error_set (&out->answer.reason, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER, "%s", why);
}

/* With a place in the cell. Who loses comes again, and gets the answer of the one who won. */
static bool
claim_and_ask (const DoorContext *context, DoorConnection *connection, const DoorRefreshTurn *turn,
               DoorOauth2Asked *out, GError **error)
{
  const DoorVouchQuestion question = {
    .context = context,
    .connection = connection,
    .place = { DOOR_SEALED_DEVICE_REFRESH, out->grant->id },
    .sealed = out->grant->sealed_refresh,
    .issuer = out->grant->issuer,
    .subject = out->grant->subject,
  };
  Claim claim = { .turn = turn };

  if (!door_writer_run (context->writer, write_claim, &claim, NULL, error))
    return false;
  if (!claim.claimed)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY,
                           "the provider is being asked about the same refresh token");
  out->outcome = door_vouch_ask (&question, &out->answer);
  door_vouch_count (context, out->grant->connection, out->outcome);
  return true;
}

/* Whether the token is the one that counts: any other gets what there is, or ends all, without a question. */
static bool
read_grant (const DoorContext *context, const DoorRefreshTurn *turn, const char *team, DoorOauth2Asked *out,
            GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  const DoorOauth2Grant *grant;

  if (txn == NULL || !door_oauth2_store_lookup_by_chain (txn, turn->chain_hash, &out->grant, error))
    return false;
  grant = out->grant;
  out->is_asked = grant != NULL && grant->ended_at == 0 && *grant->connection != '\0' &&
                  (team == NULL || g_str_equal (grant->team, team)) &&
                  door_digest_equal (grant->token_hash, turn->token_hash);
  return true;
}

/**
 * door_oauth2_provider_ask:
 * @context: what every service needs
 * @turn: the refresh token that a device wants to exchange; @next_hash and @salt are not used
 * @team: (nullable): of the client, if it says so
 * @out: (out caller-allocates): what the provider says; clear it
 * @error: return location for an error
 *
 * Asks the provider through which somebody signed in whether they may go on, where LivenessCheck= says so.
 * Nobody's leaving stops it, since the provider's next refresh token would be lost. Blocks for a commit and
 * on the network: for %DOOR_POOL_WAITING, without a transaction.
 *
 * Returns: false with %DOOR_FAULT_HTTP_BUSY when it is being asked already or by too many, or a database
 * error
 */
bool
door_oauth2_provider_ask (const DoorContext *context, const DoorRefreshTurn *turn, const char *team,
                          DoorOauth2Asked *out, GError **error)
{
  DoorConnection *connection;
  DoorOidcCell *cell;
  bool done;

  if (!read_grant (context, turn, team, out, error))
    return false;
  if (!out->is_asked)
    return true;
  connection = door_connections_lookup (context->connections, out->grant->connection);
  if (connection == NULL || !door_connection_speaks_oidc (connection))
    {
      fail (out, "the connection is gone");
      return true;
    }
  out->is_asked = door_liveness_is_wanted (connection, DOOR_PURPOSE_ENROLLMENT, DOOR_WAY_OAUTH2);
  if (!out->is_asked)
    return true;
  if (*out->grant->sealed_refresh == '\0')
    {
      fail (out, "the provider gave no refresh token");
      return true;
    }
  cell = door_connection_get_oidc_cell (connection);
  if (!door_oidc_cell_enter (cell, out->grant->connection, error))
    return false;
  done = claim_and_ask (context, connection, turn, out, error);
  door_oidc_cell_leave (cell);
  return done;
}

/**
 * door_oauth2_provider_is_late:
 * @self: what the provider says
 * @now_ms: milliseconds since 1970, UTC
 *
 * Returns: whether it could not be asked, and its last word is a day old
 */
bool
door_oauth2_provider_is_late (const DoorOauth2Asked *self, int64_t now_ms)
{
  return self->is_asked && self->outcome == DOOR_VOUCH_FAILED &&
         now_ms >= self->grant->verified_at + GRACE_MS;
}

/**
 * door_oauth2_provider_is_gone:
 * @self: what the provider says
 * @now_ms: milliseconds since 1970, UTC
 *
 * Returns: whether it does not vouch for the person, or never will since it gave nothing to ask it with
 */
bool
door_oauth2_provider_is_gone (const DoorOauth2Asked *self, int64_t now_ms)
{
  return self->is_asked &&
         (self->outcome == DOOR_VOUCH_GONE ||
          (*self->grant->sealed_refresh == '\0' && door_oauth2_provider_is_late (self, now_ms)));
}

/**
 * door_oauth2_provider_save:
 * @txn: a transaction of the writer
 * @self: what the provider says
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Keeps what is asked with next, also after a failure: the one before may be worth nothing now.
 *
 * Returns: false with an error
 */
bool
door_oauth2_provider_save (DoorTxn *txn, const DoorOauth2Asked *self, int64_t now_ms, GError **error)
{
  const DoorOauth2Grant *grant = self->grant;
  DoorOauth2Verdict verdict;

  if (!self->is_asked)
    return true;
  verdict = (DoorOauth2Verdict){
    .id = grant->id,
    .sealed_refresh = self->answer.sealed != NULL ? self->answer.sealed : grant->sealed_refresh,
    .verified_at = self->outcome == DOOR_VOUCH_ALIVE ? now_ms : grant->verified_at,
  };
  return door_oauth2_store_save (txn, &verdict, error);
}

/**
 * door_oauth2_provider_tell:
 * @self: what the provider says, which was saved
 * @ended: whether the grant has ended for it
 *
 * Logs what came of it, unless all is well.
 */
void
door_oauth2_provider_tell (const DoorOauth2Asked *self, bool ended)
{
  if (ended)
    door_log_event (
        G_LOG_LEVEL_MESSAGE, "oauth2", "a grant ended: its provider does not vouch for the person",
        "DOORWARD_OUTCOME", "ended", "DOORWARD_PERSON", self->grant->person_id, "DOORWARD_TEAM",
        self->grant->team, "DOORWARD_IDP", self->grant->connection, "DOORWARD_FAULT",
        door_error_get_info (self->answer.reason)->id, "DOORWARD_REASON", self->answer.reason->message, NULL);
  else if (self->is_asked && self->outcome == DOOR_VOUCH_FAILED)
    g_warning ("idp/%s: a device of person %s is unchecked: %s", self->grant->connection,
               self->grant->person_id, self->answer.reason->message);
}

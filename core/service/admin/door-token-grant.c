/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-token-grant.h"

#include "door-admin-rules.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-refresh-chain-store.h"
#include "door-refresh-token.h"
#include "door-session-token.h"

/* Programs that one session gives tokens to; with one more, the oldest has to ask again. */
#define MAX_CHAINS 20

/**
 * door_token_grant_clear:
 * @self: what a session gave
 */
void
door_token_grant_clear (DoorTokenGrant *self)
{
  g_clear_pointer (&self->access_token, g_free);
  g_clear_pointer (&self->refresh_token, g_free);
}

static bool
issue (const DoorContext *context, const DoorSession *session, DoorTokenGrant *out, GError **error)
{
  int64_t lifetime_s = door_session_token_choose_lifetime_s (context, session->row->expires_at);

  out->access_token =
      door_session_token_issue (context, session->administrator->id, session->row->id, lifetime_s, error);
  out->lifetime_s = lifetime_s;
  return out->access_token != NULL;
}

static gboolean
write_begin (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorRefreshChain *chain = data;

  return door_refresh_chain_store_add (txn, chain, error) &&
         door_refresh_chain_store_remove_oldest (txn, chain->session_id, MAX_CHAINS, error);
}

static char *
begin_chain (const DoorContext *context, const DoorSession *session, GError **error)
{
  g_autofree char *token = door_refresh_token_make_first (context->random, DOOR_REFRESH_TOKEN_PREFIX);
  g_autofree char *chain_hash = door_refresh_token_hash_chain (token);
  g_autofree char *token_hash = door_digest_sha256_text (token);
  DoorRefreshChain chain = {
    .chain_hash = chain_hash,
    .session_id = session->row->id,
    .token_hash = token_hash,
    .before_hash = (char *) "",
    .salt = (char *) "",
    .created_at = door_clock_now_ms (context->clock),
    .rotated_at = door_clock_now_ms (context->clock),
  };

  return door_writer_run (context->writer, write_begin, &chain, NULL, error) ? g_steal_pointer (&token)
                                                                             : NULL;
}

/**
 * door_token_grant_begin:
 * @context: what every service needs
 * @session: who is signed in
 * @out: (out caller-allocates): the tokens; clear it
 * @error: return location for an error
 *
 * Gives a program what it needs to act for who is signed in, as long as the session lives. Blocks for the
 * commit.
 *
 * Returns: false with an error
 */
bool
door_token_grant_begin (const DoorContext *context, const DoorSession *session, DoorTokenGrant *out,
                        GError **error)
{
  g_auto (DoorTokenGrant) made = { NULL };

  if (!issue (context, session, &made, error))
    return false;
  if (door_policy_get_admin_rules (context->policy)->token_mode == DOOR_TOKEN_MODE_SHORT)
    {
      made.refresh_token = begin_chain (context, session, error);
      if (made.refresh_token == NULL)
        return false;
    }
  *out = made;
  made = (DoorTokenGrant){ NULL };
  return true;
}

typedef enum
{
  USE_UNKNOWN,
  USE_OVER,
  USE_GIVEN,
  USE_AGAIN,
  USE_COPIED,
} UseResult;

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorContext *context;
  const char *token;
  const char *chain_hash;
  const char *token_hash;
  const char *salt;
  int64_t now_ms;
  UseResult result;     /* (out) */
  DoorSession *session; /* (out) (nullable) */
  char *next;           /* (out) (nullable) */
} Use;

static void
use_clear (Use *self)
{
  g_clear_pointer (&self->session, door_session_free);
  g_clear_pointer (&self->next, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Use, use_clear)

/* A token that was exchanged before: somebody did not get the answer, or there are two who have it (RFC 9700,
 * 4.14.2). Nobody can tell which of two is the client, so both lose the session. */
static bool
use_again (DoorTxn *txn, Use *work, GError **error)
{
  g_autoptr (DoorRefreshChain) chain = NULL;

  if (!door_refresh_chain_store_lookup (txn, work->chain_hash, &chain, error))
    return false;
  if (chain != NULL && door_digest_equal (chain->before_hash, work->token_hash) &&
      work->now_ms < chain->rotated_at + DOOR_REFRESH_TOKEN_GRACE_MS)
    {
      work->result = USE_AGAIN;
      work->next = door_refresh_token_make_next (work->token, chain->salt);
      return true;
    }
  work->result = USE_COPIED;
  return door_session_store_end (txn, work->session->row->token_hash, "refresh-reuse", work->now_ms, NULL,
                                 error);
}

static bool
use_first (DoorTxn *txn, Use *work, GError **error)
{
  g_autofree char *next = door_refresh_token_make_next (work->token, work->salt);
  g_autofree char *next_hash = door_digest_sha256_text (next);
  const DoorRefreshTurn turn = { work->chain_hash, work->token_hash, next_hash, work->salt, work->now_ms };
  bool changed = false;

  if (!door_refresh_chain_store_turn (txn, &turn, &changed, error))
    return false;
  if (!changed)
    return use_again (txn, work, error);
  work->result = USE_GIVEN;
  work->next = g_steal_pointer (&next);
  return door_session_store_touch (txn, work->session->row->token_hash, work->now_ms, error);
}

static gboolean
write_use (DoorTxn *txn, gpointer data, GError **error)
{
  Use *work = data;
  g_autoptr (DoorRefreshChain) chain = NULL;

  use_clear (work);
  work->result = USE_UNKNOWN;
  if (!door_refresh_chain_store_lookup (txn, work->chain_hash, &chain, error))
    return FALSE;
  if (chain == NULL)
    return TRUE;
  work->result = USE_OVER;
  if (!door_session_read_by_id (work->context, txn, chain->session_id, &work->session, error))
    return FALSE;
  return work->session == NULL || use_first (txn, work, error);
}

static bool
refuse (const char *why, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ADM_REFRESH, "the refresh token %s", why);
}

static bool
judge (const Use *use, GError **error)
{
  switch (use->result)
    {
    case USE_GIVEN:
    case USE_AGAIN:
      return true;
    case USE_COPIED:
      door_log_event (G_LOG_LEVEL_WARNING, "refresh-token", "a refresh token was used again: session ended",
                      "DOORWARD_OUTCOME", "reused", "DOORWARD_ADMINISTRATOR", use->session->administrator->id,
                      "DOORWARD_SESSION", use->session->row->id, NULL);
      return refuse ("was used before", error);
    case USE_OVER:
      return refuse ("is of a session that is over", error);
    case USE_UNKNOWN:
      break;
    }
  return refuse ("is unknown", error);
}

/**
 * door_token_grant_refresh:
 * @context: what every service needs
 * @refresh_token: what somebody shows
 * @cancellable: (nullable): stops waiting
 * @out: (out caller-allocates): the next tokens; clear it
 * @error: return location for an error
 *
 * Exchanges a refresh token (RFC 6749, 6; OAuth 2.1, 4.3.1): each counts once. Who comes with it again within
 * half a minute, before the next one was used, gets the same next one; anybody else ends the session. Blocks
 * for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_REFRESH or another error
 */
bool
door_token_grant_refresh (const DoorContext *context, const char *refresh_token, GCancellable *cancellable,
                          DoorTokenGrant *out, GError **error)
{
  g_autofree char *chain_hash = NULL, *token_hash = NULL, *salt = NULL;
  g_auto (DoorTokenGrant) made = { NULL };
  g_auto (Use) use = { .context = context, .token = refresh_token };

  if (door_policy_get_admin_rules (context->policy)->token_mode != DOOR_TOKEN_MODE_SHORT)
    return refuse ("does not count with TokenMode=day", error);
  if (!door_refresh_token_is_well_formed (refresh_token, DOOR_REFRESH_TOKEN_PREFIX))
    return refuse ("is malformed", error);
  use.chain_hash = chain_hash = door_refresh_token_hash_chain (refresh_token);
  use.token_hash = token_hash = door_digest_sha256_text (refresh_token);
  use.salt = salt = door_random_dup_token (context->random);
  use.now_ms = door_clock_now_ms (context->clock);
  if (!door_writer_run (context->writer, write_use, &use, cancellable, error) || !judge (&use, error) ||
      !issue (context, use.session, &made, error))
    return false;
  made.refresh_token = g_steal_pointer (&use.next);
  *out = made;
  made = (DoorTokenGrant){ NULL };
  return true;
}

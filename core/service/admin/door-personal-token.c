/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-personal-token.h"

#include <string.h>

#include "door-admin-rules.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-text.h"

#define MAX_NAME_BYTES 100
/* DW-ADM-TOKENLIMIT names it */
#define MAX_TOKENS 50
/* The use of a token is noted no more often than this. */
#define TOUCH_MS (60 * INT64_C (1000))

static bool
is_name (const char *name)
{
  return *name != '\0' && strlen (name) <= MAX_NAME_BYTES && door_text_is_plain (name);
}

/**
 * door_personal_token_new:
 * @wish: what is wanted
 * @random: source of the secret
 * @secret: (out) (transfer full): the token, which is shown once and not stored
 * @error: return location for an error
 *
 * Makes a token; it works when it is stored.
 *
 * Returns: (transfer full): what is stored of it, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorPersonalToken *
door_personal_token_new (const DoorPersonalTokenWish *wish, DoorRandom *random, char **secret, GError **error)
{
  g_autofree char *bits = NULL;
  DoorPersonalToken *self;

  if (wish->name == NULL || !is_name (wish->name))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "a token needs a name of 1 to %d bytes that can be printed", MAX_NAME_BYTES);
      return NULL;
    }
  if (wish->lifetime_s < 1 || wish->lifetime_s > DOOR_PERSONAL_TOKEN_MAX_S)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "a token lives for 1 to %" G_GINT64_FORMAT " seconds", DOOR_PERSONAL_TOKEN_MAX_S);
      return NULL;
    }
  bits = door_random_dup_token (random);
  self = g_new0 (DoorPersonalToken, 1);
  *secret = g_strconcat (DOOR_PERSONAL_TOKEN_PREFIX, bits, NULL);
  self->token_hash = door_digest_sha256_text (*secret);
  self->id = door_random_dup_uuid (random);
  self->administrator_id = g_strdup (wish->administrator_id);
  self->connection = g_strdup (wish->connection);
  self->name = g_strdup (wish->name);
  self->created_at = wish->now_ms;
  self->expires_at = wish->now_ms + wish->lifetime_s * 1000;
  return self;
}

/* Who may not sign in has no token either; what a provider cannot take back, not everybody wants. */
static bool
may_have (const DoorAdministrator *administrator, const DoorAdminRules *rules)
{
  return g_str_equal (administrator->state, "active") &&
         (administrator->sso_enabled == 0 || rules->federated_tokens);
}

static bool
refuse (const char *administrator_id, GError **error)
{
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_TOKENS,
                         "%s may have no personal access token", administrator_id);
}

/**
 * door_personal_token_add:
 * @txn: a transaction
 * @token: a new token
 * @rules: what `[admin]` says
 * @error: return location for an error
 *
 * Stores a token if its owner may have one more.
 *
 * Returns: false with %DOOR_FAULT_ADM_TOKENS, %DOOR_FAULT_ADM_TOKENLIMIT or another error
 */
bool
door_personal_token_add (DoorTxn *txn, const DoorPersonalToken *token, const DoorAdminRules *rules,
                         GError **error)
{
  g_autoptr (DoorAdministrator) administrator = NULL;
  int64_t n_tokens = 0;

  if (!door_administrator_store_lookup (txn, token->administrator_id, &administrator, error) ||
      !door_personal_token_store_count (txn, token->administrator_id, token->created_at, &n_tokens, error))
    return false;
  if (administrator == NULL || !may_have (administrator, rules))
    return refuse (token->administrator_id, error);
  if (n_tokens >= MAX_TOKENS)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_ADM_TOKENLIMIT, "%s has %d tokens",
                           administrator->email, MAX_TOKENS);
  return door_personal_token_store_add (txn, token, error);
}

typedef struct
{
  const DoorPersonalToken *token;
  const DoorAdminRules *rules;
} Issue;

static gboolean
write_issue (DoorTxn *txn, gpointer data, GError **error)
{
  const Issue *work = data;

  return door_personal_token_add (txn, work->token, work->rules, error);
}

/**
 * door_personal_token_log:
 * @administrator_id: whose token it is
 * @id: the token
 * @outcome: "made" or "revoked"
 * @by: who did it: id of an administrator, or somebody at this machine
 *
 * Logs a change of tokens, once it is stored.
 */
void
door_personal_token_log (const char *administrator_id, const char *id, const char *outcome, const char *by)
{
  door_log_event (G_LOG_LEVEL_MESSAGE, "personal-token", "personal access token of an administrator",
                  "DOORWARD_OUTCOME", outcome, "DOORWARD_ADMINISTRATOR", administrator_id, "DOORWARD_BY", by,
                  "DOORWARD_TOKEN_ID", id, NULL);
}

/* Everybody makes and revokes their own. */
static void
log_own (const DoorSession *session, const char *id, const char *outcome)
{
  door_personal_token_log (session->administrator->id, id, outcome, session->administrator->id);
}

/**
 * door_personal_token_issue:
 * @context: what every service needs
 * @session: who wants it, and for whom it is
 * @wish: name and lifetime
 * @secret: (out) (transfer full): the token, which is shown once and not stored
 * @error: return location for an error
 *
 * Makes a token for who is signed in. A token cannot make another: or one that was stolen would never end.
 * Blocks for the commit.
 *
 * Returns: (transfer full): the token, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_FAULT_ADM_TOKENS,
 *   %DOOR_FAULT_ADM_TOKENLIMIT or another error
 */
DoorPersonalToken *
door_personal_token_issue (const DoorContext *context, const DoorSession *session,
                           const DoorPersonalTokenWish *wish, char **secret, GError **error)
{
  DoorPersonalTokenWish own = *wish;
  g_autoptr (DoorPersonalToken) token = NULL;
  g_autofree char *made = NULL;
  Issue work = { .rules = door_policy_get_admin_rules (context->policy) };

  if (!door_session_allow (session, DOOR_ACTION_OWN_TOKENS, DOOR_REACH_TEAMS, error))
    return NULL;
  if (session->by_token)
    {
      refuse (session->administrator->id, error);
      return NULL;
    }
  own.administrator_id = session->administrator->id;
  own.connection = session->row->connection;
  own.now_ms = door_clock_now_ms (context->clock);
  token = door_personal_token_new (&own, context->random, &made, error);
  work.token = token;
  if (token == NULL || !door_writer_run (context->writer, write_issue, &work, NULL, error))
    return NULL;
  log_own (session, token->id, "made");
  *secret = g_steal_pointer (&made);
  return g_steal_pointer (&token);
}

typedef struct
{
  const char *token_hash;
  int64_t now_ms;
} Touch;

static gboolean
write_touch (DoorTxn *txn, gpointer data, GError **error)
{
  const Touch *touch = data;

  return door_personal_token_store_touch (txn, touch->token_hash, touch->now_ms, error);
}

/* A note that cannot be written takes no right away. */
static void
touch (const DoorContext *context, const DoorPersonalToken *token, int64_t now_ms, GCancellable *cancellable)
{
  Touch work = { token->token_hash, now_ms };
  g_autoptr (GError) local = NULL;

  if (now_ms < token->used_at + TOUCH_MS)
    return;
  if (!door_writer_run (context->writer, write_touch, &work, cancellable, &local))
    g_info ("personal access token %s: %s", token->id, local->message);
}

static DoorSessionRow *
make_row (const DoorPersonalToken *token)
{
  DoorSessionRow *row = g_new0 (DoorSessionRow, 1);

  row->token_hash = g_strdup ("");
  row->id = g_strdup (token->id);
  row->administrator_id = g_strdup (token->administrator_id);
  row->connection = g_strdup ("");
  row->issuer = g_strdup ("");
  row->subject = g_strdup ("");
  row->session_index = g_strdup ("");
  row->user_agent_family = g_strdup ("");
  row->end_reason = g_strdup ("");
  row->created_at = token->created_at;
  row->seen_at = token->used_at;
  row->expires_at = token->expires_at;
  return row;
}

static bool
read_session (DoorTxn *txn, const DoorPersonalToken *token, DoorSession *session, GError **error)
{
  session->row = make_row (token);
  session->by_token = true;
  if (!door_administrator_store_lookup (txn, token->administrator_id, &session->administrator, error))
    return false;
  session->roles = door_administrator_store_list_roles (txn, token->administrator_id, error);
  return session->roles != NULL;
}

/**
 * door_personal_token_lookup:
 * @context: what every service needs
 * @secret: what somebody shows
 * @cancellable: (nullable): stops waiting
 * @out: (out) (transfer full) (nullable): whose token it is and what they may now, %NULL when it is none, or
 *   one that is over
 * @error: return location for an error
 *
 * Blocks for a read, and once a minute for a commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_TOKENS or another error
 */
bool
door_personal_token_lookup (const DoorContext *context, const char *secret, GCancellable *cancellable,
                            DoorSession **out, GError **error)
{
  g_autofree char *token_hash = door_digest_sha256_text (secret);
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorPersonalToken) token = NULL;
  g_autoptr (DoorSession) session = g_new0 (DoorSession, 1);

  {
    g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);

    if (txn == NULL || !door_personal_token_store_lookup (txn, token_hash, &token, error) ||
        (token != NULL && !read_session (txn, token, session, error)))
      return false;
  }
  *out = NULL;
  if (token == NULL || session->administrator == NULL || now_ms >= token->expires_at)
    return true;
  if (!may_have (session->administrator, door_policy_get_admin_rules (context->policy)) ||
      (*token->connection != '\0' && !door_session_may_vouch (context, token->connection)))
    return refuse (token->administrator_id, error);
  touch (context, token, now_ms, cancellable);
  *out = g_steal_pointer (&session);
  return true;
}

/**
 * door_personal_token_list:
 * @context: what every service needs
 * @session: who asks, about their own tokens
 * @after: id of the last one seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorPersonalToken): the tokens, ordered by id, or %NULL with
 *   %DOOR_FAULT_ADM_FORBIDDEN or another error
 */
GPtrArray *
door_personal_token_list (const DoorContext *context, const DoorSession *session, const char *after,
                          int64_t limit, GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;

  if (!door_session_allow (session, DOOR_ACTION_OWN_TOKENS, DOOR_REACH_TEAMS, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  return txn != NULL ? door_personal_token_store_list (txn, session->administrator->id, after, limit, error)
                     : NULL;
}

typedef struct
{
  const char *administrator_id;
  const char *id;
} Revoke;

static gboolean
write_revoke (DoorTxn *txn, gpointer data, GError **error)
{
  const Revoke *work = data;
  bool changed = false;

  if (!door_personal_token_store_remove (txn, work->administrator_id, work->id, &changed, error))
    return FALSE;
  return changed || door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                                    "there is no such token of %s", work->administrator_id);
}

/**
 * door_personal_token_revoke:
 * @context: what every service needs
 * @session: whose token it is
 * @id: a token
 * @error: return location for an error
 *
 * Ends one's own token for good. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_ERROR_NOT_FOUND or another error
 */
bool
door_personal_token_revoke (const DoorContext *context, const DoorSession *session, const char *id,
                            GError **error)
{
  Revoke work = { session->administrator->id, id };

  if (!door_session_allow (session, DOOR_ACTION_OWN_TOKENS, DOOR_REACH_TEAMS, error) ||
      !door_writer_run (context->writer, write_revoke, &work, NULL, error))
    return false;
  log_own (session, id, "revoked");
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-session.h"

#include "door-administrator.h"
#include "door-connections.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-liveness.h"
#include "door-log.h"
#include "door-login-store.h"
#include "door-turn.h"

/* more than any provider keeps for one person */
#define MAX_SESSION_INDEXES 100
/* A session's use is noted no more often than this, or than a fourth of its idle time, or half the time
 * between two questions to its provider. */
#define TOUCH_MS (60 * INT64_C (1000))

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorContext *context;
  const DoorSessionStart *start;
  const char *handover_hash;
  const char *flow_hash;
  const char *before_hash; /* (nullable) */
  const char *token_hash;
  const char *id;
  int64_t now_ms;
  int64_t lifetime_ms;
  DoorHandover *handover;           /* (out) */
  DoorAdministrator *administrator; /* (out) */
  int64_t expires_at;               /* (out) */
} Open;

static void
open_clear (Open *self)
{
  g_clear_pointer (&self->handover, door_handover_free);
  g_clear_pointer (&self->administrator, door_administrator_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Open, open_clear)

/**
 * door_session_free:
 * @self: (transfer full): a session
 */
void
door_session_free (DoorSession *self)
{
  door_session_row_free (self->row);
  door_administrator_free (self->administrator);
  g_clear_pointer (&self->roles, g_ptr_array_unref);
  g_free (self);
}

/**
 * door_session_opened_clear:
 * @self: a new session
 */
void
door_session_opened_clear (DoorSessionOpened *self)
{
  g_clear_pointer (&self->token, g_free);
  g_clear_pointer (&self->return_path, g_free);
}

static bool
may_sign_in (const DoorAdministrator *administrator)
{
  return administrator != NULL && g_str_equal (administrator->state, "active") &&
         administrator->sso_enabled != 0;
}

/**
 * door_session_may_vouch:
 * @context: what every service needs
 * @name: a connection
 *
 * Whoever takes a provider away, or its use, may do so because it is not to be trusted any more.
 *
 * Returns: whether what it said about administrators still counts
 */
bool
door_session_may_vouch (const DoorContext *context, const char *name)
{
  const DoorConnection *connection = door_connections_lookup (context->connections, name);

  return connection != NULL && door_connection_has_use (connection, DOOR_USE_ADMIN);
}

/* The handover is there once, for the browser that began, for a short time, and for somebody who still may.
 */
static bool
take_handover (DoorTxn *txn, Open *work, GError **error)
{
  bool taken = false;

  open_clear (work);
  if (!door_session_store_lookup_handover (txn, work->handover_hash, &work->handover, error))
    return false;
  if (work->handover == NULL || !door_digest_equal (work->handover->flow_hash, work->flow_hash) ||
      work->handover->expires_at <= work->now_ms)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ADM_HANDOVER,
                           "the last step of the sign-in is unknown, too late or of another browser");
  if (!door_session_store_remove_handover (txn, work->handover_hash, &taken, error))
    return false;
  if (!taken)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ADM_HANDOVER,
                           "the last step of the sign-in was taken at the same moment");
  if (!door_session_may_vouch (work->context, work->handover->connection))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_HANDOVER,
                           "no administrator signs in by the identity provider any more");
  if (!door_administrator_store_lookup (txn, work->handover->administrator_id, &work->administrator, error))
    return false;
  return may_sign_in (work->administrator) ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_DISABLED,
                         "the administrator may not sign in any more");
}

static bool
begin_liveness (DoorTxn *txn, const Open *work, GError **error)
{
  const DoorLivenessState state = {
    .sealed_refresh = work->handover->sealed_refresh,
    .checked_at = work->now_ms,
    .check_at = door_liveness_choose_next_ms (work->context, work->handover->connection, work->now_ms),
  };

  return *work->handover->sealed_refresh == '\0' || state.check_at == 0 ||
         door_liveness_store_begin (txn, work->token_hash, work->handover->liveness_id, &state, error);
}

static gboolean
write_open (DoorTxn *txn, gpointer data, GError **error)
{
  Open *work = data;
  DoorSessionRow row;

  if (!take_handover (txn, work, error))
    return FALSE;
  work->expires_at = work->now_ms + work->lifetime_ms;
  if (work->handover->session_ends_at != 0)
    work->expires_at = MIN (work->expires_at, work->handover->session_ends_at);
  row = (DoorSessionRow){
    .token_hash = (char *) work->token_hash,
    .id = (char *) work->id,
    .administrator_id = work->administrator->id,
    .connection = work->handover->connection,
    .issuer = work->handover->issuer,
    .subject = work->handover->subject,
    .session_index = work->handover->session_index,
    .created_at = work->now_ms,
    .seen_at = work->now_ms,
    .expires_at = work->expires_at,
    .user_agent_family = (char *) work->start->user_agent_family,
    .end_reason = (char *) "",
    .name_format = work->handover->name_format,
    .name_qualifier = work->handover->name_qualifier,
    .sp_name_qualifier = work->handover->sp_name_qualifier,
  };
  return (work->before_hash == NULL ||
          door_session_store_end (txn, work->before_hash, "replaced", work->now_ms, NULL, error)) &&
         door_session_store_add (txn, &row, error) && begin_liveness (txn, work, error);
}

/**
 * door_session_open:
 * @context: what every service needs
 * @start: the last hop of a sign-in
 * @out: (out caller-allocates): the new session; clear it
 * @error: return location for an error
 *
 * Makes a session of a sign-in whose answer has been accepted: always with a new token, and in place of the
 * one the browser had. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_FLOW_RATE, %DOOR_FAULT_ADM_HANDOVER, %DOOR_FAULT_ADM_DISABLED or another
 *   error
 */
bool
door_session_open (const DoorContext *context, const DoorSessionStart *start, DoorSessionOpened *out,
                   GError **error)
{
  g_autofree char *token = door_random_dup_token (context->random);
  g_autofree char *id = door_random_dup_uuid (context->random);
  g_autofree char *token_hash = door_digest_sha256_text (token);
  g_autofree char *handover_hash = door_digest_sha256_text (start->handover != NULL ? start->handover : "");
  g_autofree char *flow_hash = door_digest_sha256_text (start->flow_cookie != NULL ? start->flow_cookie : "");
  g_autofree char *before_hash = start->before != NULL ? door_digest_sha256_text (start->before) : NULL;
  g_auto (Open) work = {
    .context = context,
    .start = start,
    .handover_hash = handover_hash,
    .flow_hash = flow_hash,
    .before_hash = before_hash,
    .token_hash = token_hash,
    .id = id,
    .now_ms = door_clock_now_ms (context->clock),
    .lifetime_ms = door_policy_get_admin_rules (context->policy)->session_lifetime_ms,
  };

  if (!door_turn_take (context, DOOR_TURN_ENTER, start->address, error) ||
      !door_writer_run (context->writer, write_open, &work, start->cancellable, error))
    return false;
  *out = (DoorSessionOpened){
    .token = g_steal_pointer (&token),
    .return_path = g_strdup (work.handover->return_path),
    .lifetime_s = (work.expires_at - work.now_ms) / 1000,
  };
  door_log_event (G_LOG_LEVEL_INFO, "admin-session", "session of an administrator opened", "DOORWARD_OUTCOME",
                  "opened", "DOORWARD_ADMINISTRATOR", work.administrator->id, "DOORWARD_SESSION", id,
                  "DOORWARD_IDP", work.handover->connection, "DOORWARD_USER_AGENT", start->user_agent_family,
                  "DOORWARD_REQUEST", start->request_id, NULL);
  return true;
}

/* A session without a provider began with a password, and lives while one counts. */
static bool
may_go_on (const DoorContext *context, const DoorSession *session)
{
  if (*session->row->connection == '\0')
    return session->administrator != NULL &&
           door_administrator_may_use_password (session->administrator,
                                                door_policy_get_admin_rules (context->policy));
  return may_sign_in (session->administrator) && door_session_may_vouch (context, session->row->connection);
}

/* Whether a session is good now, however long ago it was used. */
static bool
is_open (const DoorContext *context, const DoorSession *session, int64_t now_ms)
{
  const DoorAdminRules *rules = door_policy_get_admin_rules (context->policy);
  const DoorSessionRow *row = session->row;

  return row->ended_at == 0 && now_ms < row->expires_at &&
         now_ms < row->created_at + rules->session_lifetime_ms && may_go_on (context, session);
}

static bool
is_in_use (const DoorContext *context, const DoorSession *session, int64_t now_ms)
{
  return now_ms < session->row->seen_at + door_policy_get_admin_rules (context->policy)->session_idle_ms;
}

/* A token of a day is good for a program that comes once a day. */
static bool
is_live_for_program (const DoorContext *context, const DoorSession *session, int64_t now_ms)
{
  return is_open (context, session, now_ms) &&
         (door_policy_get_admin_rules (context->policy)->token_mode == DOOR_TOKEN_MODE_DAY ||
          is_in_use (context, session, now_ms));
}

static bool
read_session (DoorTxn *txn, const char *token_hash, DoorSession *session, GError **error)
{
  if (!door_session_store_lookup (txn, token_hash, &session->row, error))
    return false;
  if (session->row == NULL)
    return true;
  if (!door_administrator_store_lookup (txn, session->row->administrator_id, &session->administrator, error))
    return false;
  session->roles = door_administrator_store_list_roles (txn, session->row->administrator_id, error);
  return session->roles != NULL;
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

  return door_session_store_touch (txn, touch->token_hash, touch->now_ms, error);
}

/* Whoever asks the provider in between must see that the session is used. */
static int64_t
choose_pause_ms (const DoorContext *context, const DoorSessionRow *row)
{
  int64_t idle_ms = door_policy_get_admin_rules (context->policy)->session_idle_ms;
  int64_t liveness_ms = door_liveness_choose_next_ms (context, row->connection, 0);
  int64_t pause_ms = MIN (TOUCH_MS, idle_ms / 4);

  return liveness_ms > 0 ? MIN (pause_ms, liveness_ms / 2) : pause_ms;
}

/* A note that cannot be written does not end the session: it only ends sooner. */
static void
touch (const DoorContext *context, const DoorSessionRow *row, int64_t now_ms, GCancellable *cancellable)
{
  Touch work = { row->token_hash, now_ms };
  g_autoptr (GError) local = NULL;

  if (now_ms < row->seen_at + choose_pause_ms (context, row))
    return;
  if (!door_writer_run (context->writer, write_touch, &work, cancellable, &local))
    g_info ("session %s: %s", row->id, local->message);
}

/**
 * door_session_lookup:
 * @context: what every service needs
 * @token: value of the session's cookie
 * @cancellable: (nullable): stops waiting
 * @out: (out) (transfer full) (nullable): the session, %NULL when there is none that is good
 * @error: return location for an error
 *
 * Finds a session that has not ended, is not too old and not idle for too long, of an administrator who may
 * still sign in, and what they may. Blocks for a read, and once a minute for a commit.
 *
 * Returns: false with an error
 */
bool
door_session_lookup (const DoorContext *context, const char *token, GCancellable *cancellable,
                     DoorSession **out, GError **error)
{
  g_autofree char *token_hash = door_digest_sha256_text (token);
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorSession) session = g_new0 (DoorSession, 1);

  {
    g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);

    if (txn == NULL || !read_session (txn, token_hash, session, error))
      return false;
  }
  *out = NULL;
  if (session->row == NULL || !is_open (context, session, now_ms) || !is_in_use (context, session, now_ms))
    return true;
  touch (context, session->row, now_ms, cancellable);
  *out = g_steal_pointer (&session);
  return true;
}

/**
 * door_session_read_by_id:
 * @context: what every service needs
 * @txn: a transaction
 * @id: what the session is called where its token must not be seen
 * @out: (out) (transfer full) (nullable): the session, %NULL when there is none that is good
 * @error: return location for an error
 *
 * Finds a session for a program, in a transaction of the caller. With TokenMode=day it may have been idle.
 *
 * Returns: false with an error
 */
bool
door_session_read_by_id (const DoorContext *context, DoorTxn *txn, const char *id, DoorSession **out,
                         GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorSession) session = g_new0 (DoorSession, 1);
  g_autofree char *token_hash = NULL;

  if (!door_session_store_lookup_hash (txn, id, &token_hash, error) ||
      (token_hash != NULL && !read_session (txn, token_hash, session, error)))
    return false;
  *out = session->row != NULL && is_live_for_program (context, session, now_ms) ? g_steal_pointer (&session)
                                                                                : NULL;
  return true;
}

/**
 * door_session_lookup_by_id:
 * @context: what every service needs
 * @id: what the session is called where its token must not be seen
 * @cancellable: (nullable): stops waiting
 * @out: (out) (transfer full) (nullable): the session, %NULL when there is none that is good
 * @error: return location for an error
 *
 * As door_session_read_by_id(), for somebody who has proven that the session is theirs. Blocks for a read,
 * and once a minute for a commit.
 *
 * Returns: false with an error
 */
bool
door_session_lookup_by_id (const DoorContext *context, const char *id, GCancellable *cancellable,
                           DoorSession **out, GError **error)
{
  g_autoptr (DoorSession) session = NULL;

  {
    g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);

    if (txn == NULL || !door_session_read_by_id (context, txn, id, &session, error))
      return false;
  }
  if (session != NULL)
    touch (context, session->row, door_clock_now_ms (context->clock), cancellable);
  *out = g_steal_pointer (&session);
  return true;
}

/**
 * door_session_get_reach:
 * @session: a session
 * @action: an action
 *
 * Returns: how far whoever is signed in may do that
 */
DoorReach
door_session_get_reach (const DoorSession *session, DoorAction action)
{
  return door_permission_get_reach (session->roles, session->administrator->api_only != 0, action);
}

static bool
forbid (const DoorSession *session, DoorAction action, GError **error)
{
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_FORBIDDEN, "%s: %s",
                         session->administrator->id, door_action_to_word (action));
}

/**
 * door_session_allow:
 * @session: a session
 * @action: what is to be done
 * @needed: %DOOR_REACH_ALL where it must be allowed everywhere; %DOOR_REACH_TEAMS where the team is asked for
 *   once it is known: who may it nowhere learns nothing
 * @error: return location for an error
 *
 * Pure.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN
 */
bool
door_session_allow (const DoorSession *session, DoorAction action, DoorReach needed, GError **error)
{
  return door_session_get_reach (session, action) >= needed || forbid (session, action, error);
}

/**
 * door_session_allow_team:
 * @session: a session
 * @action: what is to be done
 * @team: where, "" for no team
 * @error: return location for an error
 *
 * The same for one team. It is asked before anything else: of a team that they have nothing to do with nobody
 * learns whether it exists. Pure.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN
 */
bool
door_session_allow_team (const DoorSession *session, DoorAction action, const char *team, GError **error)
{
  return door_permission_reaches_team (session->roles, session->administrator->api_only != 0, action, team) ||
         forbid (session, action, error);
}

/**
 * door_session_list:
 * @context: what every service needs
 * @administrator_id: an administrator
 * @limit: most rows
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Lists sessions, the newest first, also those that have ended. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorSessionRow): the rows, or %NULL with an error
 */
GPtrArray *
door_session_list (const DoorContext *context, const char *administrator_id, int64_t limit,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, cancellable, error);

  return txn != NULL ? door_session_store_list (txn, administrator_id, limit, error) : NULL;
}

typedef struct
{
  const DoorSession *session;
  bool everywhere;
  int64_t now_ms;
} Close;

static gboolean
write_close (DoorTxn *txn, gpointer data, GError **error)
{
  const Close *work = data;
  const DoorSessionRow *row = work->session->row;

  if (work->everywhere)
    return door_session_store_end_all (txn, row->administrator_id, "logout", work->now_ms, NULL, error);
  return door_session_store_end (txn, row->token_hash, "logout", work->now_ms, NULL, error);
}

/**
 * door_session_close:
 * @context: what every service needs
 * @session: a session
 * @everywhere: end all sessions of the administrator
 * @error: return location for an error
 *
 * Logs out. Blocks for the commit.
 *
 * Returns: false with an error
 */
bool
door_session_close (const DoorContext *context, const DoorSession *session, bool everywhere, GError **error)
{
  Close work = { session, everywhere, door_clock_now_ms (context->clock) };

  if (!door_writer_run (context->writer, write_close, &work, NULL, error))
    return false;
  door_log_event (G_LOG_LEVEL_INFO, "admin-session", "administrator logged out", "DOORWARD_OUTCOME",
                  everywhere ? "ended everywhere" : "ended", "DOORWARD_ADMINISTRATOR",
                  session->administrator->id, "DOORWARD_SESSION", session->row->id, NULL);
  return true;
}

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorSessionMatch *match;
  int64_t now_ms;
  bool any; /* (out) */
} EndByIndex;

/* What is on its way to be such a session ends as well. */
static bool
end_matching (DoorTxn *txn, const DoorSessionEnd *end, bool *any, GError **error)
{
  bool session = false, handover = false;

  if (!door_session_store_end_matching (txn, end, &session, error) ||
      !door_session_store_remove_matching_handovers (txn, end, &handover, error))
    return false;
  *any = *any || session || handover;
  return true;
}

static gboolean
write_end_by_index (DoorTxn *txn, gpointer data, GError **error)
{
  EndByIndex *work = data;
  const DoorSessionMatch *match = work->match;
  DoorSessionEnd end = { match->connection, match->issuer, match->subject, NULL, work->now_ms };
  bool changed = false;

  work->any = false;
  if (match->once_id != NULL && !door_login_store_add_replay (txn, match->issuer, match->once_id,
                                                              match->once_until_ms, &changed, error))
    return FALSE;
  if (match->once_id != NULL && !changed)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_SAML_REPLAY, "the message came before");
  if (match->session_indexes == NULL)
    return end_matching (txn, &end, &work->any, error);
  for (size_t i = 0; match->session_indexes[i] != NULL; i++)
    {
      end.session_index = match->session_indexes[i];
      if (!end_matching (txn, &end, &work->any, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * door_session_end_by_index:
 * @context: what every service needs
 * @match: which sessions
 * @error: return location for an error
 *
 * Ends the sessions of administrators that an identity provider says are over (SAML profiles 4.4; OpenID
 * Connect Back-Channel Logout 1.0, 2.6), and the sign-ins that would become such sessions. That none is there
 * is no error. Blocks for the commit.
 *
 * Returns: false with an error; %DOOR_ERROR_INVALID_DATA when @match says neither who nor which,
 *   %DOOR_FAULT_SAML_REPLAY when the message counts once and came before
 */
bool
door_session_end_by_index (const DoorContext *context, const DoorSessionMatch *match, GError **error)
{
  EndByIndex work = { match, door_clock_now_ms (context->clock), false };
  bool none = match->session_indexes == NULL || match->session_indexes[0] == NULL;

  if (match->session_indexes != NULL &&
      g_strv_length ((char **) match->session_indexes) > MAX_SESSION_INDEXES)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "more than %d sessions are to end", MAX_SESSION_INDEXES);
  if (none && (match->subject == NULL || match->session_indexes != NULL))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "neither a person nor a session is to end");
  if (!door_writer_run (context->writer, write_end_by_index, &work, NULL, error))
    return false;
  if (work.any)
    door_log_event (G_LOG_LEVEL_INFO, "admin-session", "sessions ended by the identity provider",
                    "DOORWARD_OUTCOME", "ended", "DOORWARD_IDP", match->connection, NULL);
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-liveness.h"

#include <string.h>

#include "door-backoff.h"
#include "door-connections.h"
#include "door-error.h"
#include "door-log.h"
#include "door-session-store.h"
#include "door-vouch.h"

/* Sessions of one provider in one round: nobody's checks wait long for those of another. */
#define MAX_ROUND 64
/* Longer than all that a check waits for; ends by itself when an instance dies on the way. */
#define CLAIM_MS (120 * INT64_C (1000))
/* After a failure, doubled each time. */
#define RETRY_MS (30 * INT64_C (1000))
#define MAX_RETRY_MS (15 * 60 * INT64_C (1000))

/* One session whose provider is asked. */
typedef struct
{
  const DoorContext *context;
  DoorConnection *connection;
  GCancellable *cancellable;
  const DoorLivenessRow *row;
  DoorVouchAnswer answer;
} Check;

static void
check_clear (Check *self)
{
  door_vouch_answer_clear (&self->answer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

/**
 * door_liveness_is_wanted:
 * @connection: a connection
 * @purpose: what a sign-in leads to
 * @way: how the device came, such as %DOOR_WAY_OAUTH2; "" for an administrator
 *
 * Returns: whether the provider is asked later if what the sign-in leads to is still good
 */
bool
door_liveness_is_wanted (const DoorConnection *connection, const char *purpose, const char *way)
{
  return door_connection_speaks_oidc (connection) &&
         (strcmp (purpose, DOOR_PURPOSE_ADMINISTRATION) == 0 ||
          (strcmp (purpose, DOOR_PURPOSE_ENROLLMENT) == 0 && strcmp (way, DOOR_WAY_OAUTH2) == 0)) &&
         door_idp_profile_get_liveness_s (door_connection_get_profile (connection)) > 0;
}

/**
 * door_liveness_choose_next_ms:
 * @context: what every service needs
 * @connection: name of the identity provider
 * @now_ms: milliseconds since 1970, UTC
 *
 * Returns: when the provider is asked next about a session that is good now; 0: never
 */
int64_t
door_liveness_choose_next_ms (const DoorContext *context, const char *connection, int64_t now_ms)
{
  const DoorConnection *found = door_connections_lookup (context->connections, connection);
  int64_t interval_s =
      found != NULL ? door_idp_profile_get_liveness_s (door_connection_get_profile (found)) : 0;

  return interval_s > 0 ? now_ms + interval_s * 1000 : 0;
}

/* When a session ends by itself if nobody uses it again. */
static int64_t
find_end_ms (const Check *self)
{
  const DoorAdminRules *rules = door_policy_get_admin_rules (self->context->policy);
  const DoorLivenessRow *row = self->row;

  return MIN (MIN (row->expires_at, row->created_at + rules->session_lifetime_ms),
              row->seen_at + rules->session_idle_ms);
}

static DoorVouchOutcome
ask_provider (Check *self)
{
  const DoorVouchQuestion question = {
    .context = self->context,
    .connection = self->connection,
    .cancellable = self->cancellable,
    .place = { DOOR_SEALED_ADMIN_REFRESH, self->row->liveness_id },
    .sealed = self->row->sealed_refresh,
    .issuer = self->row->issuer,
    .subject = self->row->subject,
  };

  return door_vouch_ask (&question, &self->answer);
}

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const Check *check;
  DoorVouchOutcome outcome;
  DoorLivenessState state;
  int64_t now_ms;
  bool ended; /* (out) */
} Save;

static gboolean
write_outcome (DoorTxn *txn, gpointer data, GError **error)
{
  Save *save = data;
  const DoorLivenessRow *row = save->check->row;

  return save->outcome == DOOR_VOUCH_GONE
             ? door_session_store_end (txn, row->token_hash, "liveness", save->now_ms, &save->ended, error)
             : door_liveness_store_save (txn, row, &save->state, error);
}

static int64_t
choose_retry_ms (int64_t failures)
{
  return door_backoff_double (RETRY_MS, failures, MAX_RETRY_MS);
}

static void
fill_state (const Check *self, Save *save)
{
  const DoorLivenessRow *row = self->row;
  int64_t interval_ms =
      door_idp_profile_get_liveness_s (door_connection_get_profile (self->connection)) * 1000;
  bool alive = save->outcome == DOOR_VOUCH_ALIVE;

  save->state = (DoorLivenessState){
    .sealed_refresh = self->answer.sealed != NULL ? self->answer.sealed : row->sealed_refresh,
    .checked_at = alive ? save->now_ms : row->checked_at,
    .check_at = save->now_ms + (alive ? interval_ms : choose_retry_ms (row->check_failures)),
    .check_failures = alive ? 0 : row->check_failures + 1,
  };
}

static void
tell (const Check *self, const Save *save)
{
  const char *name = door_connection_get_name (self->connection);

  door_vouch_count (self->context, name, save->outcome);
  if (save->ended)
    door_log_event (G_LOG_LEVEL_MESSAGE, "admin-session",
                    "session ended: its provider does not vouch for it any more", "DOORWARD_OUTCOME", "ended",
                    "DOORWARD_ADMINISTRATOR", self->row->administrator_id, "DOORWARD_SESSION", self->row->id,
                    "DOORWARD_IDP", name, "DOORWARD_FAULT", door_error_get_info (self->answer.reason)->id,
                    "DOORWARD_REASON", self->answer.reason->message, NULL);
  else if (save->outcome == DOOR_VOUCH_FAILED)
    g_log (G_LOG_DOMAIN, self->row->check_failures == 0 ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_INFO,
           "idp/%s: session %s goes on unchecked: %s", name, self->row->id, self->answer.reason->message);
}

static gboolean
write_claim (DoorTxn *txn, gpointer data, GError **error)
{
  Save *save = data;

  return door_liveness_store_claim (txn, save->check->row, save->now_ms + CLAIM_MS, &save->ended, error);
}

static gboolean
write_rest (DoorTxn *txn, gpointer data, GError **error)
{
  const Save *save = data;
  int64_t end_ms = find_end_ms (save->check);

  return end_ms <= save->now_ms ? door_liveness_store_forget (txn, save->check->row, error)
                                : door_liveness_store_park (txn, save->check->row, end_ms, error);
}

/* Also when the program ends: a token that has been replaced must not be lost. */
static bool
write_with (const Check *self, DoorWork write, Save *save)
{
  g_autoptr (GError) error = NULL;

  if (door_writer_run (self->context->writer, write, save, NULL, &error))
    return true;
  g_info ("session %s: %s", self->row->id, error->message);
  return false;
}

/* Gives false when the provider is better left alone for now. */
static bool
check_session (Check *self)
{
  Save save = { .check = self, .now_ms = door_clock_now_ms (self->context->clock) };

  if (find_end_ms (self) <= save.now_ms || self->row->seen_at <= self->row->checked_at)
    return write_with (self, write_rest, &save);
  if (!write_with (self, write_claim, &save))
    return false;
  if (!save.ended) /* another instance has it */
    return true;
  save.outcome = ask_provider (self);
  save.ended = false;
  save.now_ms = door_clock_now_ms (self->context->clock);
  fill_state (self, &save);
  if (!write_with (self, write_outcome, &save))
    return false;
  tell (self, &save);
  return save.outcome != DOOR_VOUCH_FAILED;
}

static GPtrArray *
list_due (const DoorContext *context, const DoorConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, &error);
  GPtrArray *rows = txn != NULL
                        ? door_liveness_store_list_due (txn, door_connection_get_name (connection),
                                                        door_clock_now_ms (context->clock), MAX_ROUND, &error)
                        : NULL;

  if (rows == NULL)
    g_info ("idp/%s: sessions not checked: %s", door_connection_get_name (connection), error->message);
  return rows;
}

/* One that waits for its provider already has enough to wait for. */
static void
check_connection (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) rows = list_due (context, connection);
  DoorOidcCell *cell = door_connection_get_oidc_cell (connection);
  bool go_on = rows != NULL && rows->len > 0 &&
               door_oidc_cell_enter (cell, door_connection_get_name (connection), NULL);
  bool entered = go_on;

  for (guint i = 0; go_on && i < rows->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      g_auto (Check) check = { .context = context,
                               .connection = connection,
                               .cancellable = cancellable,
                               .row = g_ptr_array_index (rows, i) };

      go_on = check_session (&check);
    }
  if (entered)
    door_oidc_cell_leave (cell);
}

/**
 * door_liveness_round:
 * @context: what every service needs
 * @cancellable: (nullable): ends it early
 *
 * Asks providers about the sessions of administrators that are due: those in use, once in LivenessCheck=. One
 * that the provider does not vouch for ends, as by a logout; while it cannot be asked, they go on. Several
 * instances on one database share the work. Blocks on the network: for a thread of its own.
 */
void
door_liveness_round (const DoorContext *context, GCancellable *cancellable)
{
  for (guint i = 0; i < context->connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (context->connections, i);

      if (door_liveness_is_wanted (connection, DOOR_PURPOSE_ADMINISTRATION, ""))
        check_connection (context, connection, cancellable);
    }
}

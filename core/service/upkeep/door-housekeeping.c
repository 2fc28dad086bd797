/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-housekeeping.h"

#include "door-attempt-store.h"
#include "door-certificate-store.h"
#include "door-command-store.h"
#include "door-enrollment-link-store.h"
#include "door-lease.h"
#include "door-liveness-store.h"
#include "door-login-store.h"
#include "door-oauth2-store.h"
#include "door-osquery-store.h"
#include "door-osquery.h"
#include "door-personal-token-store.h"
#include "door-session-store.h"
#include "door-test-store.h"
#include "door-token-store.h"
#include "door-user-channel-store.h"

/* Longer than from one time to the next: who does it goes on to, and another takes over when he is gone. */
#define LEASE_S (DOOR_HOUSEKEEPING_S + DOOR_HOUSEKEEPING_S / 2)
/* Tokens and challenges stay a day longer, so that a log line can still be explained. */
#define GRACE_MS (24 * 60 * 60 * INT64_C (1000))

/* Rows of a kind in one piece of work: nobody's write waits long for the sweep, however much has piled up. */
#define PIECE_ROWS 500
/* in one run, so that nobody who shares its thread waits long either */
#define MAX_PIECES 10

typedef struct
{
  int64_t now_ms;
  int64_t attempts_before_ms;
  int64_t grants_before_ms;
  int64_t results_before_ms;
  bool any; /* (out): rows were removed, so there may be more */
} Sweep;

static bool
sweep_grants (DoorTxn *txn, const Sweep *sweep, bool *any, GError **error)
{
  bool grants, given;

  if (!door_oauth2_store_remove_old (txn, sweep->grants_before_ms, PIECE_ROWS, &grants, error) ||
      !door_oauth2_store_remove_expired_access (txn, sweep->now_ms - GRACE_MS, PIECE_ROWS, &given, error))
    return false;
  *any = grants || given;
  return true;
}

/* A channel that has ended is kept as long as what its commands have brought. */
static bool
sweep_commands (DoorTxn *txn, const Sweep *sweep, bool *any, GError **error)
{
  bool forgotten, results, users;

  if (!door_command_store_cancel_forgotten (txn, sweep->now_ms, PIECE_ROWS, &forgotten, error) ||
      !door_command_store_remove_old (txn, sweep->results_before_ms, PIECE_ROWS, &results, error) ||
      !door_user_channel_store_remove_old (txn, sweep->results_before_ms, PIECE_ROWS, &users, error))
    return false;
  *any = forgotten || results || users;
  return true;
}

static gboolean
write_piece (DoorTxn *txn, gpointer data, GError **error)
{
  Sweep *sweep = data;
  int64_t grace_ms = sweep->now_ms - GRACE_MS;
  bool flows, replays, challenges, tokens, attempts, sessions, handovers, personal, tests, refresh, agents,
      grants, commands, links;

  if (!door_login_store_remove_expired_flows (txn, sweep->now_ms, PIECE_ROWS, &flows, error) ||
      !door_login_store_remove_expired_replays (txn, sweep->now_ms, PIECE_ROWS, &replays, error) ||
      !door_certificate_store_remove_expired_challenges (txn, grace_ms, PIECE_ROWS, &challenges, error) ||
      !door_token_store_remove_expired (txn, grace_ms, PIECE_ROWS, &tokens, error) ||
      !door_attempt_store_remove_old (txn, sweep->attempts_before_ms, PIECE_ROWS, &attempts, error) ||
      !door_session_store_remove_expired (txn, grace_ms, PIECE_ROWS, &sessions, error) ||
      !door_session_store_remove_expired_handovers (txn, sweep->now_ms, PIECE_ROWS, &handovers, error) ||
      !door_personal_token_store_remove_expired (txn, grace_ms, PIECE_ROWS, &personal, error) ||
      !sweep_commands (txn, sweep, &commands, error) ||
      !door_liveness_store_forget_expired (txn, sweep->now_ms, PIECE_ROWS, &refresh, error) ||
      !door_osquery_store_remove_silent (txn, sweep->now_ms - DOOR_OSQUERY_SILENT_MS, PIECE_ROWS, &agents,
                                         error) ||
      !sweep_grants (txn, sweep, &grants, error) ||
      !door_enrollment_link_store_remove_expired (txn, grace_ms, PIECE_ROWS, &links, error) ||
      !door_test_store_remove_expired (txn, sweep->now_ms, PIECE_ROWS, &tests, error))
    return FALSE;
  sweep->any = flows || replays || challenges || tokens || attempts || sessions || handovers || personal ||
               tests || refresh || agents || grants || commands || links;
  return TRUE;
}

/**
 * door_housekeeping_run:
 * @context: what every service needs
 * @more: (out): whether there may be more to do at once
 * @error: return location for an error
 *
 * Forgets what has expired, some pieces of it. Of several instances on one database one does it, the others
 * have nothing to do. Blocks for the commits.
 *
 * Returns: false with an error
 */
bool
door_housekeeping_run (const DoorContext *context, bool *more, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  Sweep sweep = {
    .now_ms = now_ms,
    .attempts_before_ms = now_ms - door_policy_get_attempt_retention_ms (context->policy),
    .grants_before_ms = now_ms - door_policy_get_flow_lifetime_ms (context->policy) - GRACE_MS,
    .results_before_ms = now_ms - door_policy_get_result_retention_ms (context->policy),
  };
  bool taken = false;

  *more = false;
  if (!door_lease_take (context, "housekeeping", LEASE_S, &taken, error))
    return false;
  sweep.any = taken;
  for (int pieces = 0; sweep.any && pieces < MAX_PIECES; pieces++)
    if (!door_writer_run (context->writer, write_piece, &sweep, NULL, error))
      return false;
  *more = sweep.any;
  return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-session.h"

#include "door-error.h"
#include "door-log.h"
#include "door-session-store.h"

/* more than any provider keeps for one person */
#define MAX_SESSION_INDEXES 100

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorSessionMatch *match;
  int64_t now_ms;
  bool any; /* (out) */
} EndByIndex;

static gboolean
write_end_by_index (DoorTxn *txn, gpointer data, GError **error)
{
  EndByIndex *work = data;
  const DoorSessionMatch *match = work->match;
  DoorSessionEnd end = { match->connection, match->issuer, match->subject, NULL, work->now_ms };
  bool changed;

  work->any = false;
  if (match->session_indexes == NULL)
    return door_session_store_end_matching (txn, &end, &work->any, error);
  for (size_t i = 0; match->session_indexes[i] != NULL; i++)
    {
      end.session_index = match->session_indexes[i];
      if (!door_session_store_end_matching (txn, &end, &changed, error))
        return FALSE;
      work->any = work->any || changed;
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
 * Connect Back-Channel Logout 1.0, 2.6). That none is there is no error. Blocks for the commit.
 *
 * Returns: false with an error; %DOOR_ERROR_INVALID_DATA when @match says neither who nor which
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorHandover:
 *
 * A sign-in of an administrator whose answer has been accepted and that waits for the browser to come back by
 * itself. @issuer, @subject, its format and qualifiers, and @session_index are the provider's own words,
 * empty for what it has not said; @session_ends_at is 0 when it named no end. @sealed_refresh is the
 * provider's refresh token, sealed for @liveness_id; empty where there is none.
 */
typedef struct
{
  char *token_hash;
  char *flow_hash;
  char *administrator_id;
  char *connection;
  char *issuer;
  char *subject;
  char *session_index;
  char *return_path;
  int64_t session_ends_at;
  int64_t expires_at;
  char *name_format;
  char *name_qualifier;
  char *sp_name_qualifier;
  char *liveness_id;
  char *sealed_refresh;
} DoorHandover;

void door_handover_free (DoorHandover *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorHandover, door_handover_free)

/**
 * DoorSessionRow:
 *
 * A session of an administrator; @id is what it is called where its token must not be seen.
 */
typedef struct
{
  char *token_hash;
  char *id;
  char *administrator_id;
  char *connection;
  char *issuer;
  char *subject;
  char *session_index;
  int64_t created_at;
  int64_t seen_at;
  int64_t expires_at;
  char *user_agent_family;
  int64_t ended_at;
  char *end_reason;
  char *name_format;
  char *name_qualifier;
  char *sp_name_qualifier;
} DoorSessionRow;

void door_session_row_free (DoorSessionRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSessionRow, door_session_row_free)

/**
 * DoorSessionEnd:
 * @connection: name of the connection
 * @issuer: who speaks
 * @subject: (nullable): about whom; %NULL: whoever has @session_index
 * @session_index: (nullable): which session; %NULL: all of @subject
 * @now_ms: milliseconds since 1970, UTC
 *
 * Sessions that a provider ends. One of @subject and @session_index is there.
 */
typedef struct
{
  const char *connection;
  const char *issuer;
  const char *subject;
  const char *session_index;
  int64_t now_ms;
} DoorSessionEnd;

bool door_session_store_add_handover (DoorTxn *txn, const DoorHandover *handover, GError **error);
bool door_session_store_lookup_handover (DoorTxn *txn, const char *token_hash, DoorHandover **out,
                                         GError **error);
bool door_session_store_remove_handover (DoorTxn *txn, const char *token_hash, bool *changed, GError **error);
bool door_session_store_add (DoorTxn *txn, const DoorSessionRow *session, GError **error);
bool door_session_store_lookup (DoorTxn *txn, const char *token_hash, DoorSessionRow **out, GError **error);
bool door_session_store_lookup_hash (DoorTxn *txn, const char *id, char **token_hash, GError **error);
bool door_session_store_touch (DoorTxn *txn, const char *token_hash, int64_t now_ms, GError **error);
bool door_session_store_end (DoorTxn *txn, const char *token_hash, const char *reason, int64_t now_ms,
                             bool *changed, GError **error);
bool door_session_store_end_all (DoorTxn *txn, const char *administrator_id, const char *reason,
                                 int64_t now_ms, bool *changed, GError **error);
bool door_session_store_end_matching (DoorTxn *txn, const DoorSessionEnd *end, bool *changed, GError **error);
bool door_session_store_remove_matching_handovers (DoorTxn *txn, const DoorSessionEnd *end, bool *changed,
                                                   GError **error);
GPtrArray *door_session_store_list (DoorTxn *txn, const char *administrator_id, int64_t limit,
                                    GError **error);
bool door_session_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                        GError **error);
bool door_session_store_remove_expired_handovers (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                                  GError **error);

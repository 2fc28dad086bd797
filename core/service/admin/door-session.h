/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-administrator-store.h"
#include "door-context.h"
#include "door-session-store.h"

/**
 * DoorSession:
 * @row: the session
 * @administrator: whose it is
 * @roles: (element-type DoorRoleGrant): what they may, read with the session
 * @by_token: whether they came by a personal access token, which has no session: @row is made of it
 *
 * An administrator who is signed in.
 */
typedef struct
{
  DoorSessionRow *row;
  DoorAdministrator *administrator;
  GPtrArray *roles;
  bool by_token;
} DoorSession;

void door_session_free (DoorSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSession, door_session_free)

/**
 * DoorSessionStart:
 * @handover: (nullable): the token of the last hop
 * @flow_cookie: (nullable): value of the flow's cookie
 * @before: (nullable): token of the session that the browser had until now
 * @address: the client's address
 * @user_agent_family: what the browser calls itself, a word
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * The last hop of a sign-in: the browser comes by itself, not sent by the provider.
 */
typedef struct
{
  const char *handover;
  const char *flow_cookie;
  const char *before;
  const char *address;
  const char *user_agent_family;
  const char *request_id;
  GCancellable *cancellable;
} DoorSessionStart;

/**
 * DoorSessionOpened:
 * @token: value of the session's cookie
 * @return_path: where the browser goes on
 * @lifetime_s: how long the session lives at most
 *
 * A new session.
 */
typedef struct
{
  char *token;
  char *return_path;
  int64_t lifetime_s;
} DoorSessionOpened;

void door_session_opened_clear (DoorSessionOpened *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorSessionOpened, door_session_opened_clear)

/**
 * DoorSessionMatch:
 * @connection: name of the connection that says so
 * @issuer: its entity id or issuer, as verified
 * @subject: (nullable): the person in its own words: the NameID, or sub; %NULL: whoever has the session
 * @session_indexes: (nullable) (array zero-terminated=1): SessionIndex or sid; %NULL: every session of
 *   @subject
 * @once_id: (nullable): what makes the message unique among all of @issuer, if it counts once
 * @once_until_ms: how long that is remembered; milliseconds since 1970, UTC
 *
 * Sessions of administrators that an identity provider ends. At least one of @subject and @session_indexes is
 * needed.
 */
typedef struct
{
  const char *connection;
  const char *issuer;
  const char *subject;
  const char *const *session_indexes;
  const char *once_id;
  int64_t once_until_ms;
} DoorSessionMatch;

bool door_session_open (const DoorContext *context, const DoorSessionStart *start, DoorSessionOpened *out,
                        GError **error);
bool door_session_lookup (const DoorContext *context, const char *token, GCancellable *cancellable,
                          DoorSession **out, GError **error);
bool door_session_may_vouch (const DoorContext *context, const char *name);
DoorReach door_session_get_reach (const DoorSession *session, DoorAction action);
bool door_session_allow (const DoorSession *session, DoorAction action, DoorReach needed, GError **error);
bool door_session_allow_team (const DoorSession *session, DoorAction action, const char *team,
                              GError **error);
GPtrArray *door_session_list (const DoorContext *context, const char *administrator_id, int64_t limit,
                              GCancellable *cancellable, GError **error);
bool door_session_lookup_by_id (const DoorContext *context, const char *id, GCancellable *cancellable,
                                DoorSession **out, GError **error);
bool door_session_read_by_id (const DoorContext *context, DoorTxn *txn, const char *id, DoorSession **out,
                              GError **error);
bool door_session_close (const DoorContext *context, const DoorSession *session, bool everywhere,
                         GError **error);
bool door_session_end_by_index (const DoorContext *context, const DoorSessionMatch *match, GError **error);

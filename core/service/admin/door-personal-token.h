/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-personal-token-store.h"
#include "door-session.h"

/* What such a token begins with, so that people and scanners for secrets see what it is. */
#define DOOR_PERSONAL_TOKEN_PREFIX "dwt_"
#define DOOR_PERSONAL_TOKEN_MAX_S (365 * INT64_C (24 * 60 * 60))

/**
 * DoorPersonalTokenWish:
 * @administrator_id: whose it shall be
 * @connection: the provider by which whoever makes it is signed in, "" for none
 * @name: what it is for, in words of the one who makes it
 * @lifetime_s: how long it shall work; %DOOR_PERSONAL_TOKEN_MAX_S at most
 * @now_ms: milliseconds since 1970, UTC
 *
 * A personal access token that somebody wants.
 */
typedef struct
{
  const char *administrator_id;
  const char *connection;
  const char *name;
  int64_t lifetime_s;
  int64_t now_ms;
} DoorPersonalTokenWish;

DoorPersonalToken *door_personal_token_new (const DoorPersonalTokenWish *wish, DoorRandom *random,
                                            char **secret, GError **error);
bool door_personal_token_add (DoorTxn *txn, const DoorPersonalToken *token, const DoorAdminRules *rules,
                              GError **error);
DoorPersonalToken *door_personal_token_issue (const DoorContext *context, const DoorSession *session,
                                              const DoorPersonalTokenWish *wish, char **secret,
                                              GError **error);
bool door_personal_token_lookup (const DoorContext *context, const char *secret, GCancellable *cancellable,
                                 DoorSession **out, GError **error);
GPtrArray *door_personal_token_list (const DoorContext *context, const DoorSession *session,
                                     const char *after, int64_t limit, GError **error);
void door_personal_token_log (const char *administrator_id, const char *id, const char *outcome,
                              const char *by);
bool door_personal_token_revoke (const DoorContext *context, const DoorSession *session, const char *id,
                                 GError **error);

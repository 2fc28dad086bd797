/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-session-store.h"

/**
 * DoorPasswordStart:
 * @email: who somebody says to be
 * @password: what they show
 * @address: where the request came from
 * @before: (nullable): token of the session that the browser had until now
 * @user_agent_family: what the browser calls itself, a word
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A sign-in with a password.
 */
typedef struct
{
  const char *email;
  const DoorSecret *password;
  const char *address;
  const char *before;
  const char *user_agent_family;
  const char *request_id;
  GCancellable *cancellable;
} DoorPasswordStart;

/**
 * DoorPasswordSession:
 * @row: the new session
 * @token: value of its cookie
 *
 * What a sign-in with a password gives. All %NULL at first.
 */
typedef struct
{
  DoorSessionRow *row;
  char *token;
} DoorPasswordSession;

void door_password_session_clear (DoorPasswordSession *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorPasswordSession, door_password_session_clear)

bool door_password_sign_in (const DoorContext *context, const DoorPasswordStart *start,
                            DoorPasswordSession *out, GError **error);
char *door_password_sign_in_build_hash (const DoorContext *context, const char *password, size_t size,
                                        GError **error);

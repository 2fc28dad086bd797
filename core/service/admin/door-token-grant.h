/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-session.h"

/**
 * DoorTokenGrant:
 * @access_token: a JWT for `Authorization: Bearer`
 * @refresh_token: (nullable): what the next ones are had for, once; %NULL with TokenMode=day
 * @lifetime_s: how long @access_token lives
 *
 * What a session gives to a program.
 */
typedef struct
{
  char *access_token;
  char *refresh_token;
  int64_t lifetime_s;
} DoorTokenGrant;

void door_token_grant_clear (DoorTokenGrant *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorTokenGrant, door_token_grant_clear)

bool door_token_grant_begin (const DoorContext *context, const DoorSession *session, DoorTokenGrant *out,
                             GError **error);
bool door_token_grant_refresh (const DoorContext *context, const char *refresh_token,
                               GCancellable *cancellable, DoorTokenGrant *out, GError **error);

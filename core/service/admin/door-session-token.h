/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-own-jwt.h"

/* No token of a session lives longer, in any mode. */
#define DOOR_SESSION_TOKEN_MAX_S (24 * 60 * 60)

char *door_session_token_issue (const DoorContext *context, const char *subject, const char *session,
                                int64_t lifetime_s, GError **error);
int64_t door_session_token_choose_lifetime_s (const DoorContext *context, int64_t session_ends_ms);
bool door_session_token_verify (const DoorContext *context, const char *token, DoorOwnClaims *out,
                                GError **error);

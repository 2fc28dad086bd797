/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-oauth2-store.h"
#include "door-vouch.h"

/**
 * DoorOauth2Asked:
 * @is_asked: whether the provider counts for this refresh
 * @outcome: what it said
 * @answer: what else came of it
 * @grant: (nullable): what it was asked about, as it was before
 *
 * What the provider says to a refresh. All %NULL at first.
 */
typedef struct
{
  bool is_asked;
  DoorVouchOutcome outcome;
  DoorVouchAnswer answer;
  DoorOauth2Grant *grant;
} DoorOauth2Asked;

void door_oauth2_asked_clear (DoorOauth2Asked *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorOauth2Asked, door_oauth2_asked_clear)

bool door_oauth2_provider_ask (const DoorContext *context, const DoorRefreshTurn *turn, const char *team,
                               DoorOauth2Asked *out, GError **error);
bool door_oauth2_provider_is_late (const DoorOauth2Asked *self, int64_t now_ms);
bool door_oauth2_provider_is_gone (const DoorOauth2Asked *self, int64_t now_ms);
bool door_oauth2_provider_save (DoorTxn *txn, const DoorOauth2Asked *self, int64_t now_ms, GError **error);
void door_oauth2_provider_tell (const DoorOauth2Asked *self, bool ended);

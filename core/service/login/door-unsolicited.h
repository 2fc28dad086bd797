/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-login-store.h"
#include "door-login.h"
#include "door-proof.h"

/**
 * DoorUnsolicited:
 * @connection: (nullable): whose answer it is
 * @restart_path: (nullable): nothing comes of the answer but a sign-in that begins here, at this path
 * @cookie: (nullable): cookie of the flow that was made for it
 * @request: (nullable): the request that stands for the one that nobody sent; stored already
 * @proof: what is proven
 *
 * An answer that this server did not ask for. All %NULL at first.
 */
typedef struct
{
  DoorConnection *connection;
  char *restart_path;
  char *cookie;
  DoorSignInRequest *request;
  DoorProof proof;
} DoorUnsolicited;

bool door_unsolicited_take (const DoorContext *context, const DoorLoginAnswer *answer, DoorUnsolicited *out,
                            GError **error);
void door_unsolicited_clear (DoorUnsolicited *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorUnsolicited, door_unsolicited_clear)

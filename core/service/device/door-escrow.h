/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/**
 * DoorEscrowKind:
 * @DOOR_ESCROW_UNLOCK_TOKEN: with which a passcode is cleared
 * @DOOR_ESCROW_BOOTSTRAP_TOKEN: with which a Mac trusts an account or an update
 *
 * What a device leaves with its server.
 */
typedef enum
{
  DOOR_ESCROW_UNLOCK_TOKEN,
  DOOR_ESCROW_BOOTSTRAP_TOKEN,
} DoorEscrowKind;

bool door_escrow_keep (DoorTxn *txn, const DoorContext *context, const char *enrollment_id,
                       DoorEscrowKind kind, GBytes *token, GError **error);
bool door_escrow_read (DoorTxn *txn, const DoorSecret *state_key, const char *enrollment_id,
                       DoorEscrowKind kind, DoorSecret **out, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorEscrow:
 *
 * What a device has left with an enrollment, sealed; "" for what it has not.
 */
typedef struct
{
  char *sealed_unlock_token;
  char *sealed_bootstrap_token;
} DoorEscrow;

void door_escrow_free (DoorEscrow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorEscrow, door_escrow_free)

bool door_escrow_store_lookup (DoorTxn *txn, const char *enrollment_id, DoorEscrow **out, GError **error);
bool door_escrow_store_set_unlock_token (DoorTxn *txn, const char *enrollment_id, const char *sealed,
                                         GError **error);
bool door_escrow_store_set_bootstrap_token (DoorTxn *txn, const char *enrollment_id, const char *sealed,
                                            GError **error);

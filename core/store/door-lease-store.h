/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorLease:
 * @name: the work
 * @holder: the instance that does it
 * @now_ms: milliseconds since 1970, UTC
 * @length_ms: how long the work is its own, unless it takes it again
 *
 * A claim on work that only one instance is to do.
 */
typedef struct
{
  const char *name;
  const char *holder;
  int64_t now_ms;
  int64_t length_ms;
} DoorLease;

bool door_lease_store_take (DoorTxn *txn, const DoorLease *lease, bool *taken, GError **error);
bool door_lease_store_release (DoorTxn *txn, const char *name, const char *holder, GError **error);

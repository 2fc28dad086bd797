/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "door-storage.h"

bool door_state_key_store_lookup (DoorTxn *txn, char **mark, GError **error);
bool door_state_key_store_add (DoorTxn *txn, const char *mark, int64_t now_ms, GError **error);
bool door_state_key_store_replace (DoorTxn *txn, const char *mark, int64_t now_ms, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-device-store.h"

bool door_identity_renewal_run (const DoorContext *context, GError **error);
bool door_identity_renewal_wish (DoorTxn *txn, const DoorEnrollment *enrollment, int64_t now_ms,
                                 bool *changed, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-directory-member-store.h"
#include "door-scim-patch.h"

bool door_member_change_set (DoorTxn *txn, const DoorScimReader *reader, const DoorMemberChange *change,
                             JsonArray *members, bool *changed, GError **error);
bool door_member_change_apply (DoorTxn *txn, const DoorScimReader *reader, const DoorMemberChange *change,
                               const DoorScimPatchOp *op, bool *changed, GError **error);

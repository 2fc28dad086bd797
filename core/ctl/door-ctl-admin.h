/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-administrator-store.h"
#include "door-ctl-database.h"

DoorAdministrator *door_ctl_admin_find (DoorTxn *txn, const char *name, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-query.h"

JsonObject *door_directory_search (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search,
                                   GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-declaration-store.h"
#include "door-device-store.h"
#include "door-json.h"

JsonObject *door_declaration_json_build (const DoorStoredDeclaration *row, bool whole);
JsonObject *door_declaration_json_build_device (DoorTxn *txn, const DoorDevice *device, GError **error);

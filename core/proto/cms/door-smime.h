/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-cms-signer.h"

#define DOOR_SMIME_MAX_BYTES (64 * 1024)

DoorSecret *door_smime_open (GBytes *message, const DoorCmsSigner *recipient, GError **error);

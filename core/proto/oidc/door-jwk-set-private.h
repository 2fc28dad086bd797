/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-jwk-set.h"

bool door_jwk_set_verify (const DoorJwkSet *self, const char *id, DoorJwsAlgorithms algorithm, GBytes *data,
                          GBytes *signature, GError **error);

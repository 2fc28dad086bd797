/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

/* For the wrappers of the interfaces; not installed. */
bool door_contract_check (const char *function, bool success, GError *from, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-fault.h"

const char *door_saml_checks_get_failed (DoorFault fault);
char *door_saml_checks_dup_passed (DoorFault fault);

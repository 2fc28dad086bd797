/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-ctl.h"
#include "door-fault.h"

char *door_ctl_signin_dup_code (const char *word);
JsonObject *door_ctl_signin_build_fault (const DoorFaultInfo *info);
void door_ctl_signin_print_fault (const DoorFaultInfo *info);

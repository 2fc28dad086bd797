/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-ctl.h"

DoorCtlExit door_ctl_idp_test_interactive (DoorCtlContext *context, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

bool door_ctl_access_can_read (const char *user, const char *path);

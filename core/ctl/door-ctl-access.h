/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

bool door_ctl_access_has (const char *user, const char *path, int mode);

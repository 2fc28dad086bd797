/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *door_ctl_password_read_hash (const char *path, GError **error);

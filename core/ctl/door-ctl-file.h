/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

GBytes *door_ctl_file_read (const char *path, gsize max_bytes, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *door_qr_build_path (const char *text, unsigned int *size, GError **error);

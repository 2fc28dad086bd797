/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *test_data_path (const char *folder, const char *name);
GBytes *test_data_load (const char *folder, const char *name);

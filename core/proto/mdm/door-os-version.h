/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

int door_os_version_compare (const char *a, const char *b);

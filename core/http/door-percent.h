/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

int door_percent_take_byte (const char **at, const char *end);

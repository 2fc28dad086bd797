/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

int64_t door_backoff_double (int64_t first, int64_t times, int64_t most);
int64_t door_backoff_spread (int64_t length, uint32_t jitter);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* No account is longer (RFC 5321, 4.5.3.1). */
#define DOOR_ACCOUNT_MAX_BYTES 320

char *door_account_dup_domain (const char *account);
bool door_account_equal (const char *a, const char *b);

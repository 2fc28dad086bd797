/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool door_saml_time_parse (const char *text, int64_t *ms);
bool door_saml_duration_parse (const char *text, int64_t *seconds);

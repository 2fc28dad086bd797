/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

typedef enum
{
  DOOR_HTTPS_URL_QUERY_ALLOWED,
  DOOR_HTTPS_URL_NO_QUERY,
} DoorHttpsUrlRule;

bool door_https_url_is_valid (const char *url, DoorHttpsUrlRule rule);

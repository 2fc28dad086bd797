/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef enum
{
  DOOR_SAME_SITE_STRICT,
  DOOR_SAME_SITE_LAX,
  DOOR_SAME_SITE_NONE,
} DoorSameSite;

#define DOOR_COOKIE_SESSION (-1)
#define DOOR_COOKIE_DELETE 0

gboolean door_cookie_lookup (const char *header, const char *name, char **value, GError **error);
char *door_cookie_build (const char *name, const char *value, DoorSameSite same_site, int max_age_s);

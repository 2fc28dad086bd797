/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder: what ID tokens and logout tokens have in common. */

#include <stdbool.h>
#include <stdint.h>

#include <json-glib/json-glib.h>

#include "door-id-token.h"

typedef struct
{
  int64_t issued_s;
  int64_t expires_s;
} DoorJwtTimes;

bool door_jwt_check_issuer (JsonObject *claims, const DoorOidcExpectation *expect, char **issuer,
                            GError **error);
bool door_jwt_check_audience (JsonObject *claims, const char *client_id, GError **error);
bool door_jwt_check_times (JsonObject *claims, const DoorOidcExpectation *expect, DoorJwtTimes *times,
                           GError **error);
bool door_jwt_read_subject (JsonObject *claims, const char **subject, GError **error);
bool door_jwt_read_text (JsonObject *claims, const char *name, const char **out, GError **error);
bool door_jwt_read_time (JsonObject *claims, const char *name, int64_t *out, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <json-glib/json-glib.h>

#include "door-ctl.h"

bool door_ctl_output_has_colour (void);
void door_ctl_output_print_json (JsonNode *node);
JsonObject *door_ctl_output_error_object (const GError *error, const char *hint);
char *door_ctl_output_dup_time (int64_t at_ms);
char *door_ctl_output_dup_day (int64_t at_ms);
JsonNode *door_ctl_output_take_object (JsonObject *object);
const char *door_ctl_output_or_dash (const char *text);
void door_ctl_output_print_none (bool json, guint n_rows, const char *step);
DoorCtlExit door_ctl_nothing (bool json, const char *format, ...) G_GNUC_PRINTF (2, 3);

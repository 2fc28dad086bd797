/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <json-glib/json-glib.h>

bool door_json_member_check_names (JsonObject *object, const char *const *known, GError **error);
bool door_json_member_read_string (JsonObject *object, const char *name, const char **out, GError **error);
bool door_json_member_read_strings (JsonObject *object, const char *name, GStrv *out, GError **error);
bool door_json_member_read_integer (JsonObject *object, const char *name, int64_t *out, GError **error);
bool door_json_member_read_boolean (JsonObject *object, const char *name, bool *out, GError **error);
bool door_json_member_read_object (JsonObject *object, const char *name, JsonObject **out, GError **error);
bool door_json_member_read_array (JsonObject *object, const char *name, JsonArray **out, GError **error);
void door_json_member_set_text (JsonObject *object, const char *name, const char *text);
void door_json_member_set_time (JsonObject *object, const char *name, int64_t at_ms);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* Limits of every document, whoever sends it. */
#define DOOR_JSON_MAX_BYTES (4 * 1024 * 1024)
#define DOOR_JSON_MAX_VALUES 100000

JsonNode *door_json_parse (GBytes *bytes, unsigned int max_depth, GError **error);
GBytes *door_json_build (JsonNode *node);
GBytes *door_json_build_pretty (JsonNode *node);
GBytes *door_json_build_object (JsonObject *object);

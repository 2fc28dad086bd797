/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* Limits of every document, whoever sends it, but of what one who has shown a token sends in bulk. */
#define DOOR_JSON_MAX_BYTES (4 * 1024 * 1024)
#define DOOR_JSON_MAX_VALUES 100000
#define DOOR_JSON_MAX_NAMES 32768

/**
 * DoorJsonLimits:
 * @max_depth: how deep objects and arrays may stand in one another
 * @max_bytes: of the document
 * @max_values: of all kinds in it
 * @max_names: of members in all its objects
 *
 * How large a document may be.
 */
typedef struct
{
  unsigned int max_depth;
  size_t max_bytes;
  size_t max_values;
  size_t max_names;
} DoorJsonLimits;

JsonNode *door_json_parse (GBytes *bytes, unsigned int max_depth, GError **error);
JsonNode *door_json_parse_within (GBytes *bytes, const DoorJsonLimits *limits, GError **error);
GBytes *door_json_build (JsonNode *node);
GBytes *door_json_build_pretty (JsonNode *node);
GBytes *door_json_build_object (JsonObject *object);

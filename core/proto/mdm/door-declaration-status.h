/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "door-json.h"

/* Declarations that are kept of a channel: as many as a team can have. */
#define DOOR_DECLARATION_STATUS_MAX 200
/* Reasons that are kept of each, and how much of them. */
#define DOOR_DECLARATION_STATUS_MAX_REASONS 4
#define DOOR_DECLARATION_STATUS_MAX_WORD 128
#define DOOR_DECLARATION_STATUS_MAX_TEXT 256

JsonNode *door_declaration_status_parse (GBytes *report, GError **error);
char *door_declaration_status_merge (const char *before, JsonNode *report, const char *const *known,
                                     int64_t now_ms);
JsonArray *door_declaration_status_view (const char *kept, const char *const *known);

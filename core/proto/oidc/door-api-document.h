/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include <json-glib/json-glib.h>

JsonNode *door_api_document_parse (GBytes *body, GError **error);
char *door_api_document_dup_reason (GBytes *body);
char *door_api_document_dup_token (GBytes *body, int64_t *life_s, GError **error);

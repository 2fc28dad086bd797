/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "door-request.h"
#include "door-response.h"

/* Of what comes in by the API. */
#define DOOR_API_MAX_DEPTH 8

DoorResponse *door_api_answer_new (unsigned int status, JsonObject *object);
DoorResponse *door_api_answer_new_problem (const GError *error, const char *request_id);
bool door_api_answer_is_for (DoorRequest *request);
JsonObject *door_api_answer_parse_body (DoorRequest *request, GError **error);

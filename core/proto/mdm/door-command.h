/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* What a device is sent must not be larger than what it may send. */
#define DOOR_COMMAND_MAX_BYTES (1024 * 1024)

GVariant *door_command_new (const char *request_type, GVariant *parameters);
GVariant *door_command_parse (GBytes *plist, GError **error);
const char *door_command_get_request_type (GVariant *command);
bool door_command_is_uuid (const char *uuid);
GBytes *door_command_build (const char *uuid, GVariant *command, GError **error);

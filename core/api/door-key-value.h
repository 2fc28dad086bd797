/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"

/* How the text of a key is read. For door-settings.c; not installed. */
char *door_key_value_decode (const DoorKey *key, const char *text, GError **error);
GPtrArray *door_key_value_parse_list (const char *text, GError **error);
bool door_key_value_parse_number (DoorKeyType type, const char *text, uint64_t *value);
bool door_key_value_is_reference (const char *text);
bool door_key_value_is_word (const char *text, const char *extra);

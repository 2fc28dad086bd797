/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

bool door_keys_text_add (GString *content, const char *key, const char *text);
char *door_keys_text_dup (const char *content, const char *key);
char *door_keys_text_dup_without (const char *content, const char *const *keys);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool door_text_is_plain_char (uint32_t c);
bool door_text_is_plain (const char *text);
char *door_text_dup_line (const char *text, size_t max_bytes);
char *door_text_dup_lines (const char *text);
int door_text_compare_items (const void *a, const void *b);

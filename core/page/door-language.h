/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* The language the texts are written in. */
#define DOOR_LANGUAGE_SOURCE "en"

const char *door_language_choose (const char *const *available, const char *query, const char *device,
                                  const char *accept_language);
bool door_language_is_right_to_left (const char *language);

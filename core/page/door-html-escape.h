/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "door-html-context.h"

bool door_html_is_safe_url (const char *url);
void door_html_append_escaped (GString *out, const char *text, DoorHtmlPlace place);

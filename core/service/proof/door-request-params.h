/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

GHashTable *door_request_params_fill (GHashTable *params, const char *user_identifier);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

char *door_oidc_bundle_build (GBytes *discovery, GBytes *keys);
bool door_oidc_bundle_parse (const char *text, GBytes **discovery, GBytes **keys);

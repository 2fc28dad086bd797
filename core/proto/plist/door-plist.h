/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <glib.h>

GVariant *door_plist_parse (GBytes *xml, size_t max_bytes, GError **error);
GBytes *door_plist_build (GVariant *dict, GError **error);
GBytes *door_plist_build_binary (GVariant *dict, GError **error);

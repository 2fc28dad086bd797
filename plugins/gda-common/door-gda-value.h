/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib-object.h>

GVariant *door_gda_value_unwrap (GVariant *value);
char door_gda_value_get_letter (GVariant *value);
GValue *door_gda_value_new (GVariant *value, bool as_text);
GVariant *door_gda_value_to_variant (const GValue *value, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <glib.h>

typedef struct _DoorForm DoorForm;

DoorForm *door_form_parse (const char *text, size_t length, size_t max_fields, GError **error);
void door_form_free (DoorForm *self);
size_t door_form_get_count (const DoorForm *self);
const char *door_form_get_name (const DoorForm *self, size_t i);
const char *door_form_get_value (const DoorForm *self, size_t i);
gboolean door_form_lookup (const DoorForm *self, const char *name, const char **value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorForm, door_form_free)
